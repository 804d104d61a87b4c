"""Certificates and tokens: `verifier` makes a verified certificate out of bytes that nobody should believe."""
