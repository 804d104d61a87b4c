"""What `mykey serve` logs with MYKEY_LOG=json: an object a line, the request's id in each, and nothing typed in any."""

import io
import json
import logging
import re
import warnings

import pytest

from portal.serving.log import write_json
from tests.conftest import sqlite_alone as database  # noqa: F401 (a fixture)
from tests.portal.actors.pages import Citizen
from tests.portal.actors.staff import signed_in_staff

TYPED = "typed-4711"
"""What is in every place into which a person or a program can write."""


@pytest.fixture
def lines(app_with):
    """Give a portal behind a proxy, and what it logs, line by line as objects."""
    root, written = logging.getLogger(), io.StringIO()
    before, level = root.handlers[:], root.level
    root.setLevel(logging.INFO)

    def log(**settings):
        app = app_with(**settings)
        write_json(app)
        root.handlers[0].setStream(written)
        return app, lambda: [json.loads(line) for line in written.getvalue().split("\n")[:-1]]

    yield log
    root.handlers[:] = before
    root.setLevel(level)
    logging.captureWarnings(capture=False)


def test_a_line_a_request_tells_its_route_and_bears_its_id_and_an_errors_number(lines):
    app, logged = lines(trusted_proxies=1)
    citizen = Citizen(app)
    page = citizen.get("/no-such-page", **{"X-Request-ID": "0f9c-abcd-1234"})
    [number] = re.findall(r">(\d{3}-\d{3})</strong>", page.response.text)
    named = {"request_id": "0f9c-abcd-1234", "reference": number}
    error, told = logged()
    assert page.response.headers["X-Request-ID"] == "0f9c-abcd-1234"
    error_said = {"message": f"reference {number}: not-found (None)", "level": "info"} | named
    request_said = {"method": "GET", "route": None, "status": 404, "logger": "portal.request"} | named
    assert (error | error_said, told | request_said) == (error, told)
    citizen.get("/help/citizen")
    assert [(each["route"], each["status"], "reference" in each) for each in logged()[2:]] == [
        ("/help/<name>", 200, False)
    ]


@pytest.mark.parametrize("proxies", [0, 1])
@pytest.mark.parametrize("named", ["", "short", "x" * 65, "abcd efgh", 'abcdefgh"}', "\u00e9" * 9])
def test_an_id_that_is_none_or_comes_from_no_proxy_is_made_anew(lines, named, proxies):
    app, logged = lines(trusted_proxies=proxies)
    answers = [app.test_client().get("/healthz", headers={"X-Request-ID": each}) for each in (named, "abcd-efgh")]
    made, passed = (each.headers["X-Request-ID"] for each in answers)
    assert re.fullmatch("[0-9a-f]{16}", made)
    assert (passed == "abcd-efgh") is bool(proxies)
    assert [each["request_id"] for each in logged()] == [made, passed]


def test_an_exception_is_its_places_and_kinds_without_its_words(lines, monkeypatch):
    app, logged = lines()

    def fail(*_, **__):
        try:
            {}[TYPED]
        except KeyError as error:
            raise ValueError(f"{TYPED}\nof two lines\u2028") from error

    monkeypatch.setattr("portal.routes.citizen.about.render_template", fail)
    assert Citizen(app).client.get("/about", base_url="https://id.example.jp").status_code == 500
    [told] = [each for each in logged() if "traceback" in each]
    assert [each for each in told["traceback"] if each.isalpha()] == ["KeyError", "ValueError"]
    assert TYPED not in json.dumps(logged())


def test_an_error_after_the_view_names_the_view_and_not_the_address(lines):
    app, logged = lines()

    @app.after_request
    def fail(_response):
        return {}[TYPED]

    app.config["PROPAGATE_EXCEPTIONS"] = False
    assert app.test_client().get(f"/healthz?{TYPED}", base_url="https://id.example.jp").status_code == 500
    assert "unexpected at health.alive" in {each["message"] for each in logged()}
    assert TYPED not in json.dumps(logged())


def test_a_warning_is_a_line(lines):
    _app, logged = lines()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old", stacklevel=1)
    assert [each["logger"] for each in logged()] == ["py.warnings"]


def test_nothing_typed_is_in_the_log(lines):
    app, logged = lines(trusted_proxies=1)
    everybody = [Citizen(app), signed_in_staff(app)]
    headers = {
        "User-Agent": TYPED, "Referer": f"https://{TYPED}/", "Authorization": f"Bearer {TYPED}",
        "X-Forwarded-For": TYPED,
        "Accept-Language": TYPED, "Cookie": f"language={TYPED}", "X-Request-ID": f"{TYPED}\t{TYPED}",
    }  # fmt: skip
    values = {"file_id": TYPED, "code": TYPED, "visit_number": TYPED}
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]
    for browser in everybody:
        form = {"csrf_token": browser.get("/").csrf_token or browser.get("/sign-in").csrf_token} | dict.fromkeys(
            ("code", "name", "mykey_id", "stop_code", "reason", "service_id", "credential", "digits"), TYPED
        )
        for rule in rules:
            path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: values.get(found[1], TYPED), rule.rule)
            for method in ("GET", "POST"):
                options = {"headers": headers, "query_string": {"page": TYPED, TYPED: "1"}, "base_url": browser.base}
                sent = {"json": form} if path.startswith("/api/") else {"data": form}
                browser.client.open(path, method=method, **options, **(sent if method == "POST" else {}))
    told = logged()
    assert len(told) > 2 * 2 * len(rules)
    assert TYPED not in json.dumps(told)
