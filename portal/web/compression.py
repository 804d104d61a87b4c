"""Send what is open to everybody small."""

import gzip
from http import HTTPStatus

from flask import Response, request

from portal.web.search_engines import DESCRIPTIONS

SMALLER = ("text/html", "text/css", "text/javascript", "image/svg+xml")


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
