"""What any request can meet, in words."""

from flask_babel import lazy_gettext as _l

from portal.domain.codes import Code

OPERATOR = _l("少し待ってから、もう一度お試しください。続くときは、このサイトの運営者に知らせてください。")
UPDATE_BRIDGE = _l("このサイトの「読み取りプログラムの入れ方」から新しいものを入れて、はじめからやり直してください。")

ROWS = {
    Code.REQUEST_MALFORMED: (400, _l("届いたデータを読めませんでした。"), UPDATE_BRIDGE),
    Code.FORM_EXPIRED: (
        400,
        _l("この画面は、開いてから時間が過ぎたので、使えなくなりました。"),
        _l("前の画面に戻って開き直し、もう一度押してください。"),
    ),
    Code.ORIGIN_REFUSED: (
        403,
        _l("ほかのサイトから送られたので、受け付けませんでした。"),
        _l("このサイトの画面から、もう一度操作してください。"),
    ),
    Code.NOT_FOUND: (404, _l("このページはありません。"), _l("アドレスを確かめるか、トップページに戻ってください。")),
    Code.METHOD_NOT_ALLOWED: (405, _l("この操作はできません。"), _l("トップページに戻ってください。")),
    Code.BODY_TOO_LARGE: (413, _l("送られたデータが大きすぎます。"), _l("小さくして、もう一度送ってください。")),
    Code.MEDIA_TYPE_UNSUPPORTED: (415, _l("送られたデータの種類が違います。"), UPDATE_BRIDGE),
    Code.HOST_UNKNOWN: (
        421,
        _l("このアドレスでは受け付けていません。"),
        _l(
            "案内されたアドレスをもう一度開いてください。それでも続くときは、このサイトの運営者に知らせてください。"
            "プロキシーがHostヘッダーをそのまま渡す設定が必要です（nginxでは proxy_set_header Host $http_host;）。"
        ),
    ),
    Code.RATE_LIMITED: (
        429,
        _l("短い間に何度も送られたので、1分の間、受け付けを止めています。"),
        _l("1分待ってから、もう一度お試しください。"),
    ),
    Code.INTERNAL: (500, _l("こちらの不具合で、続けられませんでした。"), OPERATOR),
    Code.READ_ONLY: (
        503,
        _l("いまは、見ることだけができます。"),
        _l("データを新しい置き場所に移しています。何も変わっていません。しばらくしてから、もう一度お試しください。"),
    ),
    Code.OUTCOME_UNKNOWN: (
        503,
        _l("できたかどうか、確かめられませんでした。"),
        _l("もう一度する前に、マイページや一覧で、できているかどうかを見てください。"),
    ),
    Code.UNAVAILABLE: (503, _l("いま受け付けることができません。"), _l("少し待ってから、もう一度お試しください。")),
}
