"""Every page that the window can show, each brought there without a thread, a reader or a portal."""

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from demo.authority import Authority
from reader_bridge.cli.context import Bridge
from reader_bridge.conversation.ui import Consent
from reader_bridge.desktop.doctor import Finding
from reader_bridge.errors import NoCard
from reader_bridge.portal.origin import Origin
from reader_bridge.portal.replies import Claim, Enrolment
from reader_bridge.portal.settings import Settings
from reader_bridge.window.pages.card_pages import read_off
from reader_bridge.window.pages.terminal_pages import TerminalPage
from reader_bridge.window.terminal_window import TerminalWindow
from reader_bridge.window.ui import Shown, WindowUI
from reader_bridge.window.window import Window
from reader_bridge.window.work import Conversation
from reader_bridge.words.language import Words
from reader_bridge.words.states import STATES

ORIGIN = "https://mykey.city.example.jp"
HANDLE = "h4ndle-h4ndle-h4ndle-h4ndle"
READERS = ("Sony RC-S300/P 00 00", "ACS ACR39U ICC Reader 01 00")
ENDS = datetime(2031, 1, 1, tzinfo=UTC)
AGAIN = ("pin-incorrect", "pin-malformed", "another-card", "removed-before-pin", "unfinished", "unfinished-unspent")
BESIDE = ("start", "trial", "trial without a card", "certificate", "doctor", "terminal", "terminal enrolment")
FINDINGS = (
    Finding("Sony RC-S300/P 00 00", "card-good", good=True, detail="PIN 3/3"),
    Finding("ACS ACR122U", "pn533", good=False),
    Finding("mykey-bridge", "link-not-installed", good=False, note=True),
    Finding(ORIGIN, "portal-good", good=True, detail="+0 s"),
)


def consent(**differently):
    usual = {"origin": ORIGIN, "purpose": "register", "parameters": {}, "match_code": "47", "reader": READERS[0]}
    return Consent(**usual | {"tries_left": 3, "last_problem": None, "ends": ENDS} | differently)


def shown(state):
    """Return what the conversation's thread tells of a state."""
    if state == "pin-prompt" or state in AGAIN:
        again = {} if state == "pin-prompt" else {"last_problem": state, "tries_left": 2}
        return Shown("pin-prompt", consent(**again))
    seen = {
        "last-try-question": {"consent": consent(tries_left=1)},
        "new-origin-question": {"text": ORIGIN},
        "choose-reader": {"readers": READERS},
        "take-the-other": {"readers": READERS[1:]},
        "no-card": {"readers": READERS},
        "card-not-supported": {"readers": (READERS[0], "Windows Hello for Business 1")},
        "completion-code": {"text": "493027", "detail": ORIGIN},
        "reached": {"text": ORIGIN},
    }
    return Shown(state, **seen.get(state, {}))


def claim():
    until = datetime.now(UTC) + timedelta(minutes=4, seconds=50)
    return Claim("token", "register", {}, "47", "nonce", until.isoformat().replace("+00:00", "Z"), by_handle=True)


def bridge(language):
    settings = Settings(known_origins=frozenset({ORIGIN}))
    return Bridge(settings, Path("/nowhere/bridge.toml"), Words(language))


@cache
def certificate():
    valid = {"not_before": datetime(2026, 1, 1, tzinfo=UTC), "not_after": ENDS}
    key = rsa.generate_private_key(65537, 2048).public_key()
    return Authority.create(**valid).issue(public_key=key, **valid).public_bytes(Encoding.DER)


def window_at(name, language):
    """Return a window that shows a state or a page beside a conversation."""
    if name in ("terminal", "terminal enrolment"):
        return _terminal_at(name, language)
    window = Window(bridge(language))
    if name in STATES:
        ui = WindowUI()
        window.conversation = Conversation(window._bridge, ui, Origin.parse(ORIGIN), handle=HANDLE)
        if name not in ("claiming", "new-origin-question", "portal-slow"):
            window._learn(ui, claim())
        window._show(ui, shown(name))
        return window
    window.start()
    if name == "trial":
        window._show_cards("try", [read_off(READERS[0], 3, certificate())])
    elif name == "trial without a card":
        window._show_cards("try", NoCard())
    elif name == "certificate":
        window._show_certificate(read_off(READERS[0], 3, certificate()))
    elif name == "doctor":
        window._show_findings(list(FINDINGS))
    return window


def _terminal_at(name, language):
    window = TerminalWindow(bridge(language))
    if name == "terminal enrolment":
        window.do_enrol_anew()
        return window
    enrolment = Enrolment("token", "A-α1-0001")
    window.show_page(
        TerminalPage(window._words, ORIGIN, enrolment.service_provider_id), window._labels("enrol-anew", "close")
    )
    window._tell("terminal-watching", READERS[0])
    window._tell("terminal-tap-certificate", READERS[0])
    tap = f"10:23:45 {READERS[0]}: {window._words.at_terminal('terminal-tap-certificate')}"
    window.page.set("terminal-last-tap", tap)  # the same picture whenever it is taken
    window._portal_answers(datetime.now(UTC))
    return window
