"""A bulk import beside another one and beside taps, in real threads: one wins, the other is told, nothing is half."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from portal.domain.errors import PortalError
from portal.extensions import db
from portal.models import IdUse, LinkFile, ServiceLink
from portal.services.providers.link_import import ImportReport
from tests.portal.actors.card_holders import rows
from tests.portal.actors.customers import allow, link_file, new_people, numbered
from tests.portal.actors.town import HANAKO, LIBRARY, SHOP

MANY = 1200


@pytest.fixture
def services(app, town):  # noqa: ARG001 - the town has the providers
    allow(app)
    allow(app, SHOP)
    return app.extensions["mykey"]


@pytest.fixture
def at_once(app):
    """Do several things at one moment; return what came of each."""

    def run(*calls):
        def one(call):
            with app.app_context():
                return call()

        with ThreadPoolExecutor(len(calls)) as threads:
            return list(threads.map(one, calls))

    return run


def numbered_lines(people):
    return [f"{each},{number}" for number, each in enumerate(people)]


def an_import(services, *lines, provider=LIBRARY):
    """Return an import as a call that tells how it ended."""

    def call():
        report = ImportReport()
        list(services.link_import.bring_in(provider, lambda: link_file(*lines), report))
        return report.problem

    return call


def test_of_two_imports_of_the_same_links_one_wins_and_the_other_is_told(app, services, at_once):
    lines = numbered_lines(new_people(app, *numbered(MANY)))
    outcomes = at_once(an_import(services, *lines), an_import(services, *reversed(lines)))
    assert sorted(map(str, outcomes)) in (["None", "link-file-refused"], ["None", "link-file-overtaken"])
    assert (len(rows(app, ServiceLink)), len(rows(app, IdUse))) == (MANY, MANY)
    with app.app_context():
        assert services.audit.broken()[1] is None


def test_two_providers_import_the_same_people_at_once(app, services, at_once):
    lines = numbered_lines(new_people(app, *numbered(MANY)))
    outcomes = at_once(an_import(services, *lines), an_import(services, *reversed(lines), provider=SHOP))
    assert outcomes == [None, None]
    assert len(rows(app, ServiceLink)) == 2 * MANY


def test_a_file_confirmed_twice_at_once_is_imported_once(app, services, at_once, town):  # noqa: ARG001
    lines = numbered_lines(new_people(app, *numbered(MANY)))
    with app.app_context():
        staff, _ = services.staff.add("図書館 太郎", ["provider"], LIBRARY)
        staff_id = staff.staff_id
        services.link_files.load(LIBRARY, "", link_file(*lines), staff_id)

    def confirm():
        file, report = db.session.scalars(select(LinkFile)).one(), ImportReport()
        list(services.link_files.bring_in(file, staff_id, report))
        return report.problem

    assert sorted(map(str, at_once(confirm, confirm))) == ["None", "link-file-not-found"]
    assert len(rows(app, ServiceLink)) == MANY


@pytest.mark.parametrize("service_id", ["7", "TAPPED"])
def test_a_tap_of_somebody_who_is_imported_links_once(app, services, at_once, town, service_id):
    card = town.card()
    town.register(card)
    people = new_people(app, *numbered(MANY))
    lines = [*numbered_lines(people), f"{HANAKO[:14]},HANAKO"]

    def tap():
        try:
            services.links.link(LIBRARY, town.held(card), service_id)
        except PortalError as error:
            return error.code
        return None

    imported, tapped = at_once(an_import(services, *lines), tap)
    assert (imported is None) != (tapped is None) or (imported, tapped) == ("link-file-refused", None)
    assert imported in (None, "link-file-refused", "link-file-overtaken")
    assert tapped in (None, "service-id-already-registered", "service-id-in-use")
    assert len(rows(app, ServiceLink)) == (1 if imported else MANY + 1)
