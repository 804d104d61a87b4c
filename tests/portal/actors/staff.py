"""Staff at their browsers: added as `mykey staff` does, then through the real pages."""

import json
from contextlib import contextmanager
from http.cookies import SimpleCookie
from urllib.parse import urlsplit

from flask import session
from sqlalchemy import func, select

from portal.domain.roles import Role
from portal.extensions import db
from portal.web.access import sign_in_as
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
    """Return a browser in which a new member of staff is signed in, without the pages on the way there."""
    browser = added_staff(app, name, roles, language, provider)
    cookie, value = session_of_staff(app, browser.token, browser.authenticator)
    browser.client.set_cookie(cookie, value, domain=urlsplit(browser.base).hostname, secure=True, httponly=True)
    assert browser.get("/staff").status == 200
    return browser


def session_of_staff(app, token, authenticator):
    """Make a passkey by a one-time link, and sign in with it; return the session's cookie: its name and value."""
    with app.test_request_context("/staff", base_url=app.extensions["mykey"].settings.origin):
        passkeys = app.extensions["mykey"].passkeys
        link, challenge = passkeys.open_link(token), passkeys.new_challenge()
        _, options = passkeys.enrolment_options(link, challenge)
        staff = passkeys.enrol(link, authenticator.create(json.loads(options)), challenge)
        sign_in_as("staff_id", staff.staff_id, staff.grounds)
        app.session_interface.save_session(app, session, answer := app.make_response(""))
    [(name, cookie)] = SimpleCookie(answer.headers["Set-Cookie"]).items()
    return name, cookie.value


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
