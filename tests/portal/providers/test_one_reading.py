"""One reading of a service ID: the desk, a file, a call, a search and the field to try it give one result."""

import pytest

from portal.extensions import db
from portal.models import ServiceLink
from portal.services.operation.management_table import Look
from portal.services.providers.link_import import ImportReport
from tests.conftest import sqlite_alone as database  # noqa: F401 (a fixture)
from tests.portal.actors.card_holders import rows
from tests.portal.actors.customers import allow, link_file, new_people, provider_staff, set_up
from tests.portal.actors.tablet import Tablet, sent
from tests.portal.actors.town import LIBRARY
from tests.portal.providers.test_terminal_api import enrolled

PERSON = "PERSON00000000"
FREE = {"picture": None, "check_digit": None}
CAME = [  # setting; what comes; what is kept, or why it is refused
    (FREE, "0001234", "0001234"),
    (FREE, "０００１２３４", "0001234"),
    (FREE, "A0001234A", "0001234"),
    (FREE, "ｂ０００１２３４ｄ", "0001234"),
    (FREE, '="0001234"', "0001234"),
    (FREE, "'0001234", "0001234"),
    (FREE, "12ー34−5", "12-34-5"),
    (FREE, "D40/156T", "D40/156T"),
    (FREE, "あ０００１２３４あ", "service-id-in-kana"),
    (FREE, "2.80212E+12", "service-id-rewritten"),
    (FREE, "1月2日", "service-id-rewritten"),
    ({"picture": "A9999999A"}, "a0001234b", "A0001234B"),
    ({"picture": "A-999999|9999999"}, "ｂ000001", "B-000001"),
    ({"picture": "A-999999|9999999"}, "000‐1234", "0001234"),
    ({"picture": "99999999"}, "1234", "service-id-zeros-missing"),
    ({"picture": "9999999", "check_digit": "7dr"}, "A1234564A", "1234564"),
    ({"picture": "9999999", "check_digit": "7dr"}, "A1234565A", "service-id-malformed"),
    ({"check_digit": "m16"}, "B12344B", "12344"),
    ({"check_digit": "m16"}, "B12345B", "service-id-malformed"),
]
TRIMMED = [
    (FREE, " 0001234\t", "0001234"),
    (FREE, "\u00a00001234\u3000", "0001234"),
    (FREE, "1" * 70, "service-id-too-long"),
]
"""What the protocol refuses at a call: `service-id-malformed`."""


@pytest.fixture
def places(town, card):
    """Give every place where a service ID comes in; each returns what it keeps, or the code of its refusal."""
    allow(town.app)
    new_people(town.app, PERSON)
    return Places(town, card)


class Places:
    def __init__(self, town, card):
        self.town, self.card = town, card
        self.tablet, (_, self.call, _) = Tablet(town), enrolled(town)
        self.staff = provider_staff(town.app)
        self.staff.get("/provider")
        self.tablet.read()
        self.tablet.tap(card)

    def desk(self, came):
        self.tablet.type_service_id(came)
        with self.town.app.app_context():
            state = self.town.services.reception.of(self.tablet.terminal)
            assert state.problem is None or came[:60] in self.tablet.page.words or came != came.strip()
            return state.problem or state.service_id

    def file(self, came):
        report, cell = ImportReport(), came.replace('"', '""')
        with self.town.app.app_context():
            list(self.town.services.link_import.try_out(LIBRARY, link_file(f'{PERSON},"{cell}"'), report))
        [line] = report.refused or report.first
        return line.code or line.service_id

    def call_of_a_terminal(self, came):
        reply = self.call("service-links", certificate=sent(self.card), service_id=came).json
        if "service_id" in reply:
            assert [link.service_id for link in rows(self.town.app, ServiceLink)] == [reply["service_id"]]
        with self.town.app.app_context():
            db.session.query(ServiceLink).delete()
            db.session.commit()
        return reply.get("service_id") or reply["code"]

    def tried(self, came):
        page = self.staff.post("/provider/scan", scan=came)
        return page.response.text.partition('id="reading"')[2].partition("</section>")[0]


def test_the_same_input_gives_the_same_result_at_every_place(places):
    for setting, came, wanted in CAME + TRIMMED:
        set_up(places.town.app, **FREE | setting)
        results = {places.desk(came), places.file(came)}
        at_a_call = places.call_of_a_terminal(came)
        assert results == {wanted}, came
        assert at_a_call == ("service-id-malformed" if (setting, came, wanted) in TRIMMED else wanted), came
        shown = places.tried(came)
        assert ("error-text" in shown, wanted.startswith("service-id")) in ((True, True), (False, False)), came
        assert wanted.startswith("service-id") or f">{wanted}</code>" in shown, came


def test_a_search_finds_what_the_desk_keeps(town, card):
    town.link(card, LIBRARY, "0")
    librarian = provider_staff(town.app)
    for setting, came, wanted in CAME + TRIMMED[:2]:
        if not wanted.startswith("service-id"):
            set_up(town.app, **FREE | setting)
            with town.app.app_context():
                db.session.query(ServiceLink).update({"service_id": wanted})
                db.session.commit()
                found, _ = town.services.operator_table.rows(Look("service_id", came.strip()))
            assert [row.service_id for row in found] == [wanted], came
            assert f">{wanted}<" in librarian.post("/provider", typed=came).response.text, came


def test_a_search_finds_what_is_kept_unread(town, card):
    """The UID of a service card may look like a bar code, and older versions kept some files as they were."""
    librarian = provider_staff(town.app)
    town.link(card, LIBRARY, "0")
    for kept in ("A123456B", '="0001234"', "０００１２３４"):
        with town.app.app_context():
            db.session.query(ServiceLink).update({"service_id": kept})
            db.session.commit()
        page = librarian.post("/provider", typed=f" {kept} ")
        assert [each["value"] for each in page.all("button") if each.get("name") == "service_id"] == [kept]
