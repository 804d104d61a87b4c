"""Bulk import: a file is tried, each refused line is told, and it is linked whole or not at all."""

import csv
import json
from datetime import timedelta
from hashlib import sha256
from itertools import chain

import pytest
from sqlalchemy import text, update

from portal.domain.formats.spreadsheet import csv_text
from portal.extensions import db
from portal.models import AuditEntry, DailyFigure, IdUse, LinkFile, Person, ServiceLink
from portal.services.providers.link_import import LARGEST, MOST_LINES, ImportReport
from tests.portal.actors.card_holders import message, rows
from tests.portal.actors.customers import (
    allow,
    begun,
    link_all,
    link_file,
    load,
    new_people,
    numbered,
    provider_staff,
    set_up,
)
from tests.portal.actors.staff import code_of
from tests.portal.actors.town import LIBRARY, SHOP

A, B, C = numbered(3)


@pytest.fixture
def librarian(app, town):  # noqa: ARG001 - the town has the providers
    allow(app)
    return provider_staff(app)


@pytest.fixture
def imports(app, town):  # noqa: ARG001
    allow(app)
    return app.extensions["mykey"].link_import


def tried(app, content, provider=LIBRARY):
    """Return what an import would do."""
    report = ImportReport()
    with app.app_context():
        assert list(app.extensions["mykey"].link_import.try_out(provider, content, report))[-1] == 100
    return report


def brought_in(app, content, provider=LIBRARY):
    report = ImportReport()
    with app.app_context():
        steps = list(app.extensions["mykey"].link_import.bring_in(provider, lambda: content, report))
    assert steps == sorted(steps)
    return report


def codes(report):
    return [(line.number, line.code) for line in report.refused]


def links(app):
    return {each.service_id: each.person_id for each in rows(app, ServiceLink)}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_import_for_which_the_disk_has_no_room_links_nothing_and_says_so(app, imports):  # noqa: ARG001
    content = link_file(*(f"{person},{number:04}" for number, person in enumerate(new_people(app, *numbered(300)))))
    with app.app_context():
        pages = db.session.scalar(text("PRAGMA page_count"))
        db.session.execute(text(f"PRAGMA max_page_count = {pages}"))
    assert (brought_in(app, content).problem, links(app)) == ("unavailable", {})
    with app.app_context():
        db.session.execute(text("PRAGMA max_page_count = 100000"))
    assert (brought_in(app, content).problem, len(links(app))) == (None, 300)


def test_a_file_is_loaded_tried_and_linked(app, librarian):
    people = new_people(app, A, B)
    page = load(librarian, link_file(f"{A},0012", f"{B},'=1"))
    assert ("すべての行を取り込めます" in page.words, links(app)) == (True, {})
    assert [bar["value"] for bar in page.all("progress")] == ["100"]
    address = librarian.address
    page = librarian.post(address)
    assert message(page) == "2件を連携しました。"
    assert links(app) == {"0012": people[A], "=1": people[B]}
    for again in (librarian.post(address), librarian.get(address)):
        assert message(again) == "2件を連携しました。"
    [file] = rows(app, LinkFile)
    assert (file.content, file.lines) == (None, 2)
    assert "取り込みました" in librarian.get("/provider/imports").words
    assert code_of(librarian.post(f"{address}/discarding")) == "link-file-not-found"


def test_each_link_is_in_its_citizens_history_and_in_the_months_figure_and_all_of_a_file_are_one_entry(app, librarian):
    people, before = new_people(app, A, B), len(rows(app, AuditEntry))
    content = link_file(f"{A},1", f"{B},2")
    load(librarian, content)
    librarian.post(librarian.address)
    assert {(use.person_id, use.what) for use in rows(app, IdUse)} == {(each, "linked") for each in people.values()}
    assert [(each.what, each.times) for each in rows(app, DailyFigure) if each.service_provider_id] == [("linked", 2)]
    loaded, imported = (json.loads(each.details) for each in rows(app, AuditEntry)[before:])
    assert loaded["file"] == imported["file"] == sha256(content).hexdigest()
    assert (imported["lines"], imported["staff"]) == (2, str(librarian.staff_id))
    [linked_at] = {each.linked_at for each in rows(app, ServiceLink)}
    assert rows(app, AuditEntry)[-1].at == linked_at.replace(microsecond=0)
    with app.app_context():
        assert app.extensions["mykey"].audit.broken()[1] is None


def trial(librarian):
    """Return the cells of the file of the trial."""
    response = librarian.client.get(f"{librarian.address}/trial.csv", base_url=librarian.base)
    return list(csv.reader(response.get_data().decode("utf-8-sig").splitlines()))


FIELD_LINES = [  # as old systems and spreadsheets write them; what is kept
    ("00", '="0001234"', "0001234"),
    ("01", "０１２３４５６", "0123456"),
    ("02", "A0009999A", "0009999"),
    ("03", " 0000501   ", "0000501"),
    ("04", "0000502\u00a0", "0000502"),
    ("05", "'0000503", "0000503"),
    ("06", "000−0504", "000-0504"),
    ("07", "0000505", "0000505"),
]


def test_the_trial_shows_the_lines_as_they_are_kept_and_each_that_is_folded(app, librarian):
    people = new_people(app, *numbered(30))
    more = [f"PERSON000000{number},{number:07}" for number in range(8, 30) if number > 9]
    lines = [f"PERSON000000{number},{came}" for number, came, _ in FIELD_LINES]
    page = load(librarian, link_file(*lines, ",", "", *more, ",,,"))
    first, folded = (
        page.response.text.partition(f'id="{name}"')[2].partition("</section>")[0] for name in ("first", "folded")
    )
    assert [kept in first for _, _, kept in FIELD_LINES] == [True] * 8
    assert (first.count("<tr>"), folded.count("<tr>"), "空の行：3" in page.words) == (21, 8, True)
    assert "=&#34;0001234&#34;" in folded
    told = [row[3:5] for row in trial(librarian)[1:9]]
    assert told == [[kept, "直して取り込みます。"] for _, _, kept in FIELD_LINES[:-1]] + [
        ["0000505", "そのまま取り込みます。"]
    ]
    librarian.post(librarian.address)
    assert links(app)["0001234"] == people["PERSON00000000"]
    assert {kept for _, _, kept in FIELD_LINES} < links(app).keys()


def test_the_file_of_the_trial_runs_nothing_in_a_spreadsheet(app, librarian):
    new_people(app, A)
    load(librarian, link_file(f"{A},=1+1", "=2,\t3", "'＋4,5"))
    raw = [cell for row in trial(librarian)[1:] for cell in row]
    assert [cell for cell in raw if cell[:1] in tuple("=+-@;＋\t")] == []
    assert {"'=2,\ufffd3", "'=1+1"} <= set(raw)


@pytest.fixture
def crowded(app, imports):  # noqa: ARG001
    """Give people of every kind that a line may name."""
    people = new_people(app, A, B, C, "STOPPED1234567", "TWICE123456789", "LINKED12345678", "GONE1234567890")
    new_people(app, "TWICE123456789", terminal="13101001A")
    link_all(app, [(people["LINKED12345678"], "TAKEN")])
    with app.app_context():
        services = app.extensions["mykey"]
        services.people.lock(people["STOPPED1234567"]).stopped_at = services.clock()
        services.people.current_id(people["GONE1234567890"]).retired_at = services.clock()
        db.session.commit()
    return people


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("NOBODY12345678,1", "mykey-id-not-registered"),
        ("STOPPED1234567,1", "mykey-id-not-registered"),
        ("TWICE123456789,1", "mykey-id-not-registered"),
        ("GONE1234567890,1", "mykey-id-not-registered"),
        ("short,1", "mykey-id-not-registered"),
        (",1", "mykey-id-not-registered"),
        ("PERSON0000000\0,1", "mykey-id-not-registered"),
        ("LINKED12345678,2", "service-id-already-registered"),
        ("LINKED12345678,TAKEN", "service-id-already-registered"),
        (f"{B},TAKEN", "service-id-in-use"),
        (f"{A},2", "link-line-repeated"),
        (f"{B},1", "link-line-repeated"),
        (f"{B},", "service-id-malformed"),
        (f"{B},'", "service-id-malformed"),
        (f"{B},2\0", "service-id-malformed"),
        (f"{B},か\u3099", "service-id-in-kana"),
        (f"{B},あ０００１２３４あ", "service-id-in-kana"),
        (f"{B},{'1' * 65}", "service-id-too-long"),
        (f"{B},2.80212E+12", "service-id-rewritten"),
        (f"{B},1月2日", "service-id-rewritten"),
        (f"{B},#NAME?", "service-id-rewritten"),
        ("1.23457E+13,2", "service-id-rewritten"),
        (f'{B},="1"', "link-line-repeated"),
        (f"{B},A1A", "link-line-repeated"),
        (B, "link-line-malformed"),
        (f"{B},1,2", "link-line-malformed"),
        (f'{B},"2', "link-line-malformed"),
        (f"{B},{'1' * 100_000}", "link-line-malformed"),
    ],
)
def test_a_refused_line_is_told_with_its_number_and_nothing_is_linked(app, crowded, line, code):  # noqa: ARG001
    content = link_file(f"{A},1", line, f"{C},3")
    report = tried(app, content)
    assert (codes(report), report.good, report.problem) == ([(3, code)], 2, None)
    report = brought_in(app, content)
    assert (codes(report), report.problem, list(links(app))) == ([(3, code)], "link-file-refused", ["TAKEN"])
    assert rows(app, IdUse) == []


def test_a_service_id_must_be_as_the_provider_has_them(app, imports):  # noqa: ARG001
    new_people(app, A, B)
    set_up(app, picture="9999", check_digit="m10w3")
    report = tried(app, link_file(f"{A},1234", f"{B},ABCD"))
    assert codes(report) == [(2, "service-id-malformed"), (3, "service-id-malformed")]
    assert tried(app, link_file(f"{A},0017")).good == 1
    assert codes(tried(app, link_file(f"{A},17"))) == [(2, "service-id-zeros-missing")]


def test_the_page_shows_the_refused_lines_and_hands_all_of_them_out(app, librarian):
    new_people(app, A)
    page = load(librarian, link_file(f"{A},1", *(f"NOBODY{number:08},{number}" for number in range(2, 152))))
    assert ("取り込める行：1、取り込めない行：150" in page.words, page.words.count("mykey-id-not")) == (True, 100)
    assert not [form for form in page.all("form") if form["action"] == librarian.address]
    lines = trial(librarian)
    assert lines[0] == ["行", "ファイルの内容", "マイキーID", "サービスID", "内容", "エラーコード"]
    refused = ["NOBODY00000151", "151", "マイキーIDが登録されていません。", "mykey-id-not-registered"]
    assert lines[151] == ["152", "NOBODY00000151,151", *refused]
    page = librarian.post(librarian.address)
    assert ("1件も連携していません" in page.words, links(app)) == (True, {})
    librarian.post(f"{librarian.address}/discarding")
    assert rows(app, LinkFile) == []


def test_the_csv_that_goes_out_comes_in_again(app, librarian, town):  # noqa: ARG001
    ids = ["=1", "+1", "-1", "@1", ";1", 'a"b', "c,d", "0012"]
    people = new_people(app, *numbered(len(ids)))
    content = "\ufeff" + csv_text([("マイキーID", "サービスID"), *zip(people, ids, strict=True)])
    assert brought_in(app, content.encode()).good == len(ids)
    assert set(links(app)) == set(ids)
    text = librarian.client.get("/provider/links.csv", base_url=librarian.base).get_data().decode("utf-8-sig")
    written = [row[0] for row in csv.reader(text.splitlines())][1:]
    names = {person: mykey_id for mykey_id, person in people.items()}
    found = links(app)
    with app.app_context():
        db.session.query(ServiceLink).delete()
        db.session.commit()
    order = [names[found[each]] for each in sorted(ids)]
    back = "\r\n".join(
        ["マイキーID,サービスID", *(csv_line(pair) for pair in zip(order, written, strict=True)), ""]
    ).encode()
    assert brought_in(app, back).problem is None
    assert links(app) == found


def csv_line(pair):
    """Write a line as a spreadsheet saves the cells that it has read."""
    return ",".join('"' + cell.replace('"', '""') + '"' for cell in pair)


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [
        (b"", 422, "取り込める形式ではありません"),
        (link_file(), 422, "取り込める形式ではありません"),
        (f"{A},1\n".encode(), 422, "取り込める形式ではありません"),
        (link_file(f"{A},1", encoding="utf-16"), 422, "「CSV UTF-8 (コンマ区切り) (*.csv)」"),
        (link_file(f"{A},1", encoding="cp932").replace(b",", b"\t"), 422, "「名前を付けて保存」"),
        (b"PK\x03\x04" + bytes(100), 422, "取り込める形式ではありません"),
        (link_file("x" * LARGEST), 413, "ファイルが大きすぎます"),
        (link_file(*("x",) * (MOST_LINES + 1)), 413, "ファイルが大きすぎます"),
    ],
)
def test_a_file_that_is_none_is_refused_as_a_whole(app, librarian, content, status, words):
    page = load(librarian, content)
    assert (page.status, words in page.words, rows(app, LinkFile)) == (status, True, [])


def test_without_the_operators_permission_nothing_is_loaded_tried_or_linked(app, librarian):
    new_people(app, A)
    load(librarian, link_file(f"{A},1"))
    address = librarian.address
    allow(app, typed_mykey_ids=False)
    assert "運営者の許可" in librarian.get("/provider/imports").words
    assert code_of(load(librarian, link_file(f"{A},1"))) == "link-file-not-allowed"
    assert code_of(librarian.get(address)) == "link-file-not-allowed"
    page = librarian.post(address)
    assert ("許可されていません" in page.words, links(app)) == (True, {})


def test_another_provider_sees_nothing_of_a_file(app, librarian):
    new_people(app, A)
    allow(app, SHOP)
    other = provider_staff(app, SHOP, "商店 一子")
    load(librarian, link_file(f"{A},1"), "secret.csv")
    assert "secret" not in other.get("/provider/imports").response.text
    for seen in (
        other.get(librarian.address),
        other.get(f"{librarian.address}/trial.csv"),
        other.post(librarian.address),
        other.post(f"{librarian.address}/discarding"),
    ):
        assert code_of(seen) == "link-file-not-found"
    assert (len(rows(app, LinkFile)), links(app)) == (1, {})


def test_another_providers_links_change_nothing_in_a_report(app, imports, statements):  # noqa: ARG001
    people = new_people(app, A, B)
    with statements() as before:
        first = tried(app, link_file(f"{A},1", f"{B},2"))
    link_all(app, [(people[A], "1"), (people[B], "9")], SHOP)
    with statements() as after:
        second = tried(app, link_file(f"{A},1", f"{B},2"))
    assert (first, before) == (second, after)


def test_of_many_files_that_wait_the_newest_five_stay(app, librarian, clock):
    for _ in range(7):
        clock.forward(seconds=1)
        librarian.get("/provider/imports")
        load(librarian, link_file("1C2410DF79DGEL,1"))
    newest = {clock.now - timedelta(seconds=ago) for ago in range(5)}
    assert {row.loaded_at for row in rows(app, LinkFile)} == newest


def test_a_file_that_waited_a_day_is_gone(app, librarian, clock):
    new_people(app, A)
    load(librarian, link_file(f"{A},1"))
    address = librarian.address
    clock.forward(days=1)
    librarian.sign_in()
    assert code_of(librarian.get(address)) == "link-file-not-found"
    assert code_of(librarian.post(address)) == "link-file-not-found"
    with app.app_context():
        app.extensions["mykey"].retention.forget()
    assert rows(app, LinkFile) == []


def test_what_changed_since_the_trial_refuses_the_import(app, librarian):
    people = new_people(app, A, B)
    load(librarian, link_file(f"{A},1", f"{B},2"))
    with app.app_context():
        db.session.execute(update(Person).where(Person.person_id == people[B]).values(stopped_at=librarian_now(app)))
        db.session.commit()
    page = librarian.post(librarian.address)
    assert ("mykey-id-not-registered" in page.words, links(app)) == (True, {})


def test_of_two_people_with_the_same_characters_none_is_linked_though_one_is_stopped(app, crowded):
    with app.app_context():
        app.extensions["mykey"].people.lock(crowded["TWICE123456789"]).stopped_at = librarian_now(app)
        db.session.commit()
    assert codes(brought_in(app, link_file("TWICE123456789,1"))) == [(2, "mykey-id-not-registered")]


def test_a_suspended_or_unknown_provider_imports_nothing(app, imports):  # noqa: ARG001
    content = link_file(*(f"{each},1" for each in new_people(app, A)))
    with app.app_context():
        app.extensions["mykey"].providers.suspend(LIBRARY)
    assert brought_in(app, content).problem == "service-provider-suspended"
    assert brought_in(app, content, "X").problem == "service-provider-unknown"
    assert links(app) == {}


def librarian_now(app):
    return app.extensions["mykey"].clock()


def test_the_page_shows_how_far_it_is_before_it_is_at_its_end(app, librarian, statements):
    people = new_people(app, *numbered(3000))
    load(librarian, link_file(*(f"{each},{number}" for number, each in enumerate(people))))
    with statements() as seen:
        response = librarian.client.get(librarian.address, base_url=librarian.base, buffered=False)
        chunks, sent = iter(response.response), b""
        while b'value="33"' not in sent:
            sent += next(chunks)
        so_far = len([each for each in seen if "FROM mykey_id" in each])
        rest = b"".join(chunks).decode()
        at_end = len([each for each in seen if "FROM mykey_id" in each])
    assert (so_far * 3, "すべての行を取り込めます" in rest) == (at_end, True)
    assert response.headers["X-Accel-Buffering"] == "no"
    response.close()


def test_an_import_cut_off_in_its_middle_has_linked_nothing(app, imports):
    people = new_people(app, *numbered(2500))
    content = link_file(*(f"{each},{number}" for number, each in enumerate(people)))
    with app.app_context():
        steps = imports.bring_in(LIBRARY, lambda: content, ImportReport())
        while next(steps) <= 70:
            pass
        steps.close()
    assert (links(app), rows(app, IdUse)) == ({}, [])
    assert brought_in(app, content).problem is None
    assert len(links(app)) == 2500


def test_a_thousand_lines_more_cost_few_statements_more(app, imports, statements):  # noqa: ARG001
    people = new_people(app, *numbered(4000))
    lines = [f"{each},{number}" for number, each in enumerate(people)]
    with statements() as small:
        tried(app, link_file(*lines[:1000]))
    with statements() as large:
        tried(app, link_file(*lines))
    assert len(large) - len(small) <= 3 * 6
    with statements() as linking:
        brought_in(app, link_file(*lines[:1000]))
    with statements() as linking_more:
        brought_in(app, link_file(*lines[1000:]))
    assert len(linking_more) - len(linking) <= 2 * 8
    assert len(set(chain(linking, linking_more))) < 30


def test_of_each_provider_one_trial_or_import_goes_on_at_a_time(app, librarian):
    people = new_people(app, *numbered(3000))
    load(librarian, link_file(*(f"{each},{number}" for number, each in enumerate(people))))
    colleague, address = provider_staff(app, LIBRARY, "図書館 次郎"), librarian.address
    with begun(librarian, address):
        for refused in (
            colleague.get(address),
            colleague.post(address),
            colleague.get(f"{address}/trial.csv"),
            load(colleague, link_file(f"{A},1")),
        ):
            assert (refused.status, code_of(refused)) == (409, "already-going-on")
    assert load(colleague, link_file(f"{A},1")).status == 200
    assert code_of(colleague.get("/provider/imports/00000000-0000-0000-0000-000000000000")) == "link-file-not-found"
    assert message(colleague.post(address)) == "3,000件を連携しました。"
