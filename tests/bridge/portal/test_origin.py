import pytest

from reader_bridge.errors import OriginMalformed
from reader_bridge.portal.origin import Origin


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("https://id.example.jp", "id.example.jp", 443),
        ("https://id.example.jp:8443", "id.example.jp", 8443),
        ("https://xn--eckwd4c7c.example", "xn--eckwd4c7c.example", 443),
        ("https://localhost:65535", "localhost", 65535),
        ("https://portal", "portal", 443),
        ("http://localhost:5000", "localhost", 5000),
        ("http://127.0.0.1", "127.0.0.1", 80),
        ("http://[::1]:8080", "::1", 8080),
        ("https://" + ".".join(["a" * 60] * 4) + ".jp", ".".join(["a" * 60] * 4) + ".jp", 443),
    ],
)
def test_an_origin_is_taken_as_it_stands(text, host, port):
    origin = Origin.parse(text)
    assert (str(origin), origin.host, origin.port) == (text, host, port)


@pytest.mark.parametrize(
    "text",
    [
        *("", "id.example.jp", "https://", "https:id.example.jp", "https:/id.example.jp", "//id.example.jp"),
        *("ftp://id.example.jp", "HTTPS://id.example.jp", "https://ID.example.jp", "https://id.Example.jp"),
        *("https://id.example.jp/", "https://id.example.jp/path", "https://id.example.jp?q", "https://id.example.jp#f"),
        *("https://id.example.jp.", "https://.example.jp", "https://id..jp", "https://-id.jp", "https://id-.jp"),
        *("https://id.example.jp:443", "https://id.example.jp:", "https://id.example.jp:0", "https://id.example.jp:08"),
        *("https://id.example.jp:65536", "https://id.example.jp:-1", "https://id.example.jp:99999999"),
        *("https://user@id.example.jp", "https://user:pw@id.example.jp", "https://id.example.jp@evil.example"),
        *("https://id%2Eexample.jp", "https://id.example.jp%00", "https://マイキー.jp", "https://id.exämple.jp"),
        *(" https://id.example.jp", "https://id.example.jp\n", "https://id.example.jp\t", "https://id_1.example.jp"),
        *(
            "https://192.0.2.1",
            "https://[::1]",
            "https://[2001:db8::1]",
            "https://0x7f.1",
            "https://id.0x7f",
            "https://1",
        ),
        *("http://id.example.jp", "http://192.168.0.1", "http://127.0.0.2", "http://localhost.example"),
        *("http://[::1", "http://::1", "http://localhost:80", "http://127.1", "https://id\\.example.jp"),
        "https://" + "a" * 64 + ".jp",
        "https://" + ".".join(["a" * 60] * 4) + ".jpppp",
    ],
)
def test_any_other_form_is_refused_and_never_mended(text):
    with pytest.raises(OriginMalformed):
        Origin.parse(text)


def test_the_longest_origin_has_255_characters():
    longest = "https://" + ".".join(["a" * 60] * 4) + ".jpp"
    assert len(longest) == 255
    assert str(Origin.parse(longest)) == longest


@pytest.mark.parametrize(
    "text",
    [
        "https://id.example.jp/",
        " https://id.example.jp/a//b?c#d\n",
        "ｈｔｔｐｓ：／／id.example.jp／ａ",
        "https://id.example.jp?q",
    ],
)
def test_what_a_person_pastes_is_cut_to_its_origin(text):
    assert str(Origin.typed(text)) == "https://id.example.jp"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "id.example.jp/a",
        "https:///id.example.jp/a",
        "https://?id.example.jp",
        "https://id.example.jp@evil.example/a",
        "https://id.example.jp\\@evil.example/",
    ],
)
def test_what_is_typed_is_mended_no_further(text):
    with pytest.raises(OriginMalformed):
        Origin.typed(text)
