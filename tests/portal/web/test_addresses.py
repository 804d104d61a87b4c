"""Where a request may lead: to this portal's own pages, whatever Host, address or Referer say."""

import pytest
from flask import Response
from werkzeug.test import EnvironBuilder

from tests.conftest import sqlite_alone as database  # noqa: F401 (a fixture)

OURS = ("id.example.jp", "id.example.jp:443", "ID.EXAMPLE.JP", "id.example.jp.", "Id.Example.jp.:443", "id.example.jp:")
FOREIGN = (
    "",
    " ",
    ".",
    ":",
    ":443",
    "127.0.0.1:8000",
    "localhost",
    "example.jp",
    "id.example.jp..",
    "id.example.jp:80",
    "id.example.jp:8443",
    "id.example.jp:443:443",
    "id.example.jp:0443",
    "id.example.jp, id.example.jp",
    "id.example.jp/x",
    "user@id.example.jp",
    "xid.example.jp",
    "id.example.jp.evil.example",
    "[::1]:8000",
    "[::1",
    "id.example.jp\xff",
)


@pytest.fixture
def asked(app):
    """Ask for an address as a proxy hands it on, whose Host may be absent."""

    def ask(host, path="/register?a=b", **more):
        named = {} if host is None else {"HTTP_HOST": host}
        environ = EnvironBuilder(path, base_url="https://id.example.jp", **more).get_environ() | named
        if host is None:
            del environ["HTTP_HOST"]
        return Response.from_app(app, environ, buffered=True)

    return ask


@pytest.mark.parametrize("host", OURS)
def test_the_portals_own_name_in_any_form_is_its_own(asked, host):
    assert asked(host).status_code == 200
    assert asked(host, "/stop", method="POST", headers={"Origin": f"https://{host}"}).status_code == 400  # no token


@pytest.mark.parametrize("host", [None, *FOREIGN])
def test_another_or_no_host_name_is_told_on_a_page_and_leads_nowhere(asked, host):
    for method in ("GET", "HEAD", "POST"):
        reply = asked(host, method=method)
        assert (reply.status_code, reply.headers.get("Location")) == (421, None)
    page = asked(host).get_data(as_text=True)
    assert "proxy_set_header Host $http_host" in page
    assert 'href="https://id.example.jp"' in page
    assert "proxy_set_header Host" in asked(host, headers={"Accept-Language": "en"}).get_data(as_text=True)
    assert asked(host, "/api/v1/bridge/claims", method="POST").json["code"] == "host-unknown"
    assert [asked(host, path).status_code for path in ("/healthz", "/readyz", "/static/css/portal.css")] == [200] * 3


@pytest.mark.parametrize("origin", ["https://evil.example", "http://id.example.jp", "null", "", "id.example.jp"])
def test_a_form_of_another_origin_is_refused(asked, origin):
    assert asked("id.example.jp", "/stop", method="POST", headers={"Origin": origin}).status_code == 403


@pytest.mark.parametrize(
    ("host", "status"), [("id.example.jp:8443", 200), ("ID.example.jp.:8443", 200), ("id.example.jp", 421)]
)
def test_a_port_that_the_origin_names_must_be_there(app_with, host, status):
    client = app_with(origin="https://id.example.jp:8443").test_client()
    assert client.get("/register", headers={"Host": host}).status_code == status


@pytest.mark.parametrize(
    ("left", "back"),
    [
        ("https://id.example.jp/register", "/register"),
        ("https://id.example.jp/operator/provider?id=A-%CE%B11-0001", "/operator/provider?id=A-%CE%B11-0001"),
        ("https://id.example.jp/card?next=https://evil.example/", "/card?next=https://evil.example/"),
        ("https://id.example.jp//card", "/card"),
        ("https://id.example.jp//evil.example/", "/"),
        ("https://id.example.jp.evil.example/card", "/"),
        ("https://evil.example/https://id.example.jp/card", "/"),
        ("http://[", "/"),
        (None, "/"),
    ],
)
def test_choosing_a_language_leads_back_to_a_page_of_ours(app, left, back):
    headers = {"Referer": left} if left else {}
    reply = app.test_client().get("/language/en", base_url="https://id.example.jp", headers=headers)
    assert (reply.status_code, reply.headers["Location"]) == (303, back)
