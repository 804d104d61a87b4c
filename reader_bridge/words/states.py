"""What each state of a conversation is called, says and lets the person do, and how long it lasts, for any UI."""

from math import inf
from typing import Literal, NamedTuple

from reader_bridge.words.error_sentences import ERRORS
from reader_bridge.words.portal_refusals import PORTAL_REFUSALS
from reader_bridge.words.sentences import SENTENCES, Sentence

Action = Literal["answer", "cancel", "doctor", "close"]
_ASKED: tuple[Action, ...] = ("answer", "cancel")
_WAITING: tuple[Action, ...] = ("cancel", "doctor")
_ENDED: tuple[Action, ...] = ("close",)
_SESSION = 300.0  # seconds that a phase of a card session lasts (bridge-protocol)
ALL_SENTENCES = SENTENCES | ERRORS | PORTAL_REFUSALS


class State(NamedTuple):
    """`seconds` until another state comes by itself; inf stays until the person closes it."""

    title: Sentence
    sentence: Sentence
    can_do: tuple[Action, ...]
    seconds: float


def _state(
    name: str, ja: str, en: str, can_do: tuple[Action, ...] = _WAITING, seconds: float = _SESSION
) -> tuple[str, State]:
    return name, State(Sentence(ja, en), ALL_SENTENCES[name], can_do, seconds)


def _ended(ja: str, en: str, *names: str) -> dict[str, State]:
    return dict(_state(name, ja, en, _ENDED, inf) for name in names)


_ON_THE_WAY = (
    _state("portal-slow", "ポータルの返事を待っています", "Waiting for the portal", ("cancel",), 12.0),
    _state("sending", "送っています", "Sending", ("close",), 12.0),
    _state("reading", "読み取り中です", "Reading the card", ("cancel",), 10.0),
    _state("card-slow", "カードの返事を待っています", "Waiting for the card", ("cancel",), 8.0),
    _state("no-reader", "リーダーがありません", "No card reader"),
    _state("no-service", "カードのサービスが動いていません", "The card service is not running"),
    _state("service-silent", "カードのサービスから返事がありません", "The card service does not answer"),
    _state("service-mismatched", "カードのサービスの版が合いません", "The card service has another version"),
    _state("access-denied", "リーダーの使用が許されていません", "Card readers are not allowed here"),
    _state("reader-silent", "リーダーから返事がありません", "The reader does not answer"),
    _state("reader-busy", "カードは使用中です", "The card is in use"),
    _state("no-card", "カードを置いてください", "Put your card on the reader"),
    _state("card-unreadable", "カードを読み取れません", "The card cannot be read"),
    _state("card-silent", "カードから返事がありません", "The card does not answer"),
    _state("card-removed", "カードが離れました", "The card was removed"),
    _state("card-not-supported", "別のカードです", "Not a My Number card"),
    _state("card-data-unusable", "カードのデータが使えません", "The card's data cannot be used"),
    _state("algorithm-unsupported", "カードの鍵に対応していません", "The kind of key is not supported"),
    _state("certificate-wrong-kind", "別の種類の電子証明書です", "A certificate of another kind"),
    _state(
        "new-origin-question",
        "はじめて通信するポータルです。アドレスを最後まで確かめてください。",
        "This portal is new to this computer. Check its whole address.",
        _ASKED,
        inf,  # nothing has begun yet
    ),
    _state("choose-reader", "カードが複数あります。", "There are several cards.", _ASKED),
    _state("take-the-other", "選んだカードがありません。", "The card you chose is gone.", _ASKED),
    _state("pin-prompt", "次の内容でカードを使います。", "The card will be used for this:", _ASKED),
    *(
        _state(name, "暗証番号をもう一度", "Enter the PIN again", _ASKED)
        for name in (
            "pin-incorrect",
            "pin-malformed",
            "another-card",
            "removed-before-pin",
            "unfinished",
            "unfinished-unspent",
        )
    ),
    _state(
        "last-try-question",
        "残り1回です。間違えるとロックされ、市区町村窓口での再設定が必要になります。",
        "One try is left. A wrong PIN locks it, and only your municipal counter can reset it.",
        _ASKED,
    ),
    _state("completion-code", "ページに入力する数字です", "Digits for the page", ("close",)),
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
    | dict(_ON_THE_WAY)
)
