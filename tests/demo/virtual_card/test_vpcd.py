import socket
import threading

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from demo.virtual_card import vpcd
from demo.virtual_card.__main__ import main

SELECT = bytes.fromhex("00A4040C0AD392F000260100000001")


class VirtualReader:
    """The reader's end of the connection, as vpcd is."""

    def __init__(self, connection):
        self.connection = connection

    def send(self, payload):
        self.connection.sendall(len(payload).to_bytes(2) + payload)

    def ask(self, payload):
        self.send(payload)
        return self.connection.recv(int.from_bytes(self.connection.recv(2)))


@pytest.fixture
def files(issued, tmp_path):
    contents = {
        "certificate": issued.certificate,
        "authority": issued.authority,
        "key": issued.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return [part for name in contents for part in (f"--{name}", str(tmp_path / name))]


def test_a_card_is_powered_asked_and_pulled_out(issued):
    card = issued.card()
    here, there = socket.socketpair()
    serving = threading.Thread(target=vpcd.serve, args=(card, there))
    serving.start()
    reader = VirtualReader(here)
    assert reader.ask(b"\x04") == card.atr
    reader.send(b"\x01")
    assert reader.ask(SELECT) == b"\x90\x00"
    reader.send(b"\x02")
    assert reader.ask(bytes.fromhex("00200098")) == b"\x6a\x82"
    here.close()
    serving.join()
    assert card.power_offs == 1


def test_a_card_pulled_out_closes_the_connection(issued):
    card = issued.card()
    card.remove_after(1)
    here, there = socket.socketpair()
    serving = threading.Thread(target=vpcd.serve, args=(card, there))
    serving.start()
    assert VirtualReader(here).ask(SELECT) == b"\x90\x00"
    assert here.recv(2) == b""
    serving.join()
    here.close()


@pytest.fixture
def serve():
    """Run the command line beside a reader that asks one question; return the outcome and the answer."""

    def run(arguments, question):
        with socket.create_server(("127.0.0.1", 0)) as listening:
            answers = []

            def reader():
                connection, _ = listening.accept()
                with connection:
                    answers.append(VirtualReader(connection).ask(question))

            reading = threading.Thread(target=reader)
            reading.start()
            outcome = CliRunner().invoke(main, [*arguments, "--port", str(listening.getsockname()[1])])
            reading.join()
        return outcome, answers[0]

    return run


def test_the_command_line_says_loudly_that_the_card_is_virtual(files, serve):
    outcome, answer = serve(files, SELECT)
    assert outcome.exit_code == 0
    assert "THIS IS A VIRTUAL CARD" in outcome.stderr
    assert answer == b"\x90\x00"


@pytest.mark.parametrize("kind", ["--felica", "--mifare"])
def test_the_command_line_has_service_cards_that_are_loudly_virtual_too(serve, kind):
    outcome, answer = serve([kind, "04A1B2C3"], bytes.fromhex("FFCA000000"))
    assert "THIS IS A VIRTUAL CARD" in outcome.stderr
    assert answer.hex().upper() == "04A1B2C39000"


@pytest.mark.parametrize("arguments", [[], ["--felica", "xyz"], ["--felica", "00", "--mifare", "00"]])
def test_the_command_line_takes_one_card(arguments):
    assert CliRunner().invoke(main, arguments).exit_code == 2


def test_without_a_virtual_reader_the_command_line_says_so(files):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = str(closed.getsockname()[1])
    outcome = CliRunner().invoke(main, [*files, "--port", port])
    assert outcome.exit_code == 1
    assert "no virtual reader" in outcome.stderr
