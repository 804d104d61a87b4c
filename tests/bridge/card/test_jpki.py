import traceback

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256

from demo.virtual_card import ANDROID_LABEL, Quirks
from reader_bridge import errors
from reader_bridge.card.jpki import Jpki, fold_pin
from reader_bridge.errors import CardError

from .scripted import ScriptedCard

DIGEST = bytes(range(32))
FULL_WIDTH = "\N{FULLWIDTH DIGIT ONE}\N{FULLWIDTH DIGIT TWO}\N{FULLWIDTH DIGIT THREE}\N{FULLWIDTH DIGIT FOUR}"


@pytest.fixture
def jpki_of(connect):
    def selected(card):
        jpki = Jpki(connect(card))
        jpki.select()
        return jpki

    return selected


def test_a_signature_verifies_with_the_certificate(issued, jpki_of):
    jpki = jpki_of(issued.card())
    jpki.verify_pin("1234")
    key = x509.load_der_x509_certificate(jpki.certificate()).public_key()
    key.verify(jpki.sign(DIGEST), DIGEST, PKCS1v15(), Prehashed(SHA256()))


def test_signing_costs_five_commands_more(issued, jpki_of):
    card = issued.card()
    jpki = jpki_of(card)
    jpki.certificate()
    before = len(card.trace)
    assert jpki.tries_left() == 3
    jpki.verify_pin("1234")
    jpki.sign(DIGEST)
    sent = [command.hex() for command, _ in card.trace[before:]]
    assert [command[:10] for command in sent] == ["00a4020c02", "00200080", "0020008004", "00a4020c02", "802a008033"]


def test_the_token_label_costs_two_commands_more(issued, jpki_of):
    card = issued.card()
    jpki = jpki_of(card)
    assert jpki.token_label() == "JPKIAPICCTOKEN2"
    assert len(card.trace) == 1 + 2


def test_wrong_pins_count_down_to_the_lock(issued, jpki_of):
    jpki = jpki_of(issued.card())
    for left in (2, 1):
        with pytest.raises(errors.PinIncorrect) as wrong:
            jpki.verify_pin("0000")
        assert wrong.value.tries_left == jpki.tries_left() == left
    for _ in range(2):
        with pytest.raises(errors.PinBlocked):
            jpki.verify_pin("0000")
    assert jpki.tries_left() == 0


def test_the_right_pin_fills_the_counter_up(issued, jpki_of):
    card = issued.card(tries=1)
    jpki_of(card).verify_pin("1234")
    assert card.tries_left == 3


def test_a_verified_pin_hides_the_counter(issued, jpki_of):
    jpki = jpki_of(issued.card())
    jpki.verify_pin("1234")
    assert jpki.tries_left() is None


@pytest.mark.parametrize("locked", ["63C0", "6983", "6984"])
def test_a_locked_pin_has_three_words(locked):
    assert Jpki(ScriptedCard("9000", locked)).tries_left() == 0
    with pytest.raises(errors.PinBlocked):
        Jpki(ScriptedCard("9000", "63C1", locked)).verify_pin("1234")


def test_a_pin_known_to_be_locked_is_not_sent(issued, jpki_of):
    card = issued.card(tries=0)
    with pytest.raises(errors.PinBlocked):
        jpki_of(card).verify_pin("1234")
    assert card.trace[-1][0].hex() == "00200080"


def test_after_a_new_select_the_counter_comes_before_the_pin_again(issued, jpki_of):
    card = issued.card()
    jpki = jpki_of(card)
    jpki.tries_left()
    jpki.select()
    jpki.verify_pin("1234")
    assert [command.hex() for command, _ in card.trace[-2:]] == ["00200080", "002000800431323334"]


@pytest.mark.parametrize("typed", ["", "123", "12345", "12a4", "1234\n", " 1234", "12 4", FULL_WIDTH, "١٢٣٤", "-123"])
def test_what_is_no_pin_never_reaches_the_card(issued, jpki_of, typed):
    card = issued.card()
    jpki = jpki_of(card)
    with pytest.raises(errors.PinMalformed):
        jpki.verify_pin(typed)
    assert len(card.trace) == 1


def test_full_width_digits_are_folded_and_nothing_else():
    assert fold_pin(FULL_WIDTH) == "1234"
    assert fold_pin(" 12-4") == " 12-4"


@pytest.mark.parametrize("status", ["6700", "6A80", "6A82", "6D00", "6F00", "6400"])
def test_any_other_answer_to_a_pin_is_unreadable_and_is_not_repeated(status):
    card = ScriptedCard("9000", "63C3", status)
    with pytest.raises(errors.CardUnreadable, match=status):
        Jpki(card).verify_pin("1234")
    assert card.answers == []


@pytest.mark.parametrize("echo", ["4711", "3131"])
def test_a_pin_echoed_as_a_status_word_is_in_no_error(echo):
    with pytest.raises(errors.CardUnreadable, match=r"^an unknown word after VERIFY$"):
        Jpki(ScriptedCard("9000", "63C3", echo)).verify_pin("4711")
    with pytest.raises(errors.CardUnreadable, match=r"^an unknown word after 00 20 00 80$"):
        Jpki(ScriptedCard("9000", echo)).tries_left()


@pytest.mark.parametrize("problem", [errors.CardRemoved, errors.CardReset, errors.CardUnreadable, errors.ReaderBusy])
def test_a_pin_is_never_sent_twice_by_itself(problem):
    card = ScriptedCard("9000", "63C3", problem("gone"))
    with pytest.raises(problem):
        Jpki(card).verify_pin("1234")
    assert card.heard[-1] == "002000800431323334"
    assert len(card.heard) == 3


@pytest.mark.parametrize("answer", ["63C2", "63C0", "6984", "6F00", errors.CardRemoved("gone"), ""])
def test_no_error_keeps_the_pin(answer):
    with pytest.raises(CardError) as problem:
        Jpki(ScriptedCard("9000", "63C3", answer)).verify_pin("4711")
    report = traceback.TracebackException.from_exception(problem.value, capture_locals=True)
    inside = [frame for frame in report.stack if frame.name != "test_no_error_keeps_the_pin"]
    assert inside
    for frame in inside:
        assert "4711" not in str(frame.locals)
        assert "34373131" not in str(frame.locals)
    assert "4711" not in str(problem.value)
    assert problem.value.__context__ is None


def test_a_malformed_pin_is_not_kept_either():
    with pytest.raises(errors.PinMalformed) as problem:
        Jpki(ScriptedCard()).verify_pin("47110")
    frames = traceback.TracebackException.from_exception(problem.value, capture_locals=True).stack
    assert "47110" not in str(frames[-1].locals)


@pytest.mark.parametrize(
    ("read", "answers"),
    [
        (Jpki.certificate, ["9000", "30030201059000"]),
        (Jpki.token_label, ["9000", "4A504B499000"]),
        (Jpki.tries_left, ["9000", "63C3"]),
    ],
)
def test_reading_begins_again_at_select_after_a_reset_by_another_program(read, answers):
    card = ScriptedCard(answers[0], errors.CardReset("reset"), "9000", *answers)
    read(Jpki(card))
    assert card.heard[2].startswith("00A4040C0A")
    assert card.answers == []


def test_a_signature_lost_to_a_reset_is_not_tried_again():
    card = ScriptedCard("9000", errors.CardReset("reset"))
    with pytest.raises(errors.CardReset):
        Jpki(card).sign(DIGEST)


@pytest.mark.parametrize("answer", ["6982", "6A80", "9000", "AA" * 255 + "9000"])
def test_what_is_no_signature_is_unreadable(answer):
    with pytest.raises(errors.CardUnreadable):
        Jpki(ScriptedCard("9000", answer)).sign(DIGEST)


def test_only_a_sha256_digest_is_signed():
    with pytest.raises(ValueError, match="32 bytes"):
        Jpki(ScriptedCard()).sign(b"\x00" * 20)


@pytest.mark.parametrize("status", ["6A82", "6D00", "6E00", "6A81", "6A86"])
def test_a_card_without_the_application_is_not_supported(status):
    with pytest.raises(errors.CardNotSupported):
        Jpki(ScriptedCard(status)).select()


def test_one_6f00_after_power_up_is_forgiven_and_a_second_is_not(issued, jpki_of):
    jpki_of(issued.card(quirks=Quirks(first_command_fails=True)))
    with pytest.raises(errors.CardUnreadable):
        Jpki(ScriptedCard("6F00", "6F00")).select()


def test_a_card_without_certificate_says_so(issued, jpki_of):
    with pytest.raises(errors.CertificateAbsent):
        jpki_of(issued.card(certificate=None)).certificate()


def test_a_card_with_an_empty_certificate_file_says_so(issued, jpki_of):
    with pytest.raises(errors.CertificateAbsent):
        jpki_of(issued.card(certificate=b"")).certificate()


def test_a_phone_is_not_supported(issued, jpki_of):
    with pytest.raises(errors.CardNotSupported):
        jpki_of(issued.card(label=ANDROID_LABEL)).certificate()


def test_an_old_juki_card_is_not_supported(issued, jpki_of):
    with pytest.raises(errors.CardNotSupported):
        jpki_of(issued.card(label="JPKIAPICCTOKEN", certificate=None)).certificate()


def test_a_card_without_this_pin_is_not_supported():
    with pytest.raises(errors.CardNotSupported):
        Jpki(ScriptedCard("6A82")).tries_left()


def test_another_card_is_not_supported(issued, jpki_of):
    with pytest.raises(errors.CardNotSupported):
        jpki_of(issued.card(other_card=True))


def test_a_wrong_pin_that_the_card_counts_without_saying_so_is_asked_about():
    card = ScriptedCard("9000", "63C3", "6300", "63C2")
    with pytest.raises(errors.PinIncorrect) as wrong:
        Jpki(card).verify_pin("9999")
    assert (wrong.value.tries_left, card.answers) == (2, [])


@pytest.mark.parametrize("status", ["63CF", "6700"])
def test_a_counter_that_tells_nothing_is_unknown_and_the_pin_can_be_sent(status):
    card = ScriptedCard("9000", status, "9000")
    jpki = Jpki(card)
    assert jpki.tries_left() is None
    jpki.verify_pin("1234")
    assert card.answers == []


@pytest.mark.parametrize("status", ["6283", "6285", "6985"])
def test_a_card_whose_function_was_stopped_is_told(status):
    with pytest.raises(errors.CardStopped, match=status):
        Jpki(ScriptedCard(status)).select()


@pytest.mark.parametrize("status", ["6F00", "6999"])
def test_a_first_answer_that_means_nothing_is_asked_again(status):
    card = ScriptedCard(status, "9000")
    Jpki(card).select()
    assert card.answers == []
