"""Correspondence files through the operators' pages: loaded by one, confirmed by another, a permission for a year."""

from datetime import timedelta

import pytest

from portal.domain.errors import PortalError
from portal.domain.formats.correspondence import HEADER
from portal.domain.roles import Role
from portal.models import AuditEntry, CorrespondenceFile, CorrespondenceLine, Review
from portal.pki.path import key_digest
from portal.services.counter.correspondence_files import LARGEST
from tests.portal.actors.at_counter import NEW_NAME, OLD_NAME
from tests.portal.actors.staff import code_of, signed_in_staff

UNKNOWN = "c" * 64


@pytest.fixture
def loader(app):
    return Operator(app, "運営 一郎")


@pytest.fixture
def other(app):
    return Operator(app, "運営 次郎")


@pytest.fixture
def old(counter_town):
    card = counter_town.card()
    counter_town.register(card)
    return card


@pytest.fixture
def new(counter_town):
    return counter_town.reissued(NEW_NAME)


class Operator:
    """An operator's browser."""

    def __init__(self, app, name):
        self.browser = signed_in_staff(app, name, (Role.OPERATOR,))

    def load(self, content, name="2026-11.csv"):
        self.browser.sign_in()  # a session ends after half an hour
        part = 'Content-Disposition: form-data; name="{}"{}\r\n\r\n'.format
        body = [f"--x\r\n{part('csrf_token', '')}{self.browser.page.csrf_token}\r\n--x\r\n".encode()]
        body += [part("file", f'; filename="{name}"').encode(), content, b"\r\n--x--\r\n"]
        return self.browser.post_body("/correspondence", b"".join(body), "multipart/form-data; boundary=x")

    def press(self, act):
        """Press a button of the first file that waits."""
        self.browser.sign_in()
        page = self.browser.get("/correspondence")
        file = next(a["href"] for a in page.all("a") if a.get("href", "").startswith("/correspondence/"))
        self.browser.get(file)
        return self.browser.post(f"{file}/{act}")


def name(counter_town, card):
    return f"{key_digest(counter_town.authority.certificate)},{card[0].serial_number:x}"


def file(*lines):
    return "\n".join((HEADER, *lines, "")).encode()


def line(counter_town, old, new):
    return f"{name(counter_town, old)},{name(counter_town, new)}"


def by_correspondence(counter_town, card):
    """Have the new card sign and take the record over; return whose it is, or the code of the refusal."""
    signed = counter_town.signed(card, "renew")
    with counter_town.app.app_context():
        try:
            return counter_town.services.renewal.by_correspondence(signed)
        except PortalError as error:
            return error.code


def reviews(counter_town):
    return [(review.code, review.facts["line"]) for review in counter_town.rows(Review)]


def test_a_sound_line_lets_the_new_card_take_the_record_over(counter_town, loader, other, old, new, clock):
    person_id = counter_town.holder(old)
    counter_town.link(old, "007")
    loader.load(file(line(counter_town, old, new)))
    other.press("confirmation")
    clock.forward(hours=2)
    assert by_correspondence(counter_town, new) == person_id
    assert counter_town.look_up(new) == "007"
    assert counter_town.current_id(person_id) == NEW_NAME[:14]
    assert not counter_town.rows(CorrespondenceLine)


def test_nothing_holds_before_another_operator_has_confirmed(counter_town, loader, old, new, clock):
    page = loader.load(file(line(counter_town, old, new)))
    assert "別の職員の承認を待っています" in page.words
    clock.forward(hours=2)
    assert by_correspondence(counter_town, new) == "correspondence-missing"


def test_the_loader_cannot_confirm(counter_town, loader, old, new):
    loader.load(file(line(counter_town, old, new)))
    assert code_of(loader.press("confirmation")) == "approval-by-another"
    assert not counter_town.rows(CorrespondenceLine)


def test_a_line_holds_for_one_year(counter_town, loader, other, old, new, clock):
    loader.load(file(line(counter_town, old, new)))
    other.press("confirmation")
    clock.forward(days=365)
    assert by_correspondence(counter_town, new) == "correspondence-missing"


def test_the_dry_run_shows_what_confirming_would_do_and_changes_nothing(counter_town, loader, other, old, new):
    loader.load(file(line(counter_town, old, new), f"{UNKNOWN},1,{UNKNOWN},2"))
    with_link = other.browser.get("/correspondence")
    assert "2026-11.csv" in with_link.words
    link = next(a["href"] for a in with_link.all("a") if a.get("href", "").startswith("/correspondence/"))
    page = other.browser.get(link)
    assert "運営 一郎" in page.words
    assert "correspondence-old-unknown" in page.words
    assert not counter_town.rows(CorrespondenceLine)
    assert not counter_town.rows(Review)


def test_confirming_and_discarding_are_written_down(counter_town, loader, other, old, new):
    loader.load(file(line(counter_town, old, new)))
    assert "ファイルを承認しました。" in other.press("confirmation").words
    event, facts = counter_town.last_entry()
    assert (event, facts["lines"]) == ("operator:correspondence-file:confirmed", {"sound": 1, "refused": 0})
    assert facts["staff"] == str(other.browser.staff_id)
    [kept] = counter_town.rows(CorrespondenceFile)
    assert (kept.content, str(kept.confirmed_by)) == (None, str(other.browser.staff_id))
    loader.load(file())
    assert "ファイルを取り下げました。" in loader.press("discarding").words
    assert counter_town.last_entry()[0] == "operator:correspondence-file:discarded"
    assert len(counter_town.rows(CorrespondenceFile)) == 1


def test_a_file_is_confirmed_once(counter_town, loader, other, old, new):
    loader.load(file(line(counter_town, old, new)))
    [row] = counter_town.rows(CorrespondenceFile)
    other.press("confirmation")
    for act in ("confirmation", "discarding"):
        assert code_of(other.browser.post(f"/correspondence/{row.file_id}/{act}")) == "correspondence-not-found"
    assert len(counter_town.rows(CorrespondenceLine)) == 1


@pytest.mark.parametrize(
    ("poison", "tangled"),
    [
        (lambda o, n: [f"{o},{n}", f"{o},{UNKNOWN},9"], ["2", "3"]),  # a fork
        (lambda o, n: [f"{o},{n}", f"{UNKNOWN},9,{n}"], ["2", "3"]),  # two become one
        (lambda o, n: [f"{o},{n}", f"{n},{UNKNOWN},9"], ["2", "3"]),  # a chain
        (lambda o, n: [f"{o},{n}", f"{n},{o}"], ["2", "3"]),  # a cycle
        (lambda o, _: [f"{o},{o}"], ["2"]),  # one that replaces itself
        (lambda o, n: [f"{o},{n}", f"{o},{n}"], ["2", "3"]),  # twice the same
    ],
)
def test_a_line_that_names_a_certificate_twice_is_left_to_staff(counter_town, loader, other, old, new, poison, tangled):
    loader.load(file(*poison(name(counter_town, old), name(counter_town, new))))
    other.press("confirmation")
    assert reviews(counter_town) == [("correspondence-tangled", number) for number in tangled]
    assert not counter_town.rows(CorrespondenceLine)


def test_a_serial_number_of_two_generations_is_two_certificates(counter_town, loader, other, old, clock):
    serial = f"{old[0].serial_number:x}"
    loader.load(file(f"{name(counter_town, old)},{UNKNOWN},{serial}"))
    other.press("confirmation")
    [kept] = counter_town.rows(CorrespondenceLine)
    assert (kept.new_issuer_key_id, kept.new_serial_number) == (UNKNOWN, serial)
    assert kept.expires_at == clock() + timedelta(days=365)


def test_an_old_certificate_that_is_unknown_or_retired_is_left_to_staff(counter_town, loader, other, old, new, clock):
    third = counter_town.card("7K0M93QX5TBR2W07202002B", 2, issued=timedelta(hours=2))
    clock.forward(hours=3)
    counter_town.move_elsewhere(old, new)
    stranger = counter_town.card("5K0M93QX5TBR2W07202002B", 2)
    fourth = counter_town.card("6K0M93QX5TBR2W07202002B", 2, issued=timedelta(hours=2))
    loader.load(file(line(counter_town, old, third), line(counter_town, stranger, fourth)))
    other.press("confirmation")
    assert reviews(counter_town) == [("correspondence-old-unknown", "2"), ("correspondence-old-unknown", "3")]


def test_a_new_certificate_that_is_registered_is_left_to_staff(counter_town, loader, other, old, new, clock):
    clock.forward(minutes=61)
    counter_town.register(new)
    loader.load(file(line(counter_town, old, new)))
    other.press("confirmation")
    assert reviews(counter_town) == [("correspondence-new-taken", "2")]


@pytest.mark.parametrize("again", ["new", "old", "chain"])
def test_a_certificate_that_an_earlier_file_named_is_left_to_staff(counter_town, loader, other, old, new, again):
    loader.load(file(line(counter_town, old, new)))
    other.press("confirmation")
    second = counter_town.card("7K0M93QX5TBR2W07202002B", 2)
    counter_town.register(second)
    fresh = counter_town.card("6K0M93QX5TBR2W07202002B", 2, issued=timedelta(hours=2))
    ends = {"new": (second, new), "old": (old, fresh), "chain": (second, old)}[again]
    loader.load(file(line(counter_town, *ends)))
    other.press("confirmation")
    code = "correspondence-new-taken" if again == "chain" else "correspondence-tangled"
    assert reviews(counter_town) == [(code, "2")]
    assert len(counter_town.rows(CorrespondenceLine)) == 1


def test_a_malformed_line_refuses_the_whole_file_with_its_number(counter_town, loader, old, new):
    page = loader.load(file(line(counter_town, old, new), "poison"))
    assert page.status == 422
    assert "3行目" in page.words
    assert not counter_town.rows(CorrespondenceFile)
    assert "poison" not in page.words


@pytest.mark.parametrize(("content", "status"), [(b"", 422), (b"x" * (LARGEST + 1), 413)])
def test_an_empty_or_too_large_file_is_refused(counter_town, loader, content, status):
    assert loader.load(content).status == status
    assert not counter_town.rows(CorrespondenceFile)


def test_a_form_without_a_file_is_refused(loader):
    loader.browser.get("/correspondence")
    assert loader.browser.post("/correspondence").status == 422


def test_a_name_of_a_file_is_a_text_and_nothing_else(counter_town, loader, other):
    loader.load(file(), name="../<script>\0\u202e" + "x" * 200)
    [kept] = counter_town.rows(CorrespondenceFile)
    assert (len(kept.name), kept.name.isprintable()) == (100, True)
    assert "<script>" not in other.browser.get("/correspondence").response.text.replace("<script src", "")


def test_a_new_card_that_is_older_than_the_old_one_is_left_to_staff_when_it_comes(counter_town, loader, other, old):
    older = counter_town.card(NEW_NAME, 1, issued=timedelta(days=-40))
    loader.load(file(line(counter_town, old, older)))
    other.press("confirmation")
    assert by_correspondence(counter_town, older) == "renewal-order"
    assert [review.code for review in counter_town.rows(Review)] == ["renewal-order"]
    assert counter_town.current_id(counter_town.holder(old)) == OLD_NAME[:14]


def long_file(lines):
    return file(*(f"{UNKNOWN},{2 * n + 1:x},{UNKNOWN},{2 * n + 2:x}" for n in range(lines)))


def test_six_thousand_lines_take_a_bounded_number_of_statements(counter_town, loader, other, statements):
    content = long_file(6000)
    assert len(content) < LARGEST
    with statements() as loading:
        loader.load(content)
    with statements() as confirming:
        other.press("confirmation")
    assert len(counter_town.rows(Review)) == 6000
    assert len(loading) < 120
    assert len(confirming) < 240
    assert [entry.event for entry in counter_town.rows(AuditEntry)].count("operator:correspondence-file:confirmed") == 1
