"""What cards do in the field, each over the real daemon: a row of docs/field-cases.md each."""

import subprocess
import time
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from tests.authority import DIGITAL_SIGNATURE_POLICY, Authority
from tests.bridge.card.conftest import VALID
from tests.pcsc.desk.conversations import COMMAND, PROMPT, Answering, timed, verified, word
from tests.waiting import wait_until

SELECT, READ, COUNTER, VERIFY, SIGN = "00A4040C", "00B0", "00200080", "0020008004", "802A"
OTHER_PROGRAM = """
import sys, smartcard.scard as pcsc
_, context = pcsc.SCardEstablishContext(pcsc.SCARD_SCOPE_USER)
_, card, _ = pcsc.SCardConnect(context, sys.argv[1], pcsc.SCARD_SHARE_SHARED, pcsc.SCARD_PROTOCOL_T1)
print("signed in", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def signs_in(pair, portal):
    """Go from a card in the reader to the digits; return what was shown."""

    def sign_in(*before, pin="1234"):
        terminal = pair()
        for words in before:
            terminal.wait(words)
        terminal.answer(PROMPT, pin)
        assert terminal.end() == 0, terminal.shown
        assert portal.signature_is_good(portal.tokens[-1])
        return terminal.shown

    return sign_in


@pytest.fixture
def other_program(environment):
    """Have the owner's other program keep the card open."""
    streams, started = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "env": environment}, []

    def start():
        started.append(subprocess.Popen([COMMAND[0], "-c", OTHER_PROGRAM, "Virtual PCD 00 00"], **streams))
        return started[0].stdout.readline()

    yield start
    for other in started:
        other.kill()
        other.communicate()


@pytest.fixture
def run(environment):
    settings = {"capture_output": True, "text": True}
    return lambda *command: subprocess.run([*COMMAND, *command], env=environment, check=False, **settings)


@pytest.mark.parametrize("command", [SELECT, VERIFY])
def test_an_answer_of_no_bytes_is_told_and_the_tries_are_read_again(pcsc, pair, issued, shim, command, in_time):
    card = pcsc.insert(issued.card())
    shim(no_bytes_once=command)
    terminal = pair()
    if command == VERIFY:
        terminal.answer(PROMPT, "9999")
        terminal.wait("PIN tries left: 2")
    else:
        in_time(timed(terminal, "cannot be read"), 5)
        assert verified(card) == 0
    terminal.answer(PROMPT, "1234")
    assert terminal.end() == 0
    assert verified(card) == 1 + (command == VERIFY)


def test_a_foreign_card_that_its_owner_signed_in_to_is_left_as_it_was(pcsc, pair, run, other_program, issued):
    card = pcsc.insert(issued.card(other_card=True))
    assert other_program() == b"signed in\n"
    powered_off = card.power_offs  # the daemon does that to a card that nobody has used for long
    card.pin.verified = True  # as its owner's program left it
    assert "This card cannot be used" in run("show").stderr
    run("doctor")
    terminal = pair()
    terminal.wait("This card cannot be used.")
    seen = len(card.trace)
    pcsc.insert(issued.card(), slot=1)  # has both readers looked at again
    terminal.answer(PROMPT, "1234")
    assert terminal.end() == 0
    assert (len(card.trace), card.pin.verified, card.power_offs) == (seen, True, powered_off)


def test_a_card_that_refuses_long_reads_is_read_in_smaller_pieces(pcsc, signs_in, issued):
    card = pcsc.insert(issued.card())
    Answering(card, READ, lambda command, real: real if command[-1] else b"\x67\x00")
    signs_in()
    assert {command[-1] for command, _ in card.trace if command[1] == 0xB0} >= {0, 0xE0}


def test_a_card_without_a_counter_is_told_before_the_pin_and_goes_on(pcsc, signs_in, issued):
    Answering(pcsc.insert(issued.card()), COUNTER, lambda command, real: real if command[4:] else b"\x67\x00")
    signs_in("PIN tries left: unknown")


def test_a_counter_of_fifteen_is_unknown(pcsc, signs_in, run, issued):
    Answering(pcsc.insert(issued.card()), COUNTER, lambda command, real: real if command[4:] else b"\x63\xcf")
    assert "15" not in run("doctor").stdout.partition("Virtual PCD 00 00")[2].partition("\n")[0]
    signs_in("PIN tries left: unknown")


def test_a_wrong_pin_that_the_card_calls_6300_is_a_wrong_pin_with_its_tries(pcsc, pair, portal, issued):
    card = pcsc.insert(issued.card())
    Answering(card, VERIFY, lambda _, real: b"\x63\x00" if real[:1] == b"\x63" else real)
    terminal = pair()
    terminal.answer(PROMPT, "9999")
    terminal.wait("The PIN is not correct.")
    terminal.wait("PIN tries left: 2")
    terminal.answer(PROMPT, "1234")
    assert (terminal.end(), portal.failures, verified(card)) == (0, ["pin-incorrect"], 2)


def test_a_card_put_back_while_the_pin_was_asked_is_one_sentence(pcsc, pair, issued):
    card = pcsc.insert(issued.card())
    terminal = pair()
    terminal.wait(PROMPT)
    pcsc.remove()
    pcsc.insert(card)
    terminal.type("1234")
    terminal.wait("The card was removed before the PIN was used, and no try was spent. Enter the PIN again.")
    terminal.answer(PROMPT, "1234")
    assert (terminal.end(), verified(card)) == (0, 1)
    assert "The card has been read." not in terminal.shown


def test_another_person_s_card_in_its_place_is_told(pcsc, pair, issued):
    authority, key = Authority.create(**VALID), rsa.generate_private_key(65537, 2048)
    theirs = authority.issue("9Z2410DF79DGEL07202002B", public_key=key.public_key()).public_bytes(Encoding.DER)
    card, another = pcsc.insert(issued.card()), issued.card(certificate=theirs, key=key)
    terminal = pair()
    terminal.wait(PROMPT)
    pcsc.insert(another)
    terminal.type("1234")
    terminal.wait("This is another card than before. No PIN was sent to it.")
    terminal.answer(PROMPT, "1234")
    assert (terminal.end(), verified(card), verified(another)) == (0, 0, 1)


def certificates():
    authority, key = Authority.create(**VALID), rsa.generate_private_key(65537, 2048).public_key()
    later = {"not_before": datetime(2031, 1, 1, tzinfo=UTC), "not_after": datetime(2036, 1, 1, tzinfo=UTC)}
    small = rsa.generate_private_key(65537, 1024).public_key()  # noqa: S505 (which the bridge must refuse)
    return {
        "RSA-1024": (authority.issue(public_key=small), "kind of key"),
        "P-384": (authority.issue(public_key=ec.generate_private_key(ec.SECP384R1()).public_key()), "kind of key"),
        "for signing": (authority.issue_signing(public_key=key), "not a user authentication certificate"),
        "policy": (authority.issue(public_key=key, policy=DIGITAL_SIGNATURE_POLICY), "not a user authentication"),
        "not yet": (authority.issue(public_key=key, **later), "not valid yet"),
        "expired": (authority.issue(public_key=key, not_after=datetime(2026, 2, 1, tzinfo=UTC)), "has expired"),
    }


@pytest.mark.parametrize("kind", ["RSA-1024", "P-384", "for signing", "policy", "not yet", "expired"])
def test_what_is_certain_to_be_refused_is_told_before_the_pin_everywhere(pcsc, pair, run, issued, kind):
    certificate, words = certificates()[kind]
    pcsc.insert(issued.card(certificate=certificate.public_bytes(Encoding.DER)))
    assert words in run("show").stdout
    doctor = run("doctor")
    assert (doctor.returncode, words in doctor.stdout, "[OK] Virtual" in doctor.stdout) == (1, True, False)
    terminal = pair()
    terminal.wait(words)
    assert PROMPT not in terminal.shown.partition(words)[0]
    terminal.send(2)
    terminal.end()


@pytest.mark.parametrize(
    "bent", [lambda der: b"\x30\x83\x00" + der[2:], lambda der: b"\x30\x82" + len(der).to_bytes(2) + der]
)
def test_a_malformed_certificate_is_told_after_two_readings_and_the_card_left_alone(pcsc, pair, issued, bent, in_time):
    card = pcsc.insert(issued.card(certificate=bent(issued.certificate)))
    terminal = pair()
    in_time(timed(terminal, "The certificate data on this card cannot be used."), 6)
    seen = len(card.trace)
    pcsc.insert(issued.card(), slot=1)  # has both readers looked at again
    terminal.answer(PROMPT, "1234")
    assert (terminal.end(), len(card.trace)) == (0, seen)


@pytest.mark.parametrize("status", ["6283", "6285"])
def test_a_card_whose_function_was_stopped_ends_the_conversation(pcsc, pair, portal, issued, status):
    Answering(pcsc.insert(issued.card()), SELECT, word(status))
    terminal = pair()
    assert (terminal.end(), "has been stopped. Ask at your municipal counter." in terminal.shown) == (1, True)
    assert portal.failures == ["certificate-absent"]


def test_6999_to_the_first_select_is_asked_once_more(pcsc, signs_in, issued):
    Answering(pcsc.insert(issued.card()), SELECT, word("6999"), times=1)
    signs_in()


def test_a_slow_card_is_said_to_be_read_after_a_second(pcsc, pair, issued):
    card = pcsc.insert(issued.card())
    Answering(card, "", lambda _, real: (time.sleep(0.8), real)[1])
    terminal = pair()
    terminal.wait("Reading the card. Keep it still.")
    assert len(card.trace) <= 5
    terminal.answer(PROMPT, "1234")
    assert terminal.end() == 0


def test_a_signature_of_another_length_is_never_sent(pcsc, pair, portal, issued):
    card = pcsc.insert(issued.card())
    Answering(card, SIGN, lambda _, real: real[:128] + real[-2:], times=1)
    terminal = pair()
    terminal.answer(PROMPT, "1234")
    terminal.wait("The card cannot be read.")
    terminal.answer(PROMPT, "1234")
    assert terminal.end() == 0
    wait_until(lambda: len(portal.tokens) == 1)
    assert portal.signature_is_good(portal.tokens[0])
