"""What the operator can meet, in words."""

from flask_babel import lazy_gettext as _l

from portal.domain.codes import Code

ROWS = {
    Code.STAFF_SIGN_IN_NEEDED: (
        403,
        _l("職員としてサインインしていません。"),
        _l("「職員のサインイン」から始めてください。"),
    ),
    Code.ROLE_MISSING: (
        403,
        _l("あなたの役割では、このページを使えません。"),
        _l("必要なときは、このサイトの運営者に役割を確かめてください。"),
    ),
    Code.STAFF_SUSPENDED: (
        403,
        _l("この職員の利用は止められています。"),
        _l("心当たりがないときは、このサイトの運営者に確かめてください。"),
    ),
    Code.STAFF_LINK_INVALID: (
        403,
        _l("この1回限りのリンクは使えません。"),
        _l(
            "使い終わったか、24時間が過ぎたか、新しいリンクが作られています。このサイトの運営者に新しいリンクを頼んでください。"
        ),
    ),
    Code.STAFF_NAME_MALFORMED: (
        422,
        _l("この名前は使えません。"),
        _l("前の画面に戻り、1〜64文字の名前を入れてください。"),
    ),
    Code.STAFF_WITHOUT_PROVIDER: (
        422,
        _l("サービス提供者の職員の役割とサービス提供IDが、そろっていません。"),
        _l("両方を入れるか、両方を外してください。"),
    ),
    Code.PASSKEY_REFUSED: (
        403,
        _l("パスキーを確かめられませんでした。"),
        _l(
            "はじめの画面に戻り、登録したパスキーでもう一度お試しください。使えないときは、このサイトの運営者に新しいリンクを頼んでください。"
        ),
    ),
    Code.SERVICE_PROVIDER_MALFORMED: (
        422,
        _l("サービス提供IDか名前の形が正しくありません。"),
        _l("1文字から64文字で、前後の空白をとって入れてください。"),
    ),
    Code.SERVICE_PROVIDER_EXISTS: (
        409,
        _l("このサービス提供IDは、もうあります。"),
        _l("ほかのサービス提供IDにしてください。"),
    ),
    Code.SERVICE_PROVIDER_UNKNOWN: (
        404,
        _l("このサービス提供IDはありません。"),
        _l("サービス提供IDを確かめてください。"),
    ),
    Code.PICTURE_MALFORMED: (
        422,
        _l("この書き方に合うサービスIDがありません。"),
        _l("9、A、X、|の使い方と、チェックデジットを確かめてください。決めないときは、空のままにしてください。"),
    ),
    Code.HANDOFF_URL_MALFORMED: (
        422,
        _l("引渡し先のアドレスは使えません。"),
        _l("https://から始まり、名前のあるサーバーのアドレスにしてください。利用者名や#は使えません。"),
    ),
    Code.HANDOFF_MESSAGE_MISSING: (
        404,
        _l("送り直すメッセージがありません。"),
        _l("選んでから押してください。もう届いたものは、一覧にありません。"),
    ),
    Code.TERMINAL_MALFORMED: (
        422,
        _l("端末の名前の形が正しくありません。"),
        _l("1文字から64文字で、前後の空白をとって入れてください。"),
    ),
    Code.TERMINAL_UNKNOWN: (404, _l("このサービス端末はありません。"), _l("一覧を開き直してください。")),
}
