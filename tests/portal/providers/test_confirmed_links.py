"""Where the provider wants it, a first link waits for the citizen's card and PIN on マイページ."""

import pytest

from portal.domain.providers import Step
from portal.models import PendingLink, ServiceLink
from tests.portal.actors.card_holders import message, rows
from tests.portal.actors.town import HANAKO, LIBRARY, SHOP, TARO
from tests.portal.providers.reception.test_reception import Page

ASKED = "service-link-unconfirmed"
WAITING = "確認を待っているサービスIDの登録"


def confirm(town, card, service_id="000123", provider=LIBRARY):
    return town.do("my_page", "link", card, "link", service_provider_id=provider, service_id=service_id)


def account(town, card):
    return town.signed_in(town.person_of(card)).get("/account")


def test_it_is_listed_confirmed_by_the_card_once_and_then_looked_up(town, card):
    assert town.ask(card, LIBRARY) == ASKED
    page = account(town, card)
    for word in (WAITING, "見本図書館", "000123", "2026年11月30日", "心当たりがないときは、何もしないでください。"):
        assert word in page.words, word
    assert town.look_up(card) == "service-id-not-registered"
    citizen = town.before(card, "link", service_provider_id=LIBRARY, service_id="000123")
    page = citizen.get("/acts")
    assert all(word in page.words for word in ("見本図書館", "000123", HANAKO[:14]))
    assert rows(town.app, ServiceLink) == []
    for _ in range(2):
        assert message(citizen.post("/acts")) == "サービスIDを登録しました。"
    assert town.look_up(card) == "000123"
    assert rows(town.app, PendingLink) == []
    words = account(town, card).words
    assert (WAITING in words, "連携" in words) == (False, True)


def test_the_button_of_my_page_starts_a_card_session_that_names_both_ids(town, card):
    town.ask(card, LIBRARY)
    citizen = town.signed_in(town.person_of(card))
    form = {each["name"]: each["value"] for each in citizen.get("/account").all("input") if "name" in each}
    assert form["service_id"] == "000123"
    page = citizen.post("/card-sessions", purpose="link", service_provider_id=LIBRARY, service_id="000123")
    assert page.value("data-card-session") == "started"


@pytest.mark.parametrize("missing", ["service_provider_id", "service_id"])
def test_a_link_without_one_of_its_parameters_begins_nothing(town, card, missing):
    fields = {"service_provider_id": LIBRARY, "service_id": "000123"} | {missing: ""}
    citizen = town.signed_in(town.person_of(card))
    assert citizen.post("/card-sessions", purpose="link", **fields).status == 400


def test_a_newer_one_takes_its_place_and_the_older_is_not_confirmed(town, card):
    town.ask(card, LIBRARY)
    town.ask(card, LIBRARY, "000124")
    assert confirm(town, card) == "service-link-not-pending"
    assert confirm(town, card, "000124") == town.person_of(card)
    assert town.look_up(card) == "000124"


def test_after_seven_days_it_is_over(town, card):
    town.ask(card, LIBRARY)
    town.clock.forward(days=7)
    assert WAITING not in account(town, card).words
    assert confirm(town, card) == "service-link-not-pending"
    citizen = town.before(card, "link", service_provider_id=LIBRARY, service_id="000123")
    page = citizen.get("/acts")
    assert "確認を待っているサービスIDの登録はありません。" in page.words
    assert page.all("button") == []
    assert citizen.post("/acts").status == 409


def test_a_suspended_providers_link_is_confirmed_when_it_may_act_again(town, card):
    town.ask(card, LIBRARY)
    with town.app.app_context():
        town.services.providers.suspend(LIBRARY)
    assert confirm(town, card) == "service-provider-suspended"
    with town.app.app_context():
        town.services.providers.resume(LIBRARY)
    assert confirm(town, card) == town.person_of(card)


def test_a_service_id_that_somebody_else_has_meanwhile_is_refused_and_goes_on_waiting(town, card):
    taro = town.card(TARO)
    town.register(taro)
    town.ask(card, LIBRARY)
    town.link(taro, LIBRARY, "000123")
    assert confirm(town, card) == "service-id-in-use"
    assert len(rows(town.app, PendingLink)) == 1
    assert town.look_up(taro) == "000123"


def test_who_has_been_linked_otherwise_meanwhile_has_nothing_to_confirm(town, card):
    town.ask(card, LIBRARY)
    town.link(card, LIBRARY, "000124")
    assert WAITING not in account(town, card).words
    assert confirm(town, card) == "service-id-already-registered"
    assert town.look_up(card) == "000124"


def test_a_stopped_person_confirms_nothing_until_the_card_resumes(town, card):
    town.ask(card, LIBRARY)
    town.stop(town.person_of(card))
    assert confirm(town, card) == "mykey-id-stopped"
    town.stop_code_of(card)
    assert confirm(town, card) == town.person_of(card)


def test_it_waits_for_the_new_card_after_a_renewal(town, card):
    town.ask(card, LIBRARY)
    new = town.renewed()
    town.correspond(card, new)
    person_id = town.do("renewal", "by_correspondence", new, "renew")
    assert confirm(town, card) == "certificate-replaced"
    assert confirm(town, new) == person_id


def test_what_a_fresh_registration_asked_for_is_dropped_where_the_records_join(town, card):
    new = town.renewed()
    town.register(new)
    town.ask(card, LIBRARY, "000123")
    town.ask(new, LIBRARY, "000124")
    town.ask(new, SHOP, "000125")
    town.correspond(card, new)
    assert town.do("renewal", "by_correspondence", new, "renew") == town.person_of(card)
    assert confirm(town, new, "000125", SHOP) == "service-link-not-pending"
    assert confirm(town, new, "000123") == town.person_of(card)


def test_what_a_stolen_code_asked_for_is_gone_with_its_move(town, card):
    code, thief = town.code_of(card), town.renewed()
    town.by_code(thief, code)
    assert town.ask(thief, LIBRARY) == ASKED
    assert town.do("renewal", "undo", card, "renew") == town.person_of(card)
    assert WAITING not in account(town, card).words
    assert confirm(town, card) == "service-link-not-pending"


def test_the_card_of_somebody_else_confirms_nothing(town, card):
    taro = town.card(TARO)
    town.register(taro)
    town.ask(card, LIBRARY)
    assert confirm(town, taro) == "service-link-not-pending"
    assert rows(town.app, ServiceLink) == []


def test_it_goes_with_the_registration(town, card):
    town.ask(card, LIBRARY)
    town.do("my_page", "cancel_registration", card, "cancel-registration")
    assert rows(town.app, PendingLink) == []
    assert confirm(town, card) == "card-not-registered"


def test_it_is_in_the_citizens_data(town, card):
    town.ask(card, LIBRARY)
    citizen = town.signed_in(town.person_of(card))
    data = citizen.client.get("/account/data.json", base_url=citizen.base).json
    assert data["pending_links"] == [
        {
            "service_provider": {"service_provider_id": LIBRARY, "name": "見本図書館"},
            "service_id": "000123",
            "asked_at": "2026-11-23T03:00:00Z",
            "expires_at": "2026-11-30T03:00:00Z",
        }
    ]


def test_the_first_tap_after_the_confirmation_finds_it(town, card):
    town.ask(card, LIBRARY)
    confirm(town, card)
    with town.app.app_context():
        page = Page(town)
        page.ask(Step.INQUIRY)
        page.tap(card)
        assert page.shown()[1] == "000123"
