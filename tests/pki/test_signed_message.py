from base64 import b64decode
from hashlib import new

import pytest

from portal.pki.token import new_nonce, signed_message
from tests.pki.conftest import NONCE, ORIGIN


def test_nonce_is_32_random_bytes_in_44_characters():
    nonce = new_nonce(lambda size: bytes(range(size)))
    assert nonce == NONCE
    assert len(nonce) == 44
    assert len(b64decode(nonce)) == 32


@pytest.mark.parametrize(("hash_name", "begin"), [("sha256", "cff6b57dc85c0045"), ("sha384", "160f9cd849778cd0")])
def test_digest_that_the_card_signs_is_that_of_the_protocol(hash_name, begin):
    message = signed_message(ORIGIN, NONCE, hash_name)
    assert new(hash_name, message).hexdigest().startswith(begin)
