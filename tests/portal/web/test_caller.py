"""Whom a call counts for: the address that the outermost trusted proxy names, however it writes it."""

import pytest

from portal.web.access import caller
from tests.conftest import sqlite_alone as database  # noqa: F401 (a fixture)


@pytest.fixture
def counted(app_with):
    """Name the caller of a request that came from a proxy at 192.0.2.1."""

    def name(forwarded, proxies=1, peer="192.0.2.1"):
        headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
        with app_with(trusted_proxies=proxies).test_request_context(
            headers=headers, environ_base={"REMOTE_ADDR": peer}
        ):
            return caller()

    return name


@pytest.mark.parametrize(
    ("forwarded", "whom"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("203.0.113.9:4711", "203.0.113.9"),
        (" 203.0.113.9:4711 ", "203.0.113.9"),
        ('"203.0.113.9:4711"', "203.0.113.9"),
        ("2001:db8::9", "2001:db8::/64"),
        ("[2001:db8::9]", "2001:db8::/64"),
        ("[2001:db8::9]:4711", "2001:db8::/64"),
        ('"[2001:db8::9]:4711"', "2001:db8::/64"),
        ("fe80::9%eth0", "fe80::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("[::ffff:203.0.113.9]:4711", "203.0.113.9"),
        ("198.51.100.7, 203.0.113.9:4711", "203.0.113.9"),
        ("198.51.100.7,203.0.113.9", "203.0.113.9"),
    ],
)
def test_an_address_counts_without_its_port(counted, forwarded, whom):
    assert counted(forwarded) == whom


@pytest.mark.parametrize(
    "forwarded",
    [
        *(None, "", " ", ",", "unknown", "_hidden", "localhost", "203.0.113.999", "203.0.113.9:", ":4711", "4711"),
        *("[2001:db8::9", "2001:db8::9]:4711", "[]:4711", "[203.0.113.9", "203.0.113.9/24", "203.0.113.9 203.0.113.8"),
        *("203.0.113.9:4711:4711", "for=203.0.113.9", "203.0.113.9,", "\u0662\u0660\u0663.0.113.9"),
    ],
)
def test_nonsense_counts_as_the_proxy_itself(counted, forwarded):
    assert counted(forwarded) == "192.0.2.1"


def test_a_proxy_that_is_not_trusted_names_nobody(counted):
    assert counted("203.0.113.9", proxies=0) == "192.0.2.1"


@pytest.mark.parametrize(
    ("forwarded", "whom"),
    [
        ("198.51.100.7, 203.0.113.9:4711, 192.0.2.2", "203.0.113.9"),
        ("198.51.100.7, [2001:db8::9]:4711, 192.0.2.2:80", "2001:db8::/64"),
        ('198.51.100.7, ", 203.0.113.9, 192.0.2.2', "203.0.113.9"),  # a quote hides nothing
        ("198.51.100.7, nonsense, 192.0.2.2", "192.0.2.1"),
        ("203.0.113.9", "192.0.2.1"),  # came by a shorter way
    ],
)
def test_of_two_proxies_the_outer_one_is_believed(counted, forwarded, whom):
    assert counted(forwarded, proxies=2) == whom


def test_where_nobody_is_named_at_all_there_is_one_caller(counted):
    assert counted(None, peer="") == "unknown"
