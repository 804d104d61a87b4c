"""What can go wrong with a card session and its card, in words."""

from flask_babel import lazy_gettext as _l

from portal.domain.codes import Code
from portal.web.problems.any_request import UPDATE_BRIDGE

AGAIN = _l("はじめからやり直してください。")
COUNTER = _l("お住まいの市区町村の窓口にご相談ください。")
TO_GO_ON = _l("続けるときは、はじめからやり直してください。")

ROWS = {
    Code.CLAIM_INVALID: (401, _l("この読み取りは受け付けられません。"), AGAIN),
    Code.CARD_SESSION_NOT_FOUND: (
        404,
        _l("この番号の手続きは見つかりません。"),
        _l("画面のペアリングコードを確かめて、もう一度入れてください。"),
    ),
    Code.CARD_SESSION_CLAIMED: (
        409,
        _l("この手続きは、ほかの読み取りプログラムでも開かれました。"),
        _l("安全のため終わりにしました。自分で開いた画面から、はじめからやり直してください。"),
    ),
    Code.CARD_SESSION_EXPIRED: (410, _l("5分が過ぎたので、この手続きは終わりました。"), AGAIN),
    Code.CARD_SESSION_ENDED: (410, _l("この手続きは終わっています。"), AGAIN),
    Code.CARD_SESSION_REPLACED: (
        410,
        _l("このブラウザーで、新しい手続きを始めました。"),
        _l("この画面は閉じて、新しく始めた画面で続けてください。"),
    ),
    Code.CARD_SESSION_CANCELLED: (410, _l("取りやめました。"), TO_GO_ON),
    Code.NONCE_USED: (409, _l("この手続きの署名は、もう受け取りました。"), AGAIN),
    Code.COMPLETION_REFUSED: (
        403,
        _l("このブラウザーで始めた手続きではないので、終わりにしました。"),
        _l(
            "ご自分で画面を開いたのに、ここに来たときは、始めたときのブラウザーではじめからやり直し、"
            "ペアリングコードを使ってください。だれかに送られたリンクなら、何もせずに閉じてください。"
        ),
    ),
    Code.COMPLETION_CODE_UNKNOWN: (404, _l("この完了コードは使えません。"), AGAIN),
    Code.COMPLETION_CODE_REFUSED: (403, _l("完了コードを5回間違えたので、終わりにしました。"), AGAIN),
    Code.COMPLETION_CODE_WRONG: (
        422,
        _l("完了コードが違います。"),
        _l("読み取りプログラムに出ている6桁の数字を確かめて、もう一度入れてください。"),
    ),
    Code.TOKEN_MALFORMED: (400, _l("カードの署名の形が正しくありません。"), UPDATE_BRIDGE),
    Code.CERTIFICATE_MALFORMED: (422, _l("カードの電子証明書を読み取れませんでした。"), COUNTER),
    Code.CERTIFICATE_NOT_TRUSTED: (
        422,
        _l("この電子証明書の発行者を確かめられませんでした。"),
        _l("ご自分のマイナンバーカードかどうか確かめてください。市区町村の窓口で確かめることもできます。"),
    ),
    Code.CERTIFICATE_WRONG_KIND: (
        422,
        _l("これは利用者証明用電子証明書ではありません。"),
        _l("利用者証明用電子証明書が入ったマイナンバーカードを使ってください。"),
    ),
    Code.CERTIFICATE_NOT_YET_VALID: (
        422,
        _l("この電子証明書は、まだ有効期間が始まっていません。"),
        _l("パソコンの日付を確かめてください。正しいときは市区町村の窓口にご相談ください。"),
    ),
    Code.CERTIFICATE_EXPIRED: (
        422,
        _l("この電子証明書は有効期間が終わっています。"),
        _l("お住まいの市区町村の窓口で電子証明書を更新してください。登録した内容は消えません。"),
    ),
    Code.CERTIFICATE_REVOKED: (422, _l("この電子証明書は失効しています。"), COUNTER),
    Code.CERTIFICATE_SUBJECT_INVALID: (422, _l("この電子証明書からランダム文字列を読み取れませんでした。"), COUNTER),
    Code.REVOCATION_UNKNOWN: (
        422,
        _l("電子証明書の有効性を確認できませんでした。"),
        _l("しばらくたってから、はじめからやり直してください。"),
    ),
    Code.ALGORITHM_UNSUPPORTED: (422, _l("このカードの署名の方式には対応していません。"), UPDATE_BRIDGE),
    Code.SIGNATURE_INVALID: (422, _l("カードの署名を確かめられませんでした。"), AGAIN),
    Code.NO_READER: (
        200,
        _l("カードリーダーが見つかりません。"),
        _l("カードリーダーをパソコンにつないでください。そのままお待ちしています。"),
    ),
    Code.READER_BUSY: (
        200,
        _l("ほかのプログラムがカードを使っています。"),
        _l("カードを使うほかのプログラムを閉じてください。そのままお待ちしています。"),
    ),
    Code.NO_CARD: (
        200,
        _l("カードがまだ置かれていません。"),
        _l("マイナンバーカードをカードリーダーに置いてください。"),
    ),
    Code.CARD_UNREADABLE: (
        200,
        _l("カードを読み取れません。"),
        _l("カードの向きを確かめて、置き直してください。金属の机や、ほかのカードからは離してください。"),
    ),
    Code.CARD_REMOVED: (
        200,
        _l("読み取りの途中でカードが離れました。"),
        _l("カードをもう一度置いて、終わるまで動かさないでください。"),
    ),
    Code.CARD_NOT_SUPPORTED: (200, _l("このカードは使えません。"), _l("マイナンバーカードを置いてください。")),
    Code.PIN_INCORRECT: (
        200,
        _l("暗証番号が違います。"),
        _l("読み取りプログラムの画面で、残りの回数を確かめてから入れ直してください。"),
    ),
    Code.CERTIFICATE_ABSENT: (
        422,
        _l("このカードには利用者証明用電子証明書がありません。"),
        _l("市区町村の窓口で電子証明書を発行できます。"),
    ),
    Code.PIN_BLOCKED: (
        422,
        _l("利用者証明用電子証明書の暗証番号が使えません。"),
        _l(
            "ロックされているときは、お住まいの市区町村の窓口で暗証番号を設定し直してください。"
            "顔認証マイナンバーカードは、はじめから暗証番号を使えないカードです。"
        ),
    ),
    Code.CANCELLED: (410, _l("読み取りプログラムで取りやめました。"), TO_GO_ON),
}
