"""The day at a glance in a real browser, for its operator and for a provider, on the best and the worst of days."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import insert

from portal.domain.roles import Role
from portal.extensions import db
from portal.models import DailyFigure, Terminal, WebhookMessage
from tests.conftest import NOW
from tests.e2e.axe import LOOKED_AT, look_at
from tests.e2e.staff import sign_in_staff
from tests.portal.actors.town import LIBRARY

REFUSED = ("pin-incorrect", "mykey-id-not-registered", "certificate-expired", "service-id-already-registered")


@pytest.fixture(params=LOOKED_AT)
def page(request, portal, new_browser):
    return new_browser(portal, request.param).new_page()


@pytest.fixture
def busy(portal, town):
    """Write a fortnight of figures, terminals that are there and not, and messages that were not taken."""
    for number in range(2):
        with portal.app.app_context():
            _, codes = town.services.terminals.add(LIBRARY, f"{number + 1}階受付")
            town.services.enrolment.enrol_bridge(codes.bridge, "reader-bridge/1.4.2")
    with portal.app.app_context():
        db.session.query(Terminal).filter_by(name="2階受付").update({"last_used_at": NOW - timedelta(days=5)})
        figures = [(ago, what, "", 7 * ago % 23) for ago in range(14) for what in ("linked", "looked-up")]
        figures += [(ago, what, "", ago % 4) for ago in range(14) for what in ("registered", "reserved")]
        figures += [(ago, "refused", code, 3 + place) for ago in range(0, 14, 3) for place, code in enumerate(REFUSED)]
        same = {"service_provider_id": LIBRARY}
        rows = [
            same | {"day": NOW.date() - timedelta(days=ago), "what": what, "code": code, "times": times}
            for ago, what, code, times in figures
        ]
        db.session.execute(insert(DailyFigure), rows)
        message = {"message_id": "msg_1", "body": "{}", "made_at": NOW - timedelta(days=1), "tries": 7, "due_at": None}
        db.session.execute(insert(WebhookMessage), [same | message])
        db.session.commit()


@pytest.mark.usefixtures("town")
def test_a_day_on_which_nothing_happened(portal, page):
    sign_in_staff(portal, page, "運営 一郎", (Role.OPERATOR,))
    page.goto("/operator/day")
    expect(page.locator("h1")).to_be_visible()
    look_at(page)


@pytest.mark.usefixtures("busy")
def test_a_day_on_which_much_happened(portal, page):
    sign_in_staff(portal, page, "運営 一郎", (Role.OPERATOR,))
    page.goto("/operator/day")
    expect(page.get_by_role("img")).to_have_count(7)
    for table in page.locator("summary").all():
        table.click()
    expect(page.locator("details[open] tbody tr")).to_have_count(14 + 14 + 14 + 13)
    look_at(page)


@pytest.mark.usefixtures("busy")
def test_a_provider_sees_its_own(portal, page):
    sign_in_staff(portal, page, "図書館 太郎", (Role.PROVIDER,), LIBRARY)
    page.goto("/provider/figures")
    expect(page.get_by_role("img")).to_have_count(3)
    look_at(page)
