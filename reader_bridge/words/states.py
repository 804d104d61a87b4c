"""What each state of a conversation is called, says and lets the person do, and how long it lasts, for any UI."""

from math import inf
from typing import Literal, NamedTuple

from reader_bridge.words.error_sentences import ERRORS, START_AGAIN_EN
from reader_bridge.words.portal_refusals import PORTAL_REFUSALS
from reader_bridge.words.sentences import SENTENCES, Sentence
from reader_bridge.words.window_sentences import WINDOW

Action = Literal["answer", "cancel", "doctor", "close", "copy", "portal", "start"]
_ASKED: tuple[Action, ...] = ("answer", "cancel")
_DOUBTED: tuple[Action, ...] = ("cancel", "answer")
_WAITING: tuple[Action, ...] = ("cancel", "doctor")
_HINTS = {"no-reader": (15.0, "no-reader-hint"), "no-card": (20.0, "no-card-hint")}
_EXAMINED = frozenset({"pcsc-missing", "portal-unreachable", "portal-untrusted", "clock-wrong", "internal"})
_SESSION = 300.0  # seconds that a phase of a card session lasts (bridge-protocol)
ALL_SENTENCES = SENTENCES | WINDOW | ERRORS | PORTAL_REFUSALS


class State(NamedTuple):
    """`seconds` until another state comes by itself; inf stays until the person closes it.

    The focus is on the title of each; `step` of three (reader, card, PIN), 0 before and after them; after so many
    seconds a `hint` of that name stands below the sentence.
    """

    title: Sentence
    sentence: Sentence
    can_do: tuple[Action, ...]
    seconds: float
    step: int
    hint: tuple[float, str] | None

    @property
    def default(self) -> Action | None:
        """What Enter does: the first answer to a question, and nothing where nothing is asked."""
        return self.can_do[0] if "answer" in self.can_do else None


def _state(  # noqa: PLR0913 (a row of the table)
    name: str,
    ja: str,
    en: str,
    can_do: tuple[Action, ...] = _WAITING,
    seconds: float = _SESSION,
    *,
    said: str | None = None,
    step: int = 0,
) -> tuple[str, State]:
    return name, State(Sentence(ja, en), ALL_SENTENCES[said or name], can_do, seconds, step, _HINTS.get(name))


def _ended(ja: str, en: str, *names: str) -> dict[str, State]:
    """End so; what a new start mends leads back to the portal's page, what this computer lacks to its examination."""
    return dict(_state(name, ja, en, _after(name), inf) for name in names)


def _after(name: str) -> tuple[Action, ...]:
    back: tuple[Action, ...] = ("portal",) if START_AGAIN_EN in ALL_SENTENCES[name].en else ()
    examined: tuple[Action, ...] = ("doctor",) if name in _EXAMINED else ()
    return ("close", *back, *examined, "start")


_AT_PORTAL = (
    _state("claiming", "ポータルにつないでいます", "Connecting to the portal", ("cancel",), 12.0),
    _state("portal-slow", "ポータルの返事を待っています", "Waiting for the portal", ("cancel",), 12.0, said="claiming"),
    _state("sending", "送っています", "Sending", ("close",), 12.0),
    _state(
        "new-origin-question",
        "はじめて通信するポータルです。アドレスを最後まで確かめてください。",
        "This portal is new to this computer. Check its whole address.",
        _DOUBTED,
        inf,  # nothing has begun yet
    ),
    _state("completion-code", "ページに入力する数字です", "Digits for the page", ("copy", "close")),
)
_AT_READER = (
    ("no-reader", "リーダーがありません", "No card reader"),
    ("no-service", "カードのサービスが動いていません", "The card service is not running"),
    ("service-silent", "カードのサービスから返事がありません", "The card service does not answer"),
    ("service-mismatched", "カードのサービスの版が合いません", "The card service has another version"),
    ("access-denied", "リーダーの使用が許されていません", "Card readers are not allowed here"),
    ("reader-silent", "リーダーから返事がありません", "The reader does not answer"),
)
_AT_CARD = (
    ("reader-busy", "カードは使用中です", "The card is in use"),
    ("no-card", "カードを置いてください", "Put your card on the reader"),
    ("card-unreadable", "カードを読み取れません", "The card cannot be read"),
    ("card-silent", "カードから返事がありません", "The card does not answer"),
    ("card-removed", "カードが離れました", "The card was removed"),
    ("card-not-supported", "別のカードです", "Not a My Number card"),
    ("card-data-unusable", "カードのデータが使えません", "The card's data cannot be used"),
    ("algorithm-unsupported", "カードの鍵に対応していません", "The kind of key is not supported"),
    ("certificate-wrong-kind", "別の種類の電子証明書です", "A certificate of another kind"),
)
_ANSWERED_BY_CARD = (
    _state("reading", "読み取り中です", "Reading the card", ("cancel",), 10.0, step=2),
    _state("card-slow", "カードの返事を待っています", "Waiting for the card", ("cancel",), 8.0, step=2),
    _state("choose-reader", "カードが複数あります。", "There are several cards.", _ASKED, said="choose-one", step=2),
    _state(
        "take-the-other",
        "選んだカードがありません。",
        "The card you chose is gone.",
        _ASKED,
        said="choose-other",
        step=2,
    ),
    _state("signing", "カードで確かめています", "The card is working", ("cancel",), 10.0, step=3),
)
_AGAIN = ("pin-incorrect", "pin-malformed", "another-card", "removed-before-pin", "unfinished", "unfinished-unspent")
_AT_PIN = (
    _state(
        "pin-prompt",
        "次の内容でカードを使います。",
        "The card will be used for this:",
        _ASKED,
        said="pin-which",
        step=3,
    ),
    *(_state(name, "暗証番号をもう一度", "Enter the PIN again", _ASKED, step=3) for name in _AGAIN),
    _state(
        "last-try-question",
        "残り1回です。間違えるとロックされ、市区町村窓口での再設定が必要になります。",
        "One try is left. A wrong PIN locks it, and only your municipal counter can reset it.",
        _DOUBTED,
        step=3,
    ),
)
_AT_THE_COUNTER = (
    "certificate-absent",
    "card-stopped",
    "pin-blocked",
    "certificate-expired",
    "certificate-revoked",
    "certificate-subject-invalid",
)
STATES = (
    _ended("続けられませんでした", "This could not go on", *ERRORS, *PORTAL_REFUSALS)
    | _ended("市区町村窓口でできます", "Ask at your municipal counter", *_AT_THE_COUNTER)
    | _ended(
        "しばらくしてからやり直してください", "Try again later", "rate-limited", "unavailable", "revocation-unknown"
    )
    | _ended("中止しました", "Cancelled", "cancelled")
    | _ended("終わりました", "Done", "completion-url", "browser-absent", "reached")
    | dict(_state(*row, step=1) for row in _AT_READER)
    | dict(_state(*row, step=2) for row in _AT_CARD)
    | dict(_AT_PORTAL + _ANSWERED_BY_CARD + _AT_PIN)
)
ENDED = frozenset(name for name, each in STATES.items() if each.seconds == inf and "close" in each.can_do) | {
    "completion-code"
}
