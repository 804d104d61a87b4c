"""Why a certificate is accepted: each step with its evidence, in the verifier's order."""

from datetime import timedelta

import pytest

from demo.authority import USER_AUTHENTICATION_POLICY
from portal.pki.explanation import Result
from portal.pki.facts import fingerprint_of
from portal.pki.revocation.crl_folder import CrlFolder
from tests.authority import DIGITAL_SIGNATURE_POLICY
from tests.pki.conftest import BEGIN, END, NOW, World, authority, der, rsa_key

STEPS = ["kind", "dates", "chain", "algorithm", "subject", "revocation"]
DAY = {"this_update": NOW, "next_update": NOW + timedelta(days=1)}


def explain(world, encoded=None, now=NOW, *, ask=True):
    return world.verifier.explain(der(world.certificate) if encoded is None else encoded, now, ask=ask)


def test_each_step_shows_what_it_looked_at(world):
    checks = explain(world)
    assert [check.step for check in checks] == STEPS
    kind, dates, chain, algorithm, subject, _ = (check.evidence for check in checks)
    assert kind == {"policies": [USER_AUTHENTICATION_POLICY], "usages": ["digitalSignature"]}
    assert dates == {"begin": BEGIN, "end": END, "now": NOW}
    assert chain["fingerprint"] == fingerprint_of(der(world.authority.certificate))
    assert "O=JPKI-DEMO" in chain["authority"]
    assert algorithm == {"key": "rsaEncryption(2048bits)", "algorithm": "RS256"}
    assert subject == {"random_string": "1C2410DF79DGEL", "terminal_code": "07202002B"}


def test_without_a_source_the_last_step_is_not_done(world):
    assert [check.result for check in explain(world)] == [Result.PASSED] * 5 + [Result.NOT_DONE]


@pytest.fixture
def listed(trusting, tmp_path):
    """Make a world whose authority publishes a list."""

    def make(*revoked, **dates):
        root = authority()
        (tmp_path / "crl").mkdir()
        (tmp_path / "crl" / "0.crl").write_bytes(root.crl(*revoked, **DAY | dates))
        world = World(trusting(root, revocation=CrlFolder(tmp_path / "crl")), root, None)
        world.certificate = root.issue(public_key=rsa_key().public_key(), serial_number=5)
        return world

    return make


@pytest.mark.parametrize(
    ("revoked", "next_update", "result", "code"),
    [
        ((), DAY["next_update"], Result.PASSED, None),
        ((5,), DAY["next_update"], Result.REFUSED, "certificate-revoked"),
        ((), NOW - timedelta(seconds=1), Result.REFUSED, "revocation-unknown"),
    ],
)
def test_52_the_last_step_says_what_the_list_says(listed, revoked, next_update, result, code):
    world = listed(*revoked, this_update=NOW - timedelta(days=1), next_update=next_update)
    last = explain(world)[-1]
    assert (last.result, last.code) == (result, code)
    assert bool(last.evidence) == (code != "revocation-unknown")
    assert explain(world, ask=False)[-1].result is Result.NOT_DONE


def test_after_a_refusal_nothing_more_is_looked_at(world):
    signing = der(world.authority.issue_signing(public_key=world.key.public_key()))
    first, *others = explain(world, signing)
    assert (first.result, first.code) == (Result.REFUSED, "certificate-wrong-kind")
    assert first.evidence == {
        "policies": [DIGITAL_SIGNATURE_POLICY],
        "usages": ["digitalSignature", "nonRepudiation"],
    }
    assert {check.result for check in others} == {Result.NOT_REACHED}
    assert not any(check.evidence for check in others)


def test_an_expired_certificate_stops_at_its_dates(world):
    checks = explain(world, now=END + timedelta(days=1))
    assert [check.result for check in checks[:3]] == [Result.PASSED, Result.REFUSED, Result.NOT_REACHED]
    assert checks[1].code == "certificate-expired"
