"""Certificates and tokens: `verifier` makes a verified certificate out of bytes that nobody should believe."""

import warnings

from cryptography.utils import CryptographyDeprecationWarning

# Anybody may send names that are too long or too short; they are no news for the operator's log, one line for each.
warnings.filterwarnings("ignore", "Attribute's length must be", UserWarning)
# What later versions of the library refuse to read is refused today, and not told of once and then read.
warnings.filterwarnings("error", "Parsed a serial|The parsed cert|Invalid ASN", CryptographyDeprecationWarning)
