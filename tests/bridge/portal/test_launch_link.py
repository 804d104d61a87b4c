"""The launch link: the bad-input classes 71 and 72, each by its name."""

import pytest

from demo.virtual_card.readers import VirtualReaders
from reader_bridge.conversation.session import converse
from reader_bridge.errors import LaunchLinkMalformed, OriginNotAllowed
from reader_bridge.portal.client import PortalClient
from reader_bridge.portal.launch_link import LaunchLink
from reader_bridge.portal.origin import Origin
from reader_bridge.portal.settings import Origins, Settings
from tests.bridge.fake_portal import HANDLE
from tests.bridge.fake_ui import FakeUI

ORIGIN = "origin=https%3A%2F%2Fid.example.jp"
GOOD = f"mykey-bridge:read?{ORIGIN}&handle={HANDLE}"


def refused(link):
    with pytest.raises(LaunchLinkMalformed):
        LaunchLink.parse(link)
    return True


def with_origin(escaped):
    return f"mykey-bridge:read?origin={escaped}&handle={HANDLE}"


def test_a_good_link_names_origin_and_handle():
    link = LaunchLink.parse(GOOD)
    assert (str(link.origin), link.handle) == ("https://id.example.jp", HANDLE)


def test_a_loopback_origin_comes_with_its_brackets_escaped():
    link = LaunchLink.parse(with_origin("http%3A%2F%2F%5B%3A%3A1%5D%3A5000"))
    assert str(link.origin) == "http://[::1]:5000"


def test_no_text_of_a_link_shows_its_handle():
    assert HANDLE not in repr(LaunchLink.parse(GOOD))


@pytest.mark.parametrize("extra", ["&a=b", "&origin=https%3A%2F%2Fevil.example", " --debug", "&handle=" + HANDLE])
def test_extra_arguments_are_refused(extra):
    assert refused(GOOD + extra)


@pytest.mark.parametrize("link", ["--help", "--trust=/evil.pem", f"-{GOOD}", f"--settings={GOOD}"])
def test_an_injected_flag_is_refused(link):
    assert refused(link)


@pytest.mark.parametrize("quote", ['"', "'", "`", "\\", "%22", "%27", "$(id)", ";", "\n", "\0"])
def test_quotes_and_shell_characters_are_refused(quote):
    assert refused(GOOD + quote)
    assert refused(quote + GOOD)


def test_a_link_beyond_2_kib_and_one_beyond_512_characters_are_refused():
    assert refused(with_origin("a" * 2048))
    assert refused(with_origin("https%3A%2F%2F" + "a." * 230 + "jp"))


@pytest.mark.parametrize("scheme", ["MYKEY-BRIDGE:", "mykey-bridge://", "mykey-bridge:/", "http:", "", "web+mykey:"])
def test_another_scheme_or_form_is_refused(scheme):
    assert refused(GOOD.replace("mykey-bridge:", scheme))


def test_another_action_and_another_order_are_refused():
    assert refused(GOOD.replace("read?", "sign?"))
    assert refused(GOOD.replace("read?", "read/?"))
    assert refused(f"mykey-bridge:read?handle={HANDLE}&{ORIGIN}")


@pytest.mark.parametrize("origin", ["http%3A%2F%2Fid.example.jp", "http%3A%2F%2F192.168.0.1", "ftp%3A%2F%2Fid.jp"])
def test_http_to_another_host_is_refused(origin):
    assert refused(with_origin(origin))


def test_userinfo_is_refused():
    assert refused(with_origin("https%3A%2F%2Fuser%40id.example.jp"))
    assert refused(with_origin("https%3A%2F%2Fuser@id.example.jp"))


@pytest.mark.parametrize("port", ["%3A443", "%3A0", "%3A65536", "%3A", "%3Aabc", ":8443"])
def test_a_port_that_is_none_is_refused(port):
    assert refused(with_origin("https%3A%2F%2Fid.example.jp" + port))


def test_a_fragment_is_refused():
    assert refused(GOOD + "#x")
    assert refused(with_origin("https%3A%2F%2Fid.example.jp%23x"))


@pytest.mark.parametrize("path", ["%2F", "%2Fpath", "%2F..%2F", "/", "%252F", "%5C"])
def test_a_percent_encoded_slash_is_refused(path):
    assert refused(with_origin("https%3A%2F%2Fid.example.jp" + path))


@pytest.mark.parametrize(
    "escaped",
    [
        "https://id.example.jp",
        "https%3a%2f%2fid.example.jp",
        "https%3A//id.example.jp",
        "https%3A%2F%2Fid%2Eexample.jp",
    ],
)
def test_an_origin_in_another_escaping_is_refused(escaped):
    assert refused(with_origin(escaped))


@pytest.mark.parametrize("handle", ["", "a" * 21, "a" * 65, "a" * 21 + "=", "a" * 21 + "+", "a" * 21 + "/", "ａ" * 22])
def test_a_handle_of_another_alphabet_or_length_is_refused(handle):
    assert refused(f"mykey-bridge:read?{ORIGIN}&handle={handle}")


def test_a_portal_outside_the_locked_list_is_refused_before_network_and_question(portal):
    portal_origin = Origin.parse(portal.origin)
    settings = Settings(locked=True, known_origins=frozenset({"https://id.example.jp"}))
    for origins in (Origins(settings), Origins(Settings())):
        ui = FakeUI()
        with pytest.raises(OriginNotAllowed):
            converse(PortalClient(portal_origin), VirtualReaders(), ui, origins=origins, handle=HANDLE)
        assert (ui.new_origins, ui.failures, portal.calls) == ([], ["origin-not-allowed"], [])
