"""The public pages, each in a sentence for search engines, which may show no other; and what is sent small."""

import gzip
from http import HTTPStatus

from flask import Response, request
from flask_babel import lazy_gettext as _l

DESCRIPTIONS = {
    "start.index": _l(
        "マイナンバーカードの電子証明書にある文字列を、図書館やお店などで使う14ケタのマイキーIDとして登録できます。"
    ),
    "start.card": _l(
        "マイナンバーカードのICチップのうち、マイキー部分（電子証明書と空き領域）の使い方を図で説明します。"
    ),
    "start.register": _l(
        "マイキーIDの登録に必要なものと、保管する内容を確かめ、マイナンバーカードを読み取って登録します。"
    ),
    "start.sign_in": _l("登録したマイナンバーカードでサインインし、マイキーIDと使われた記録を確かめます。"),
    "renewal.start": _l(
        "マイナンバーカードや電子証明書を新しくしたときに、マイキーIDとサービスIDを引き継ぐ3つの方法です。"
    ),
    "stop.show": _l("マイナンバーカードをなくしたときに、停止コードでマイキーIDの照会をすぐに止めます。"),
    "bridge.show": _l("マイナンバーカードの読み取りプログラムを、Windows、Mac、Linuxに入れて使う方法です。"),
    "certificates.choose": _l("マイナンバーカードの利用者証明用電子証明書の内容を、登録せずに表示できます。"),
    "audit_check.check": _l("受付票にある番号と値で、手続きの記録がいまも残っているかを確かめます。"),
    "about.show": _l("このマイキーポータルを運営しているところと、問い合わせ先、国のサイトではないことを説明します。"),
    "about.privacy": _l("マイキーポータルで保管するものを、理由、期間、見ることができる人とともに説明します。"),
    "about.terms": _l("このマイキーポータルの利用規約です。登録の前に、だれでも読むことができます。"),
    "about.accessibility": _l(
        "このマイキーポータルの使いやすさについて、試したことと、まだ試していないことを説明します。"
    ),
    "help.index": _l(
        "マイキーポータルの手引きの一覧です。市民の方、窓口、お店、図書館、運営者、開発者のために分けてあります。"
    ),
    "help.show": _l("画面とプログラムに出るエラーコードの一つ一つについて、原因と、次にすることを説明します。"),
    "openapi.show": _l("お店や図書館の業務システムから、マイキーIDを照会し、サービスIDを連携するためのAPIです。"),
}
SMALLER = ("text/html", "text/css", "text/javascript", "image/svg+xml")


def description() -> str:
    """Describe this page where a search engine may show it; elsewhere the text is empty."""
    return str(DESCRIPTIONS.get(request.endpoint or "", ""))


def compress(response: Response) -> Response:
    """Compress files and public pages.

    Never what a caller has chosen beside a secret: the length of both would tell it (BREACH).
    """
    nothing_chosen = request.endpoint == "static" or (request.endpoint in DESCRIPTIONS and not request.args)
    if nothing_chosen and response.status_code == HTTPStatus.OK and response.mimetype in SMALLER:
        response.vary.add("Accept-Encoding")
        if request.accept_encodings["gzip"]:
            response.direct_passthrough = False
            whole = response.get_data()
            response.close()  # the file
            response.set_data(gzip.compress(whole, 6, mtime=0))
            response.content_encoding = "gzip"
            if etag := response.get_etag()[0]:
                response.set_etag(etag, weak=True)
    return response
