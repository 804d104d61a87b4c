"""The one table of what can go wrong: a stable code, its status, what happened, and what to do next."""

from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l


@dataclass(frozen=True)
class Problem:
    """One row; the pages, the fragments and problem+json are all made from it."""

    code: str
    status: int
    title: LazyString
    next_step: LazyString


AGAIN = _l("はじめからやり直してください。")
COUNTER = _l("お住まいの市区町村の窓口にご相談ください。")
OPERATOR = _l("続くときは、このサイトの運営者にお知らせください。")
UPDATE_BRIDGE = _l("読み取りプログラムを新しくして、はじめからやり直してください。")

_ROWS = (
    # Calls of the bridge (bridge-protocol, "Errors")
    (400, "request-malformed", _l("送られた内容の形が正しくありません。"), UPDATE_BRIDGE),
    (400, "token-malformed", _l("カードの署名の形が正しくありません。"), UPDATE_BRIDGE),
    (401, "claim-invalid", _l("この読み取りは受け付けられません。"), AGAIN),
    (
        404,
        "card-session-not-found",
        _l("この番号の手続きは見つかりません。"),
        _l("画面のペアリングコードを確かめて、もう一度入れてください。"),
    ),
    (
        409,
        "card-session-claimed",
        _l("この手続きは、ほかの読み取りプログラムでも開かれました。"),
        _l("安全のため終わりにしました。自分で開いた画面から、はじめからやり直してください。"),
    ),
    (409, "nonce-used", _l("この手続きの署名は、もう受け取りました。"), AGAIN),
    (410, "card-session-expired", _l("5分が過ぎたので、この手続きは終わりました。"), AGAIN),
    (410, "card-session-ended", _l("この手続きは終わっています。"), AGAIN),
    (413, "body-too-large", _l("送られた内容が大きすぎます。"), UPDATE_BRIDGE),
    (415, "media-type-unsupported", _l("送られた内容の種類が違います。"), UPDATE_BRIDGE),
    (
        421,
        "host-unknown",
        _l("このアドレスでは受け付けていません。"),
        _l("案内されたアドレスをもう一度開いてください。"),
    ),
    (422, "certificate-malformed", _l("カードの電子証明書を読み取れませんでした。"), COUNTER),
    (
        422,
        "certificate-not-trusted",
        _l("この電子証明書の発行者を確かめられませんでした。"),
        _l("ご自分のマイナンバーカードかどうか確かめてください。市区町村の窓口で確かめることもできます。"),
    ),
    (
        422,
        "certificate-wrong-kind",
        _l("これは利用者証明用電子証明書ではありません。"),
        _l("利用者証明用電子証明書が入ったマイナンバーカードを使ってください。"),
    ),
    (
        422,
        "certificate-not-yet-valid",
        _l("この電子証明書は、まだ有効期間が始まっていません。"),
        _l("パソコンの日付を確かめてください。正しいときは市区町村の窓口にご相談ください。"),
    ),
    (
        422,
        "certificate-expired",
        _l("この電子証明書は有効期間が終わっています。"),
        _l("お住まいの市区町村の窓口で電子証明書を更新してください。登録した内容は消えません。"),
    ),
    (422, "certificate-revoked", _l("この電子証明書は失効しています。"), COUNTER),
    (422, "certificate-subject-invalid", _l("この電子証明書からランダム文字列を読み取れませんでした。"), COUNTER),
    (
        422,
        "revocation-unknown",
        _l("電子証明書の有効性を確認できませんでした。"),
        _l("しばらくたってから、はじめからやり直してください。"),
    ),
    (422, "algorithm-unsupported", _l("このカードの署名の方式には対応していません。"), UPDATE_BRIDGE),
    (422, "signature-invalid", _l("カードの署名を確かめられませんでした。"), AGAIN),
    (
        429,
        "rate-limited",
        _l("続けて何度も間違えたので、少し止めています。"),
        _l("1分待ってから、もう一度入れてください。"),
    ),
    (503, "unavailable", _l("いま受け付けることができません。"), _l("少し待ってから、もう一度お試しください。")),
    # What the bridge tells of the card (bridge-protocol, "failures")
    (
        200,
        "no-reader",
        _l("カードリーダーが見つかりません。"),
        _l("カードリーダーをパソコンにつないでください。そのままお待ちしています。"),
    ),
    (
        200,
        "reader-busy",
        _l("ほかのプログラムがカードを使っています。"),
        _l("カードを使うほかのプログラムを閉じてください。そのままお待ちしています。"),
    ),
    (
        200,
        "no-card",
        _l("カードがまだ置かれていません。"),
        _l("マイナンバーカードをカードリーダーに置いてください。"),
    ),
    (
        200,
        "card-unreadable",
        _l("カードを読み取れません。"),
        _l("カードの向きを確かめて、置き直してください。金属の机や、ほかのカードからは離してください。"),
    ),
    (
        200,
        "card-removed",
        _l("読み取りの途中でカードが離れました。"),
        _l("カードをもう一度置いて、終わるまで動かさないでください。"),
    ),
    (
        200,
        "card-not-supported",
        _l("このカードは使えません。"),
        _l("マイナンバーカードを置いてください。"),
    ),
    (
        200,
        "pin-incorrect",
        _l("暗証番号が違います。"),
        _l("読み取りプログラムの画面で、残りの回数を確かめてから入れ直してください。"),
    ),
    (
        422,
        "certificate-absent",
        _l("このカードには利用者証明用電子証明書がありません。"),
        _l("市区町村の窓口で電子証明書を発行できます。"),
    ),
    (
        422,
        "pin-blocked",
        _l("利用者証明用電子証明書の暗証番号が使えません。"),
        _l(
            "ロックされているときは、お住まいの市区町村の窓口で暗証番号を設定し直してください。"
            "顔認証マイナンバーカードは、はじめから暗証番号を使えないカードです。"
        ),
    ),
    (410, "cancelled", _l("読み取りプログラムで取りやめました。"), _l("続けるときは、はじめからやり直してください。")),
    # Pages
    (
        400,
        "form-expired",
        _l("この画面は時間が過ぎて使えなくなりました。"),
        _l("前の画面に戻って開き直し、もう一度押してください。"),
    ),
    (
        403,
        "origin-refused",
        _l("ほかのサイトから送られたので、受け付けませんでした。"),
        _l("このサイトの画面から、もう一度操作してください。"),
    ),
    (
        403,
        "completion-refused",
        _l("このブラウザーで始めた手続きではないので、終わりにしました。"),
        _l(
            "ご自分で画面を開いたのに、ここに来たときは、始めたときのブラウザーではじめからやり直し、"
            "ペアリングコードを使ってください。だれかに送られたリンクなら、何もせずに閉じてください。"
        ),
    ),
    (
        410,
        "card-session-replaced",
        _l("このブラウザーで、新しい手続きを始めました。"),
        _l("この画面は閉じて、新しく始めた画面で続けてください。"),
    ),
    (410, "card-session-cancelled", _l("取りやめました。"), _l("続けるときは、はじめからやり直してください。")),
    (404, "completion-code-unknown", _l("この完了コードは使えません。"), AGAIN),
    (403, "completion-code-refused", _l("完了コードを5回間違えたので、終わりにしました。"), AGAIN),
    (
        422,
        "completion-code-wrong",
        _l("完了コードが違います。"),
        _l("読み取りプログラムに出ている6桁の数字を確かめて、もう一度入れてください。"),
    ),
    (403, "card-needed", _l("先にカードを読み取ってください。"), _l("「マイキーIDの登録」から始めてください。")),
    (403, "sign-in-needed", _l("サインインしていません。"), _l("「サインイン」から始めてください。")),
    (
        403,
        "staff-sign-in-needed",
        _l("職員としてサインインしていません。"),
        _l("「職員のサインイン」から始めてください。"),
    ),
    (
        403,
        "role-missing",
        _l("あなたの役割では、このページを使えません。"),
        _l("必要なときは、このサイトの運営者に役割を確かめてください。"),
    ),
    (
        403,
        "staff-suspended",
        _l("この職員の利用は止められています。"),
        _l("心当たりがないときは、このサイトの運営者に確かめてください。"),
    ),
    (
        403,
        "staff-link-invalid",
        _l("この1回限りのリンクは使えません。"),
        _l(
            "使い終わったか、24時間が過ぎたか、新しいリンクが作られています。このサイトの運営者に新しいリンクを頼んでください。"
        ),
    ),
    (
        403,
        "passkey-refused",
        _l("パスキーを確かめられませんでした。"),
        _l(
            "はじめの画面に戻り、登録したパスキーでもう一度お試しください。使えないときは、このサイトの運営者に新しいリンクを頼んでください。"
        ),
    ),
    (
        409,
        "mykey-id-conflict",
        _l("この電子証明書のマイキーIDは、別の電子証明書で登録されています。"),
        _l("職員による確認が必要です。お住まいの市区町村の窓口にご相談ください。登録は何も変わっていません。"),
    ),
    (
        409,
        "certificate-conflict",
        _l("この電子証明書の発行番号は、別の鍵で登録されています。"),
        _l("職員による確認が必要です。お住まいの市区町村の窓口にご相談ください。登録は何も変わっていません。"),
    ),
    (404, "not-found", _l("このページはありません。"), _l("アドレスを確かめるか、最初のページに戻ってください。")),
    (405, "method-not-allowed", _l("この操作はできません。"), _l("最初のページに戻ってください。")),
    (500, "internal", _l("こちらの不具合で、続けられませんでした。"), OPERATOR),
)

PROBLEMS = {code: Problem(code, status, title, next_step) for status, code, title, next_step in _ROWS}


def problem_of(code: str) -> Problem:
    """Return the row of a code; one that is not in the table is our own fault."""
    return PROBLEMS.get(code, PROBLEMS["internal"])
