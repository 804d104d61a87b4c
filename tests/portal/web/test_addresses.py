"""Where a request may lead: to this portal's own pages, whatever the address or the Referer says."""

import pytest


@pytest.fixture
def database(empty_sqlite):
    return f"sqlite:///{empty_sqlite}"


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("/register?a=b", "/register?a=b"),
        ("/%0d%0aSet-Cookie:x=y", "/%0D%0ASet-Cookie%3Ax%3Dy"),
        ("/%E3%81%82", "/%E3%81%82"),
        ("/@evil.example", "/%40evil.example"),
    ],
)
def test_another_host_name_leads_to_the_portals_own(app, asked, answered):
    reply = app.test_client().get(asked, base_url="https://other.example")
    assert (reply.status_code, reply.headers["Location"]) == (307, f"https://id.example.jp{answered}")


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
