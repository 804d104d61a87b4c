"""People whom a provider knows, written in a few statements; and the provider's staff at a browser."""

from contextlib import contextmanager
from threading import Event, Thread
from uuid import uuid4

from sqlalchemy import insert, update

from portal.domain.roles import Role
from portal.extensions import db
from portal.models import MyKeyIdRecord, Person, ServiceLink, ServiceProvider
from tests.portal.actors.staff import signed_in_staff
from tests.portal.actors.town import LIBRARY

HEADER = "マイキーID,サービスID"


def new_people(app, *mykey_ids, terminal="07202002B"):
    """Let people have these MyKey IDs; return who they are."""
    now, people = app.extensions["mykey"].clock(), {each: uuid4() for each in mykey_ids}
    with app.app_context():
        db.session.execute(insert(Person), [{"person_id": each, "registered_at": now} for each in people.values()])
        rows = [{"mykey_id": mykey_id, "person_id": each} for mykey_id, each in people.items()]
        db.session.execute(insert(MyKeyIdRecord).values(terminal_code=terminal, registered_at=now), rows)
        db.session.commit()
    return people


def link_all(app, links, provider=LIBRARY):
    """Link service IDs of people, without an act."""
    now = app.extensions["mykey"].clock()
    with app.app_context():
        rows = [{"service_id": service_id, "person_id": person} for person, service_id in links]
        db.session.execute(insert(ServiceLink).values(service_provider_id=provider, linked_at=now), rows)
        db.session.commit()


def set_up(app, provider=LIBRARY, **settings):
    """Set a provider up as its operator does."""
    with app.app_context():
        mine = ServiceProvider.service_provider_id == provider
        db.session.execute(update(ServiceProvider).where(mine).values(**settings))
        db.session.commit()


def allow(app, provider=LIBRARY, *, typed_mykey_ids=True):
    """Let a provider name people by their MyKey IDs."""
    set_up(app, provider, typed_mykey_ids=typed_mykey_ids)


def webhook_secret(app, provider=LIBRARY):
    """Return what a provider's business system verifies signatures with."""
    services = app.extensions["mykey"]
    with app.app_context():
        return services.webhook_messages.secret(services.service_providers.known(provider))


def numbered(count):
    """Return so many MyKey IDs."""
    return [f"PERSON{number:08}" for number in range(count)]


def link_file(*lines, encoding="utf-8-sig"):
    return "\r\n".join((HEADER, *lines, "")).encode(encoding)


def provider_staff(app, provider=LIBRARY, name="図書館 太郎", language="ja"):
    """Return a browser in which somebody of a provider is signed in."""
    return signed_in_staff(app, name, (Role.PROVIDER,), language, provider)


def load(browser, content, name="links.csv"):
    """Load a file at the page of bulk import."""
    browser.get("/provider/imports")
    part = 'Content-Disposition: form-data; name="{}"{}\r\n\r\n'.format
    body = [f"--x\r\n{part('csrf_token', '')}{browser.page.csrf_token}\r\n--x\r\n".encode()]
    body += [part("file", f'; filename="{name}"').encode(), content, b"\r\n--x--\r\n"]
    return browser.post_body("/provider/imports", b"".join(body), "multipart/form-data; boundary=x")


@contextmanager
def begun(visitor, address):
    """Let somebody read an answer in a thread of their own up to its middle while a block runs, and then go away."""
    on_its_way, over = Event(), Event()

    def read():
        response = visitor.client.get(address, base_url=visitor.base, buffered=False)
        next(iter(response.response))
        on_its_way.set()
        over.wait(60)
        response.close()

    thread = Thread(target=read)
    thread.start()
    assert on_its_way.wait(60)
    try:
        yield
    finally:
        over.set()
        thread.join()
