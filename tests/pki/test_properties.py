"""Whatever comes, the verifier answers with a verified certificate or a PkiError, and nothing else."""

from contextlib import suppress
from json import dumps

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.pki.errors import PkiError
from tests.pki.conftest import NOW, der, signature_of
from tests.pki.resigned import ALGORITHM, tlv

FIELDS = ["format", "unverifiedCertificate", "algorithm", "signature", "appVersion"]
quickly = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
edits = st.lists(st.tuples(st.integers(0, 2000), st.binary(max_size=3), st.integers(0, 3)), min_size=1, max_size=3)


def edited(original, changes):
    for place, new, gone in changes:
        at = place % len(original)
        original = original[:at] + new + original[at + gone :]
    return original


@quickly
@given(body=st.binary(max_size=300))
def test_arbitrary_bytes(world, body):
    with pytest.raises(PkiError):
        world.verify(body)
    with pytest.raises(PkiError):
        world.verifier.verify_certificate(body, NOW)


@quickly
@given(fields=st.dictionaries(st.sampled_from(FIELDS), st.recursive(st.none() | st.text() | st.floats(), st.lists)))
def test_arbitrary_fields(world, fields):
    only_pki_errors(world.verify, dumps(world.fields() | fields).encode())


@quickly
@given(changes=edits)
def test_edited_token(world, changes):
    body = world.body()
    if edited(body, changes) != body:
        only_pki_errors(world.verify, edited(body, changes))


@quickly
@given(changes=edits)
def test_edited_certificate(world, changes):
    certificate = edited(der(world.certificate), changes)
    if certificate != der(world.certificate):
        with pytest.raises(PkiError):
            world.verifier.verify_certificate(certificate, NOW)


@quickly
@given(changes=edits)
def test_edited_certificate_that_the_authority_signed_all_the_same(world, changes):
    content = tlv(0x30, edited(world.certificate.tbs_certificate_bytes[4:], changes))
    signature = signature_of(world.authority.key, content)
    only_pki_errors(world.verifier.verify_certificate, tlv(0x30, content + ALGORITHM + tlv(3, b"\0" + signature)), NOW)


def only_pki_errors(verify, *arguments):
    with suppress(PkiError):
        assert verify(*arguments).random_string
