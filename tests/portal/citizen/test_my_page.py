"""マイページ: what it shows, and that it changes nothing."""

import json
import re
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

import portal
from portal.domain.errors import PortalError
from portal.extensions import db
from portal.models import AuditEntry, CarryOverCode, Certificate, IdUse, Person, StopCode
from portal.services.citizen.my_data import FIELDS
from portal.services.citizen.my_page import SHOWN_USES
from portal.services.operation import retention
from portal.services.record.audit import Event
from tests.conftest import NOW
from tests.portal.actors.card_holders import completed, rows
from tests.portal.actors.town import CHOSEN, EXPIRES, HANAKO, LIBRARY, SHOP, TARO


@pytest.fixture
def card(town):
    return town.card()


def test_it_shows_the_id_the_certificate_the_links_and_each_use(town, card):
    person_id = town.register(card)
    town.link(card, LIBRARY, "000123")
    town.look_up(card)
    page = town.signed_in(person_id).get("/account")
    assert "1C2410DF79DGEL" in page.words
    for word in (str(town.verified(card).serial_number), "2028年3月15日", "見本図書館", LIBRARY, "000123", "照会"):
        assert word in page.words, word
    assert page.words.count("2026/11/23") == 2  # linked and looked up
    assert "見本商店" not in page.words


def test_who_only_reserved_is_told_to_go_to_the_counter(town, card):
    person_id = town.do("provisional_registration", "reserve", card, "register", CHOSEN)
    page = town.signed_in(person_id).get("/account")
    assert "マイキーIDは、まだありません。" in page.words
    assert CHOSEN in page.words
    assert "2027年2月21日" in page.words
    assert "/account/slip" in {link.get("href") for link in page.all("a")}
    town.clock.forward(days=90)
    assert CHOSEN not in town.signed_in(person_id).get("/account").words


@pytest.mark.parametrize(
    ("left", "told"), [(91, []), (90, ["90"]), (31, ["90"]), (30, ["30"]), (8, ["30"]), (7, ["7"])]
)
def test_90_30_and_7_days_before_the_certificate_expires_it_says_what_to_do(town, card, left, told):
    person_id = town.register(card)
    town.clock.now = EXPIRES - timedelta(days=left)
    page = town.signed_in(person_id).get("/account")
    assert re.findall(r"期限まで、(\d+)日を切りました", page.words) == told
    primary = [each for each in page.all("button") if "button--primary" in each.get("class", "")]
    assert len(primary) == len(told)  # the carry-over code


def test_its_order_is_the_id_what_one_can_do_the_deadlines_the_services_and_the_certificate_last(town, card):
    person_id = town.register(card)
    words = town.signed_in(person_id).get("/account").words
    order = (
        "1C24",
        "使えます",
        "できること",
        "期限のあるもの",
        "連携しているサービス",
        "マイキーIDが使われた記録",
        "発行番号",
    )
    assert sorted(order, key=words.index) == list(order)


def test_all_that_ends_by_itself_is_in_one_list_the_soonest_first(town, card):
    person_id = town.register(card)
    town.ask(card, LIBRARY)
    town.do("provisional_registration", "reserve", card, "register", CHOSEN)
    town.code_of(card)
    with town.app.app_context():
        listed = town.services.my_page.record(person_id).deadlines(town.clock())
    assert [each.what for each in listed] == ["link", "reservation", "carry-over", "certificate"]
    words = town.signed_in(person_id).get("/account").words.partition("期限のあるもの")[2]
    days = ("2026年11月30日", "2027年2月21日", "2027年11月23日", "2028年3月15日")
    assert sorted(days, key=words.index) == list(days)


def begins(page):
    """Return for what a page begins to read a card."""
    return {each.get("value") for each in page.all("input") if each.get("name") == "purpose"}


def test_what_the_key_before_could_not_take_back_is_refused_before_the_card_with_the_day(town, card):
    person_id = town.register(card)
    code = town.code_of(card)
    new = town.renewed()
    town.by_code(new, code)
    citizen = town.signed_in(person_id)
    pages = [citizen.get("/account"), citizen.get("/account/cancellation")]
    pages += [town.before(new, purpose).get("/acts") for purpose in ("carry-over", "cancel-registration")]
    for page in pages:
        assert "2026年12月23日 13:00からできます" in page.words
        assert begins(page) == set()
        assert "/acts" not in {each.get("action") for each in page.all("form")}
    town.clock.forward(days=30)
    citizen = town.signed_in(person_id)
    assert begins(citizen.get("/account")) == {"carry-over"}
    assert begins(citizen.get("/account/cancellation")) == {"cancel-registration"}


def test_a_link_that_waits_cannot_be_confirmed_while_the_id_is_stopped(town, card):
    person_id = town.register(card)
    town.ask(card, LIBRARY)
    assert "link" in begins(town.signed_in(person_id).get("/account"))
    town.stop(person_id)
    page = town.signed_in(person_id).get("/account")
    assert ("先に、また使えるようにしてください。" in page.words, "link" in begins(page)) == (True, False)


def test_when_the_changes_are_used_up_both_pages_say_from_which_day_there_are_more(town, card):
    person_id = town.register(card)
    for number in range(4):
        town.do("provisional_registration", "reserve", card, "register", f"{CHOSEN[:-1]}{number}")
    for page in (town.signed_in(person_id).get("/account"), town.before(card, "register").get("/registration")):
        assert "次に変えられるのは2027年2月21日 12:00から" in page.words
        assert not [each for each in page.all("form") if each.get("action") == "/registration/reservation"]
    town.clock.forward(days=90)
    page = town.before(card, "register").get("/registration")
    assert "90日の間に3回まで" in page.words


def test_it_tells_of_a_carry_over_code_but_not_the_code(town, card):
    person_id = town.register(card)
    assert "いま使える引継ぎコードは、ありません。" in town.signed_in(person_id).get("/account").words
    code = town.code_of(card)
    page = town.signed_in(person_id).get("/account")
    assert "2027年11月23日" in page.words
    assert code not in page.response.text.replace("-", "")
    town.clock.forward(days=365)
    assert "いま使える引継ぎコードは、ありません。" in town.signed_in(person_id).get("/account").words


def test_the_history_names_each_id_there_was(town, card):
    person_id = town.register(card)
    town.clock.forward(days=1)
    town.choose(person_id)
    words = town.signed_in(person_id).get("/account").words
    assert words.index(CHOSEN) < words.index(HANAKO[:14], words.index("履歴"))
    assert "2026年11月23日から2026年11月24日まで" in words


def test_a_stopped_person_can_still_sign_in_and_is_offered_to_resume(town, card):
    person_id = town.register(card)
    town.stop(person_id)
    with town.app.app_context():
        assert town.services.my_page.sign_in(completed(town.app, card, "sign-in")) == person_id
    page = town.signed_in(person_id).get("/account")
    assert "マイキーIDは止まっています" in page.words
    assert "resume" in [each.get("value") for each in page.all("input")]


def test_a_person_stops_the_id_on_the_page_with_one_confirmation_and_starts_it_again_by_card(town, card):
    person_id, printed = town.register(card, LIBRARY), town.stop_code_of(card)
    citizen = town.signed_in(person_id)
    asked = citizen.get("/account/stop")
    assert HANAKO[:14] in asked.words
    assert town.look_up(card) != "mykey-id-stopped"
    page = citizen.post("/account/stop")
    assert (citizen.address, town.look_up(card)) == ("/account", "mykey-id-stopped")
    assert "2026年11月23日に、マイページで止めました。" in page.words
    assert "resume" in [each.get("value") for each in page.all("input")]
    [entry] = [each for each in rows(town.app, AuditEntry) if each.event == Event.STOPPED]
    assert (str(person_id) in entry.details, '"by":"my-page"' in entry.details) == (True, True)
    town.clock.forward(days=1)
    citizen = town.signed_in(person_id)
    assert "2026年11月23日に、マイページ" in citizen.post("/account/stop").words  # once more changes nothing
    with town.app.app_context():
        assert town.services.stop_codes.stop(printed)  # the code that was printed stays
    assert "2026年11月24日に、停止コードで" in town.signed_in(person_id).get("/account").words
    town.do("stop_codes", "resume", card, "resume")
    assert town.look_up(card) != "mykey-id-stopped"
    assert "account/stop" in town.signed_in(person_id).get("/account").response.text


def test_a_stop_lets_nobody_in_again_who_was_signed_out_while_it_was_on_its_way(town, card):
    """As where the card before takes the record back in that moment: the session stays over."""
    person_id = town.register(card, LIBRARY)
    with town.app.app_context():
        version = town.services.stop_codes.stop_own(person_id, 0)
        with pytest.raises(PortalError) as refused:
            town.services.stop_codes.stop_own(person_id, version - 1)
    assert refused.value.code == "sign-in-needed"
    assert [each.version for each in rows(town.app, Person)] == [version]


def test_who_has_cancelled_is_signed_out(town, card):
    citizen = town.signed_in(town.register(card))
    assert citizen.get("/account").status == 200
    town.do("my_page", "cancel_registration", card, "cancel-registration")
    for address in ("/account", "/account/data.json", "/account/cancellation"):
        assert "sign-in-needed" in citizen.get(address).words


def many_uses(town, person_id, number):
    with town.app.app_context():
        for each in range(number):
            row = {"person_id": person_id, "service_provider_id": LIBRARY, "what": "looked-up"}
            db.session.add(IdUse(use_id=UUID(int=each), used_at=NOW + timedelta(seconds=each), **row))
        db.session.commit()


def test_of_many_uses_the_newest_hundred_are_shown_and_all_are_in_the_data(town, card):
    person_id = town.register(card)
    many_uses(town, person_id, SHOWN_USES + 20)
    citizen = town.signed_in(person_id)
    page = citizen.get("/account")
    assert len(page.all("td")) == 3 * SHOWN_USES
    assert "すべての記録は" in page.words
    data = citizen.client.get("/account/data.json", base_url=citizen.base).json
    assert len(data["uses"]) == SHOWN_USES + 20


def test_a_use_is_kept_for_its_days_and_its_citizen_sees_it_no_longer(town, card, monkeypatch):
    monkeypatch.setattr(retention, "BATCH_ROWS", 7)
    person_id = town.register(card)
    many_uses(town, person_id, 20)
    for days, kept in ((90, 20), (1, 0)):
        town.clock.forward(days=days)
        with town.app.app_context():
            town.services.retention.forget()
            assert db.session.query(IdUse).count() == kept


def test_my_data_holds_everything_and_no_hash(town, card):
    person_id = town.register(card)
    town.link(card, LIBRARY, "000123")
    town.do("provisional_registration", "reserve", card, "register", CHOSEN)
    code = town.code_of(card)
    new = town.renewed()
    town.by_code(new, code)
    town.clock.forward(days=30)  # until then the old key may undo it
    code = town.code_of(new)
    citizen = town.signed_in(person_id)
    response = citizen.client.get("/account/data.json", base_url=citizen.base)
    assert response.headers["Content-Disposition"] == 'attachment; filename="mykey-data.json"'
    assert response.headers["Cache-Control"] == "no-store"
    data = response.json
    assert {name: len(data[name]) for name in data if isinstance(data[name], list)} == {
        "mykey_ids": 2,
        "certificates": 2,
        "reservations": 1,
        "moves": 1,
        "service_links": 1,
        "pending_links": 0,
        "uses": 1,
    }
    assert data["format"] == "mykey-portal-my-data:1"
    assert data["service_links"][0] == {
        "service_provider": {"service_provider_id": LIBRARY, "name": "見本図書館"},
        "service_id": "000123",
        "linked_at": "2026-11-23T03:00:00Z",
    }
    assert data["carry_over_code"] == {"made_at": "2026-12-23T04:00:00Z", "expires_at": "2027-12-23T04:00:00Z"}
    assert data["moves"][0]["proof"] == "carry-over"
    secrets = [row.code_hash for table in (CarryOverCode, StopCode) for row in rows(town.app, table)]
    secrets += [row.public_key_digest for row in rows(town.app, Certificate)] + [code, str(person_id)]
    assert [secret for secret in secrets if secret in json.dumps(data)] == []


def test_every_name_in_my_data_is_documented(town, card):
    document = (Path(portal.__file__).parents[1] / "docs" / "my-data.md").read_text()
    assert [name for names in FIELDS.values() for name in names if f"`{name}`" not in document] == []
    citizen = town.signed_in(town.register(card))
    data = citizen.client.get("/account/data.json", base_url=citizen.base).json
    assert [name for name in data if f"`{name}`" not in document and f"`{name}[]`" not in document] == []


def test_what_happens_to_the_links_is_said_before_anything_is_read(town, card):
    person_id = town.register(card, LIBRARY, SHOP)
    page = town.signed_in(person_id).get("/account/cancellation")
    assert "次のサービスとの連携（2件）は、すべて解除されます。" in page.words
    assert "見本図書館" in page.words
    assert "cancel-registration" in [each.get("value") for each in page.all("input")]


@pytest.mark.parametrize(
    ("purpose", "fields"),
    [
        ("carry-over", {}),
        ("link", {"service_provider_id": LIBRARY, "service_id": "000123"}),
        ("unlink", {"service_provider_id": LIBRARY}),
        ("cancel-registration", {}),
        ("cancel-reservation", {}),
        ("resume", {}),
    ],
)
def test_each_act_begins_with_a_card_session_of_its_own(town, card, purpose, fields):
    citizen = town.signed_in(town.register(card, LIBRARY))
    citizen.get("/account")
    page = citizen.post("/card-sessions", purpose=purpose, **fields)
    assert page.value("data-card-session") == "started"
    page = citizen.post(f"{citizen.address}/cancel")
    assert "/account" in {link.get("href") for link in page.all("a") if "button" in link.get("class", "")}
    assert citizen.get("/account").status == 200


@pytest.mark.parametrize("provider", ["", "x" * 65, " A", "a\x00b"])
def test_a_parameter_that_is_no_provider_id_begins_nothing(town, card, provider):
    citizen = town.signed_in(town.register(card))
    assert citizen.post("/card-sessions", purpose="unlink", service_provider_id=provider).status == 400


def test_it_lists_where_one_is_signed_in_marks_this_browser_and_ends_the_others(town, card):
    person_id, stranger = town.register(card), town.signed_in(town.register(town.card(TARO)))
    alone = town.signed_in(person_id).get("/account")
    assert "ほかのブラウザーのサインインを終わらせる" not in alone.words
    town.clock.forward(minutes=10)
    here, other = town.signed_in(person_id), town.signed_in(person_id)
    town.clock.forward(minutes=10)
    page = other.get("/account")
    begun = [text.partition("から")[0].strip() for text in page.words.split("2026年11月23日 ")[-3:]]
    assert begun == ["12:10", "12:10", "12:00"]
    assert page.words.count("このブラウザー") == 1
    assert "最後に使ったのは12:00ごろ" in page.words
    assert "このブラウザー" in here.post("/account/sessions").words
    assert "最後に使ったのは" not in here.page.words
    assert (other.get("/account").status, stranger.get("/account").status) == (403, 200)


def test_a_session_that_is_over_is_not_listed(town, card):
    person_id = town.register(card)
    town.signed_in(person_id)
    town.do("stop_codes", "resume", card, "resume")
    assert "最後に使ったのは" not in town.signed_in(person_id).get("/account").words


def test_a_form_that_comes_after_the_session_says_that_nothing_was_kept(town, card):
    citizen = town.before(card, "register")
    citizen.get("/registration?first=yes")
    town.clock.forward(minutes=30)
    page = citizen.post("/registration/reservation", mykey_id=CHOSEN)
    assert "入力した内容は残っていません。" in page.words
    assert "<code>card-needed</code>" in page.response.text
    assert "入力した内容は残っていません。" not in citizen.get("/registration").words
