"""What `mykey serve` writes to standard error with MYKEY_LOG=json: one object a line, and a line for each request.

A request is told by its route and never by its path, an exception by its place and kind and never by its words: nothing
that a person typed or a program sent is in a line.
"""

import json
import logging
import sys
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from flask import Flask, Response, g, has_request_context, request, request_finished

_log = logging.getLogger("portal.request")


class JsonLines(logging.Formatter):
    """One record as one line of ASCII, with the request's id and the number on its error page where there are such."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if has_request_context():
            told |= {name: g.get(name) for name in ("request_id", "reference") if name in g}
        if record.exc_info and (error := record.exc_info[1]):
            told["traceback"] = list(_places(error))
        return json.dumps(told | record.__dict__.get("request", {}))


def _places(error: BaseException) -> Iterator[str]:
    """Yield where and of which kind an exception was, and before it what it came from."""
    if before := error.__cause__ or (None if error.__suppress_context__ else error.__context__):
        yield from _places(before)
    yield from (f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__))
    yield type(error).__qualname__


def write_json(app: Flask) -> None:
    """Write every line as JSON from now on, and one for each request of this portal."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.getLogger().handlers[:] = [handler]
    logging.captureWarnings(capture=True)
    app.before_request_funcs.setdefault(None, []).insert(0, _begin)
    request_finished.connect(_tell, app)


def _begin() -> None:
    g.began = monotonic()


def _tell(_app: Flask, response: Response) -> None:
    route = request.url_rule.rule if request.url_rule else None
    taken = round((monotonic() - g.began) * 1000, 1)
    told = {"method": request.method, "route": route, "status": response.status_code, "milliseconds": taken}
    _log.info("%s %s %s", request.method, route, response.status_code, extra={"request": told})
