"""What a real card was measured to do (github.com/soltia48/myna-card), asked of the virtual one."""

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256, Hash

from demo.virtual_card import ANDROID_LABEL, Quirks
from reader_bridge.errors import CardRemoved

SELECT = "00A4040C0AD392F000260100000001"
VERIFY = "0020008004" + b"1234".hex()
WRONG = "0020008004" + b"0000".hex()
SIGNING_VERIFY = "0020009B06" + b"ABC123".hex()
MESSAGE = b"a message"


def ask(card, *commands):
    """Return the last answer as text."""
    card.power_on()
    return [card.respond(bytes.fromhex(command)).hex().upper() for command in commands][-1]


@pytest.fixture
def card(issued):
    return issued.card(
        signing_certificate=issued.certificate, signing_key=issued.key, signing_authority=issued.authority
    )


@pytest.mark.parametrize(
    ("commands", "answer"),
    [
        ([SELECT], "9000"),
        (["00A4040C05D392F00026"], "9000"),
        (["00A404000AD392F00026010000000100"], "6F0C840AD392F0002601000000019000"),
        (["00A4040C0AD3921000310001010408"], "6A82"),
        (["00A40000"], "6A86"),
        (["00A4000C023F00"], "6A82"),
        (["00A4020C02000A"], "6A82"),
        ([SELECT, "00A4020C020099"], "6A82"),
        ([SELECT, "00A40200020018"], "6A86"),
        ([SELECT, "00B0000000"], "6986"),
        ([SELECT, "00200080"], "6986"),
        ([SELECT, "802A00800101"], "6986"),
        ([SELECT, "00A4020C020017", "00B0000000"], "6981"),
        ([SELECT, "00A4020C020008", "00B0000003"], "8F8F009000"),
        ([SELECT, "00A4020C020008", "00B0000300"], "6B00"),
        ([SELECT, "00B0880103"], "8F009000"),
        ([SELECT, "00B0810000"], "6982"),
        ([SELECT, SIGNING_VERIFY, "00B0810001"], "309000"),
        ([SELECT, "00B0820001"], "309000"),
        ([SELECT, "00200098"], "63C3"),
        ([SELECT, "0020009B"], "63C5"),
        ([SELECT, "00200018"], "6A86"),
        ([SELECT, "0020008A"], "6981"),
        ([SELECT, "802A00970101"], "6982"),
        ([SELECT, VERIFY.replace("80", "98"), "802A069701AA00"], "6A86"),
        ([SELECT, VERIFY.replace("80", "98"), "802A029701AA00"], "6A86"),
        ([SELECT, VERIFY.replace("80", "98"), "802A009A01AA00"], "6982"),
        (["00B00000"], "6986"),
        (["00D6000001FF"], "6D00"),
        (["802000800431323334"], "6D00"),
        (["A0A4000000"], "6E00"),
        (["00A4"], "6700"),
        (["00A4040C0AD392"], "6700"),
        (["00C0000000"], "6985"),
        (["FFCA000000"], "6A81"),
    ],
)
def test_a_command_is_answered_as_measured(card, commands, answer):
    assert ask(card, *commands) == answer


def test_the_last_wrong_pin_gives_63c0_and_later_ones_6984(card):
    ask(card, SELECT, "00A4020C020018")
    assert [ask(card, WRONG) for _ in range(5)] == ["63C2", "63C1", "63C0", "6984", "6984"]
    assert ask(card, VERIFY) == "6984"
    assert ask(card, "00200080") == "63C0"


def test_asking_spends_no_try_and_the_right_pin_gives_them_back(card):
    ask(card, SELECT, "00A4020C020018", WRONG)
    assert [ask(card, "00200080") for _ in range(3)] == ["63C2"] * 3
    assert ask(card, VERIFY) == "9000"
    assert ask(card, "00200080") == "9000"
    assert card.tries_left == 3


def test_a_pin_of_full_width_digits_would_burn_a_try(card):
    ask(card, SELECT, "00200098" + "0C" + "EFBC91EFBC92EFBC93EFBC94")
    assert card.tries_left == 2


def test_the_pin_status_outlives_a_reset_but_not_the_power(card):
    ask(card, SELECT, VERIFY.replace("80", "98"))
    card.reset()
    assert ask(card, "00200098") == "6A82"
    assert ask(card, SELECT, "00200098") == "9000"
    card.power_off()
    assert ask(card, SELECT, "00200098") == "63C3"
    assert card.power_offs == 1


@pytest.mark.parametrize(
    ("p1", "message", "padding"),
    [
        ("02", "digest", PKCS1v15()),
        ("03", "message", PKCS1v15()),
        ("04", "digest", PSS(MGF1(SHA256()), 32)),
        ("05", "message", PSS(MGF1(SHA256()), 32)),
    ],
)
def test_p1_chooses_the_scheme(issued, card, p1, message, padding):
    digest = Hash(SHA256())
    digest.update(MESSAGE)
    sent = {"message": MESSAGE, "digest": digest.finalize()}[message]
    ask(card, SELECT, VERIFY.replace("80", "98"))
    answer = bytes.fromhex(ask(card, f"802A{p1}97{len(sent):02X}{sent.hex()}00"))
    issued.key.public_key().verify(answer[:-2], MESSAGE, padding, SHA256())


def test_answers_wait_for_get_response(issued):
    card = issued.card(quirks=Quirks(get_response=True))
    assert ask(card, SELECT, "00B0880003") == "6103"
    assert ask(card, "00C0000002") == "008F6101"
    assert ask(card, "00C0000001") == "009000"
    assert ask(card, "00C0000001") == "6985"


def test_le_has_to_be_exact(issued):
    card = issued.card(quirks=Quirks(exact_length=True))
    assert ask(card, SELECT, "00B0880000") == "6C03"
    assert ask(card, "00B0880003") == "008F009000"


def test_the_first_command_after_power_up_fails_once(issued):
    card = issued.card(quirks=Quirks(first_command_fails=True))
    assert ask(card, SELECT) == "6F00"
    assert ask(card, SELECT) == "9000"
    card.power_off()
    assert ask(card, SELECT) == "6F00"


def test_a_phone_wants_the_pin_for_its_certificate(issued):
    card = issued.card(label=ANDROID_LABEL)
    assert ask(card, SELECT, "00B08A0001") == "6982"
    assert ask(card, VERIFY.replace("80", "98"), "00B08A0001") == "309000"


def test_a_card_for_face_recognition_is_locked_from_the_start(issued):
    card = issued.card(tries=0)
    assert ask(card, SELECT, "00200098") == "63C0"
    assert ask(card, VERIFY.replace("80", "98")) == "6984"


def test_another_card_knows_no_jpki(issued):
    assert ask(issued.card(other_card=True), SELECT) == "6A82"


def test_a_card_is_pulled_out_after_as_many_answers_as_said(card):
    card.remove_after(2)
    ask(card, SELECT, "00200098")
    with pytest.raises(CardRemoved):
        ask(card, "00200098")
    assert len(card.trace) == 2


def test_a_service_card_has_its_uid_told_by_the_reader(issued):
    assert ask(issued.card(other_card=True, quirks=Quirks(uid=b"\x01\x02")), "FFCA000000") == "01029000"
