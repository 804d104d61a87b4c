"""The attack that the completion exists for: the victim's bridge answers what the attacker's browser began."""

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import launch_link, pairing_code, press_register, see_state, start, type_digits
from tests.e2e.other_bridge import Refused, claim, follow, pair, parts_of


@pytest.fixture
def attacker(page):
    return page


@pytest.fixture
def victim(new_browser, portal):
    return new_browser(portal).new_page()


@pytest.fixture
def audit(caplog):
    caplog.set_level("INFO", "portal.audit")
    return caplog


def test_the_victims_bridge_answers_the_attackers_link(attacker, victim, card, audit):
    url = follow(launch_link(start(attacker)), card)
    victim.goto(url)
    expect(victim.locator("h1")).to_have_text("このブラウザーで始めた手続きではないので、安全のため終了しました。")
    expect(victim.locator("main")).to_contain_text("ペアリングコード")
    assert victim.context.cookies() == []
    assert "completion-refused" in audit.text
    see_state(attacker, "ended")
    is_signed_out(attacker)
    attacker.goto(url)  # even if the URL leaks
    is_signed_out(attacker)


def test_the_victim_is_refused_also_while_busy_with_a_flow_of_their_own(attacker, victim, card, portal):
    start(victim)
    url = follow(launch_link(start(attacker)), card)
    mine = pairing_code(victim)
    other_tab = victim.context.new_page()
    other_tab.goto(url)
    expect(other_tab.locator("main")).to_contain_text("completion-refused")
    type_digits(victim, pair(portal.origin, mine, card))
    press_register(victim)
    is_signed_out(attacker)


def test_the_victims_bridge_answers_the_attackers_pairing_code(attacker, card, portal, audit):
    digits = pair(portal.origin, pairing_code(start(attacker)), card)
    wrong = "000000" if digits != "000000" else "111111"
    for _ in range(4):
        type_digits(attacker, wrong)
        expect(attacker.locator(".error-text")).to_contain_text("完了コードが違います。")
    type_digits(attacker, wrong)
    expect(attacker.locator("main")).to_contain_text("completion-code-refused")
    assert audit.text.count("digits-refused") == 5
    is_signed_out(attacker)


def test_the_digits_mean_nothing_in_the_victims_own_page(attacker, victim, card, portal):
    digits = pair(portal.origin, pairing_code(start(attacker)), card)
    see_state(attacker, "answered")
    start(victim)
    body = {"completion_code": digits, "csrf_token": victim.input_value('[name="csrf_token"]')}
    refused = victim.request.post(f"{attacker.url}/completion", form=body, headers={"Origin": portal.origin})
    assert refused.status == 410
    is_signed_out(victim)
    is_signed_out(attacker)


@pytest.mark.parametrize("name", ["handle", "pairing_code"])
def test_a_link_or_code_that_is_claimed_twice_ends_for_both_and_is_logged(attacker, card, portal, audit, name):
    link, code = launch_link(start(attacker)), pairing_code(attacker)
    claim(portal.origin, {"handle": parts_of(link)[1]} if name == "handle" else {"pairing_code": code})
    with pytest.raises(Refused, match="card-session-claimed"):
        follow(link, card)
    assert "claimed-twice" in audit.text
    see_state(attacker, "ended")
    expect(attacker.locator("main")).to_contain_text("ほかの読み取りプログラムでも開かれました")


def test_a_form_on_another_site_completes_nothing(victim, portal):
    start(victim)
    form = f'<form method="post" action="{portal.origin}/completion"><input name="code" value="{"x" * 32}"></form>'
    other_site = victim.context.new_page()
    other_site.route("http://localhost:*/evil", lambda route: route.fulfill(body=form, content_type="text/html"))
    other_site.goto(f"http://localhost:{portal.port}/evil")
    other_site.eval_on_selector("form", "form => form.submit()")
    expect(other_site.locator("main")).to_contain_text("origin-refused")
    see_state(victim, "started")


def is_signed_out(page):
    page.goto("/account")
    expect(page.locator("main")).to_contain_text("sign-in-needed")
    page.goto("/registration")
    expect(page.locator("main")).to_contain_text("card-needed")
