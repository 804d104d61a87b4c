"""マイキーID管理テーブル as a provider's staff has it: its own rows, found, taken out, taken off."""

import csv
import json

import pytest

from portal.domain.formats.spreadsheet import undressed
from portal.models import AuditEntry, IdUse, ServiceLink
from portal.services.providers.management_table import PAGE
from tests.portal.actors.card_holders import message, rows
from tests.portal.actors.customers import begun, link_all, new_people, numbered, provider_staff
from tests.portal.actors.staff import code_of, list_of_staff
from tests.portal.actors.town import LIBRARY, SHOP


@pytest.fixture
def librarian(app, town):  # noqa: ARG001 - the town has the providers
    return provider_staff(app)


def linked(app, *service_ids, provider=LIBRARY, letter="P"):
    people = new_people(app, *(f"{letter}{each[1:]}" for each in numbered(len(service_ids))))
    link_all(app, zip(people.values(), service_ids, strict=True), provider)
    return list(people.values())


def shown(page):
    """Return the service IDs of the page, in order."""
    return [
        part.split(">", 1)[1].split("<")[0] for part in page.response.text.split('<th scope="row" class="digits"')[1:]
    ]


def csv_of(response):
    text = response.get_data().decode("utf-8-sig")
    assert text.endswith("\r\n")
    return [[undressed(cell) for cell in row] for row in csv.reader(text.splitlines())]


def test_a_provider_sees_its_own_links_alone_and_no_mykey_id(app, librarian):
    linked(app, "0012", "0003")
    linked(app, "9999", provider=SHOP, letter="Q")
    page = librarian.get("/provider")
    assert shown(page) == ["0003", "0012"]
    assert ("9999" in page.words, "PERSON" in page.response.text.upper().replace("PERSON_", "")) == (False, False)
    assert code_of(librarian.post("/provider/link", service_id="9999")) == "service-id-not-registered"
    page = librarian.post("/provider/link/removal", service_id="9999", reason="x")
    assert code_of(page) == "service-id-not-registered"
    assert [row[0] for row in csv_of(librarian.client.get("/provider/links.csv", base_url=librarian.base))[1:]] == [
        "0003",
        "0012",
    ]
    assert len(rows(app, ServiceLink)) == 3


def test_a_link_is_found_by_the_beginning_of_its_service_id(app, librarian):
    linked(app, "0012", "0120", "012", "A012", "あ01", "01😀", "a012", "Ａ01")
    assert shown(librarian.post("/provider", typed="01")) == ["012", "0120", "01😀"]
    assert shown(librarian.post("/provider", typed="０1２")) == ["012", "0120"]
    assert shown(librarian.post("/provider", typed="A")) == ["A012"]
    assert shown(librarian.post("/provider", typed="あ")) == ["あ01"]  # from before kana were refused
    assert shown(librarian.post("/provider", typed="a012a")) == ["012", "0120"]
    assert "日本語入力をオフ" in librarian.post("/provider", typed="い０１").words
    assert "ありません" in librarian.post("/provider", typed="%").words
    assert librarian.post("/provider", typed="\0", after="\0").status == 200
    assert code_of(librarian.post("/provider/link", service_id="\0")) == "service-id-not-registered"


def test_every_link_stands_on_one_page(app, librarian):
    wanted = [f"{number:04}" for number in range(2 * PAGE + 1)]
    linked(app, *reversed(wanted))
    found, page = shown(librarian.get("/provider")), librarian.page
    while places := [each["value"] for each in page.all("button") if each.get("name") == "after" and each["value"]]:
        page = librarian.post("/provider", after=places[0])
        found += shown(page)
    assert found == wanted


def test_a_link_is_taken_off_with_a_reason_and_its_citizen_sees_it(app, librarian, town):
    card = town.card()
    person = town.register(card)
    town.link(card, LIBRARY, "0012")
    librarian.post("/provider/link", service_id="0012")
    page = librarian.post("/provider/link/removal", service_id="0012", reason=" ")
    assert (page.status, "理由が入っていません" in page.words) == (422, True)
    page = librarian.post("/provider/link/removal", service_id="0012", reason="利用の登録が終わった")
    assert (message(page), rows(app, ServiceLink)) == ("連携を解除しました。", [])
    assert [use.what for use in rows(app, IdUse) if use.person_id == person] == ["linked", "unlinked"]
    assert "連携の解除" in town.signed_in(person).get("/account").words
    entry = rows(app, AuditEntry)[-1]
    told = json.loads(entry.details)
    assert (entry.event, told["reason"], told["provider"]) == (
        "provider:service-link:removed",
        "利用の登録が終わった",
        LIBRARY,
    )
    assert told["staff"] == str(librarian.staff_id)
    page = librarian.post("/provider/link/removal", service_id="0012", reason="x")
    assert code_of(page) == "service-id-not-registered"
    town.link(card, LIBRARY, "0012")


def test_the_months_are_counted(librarian, town, clock):
    card = town.card()
    town.register(card, LIBRARY)
    town.look_up(card)
    clock.forward(days=10)
    for _ in range(2):
        town.look_up(card)
    librarian.sign_in()
    page = librarian.get("/provider/figures")
    by_month = page.response.text.partition('id="months"')[2]
    cells = [part.split("<")[0] for part in by_month.split("<td>")[1:]]
    assert cells == ["0", "0", "0", "2", "1", "0", "0", "1"]
    assert "1件" in page.words


FORMULAS = ["=cmd|' /C calc'!A0", "+81", "-1", "@SUM(1)", "＝1", 'a"b,c', "0012", ";=1", "；1"]


def test_no_cell_of_the_csv_is_run_by_a_spreadsheet_and_all_are_read_back(app, librarian):
    linked(app, *FORMULAS)
    response = librarian.client.get("/provider/links.csv", base_url=librarian.base)
    text = response.get_data()
    assert text.startswith(b"\xef\xbb\xbf")
    assert response.headers["Content-Disposition"] == 'attachment; filename="service-ids-20261123.csv"'
    assert response.headers["Cache-Control"] == "no-store"
    raw = [row[0] for row in csv.reader(text.decode("utf-8-sig").splitlines())]
    assert [cell for cell in raw if cell[0] in "=+-@＝;；\t\r"] == []
    assert csv_of(response)[0] == ["サービスID", "連携した日時"]
    assert csv_of(response)[1:] == [[each, "2026-11-23 12:00:00"] for each in sorted(FORMULAS)]


def test_words_with_readings_change_no_id_and_a_file_has_none(app, librarian):
    linked(app, "会《かい》1")
    librarian.get("/language/easy")
    assert shown(librarian.get("/provider")) == ["会《かい》1"]
    assert "会《かい》1" in [
        each.get("value") for each in librarian.post("/provider/link", service_id="会《かい》1").all("input")
    ]
    heads, row = csv_of(librarian.client.get("/provider/links.csv", base_url=librarian.base))
    assert (heads, row[0]) == (["サービスID", "つないだ 日と 時間"], "会《かい》1")


def test_the_csv_is_streamed_batch_by_batch_and_holds_no_transaction_meanwhile(app, librarian, statements, monkeypatch):
    monkeypatch.setattr("portal.services.providers.management_table.BATCH_LINKS", 10)
    wanted = [f"{number:03}" for number in range(35)]
    linked(app, *wanted)
    with statements() as seen:
        response = librarian.client.get("/provider/links.csv", base_url=librarian.base, buffered=False)
        chunks = iter(response.response)
        next(chunks), next(chunks)
        so_far = len([each for each in seen if "FROM service_link" in each])
        lines = b"".join(chunks).decode().splitlines()
    assert so_far == 1
    assert [line.split(",")[0] for line in lines] == wanted[10:]
    response.close()


@pytest.mark.parametrize("address", ["/provider", "/provider/links.csv", "/provider/figures", "/provider/imports"])
def test_who_was_suspended_is_refused_at_the_next_request(app, librarian, address):
    other = provider_staff(app, SHOP, "商店 一子")
    assert librarian.client.get(address, base_url=librarian.base).status_code == 200
    with list_of_staff(librarian) as (staff_list, row):
        staff_list.suspend(row)
    assert code_of(librarian.get(address)) == "staff-suspended"
    with app.app_context():
        app.extensions["mykey"].providers.suspend(SHOP)
    assert code_of(other.get(address)) == "service-provider-suspended"


@pytest.mark.parametrize("address", ["/provider", "/provider/links.csv", "/provider/figures", "/provider/imports"])
def test_a_clerk_has_no_page_of_a_provider(clerk, address):
    assert code_of(clerk.get(address)) == "role-missing"


def test_a_page_of_a_provider_with_many_links_costs_what_it_costs_with_few(app, librarian, statements):
    linked(app, "0001")
    with statements() as few:
        librarian.post("/provider", typed="0")
    linked(app, *(f"0{number:05}" for number in range(2000)), letter="M")
    with statements() as many:
        librarian.post("/provider", typed="0")
    assert few == many


def test_of_each_provider_one_export_goes_on_at_a_time(app, librarian):
    other, colleague = provider_staff(app, SHOP, "商店 一子"), provider_staff(app, LIBRARY, "図書館 次郎")
    linked(app, "0001")
    with begun(librarian, "/provider/links.csv"):
        page = colleague.get("/provider/links.csv")
        assert (page.status, code_of(page), "1つずつ" in page.words) == (409, "already-going-on", True)
        assert other.client.get("/provider/links.csv", base_url=other.base).status_code == 200
        assert colleague.get("/provider").status == 200
    for _ in range(2):
        assert colleague.client.get("/provider/links.csv", base_url=colleague.base).status_code == 200
