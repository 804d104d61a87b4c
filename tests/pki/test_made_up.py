"""Whatever somebody makes up is refused while it is decoded, or can be read to its end; and the log stays empty."""

import os
import subprocess
import sys
from collections import Counter
from random import SystemRandom

import pytest

from portal.pki.certificate import UnverifiedCertificate
from portal.pki.errors import CertificateMalformed, PkiError
from portal.pki.facts import Facts
from portal.pki.signature import algorithm_of
from tests.pki.conftest import NOW, rsa_key
from tests.pki.made_up import ATTRIBUTES, CONTENTS, DATES, PLACES, TYPES, Dice, Maker, attribute, name
from tests.pki.resigned import KEYS, tlv
from tests.pki.test_facts import first_refusal, verdict

FUZZ = int(os.environ.get("FUZZ", "0"))


@pytest.fixture
def maker(world):
    return Maker(world.authority, rsa_key().public_key())


def looked_at(world, made):
    """Read all of a certificate and judge it in both ways, which agree; return the code of its refusal."""
    try:
        certificate = UnverifiedCertificate.decode(made)
    except CertificateMalformed:
        return verdict(world, made)
    assert Facts.of(certificate).fingerprint
    assert first_refusal(world, made) == verdict(world, made)
    return verdict(world, made)


def test_the_ordinary_card_among_them_is_good(world, maker):
    assert looked_at(world, maker.make(signed=True)) is None


@pytest.mark.parametrize("place", PLACES)
def test_each_type_of_string_at_each_place_of_a_name(world, maker, place):
    names = [name(attribute(oid, kind, each)) for oid in ATTRIBUTES[1:5:3] for kind in TYPES for each in CONTENTS[::3]]
    found = {looked_at(world, maker.make(**PLACES[place](made))) for made in (*names, name(), name(b""))}
    assert "certificate-malformed" in found
    assert len(found) > 1  # other names are read well


@pytest.mark.parametrize("end", ["begin", "end"])
def test_each_form_of_a_date(world, maker, end):
    found = [looked_at(world, maker.make(signed=True, **{end: tlv(*form)})) for form in DATES]
    assert found[0] == "certificate-malformed"  # the year 0000
    assert {"certificate-malformed", "certificate-not-trusted"} <= set(found)


@pytest.mark.parametrize("key", KEYS)
def test_each_kind_of_key(world, maker, key):
    made = maker.make(signed=True, spki=KEYS[key])
    assert looked_at(world, made) in {"certificate-malformed", "algorithm-unsupported", "certificate-not-trusted"}
    if looked_at(world, made) != "certificate-malformed":
        with pytest.raises(PkiError) as refusal:
            algorithm_of(UnverifiedCertificate.decode(made).public_key)
        assert refusal.value.code == "algorithm-unsupported"


def test_whatever_the_dice_throw(world, maker):
    seed = SystemRandom().randrange(1 << 32) if FUZZ else 1
    found = Counter(
        looked_at(world, made) for _, (_, made) in zip(range(FUZZ or 1000), Dice(maker, seed), strict=False)
    )
    print(f"seed {seed}:", *found.items(), sep="\n")  # noqa: T201 - the report of `make fuzz`
    assert {"certificate-malformed", "certificate-wrong-kind", "certificate-not-trusted"} <= found.keys()


LOOK = """
import sys
from portal.pki.certificate import UnverifiedCertificate
from portal.pki.errors import PkiError
from portal.pki.facts import Facts
for line in sys.stdin:
    try:
        Facts.of(UnverifiedCertificate.decode(bytes.fromhex(line)))
    except PkiError:
        pass
    else:
        print("read")
"""


def test_odd_names_and_numbers_leave_the_log_empty(maker):
    made = [
        maker.make(subject=name(attribute(oid, 12, b"A" * length))) for oid in ATTRIBUTES[:2] for length in (0, 3, 70)
    ]
    made += [maker.make(serial=b"\x02\x01" + serial) for serial in (b"\0", b"\x85")]
    made += [certificate for (_, certificate), _ in zip(Dice(maker, 2), range(100), strict=False)]
    text = "\n".join(each.hex() for each in made)
    done = subprocess.run([sys.executable, "-c", LOOK], input=text, capture_output=True, text=True, check=True)
    assert done.stdout.count("read") > 6
    assert done.stderr == ""


def test_what_was_read_is_remembered_for_the_same_bytes_alone(world, maker):
    """A certificate that shares all but its subjectKeyIdentifier with a good one may have no fault anywhere else."""
    assert looked_at(world, maker.make(signed=True)) is None
    for kind in ("usage", "policies", "subject key"):
        value = maker.extensions[kind]
        for place in range(len(value)):
            edited = {kind: value[:place] + bytes([value[place] ^ 0x55]) + value[place + 1 :]}
            looked_at(world, maker.make(signed=True, extensions=edited))
    assert verdict(world, maker.make(signed=True), NOW) is None
