import pytest

from reader_bridge.card.apdu import Command, is_allowed, transmit
from reader_bridge.errors import CommandRefused

AID = "D392F000260100000001"
DIGEST_INFO = "3031300D060960864801650304020105000420"
DIGEST = "AB" * 32


class Listener:
    """A card that answers 9000 to everything and remembers it."""

    def __init__(self):
        self.heard = []

    def transmit(self, command):
        self.heard.append(bytes(command))
        return b"\x90\x00"

    def power_off(self):
        pass


def command(text):
    """Read a short APDU as it stands; what its Lc says is not checked, so that false ones can be written."""
    raw = bytes.fromhex(text)
    if len(raw) <= 5:
        return Command(*raw[:4], le=(raw[4] or 256) if len(raw) == 5 else None)
    data, rest = raw[5 : 5 + raw[4]], raw[5 + raw[4] :]
    return Command(*raw[:4], data, le=(rest[0] or 256) if rest else None)


ALLOWED = {
    "select the application": f"00A4040C0A{AID}",
    **{f"select {ef}": f"00A4020C02{ef}" for ef in ("0006", "0008", "000A", "000B", "0017", "0018")},
    "read the beginning": "00B0000000",
    "read the last byte that can be addressed": "00B07FFF01",
    "read at an offset that is a line feed": "00B0000A0A",
    "tries left": "00200080",
    "VERIFY": "00200080" + "0431323334",
    "sign": f"802A008033{DIGEST_INFO}{DIGEST}00",
    "sign a digest with a line feed in it": f"802A008033{DIGEST_INFO}{'0A' * 32}00",
    "GET RESPONSE": "00C0000000",
}

REFUSED = {
    "card-face helper application": "00A4040C0AD3921000310001010408",
    "card-face application": "00A4040C0AD3921000310001010402",
    "common application": "00A4040C0AD3921000310001010100",
    "application with FCI": f"00A404000A{AID}",
    "beginning of the AID": "00A4040C09D392F0002601000000",
    "more than the AID": f"00A4040C0B{AID}00",
    "application with Le": f"00A4040C0A{AID}00",
    "next application": f"00A404020A{AID}",
    "master file": "00A4000C023F00",
    "select nothing": "00A40000",
    **{f"select {ef}": f"00A4020C02{ef}" for ef in ("0001", "0002", "0009", "0016", "001A", "001B", "010A", "0A00")},
    "select with FCI": "00A4020002000A",
    "select by path": "00A4080C02000A",
    "select on channel 1": "01A4020C02000A",
    "short file id of the certificate": "00B08A0000",
    "short file id of the signing PIN": "00B0960000",
    "read without Le": "00B00000",
    "read with data": "00B000000154",
    "READ BINARY with odd instruction": "00B1000000",
    "READ RECORD": "00B2010400",
    "tries left of short id 18": "00200098",
    "tries left of the signing PIN": "0020009B",
    "VERIFY of short id 18": "002000980431323334",
    "VERIFY of the signing PIN": "0020009B0431323334",
    "VERIFY of another reference": "002000810431323334",
    "VERIFY with P1": "002001800431323334",
    "VERIFY of three digits": "0020008003313233",
    "VERIFY of five digits": "00200080053132333435",
    "VERIFY of letters": "002000800441424344",
    "VERIFY of digits and a line feed": "00200080053132333" + "40A",
    "VERIFY of a signing password": "0020008006414243313233",
    "VERIFY with Le": "00200080043132333400",
    "VERIFY with another class": "802000800431323334",
    "VERIFY with odd instruction": "002100800431323334",
    "sign with short id of the key": f"802A009733{DIGEST_INFO}{DIGEST}00",
    "sign with the signing key": f"802A009A33{DIGEST_INFO}{DIGEST}00",
    **{f"sign with P1 {p1:02X}": f"802A{p1:02X}8033{DIGEST_INFO}{DIGEST}00" for p1 in (1, 2, 3, 4, 5, 0x9E)},
    "sign with class 00": f"002A008033{DIGEST_INFO}{DIGEST}00",
    "sign without Le": f"802A008033{DIGEST_INFO}{DIGEST}",
    "sign with another Le": f"802A008033{DIGEST_INFO}{DIGEST}80",
    "sign a bare digest": f"802A008020{DIGEST}00",
    "sign no DigestInfo": f"802A008033{'AB' * 51}00",
    "sign a SHA-1 DigestInfo": f"802A0080233021300906052B0E03021A05000414{'AB' * 20}00",
    "sign a SHA-384 DigestInfo": f"802A0080433041300D060960864801650304020205000430{'AB' * 48}00",
    "sign a longer digest": f"802A008034{DIGEST_INFO}{DIGEST}AB00",
    "sign a shorter digest": f"802A008032{DIGEST_INFO}{DIGEST[2:]}00",
    "GET RESPONSE with P1": "00C0010000",
    "GET RESPONSE without Le": "00C00000",
    "change the PIN": "002401800431323334",
    "change the PIN, both given": "00240080083132333435363738",
    "unblock the PIN": "002C02800431323334",
    "unblock the PIN without another": "002C0380",
    "GET DATA": "00CA000000",
    "GET CHALLENGE": "0084000008",
    "INTERNAL AUTHENTICATE": "0088000008" + "AB" * 8 + "00",
    "UPDATE BINARY": "00D600000100",
    "UID without a terminal": "FFCA000000",
    "load a key into the reader": "FF82000006FFFFFFFFFFFF",
}


@pytest.mark.parametrize("text", ALLOWED.values(), ids=ALLOWED)
def test_an_allowed_command_reaches_the_card_as_it_is(text):
    card = Listener()
    transmit(card, command(text))
    assert [sent.hex().upper() for sent in card.heard] == [text]


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_a_neighbour_of_an_allowed_command_reaches_no_reader(text):
    card = Listener()
    with pytest.raises(CommandRefused):
        transmit(card, command(text))
    assert card.heard == []


@pytest.mark.parametrize("text", ALLOWED.values(), ids=ALLOWED)
def test_a_byte_more_or_less_is_another_command(text):
    for other in (text + "31", text + "00", text[:-2], "00" + text):
        assert other in ALLOWED.values() or not is_allowed(bytes.fromhex(other))


def test_a_terminal_may_ask_its_reader_for_the_uid():
    card = Listener()
    transmit(card, command("FFCA000000"), terminal=True)
    assert card.heard == [bytes.fromhex("FFCA000000")]


TERMINALS = ("select the application", "select 0006", "select 000A", "read the beginning", "GET RESPONSE")


@pytest.mark.parametrize("name", TERMINALS)
def test_a_terminal_may_read_the_certificate(name):
    card = Listener()
    transmit(card, command(ALLOWED[name]), terminal=True)
    assert [sent.hex().upper() for sent in card.heard] == [ALLOWED[name]]


@pytest.mark.parametrize("name", ["tries left", "VERIFY", "sign", "select 0017", "select 0018", "select 0008"])
def test_a_terminal_has_no_word_about_a_pin_or_a_key(name):
    card = Listener()
    with pytest.raises(CommandRefused):
        transmit(card, command(ALLOWED[name]), terminal=True)
    assert card.heard == []


@pytest.mark.parametrize("text", ["FFCA010000", "FFCA000004", "FFCA0000", "FFB0000010", "FFCB000000"])
def test_a_terminal_may_send_its_reader_nothing_else(text):
    card = Listener()
    with pytest.raises(CommandRefused):
        transmit(card, command(text), terminal=True)
    assert card.heard == []


@pytest.mark.parametrize("text", [REFUSED["VERIFY of the signing PIN"], REFUSED["change the PIN"]])
def test_a_refusal_does_not_say_the_pin(text):
    with pytest.raises(CommandRefused) as refusal:
        transmit(Listener(), command(text))
    assert "31" not in str(refusal.value)
    assert "1234" not in str(refusal.value)


def test_of_a_command_that_was_sent_nothing_is_left(monkeypatch):
    """What is freed stays in memory until something else needs the place."""
    kept, card = [], Listener()
    monkeypatch.setattr(card, "transmit", lambda encoded: kept.append(encoded) or b"\x90\x00")
    transmit(card, command(ALLOWED["VERIFY"]))
    with pytest.raises(CommandRefused):
        transmit(card, command("0020009B0431323334"))
    assert kept == [bytes(9)]
