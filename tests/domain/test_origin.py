"""Origins of bridge-protocol: refused, never mended."""

import pytest

from portal.domain.formats.origin import is_handoff_url, is_origin

GOOD = (
    "https://id.example.jp",
    "https://id.example.jp:8443",
    "https://xn--eckwd4c7c.example",
    "https://localhost",
    "https://4ever.example.jp4",
    "http://localhost:8000",
    "http://127.0.0.1:8000",
    "http://[::1]:8000",
    "http://localhost",
)
BAD = (
    "",
    "id.example.jp",
    "https://",
    "https://ID.example.jp",
    "https://id.example.jp/",
    "https://id.example.jp/path",
    "https://id.example.jp.",
    "https://id.example.jp:443",
    "https://id.example.jp:0",
    "https://id.example.jp:08443",
    "https://id.example.jp:65536",
    "https://id.example.jp:",
    "https://user@id.example.jp",
    "https://id.example.jp?x",
    "https://id.example.jp#x",
    "https://id%2eexample.jp",
    "https://マイキー.example",
    "https://-id.example.jp",
    "https://192.0.2.1",
    "https://0x7f000001",
    "https://a.0x1",
    "https://192.0.2.1:8443",
    "https://[::1]",
    "https://id.example.jp\n",
    "http://id.example.jp",
    "http://localhost:80",
    "http://127.0.0.2",
    "http://localhost.",
    "ftp://localhost",
    "https://" + "a." * 124 + "example",
)


@pytest.mark.parametrize("text", GOOD)
def test_an_origin_is_taken(text):
    assert is_origin(text)


@pytest.mark.parametrize("text", BAD)
def test_anything_else_is_refused(text):
    assert not is_origin(text)


@pytest.mark.parametrize("address", ["", "/", "/mykey", "/a/b?token=x&y=%E3%81%82", "/[x]~!"])
@pytest.mark.parametrize("origin", ["https://desk.example.jp", "https://desk:8443", "http://127.0.0.1:9000"])
def test_a_business_system_is_told_at_an_origin_of_its_own(origin, address):
    assert is_handoff_url(origin + address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "http://desk.example.jp/",
        "https://user@desk.example.jp/",
        "https://user:word@desk.example.jp/",
        "https://desk.example.jp@evil.example/",
        "https://10.0.0.1/",
        "https://desk.example.jp/#x",
        "https://desk.example.jp?x",
        "https://desk.example.jp/a b",
        "https://desk.example.jp/\n",
        "https://desk.example.jp\\@evil.example/",
        "https://desk.example.jp/図書",
        "ftp://desk.example.jp/",
        "javascript:alert(1)",
        "https://desk.example.jp/" + "x" * 2000,
    ],
)
def test_what_is_no_address_of_a_business_system(address):
    assert not is_handoff_url(address)
