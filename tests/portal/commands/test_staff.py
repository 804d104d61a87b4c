"""`mykey staff`, on SQLite and PostgreSQL."""

import re
from datetime import UTC, datetime

import pytest
from alembic import command
from click.testing import CliRunner
from sqlalchemy import create_engine, text

from portal.cli import main
from portal.migrations import schema_version
from tests.portal.actors.staff import StaffBrowser, code_of

LINK = re.compile(r"^https://id\.example\.jp/staff/enrol#([A-Za-z0-9_-]{32})$", re.MULTILINE)


@pytest.fixture
def mykey(settings, monkeypatch):
    """Run `mykey staff …`; return what it printed, or what it stopped with."""
    for name in ("origin", "instance", "database_url"):
        monkeypatch.setenv(f"MYKEY_{name.upper()}", str(getattr(settings, name)))

    def run(*words, stops=0):
        result = CliRunner().invoke(main, ["staff", *words])
        assert result.exit_code == stops, result.output
        return result.stderr if stops else result.stdout

    return run


@pytest.fixture
def browser(app, real_time):  # noqa: ARG001
    """Give a browser with an authenticator."""
    return StaffBrowser(app)


@pytest.fixture
def real_time(clock):
    """Let the portal's clock show what the commands read from the computer's."""
    clock.now = datetime.now(UTC)


def link_in(output):
    [token] = LINK.findall(output)
    return token


def test_the_first_clerk_signs_in_with_the_link_that_add_prints_once(mykey, browser):
    token = link_in(mykey("add", " 窓口 花子 ", "--role", "clerk", "--role", "operator"))
    assert browser.enrol(token).status == 200
    assert "窓口 花子" in browser.get("/staff").words
    assert ("窓口の職員" in browser.page.words, "運営者" in browser.page.words) == (True, True)
    listed = mykey("list")
    assert "窓口 花子  clerk,operator  -  passkeys: 1  active" in listed
    assert token not in listed


def test_suspend_stops_and_resume_lets_sign_in_again(mykey, browser, clock):
    browser.enrol(link_in(mykey("add", "窓口 花子", "--role", "clerk")))
    assert mykey("suspend", "窓口 花子") == "窓口 花子 is suspended.\n"
    assert "suspended" in mykey("list")
    assert code_of(browser.get("/staff")) == "staff-suspended"
    mykey("resume", "窓口 花子")
    clock.forward(minutes=1)
    assert browser.sign_in().status == 200


def test_link_recovers_and_keeps_passkeys_unless_told_otherwise(mykey, browser):
    first = link_in(mykey("add", "窓口 花子", "--role", "clerk"))
    second = link_in(mykey("link", "窓口 花子"))
    assert code_of(browser.open_link(first)) == "staff-link-invalid"
    browser.enrol(second)
    mykey("link", "窓口 花子")
    assert browser.sign_in().status == 200
    mykey("link", "窓口 花子", "--forget-passkeys")
    assert "passkeys: 0" in mykey("list")
    assert code_of(browser.sign_in()) == "passkey-refused"


def test_a_name_that_nobody_or_several_have_is_told_in_a_sentence(mykey):
    assert mykey("suspend", "誰か", stops=1).startswith("Nobody here is called '誰か'.")
    for _ in range(2):
        mykey("add", "窓口 花子", "--role", "clerk")
    assert "2 people are called '窓口 花子'." in mykey("link", "窓口 花子", stops=1)
    one = mykey("list").split()[0]
    assert mykey("suspend", one) == "窓口 花子 is suspended.\n"
    assert [line.split()[-1] for line in mykey("list").splitlines()] == ["suspended", "active"]


@pytest.mark.parametrize("name", ["", "  ", "花\n子", "\x1b[31m花子", "花" * 65])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_name_that_no_page_could_show_is_not_added(mykey, name):
    assert "printable" in mykey("add", name, "--role", "clerk", stops=1)
    assert mykey("list") == ""


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_role_must_be_given_and_be_one(mykey):
    assert "--role" in mykey("add", "窓口 花子", stops=2)
    assert "'king' is not one of" in mykey("add", "窓口 花子", "--role", "king", stops=2)


def test_an_old_database_and_one_that_does_not_answer_are_told_apart(mykey, database, monkeypatch):
    command.downgrade(schema_version.alembic_config(database), "0001")
    assert "mykey db upgrade" in mykey("list", stops=1)
    monkeypatch.setenv("MYKEY_DATABASE_URL", "sqlite:////no/such/folder/portal.sqlite3")
    assert "does not answer" in mykey("list", stops=1)


def test_the_link_is_kept_as_a_keyed_hash_alone(mykey, database):
    token = link_in(mykey("add", "窓口 花子", "--role", "clerk"))
    engine = create_engine(database)
    with engine.connect() as connection:
        kept = str(connection.execute(text("SELECT * FROM staff_link")).all())
    engine.dispose()
    assert token not in kept


def test_somebody_of_a_provider_is_added_with_the_provider_and_not_without(mykey, app, browser):
    with app.app_context():
        app.extensions["mykey"].providers.add("A-α1-0001", "中央図書館")
    add = ("add", "図書館 太郎", "--role")
    assert "(staff-without-provider)" in mykey(*add, "provider", stops=1)
    assert "(staff-without-provider)" in mykey(*add, "clerk", "--provider", "A-α1-0001", stops=1)
    assert "(service-provider-unknown)" in mykey(*add, "provider", "--provider", "B", stops=1)
    assert mykey("list") == ""
    browser.enrol(link_in(mykey(*add, "provider", "--provider", "A-α1-0001")))
    assert "図書館 太郎  provider  A-α1-0001  passkeys: 1" in mykey("list")
    assert "サービス提供者の職員" in browser.page.words
    assert browser.get("/provider").status == 200
