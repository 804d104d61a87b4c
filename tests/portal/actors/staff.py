"""Staff at their browsers: added as `mykey staff` does, then through the real pages."""

import json
from contextlib import contextmanager

from sqlalchemy import func, select

from portal.domain.roles import Role
from portal.extensions import db
from tests.portal.actors.authenticator import Authenticator
from tests.portal.actors.pages import Citizen


class StaffBrowser(Citizen):
    """A browser of somebody who works here, with an authenticator in the place of JavaScript."""

    def __init__(self, app, language="ja"):
        super().__init__(app, language)
        self.app, self.authenticator = app, Authenticator(self.base)

    def options(self):
        return json.loads(self.page.value("data-options"))

    def open_link(self, token=None):
        self.get("/staff/enrol")
        return self.post("/staff/enrol", code=token or self.token)

    def enrol(self, token=None):
        """Make a passkey by the one-time link, which signs in."""
        self.open_link(token)
        return self.make_passkey()

    def make_passkey(self):
        return self.post("/staff/passkey", credential=self.authenticator.create(self.options()))

    def sign_in(self):
        self.get("/staff/sign-in")
        return self.post("/staff/sign-in", credential=self.authenticator.get(self.options()))


def added_staff(app, name="窓口 花子", roles=(Role.CLERK,), language="ja", provider=None):
    """Return the browser of a new member of staff, who has a one-time link."""
    browser = StaffBrowser(app, language)
    with app.app_context():
        staff, browser.token = app.extensions["mykey"].staff.add(name, roles, provider)
        browser.staff_id = staff.staff_id
    return browser


def signed_in_staff(app, name="窓口 花子", roles=(Role.CLERK,), language="ja", provider=None):
    """Return a browser in which a new member of staff is signed in."""
    browser = added_staff(app, name, roles, language, provider)
    assert browser.enrol().status == 200
    return browser


@contextmanager
def list_of_staff(browser):
    """Act as `mykey staff` does: on the list, with the ID of the one at this browser."""
    with browser.app.app_context():
        yield browser.app.extensions["mykey"].staff, browser.staff_id


def code_of(page):
    """Return the code of an error's page."""
    assert page.status >= 400
    return page.value("data-problem") or page.response.text.split("<code>")[1].split("<")[0]


def count(app, model):
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model))
