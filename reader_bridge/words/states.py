"""What each state of a conversation is called, says and lets the person do, and how long it lasts, for any UI."""

from typing import Literal, NamedTuple

from reader_bridge.words.error_sentences import ERRORS, PORTAL_REFUSALS
from reader_bridge.words.sentences import SENTENCES, Sentence

Action = Literal["cancel", "doctor"]
_WAITING: tuple[Action, ...] = ("cancel", "doctor")


class State(NamedTuple):
    """`seconds` is the bridge's own limit until another state comes; None lasts as long as the card session."""

    title: Sentence
    sentence: Sentence
    can_do: tuple[Action, ...]
    seconds: float | None = None


def _passing(code: str, ja: str, en: str) -> tuple[str, State]:
    return code, State(Sentence(ja, en), (ERRORS | PORTAL_REFUSALS)[code], _WAITING)


STATES = dict(
    (
        ("reading", State(Sentence("読み取り中です", "Reading the card"), SENTENCES["reading"], ("cancel",), 10.0)),
        (
            "portal-slow",
            State(Sentence("返事を待っています", "Asking the portal"), SENTENCES["portal-slow"], ("cancel",), 15.0),
        ),
        _passing("no-reader", "リーダーがありません", "No card reader"),
        _passing("no-service", "カードのサービスが動いていません", "The card service is not running"),
        _passing("service-silent", "カードのサービスから返事がありません", "The card service does not answer"),
        _passing("service-mismatched", "カードのサービスの版が合いません", "The card service has another version"),
        _passing("access-denied", "リーダーの使用が許されていません", "Card readers are not allowed here"),
        _passing("reader-silent", "リーダーから返事がありません", "The reader does not answer"),
        _passing("reader-busy", "カードは使用中です", "The card is in use"),
        _passing("no-card", "カードを置いてください", "Put your card on the reader"),
        _passing("card-unreadable", "カードを読み取れません", "The card cannot be read"),
        _passing("card-silent", "カードから返事がありません", "The card does not answer"),
        _passing("card-removed", "カードが離れました", "The card was removed"),
        _passing("card-not-supported", "別のカードです", "Not a My Number card"),
        _passing("card-data-unusable", "カードのデータが使えません", "The card's data cannot be used"),
        _passing("algorithm-unsupported", "カードの鍵に対応していません", "The kind of key is not supported"),
        _passing("certificate-wrong-kind", "別の種類の電子証明書です", "A certificate of another kind"),
    )
)
