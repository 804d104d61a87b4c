"""A link into a business system leads where its template says, whatever number goes in."""

from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portal.domain.formats.handoff_link import PLACE, handoff_link, is_handoff_link

PORTAL = "https://id.example.jp"
SOUND = [
    f"https://ils.example/patron?barcode={PLACE}",
    f"https://ils.example:8443/cgi-bin/koha/circ/circulation.pl?findborrower={PLACE}&x=%E3%81%82",
    f"https://ils.example/patrons/{PLACE}/loans",
    f"https://ils.example/{PLACE}",
    f"https://ils.example/.{PLACE}",
    f"https://ils.example/a%20{PLACE}",
    f'https://ils.example/#shop/model/party.party;domain=[["code","=","{PLACE}"]]',
]


@pytest.mark.parametrize("template", SOUND)
def test_https_and_one_place_after_the_host(template):
    assert is_handoff_link(template, PORTAL)


@pytest.mark.parametrize(
    "template",
    [
        "",
        "https://ils.example/patron",
        PLACE,
        f"javascript:alert({PLACE})",
        f"javascript://ils.example/%0a{PLACE}",
        f"data:text/html,{PLACE}",
        f"//ils.example/{PLACE}",
        f"/patron/{PLACE}",
        f"ftp://ils.example/{PLACE}",
        f"HTTPS://ils.example/{PLACE}",
        f"http://ils.example/{PLACE}",
        f"http://localhost:8000/{PLACE}",  # the demo's alone
        f"https://{PLACE}.example/",
        f"https://{PLACE}/",
        f"https://ils.example:{PLACE}/",
        f"https://{PLACE}@ils.example/",
        f"https://{PLACE}@ils.example/{PLACE}",
        f"https://user@ils.example/{PLACE}",
        f"https://user:word@ils.example/{PLACE}",
        f"https://ils.example\\@evil.example/{PLACE}",
        f"https://ils.example/\\{PLACE}",
        f"https://ils.example?x={PLACE}",
        f"https://ils.example#{PLACE}",
        f"https://10.0.0.1/{PLACE}",
        f"https://ils.example/{PLACE}{PLACE}",
        f"https://ils.example/{PLACE}?x={PLACE}",
        "https://ils.example/{service_ID}",
        "https://ils.example/{barcode}",
        "https://ils.example/{}",
        "https://ils.example/｛service_id｝",
        f"https://ils.example/{{{PLACE}}}",
        f"https://ils.example/{PLACE}?x={{barcode}}",
        f"https://ils.example/%{PLACE}",
        f"https://ils.example/%2{PLACE}",
        f"https://ils.example/図書館?x={PLACE}",
        f"https://ils.example/a b?x={PLACE}",
        f"https://ils.example/?x={PLACE}\n",
        f"https://ils.example/\t{PLACE}",
        f"https://ils.example/\0{PLACE}",
        f"https://ils.example/{PLACE}{'x' * 2000}",
        f"{PORTAL}/reception?x={PLACE}",
        f"{PORTAL}:443/reception?x={PLACE}",
        f"{PORTAL}./reception?x={PLACE}",
        f"https://ID.example.jp/reception?x={PLACE}",
    ],
)
def test_what_is_no_template(template):
    assert not is_handoff_link(template, PORTAL)


def test_a_portal_on_loopback_leads_there_by_http_but_never_to_itself():
    demo = "http://localhost:8000"
    assert is_handoff_link(f"http://localhost:8001/{PLACE}", demo)
    assert not is_handoff_link(f"http://ils.example/{PLACE}", demo)
    assert not is_handoff_link(f"{demo}/{PLACE}", demo)


@pytest.mark.parametrize("service_id", ["000123", "A-1_b.2", "0", "-", "v1..2", "x" * 64])
def test_a_number_goes_in_as_it_is(service_id):
    assert handoff_link(SOUND[0], service_id) == f"https://ils.example/patron?barcode={service_id}"


@pytest.mark.parametrize(
    "service_id",
    [
        *("", ".", "..", "...", "A-α1-0001", "０００１２３", "0001 23", "1+1", "1&barcode=2", "1#2", "1%32", "a/../b"),
        *('1"]]', "1\n", "?", "{service_id}", "1\u0301", "12\u200b3", "d40/156t", "$1", "1:2", "1;2", "~"),
    ],
)
def test_a_number_that_an_address_would_take_for_something_else_makes_no_link(service_id):
    assert handoff_link(SOUND[0], service_id) is None


@given(
    st.sampled_from(SOUND),
    st.text(min_size=1, max_size=64) | st.from_regex(r"[A-Za-z0-9._%/#&-]{1,12}", fullmatch=True),
)
@example(f"https://ils.example/.{PLACE}", ".")
@example(f"https://ils.example/a%20{PLACE}", "41")
def test_whatever_is_a_number_changes_nothing_but_its_own_place(template, service_id):
    link = handoff_link(template, service_id)
    if link is None:
        return
    made, meant = urlsplit(link), urlsplit(template)
    assert made[:2] == meant[:2]
    assert [unquote(part) for part in made.path.split("/")] == [
        unquote(part).replace(PLACE, service_id) for part in meant.path.split("/")
    ]
    assert not {".", ".."} & set(made.path.split("/"))
    assert parse_qsl(made.query) == [(name, value.replace(PLACE, service_id)) for name, value in parse_qsl(meant.query)]
    assert unquote(made.fragment) == unquote(meant.fragment).replace(PLACE, service_id)
