"""The main job over a real card stack, from portal and `reader-bridge pair` to the virtual reader; OpenSC witnesses."""

import subprocess
import sys

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from demo.virtual_card import VirtualCard
from tests.bridge.conversation.test_terminal_ui import Terminal
from tests.conftest import VALID
from tests.e2e.live import Live
from tests.portal.actors.pages import Citizen
from tests.waiting import wait_until

PIN_PROMPT = "PIN of the user authentication certificate"


@pytest.fixture
def portal(app_with):
    portal = Live(app_with)
    yield portal
    portal.stop()


@pytest.fixture
def my_number_card(authority, keys):
    certificate = authority.issue(public_key=keys[0].public_key(), **VALID).public_bytes(Encoding.DER)
    authority_certificate = authority.certificate.public_bytes(Encoding.DER)
    return VirtualCard(certificate=certificate, key=keys[0], authority_certificate=authority_certificate)


@pytest.fixture
def pair(pcsc, portal, tmp_path):
    places = {"MYKEY_BRIDGE_SETTINGS": str(tmp_path / "bridge.toml"), "XDG_RUNTIME_DIR": str(tmp_path)}
    environment = pcsc.environment | places | {"PATH": "/usr/bin:/bin"}

    def run(code):
        command = (sys.executable, "-m", "reader_bridge", "--lang", "en", "pair", "--portal", portal.origin, code)
        terminal = Terminal(*command, environment=environment)
        terminal.answer("Connect to this portal?", "y")
        return terminal

    return run


def common_name(pcsc):
    """Let OpenSC read the certificate and OpenSSL say whose it is."""
    pem = pcsc.run("pkcs15-tool", "--read-certificate", "1").decode()
    command = ["openssl", "x509", "-noout", "-subject", "-nameopt", "multiline"]
    said = subprocess.run(command, input=pem, capture_output=True, text=True, check=True).stdout
    return said.split("commonName")[1].split("=")[1].split()[0]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_registered_id_is_the_common_name_that_openssl_prints_from_opensc(pcsc, portal, my_number_card, pair):
    pcsc.insert(my_number_card)
    citizen = Citizen(portal.app)
    terminal = pair(citizen.start().value("data-pairing-code"))
    terminal.answer(PIN_PROMPT, "1234")
    assert terminal.end() == 0
    digits = terminal.shown.split()[-1]
    citizen.get(citizen.waiting)
    citizen.post(f"{citizen.waiting}/completion", completion_code=digits)
    page = citizen.get("/registration?first=yes")
    assert common_name(pcsc)[:14] in page.words
    assert "正常に登録されました。" in citizen.post("/registration").words


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_page_keeps_step_and_no_try_is_spent_without_the_citizens_word(pcsc, portal, my_number_card, pair):
    citizen = Citizen(portal.app)
    terminal = pair(citizen.start().value("data-pairing-code"))
    terminal.wait("Put your My Number card")
    wait_until(lambda: "カードがまだ置かれていません" in citizen.get(citizen.waiting).words)
    card = pcsc.insert(my_number_card)
    terminal.wait(PIN_PROMPT)
    for tries_left in (2, 1):
        terminal.type("0000")
        terminal.wait(PIN_PROMPT)
        wait_until(lambda: "暗証番号が違います" in citizen.get(citizen.waiting).words)
        assert card.tries_left == tries_left
    terminal.type("0000")
    terminal.answer("Send this PIN?", "n")
    assert terminal.end() == 130
    assert card.tries_left == 1
    assert citizen.get(citizen.waiting).value("data-card-session") == "ended"
    assert "中止しました" in citizen.page.words
