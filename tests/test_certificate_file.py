"""Portal and bridge share no code, and write the same file of the same certificate."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from portal.pki.certificate import UnverifiedCertificate
from portal.pki.facts import Facts
from portal.routes.card import certificate_rows
from reader_bridge.card import certificate_text
from tests.conftest import VALID


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("common_name", ["1C2410DF79DGEL07202002B", "x\r\n[発行者]", "見本　花子"])
def test_the_file_of_a_certificate_is_the_same_from_portal_and_bridge(app, authority, keys, common_name):
    for key in (keys[0], ec.generate_private_key(ec.SECP384R1())):
        der = authority.issue(common_name, public_key=key.public_key(), **VALID).public_bytes(Encoding.DER)
        with app.test_request_context(headers={"Accept-Language": "en"}):
            from_portal = certificate_rows.as_file(Facts.of(UnverifiedCertificate.decode(der)))
        assert from_portal == certificate_text.as_file(der)
