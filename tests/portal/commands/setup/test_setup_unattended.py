"""`mykey setup` without a terminal: every answer is an option, and nothing is asked."""

import json
import tomllib
from datetime import UTC, datetime, timedelta

import pytest
from alembic import command
from click.testing import CliRunner
from cryptography.hazmat.primitives.hashes import SHA256
from sqlalchemy import text

from portal.cli import main
from portal.domain.roles import Role
from portal.extensions import db
from portal.gateways import listener
from portal.migrations import schema_version
from tests.portal.actors.staff import signed_in_staff

OPTIONS = {
    "--origin": "localhost",
    "--revocation": "none",
    "--operator": "例示市",
    "--telephone": "03-1234-5678",
    "--mail": "mykey@city.example.jp",
    "--trusted-proxies": "1",
}


@pytest.fixture
def run(tmp_path):
    """Type it with options; return status, answer and what was written."""

    def run(*words, environment=None, **changes):
        place = tmp_path / "etc" / "portal.toml"
        options = {"--instance": str(tmp_path / "kept")} | OPTIONS
        options |= {f"--{name.replace('_', '-')}": value for name, value in changes.items()}
        typed = [word for name, value in options.items() if value is not None for word in (name, value)]
        names = {"MYKEY_CONFIG": str(place), "MYKEY_ORIGIN": None, "MYKEY_INSTANCE": None, "MYKEY_DATABASE_URL": None}
        done = CliRunner().invoke(main, ["setup", "--json", *typed, *map(str, words)], env=names | (environment or {}))
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        kept = tomllib.loads(place.read_text("utf-8")) if place.exists() else {}
        return done.exit_code, json.loads(done.stdout or done.stderr), kept

    return run


@pytest.fixture
def published(authority_of_today, tmp_path):
    made = authority_of_today()
    (tmp_path / "authca.pem").write_bytes(made.pem())
    return tmp_path / "authca.pem", made.certificate.fingerprint(SHA256()).hex(":")


def states(answer):
    return {each["step"]: each["state"] for each in answer["steps"]}


def test_all_options_make_a_portal_and_twice_is_once(run, published, tmp_path):
    file, fingerprint = published
    status, answer, kept = run("--trust", file, "--fingerprint", fingerprint)
    assert (status, set(states(answer).values())) == (0, {"done"})
    assert answer["link"].startswith("https://localhost/staff/enrol#")
    assert kept == {
        "instance": str(tmp_path / "kept"),
        "origin": "https://localhost",
        "trusted_proxies": 1,
        "revocation": "none",
        "operator": "例示市",
        "operator_telephone": "03-1234-5678",
        "operator_mail": "mykey@city.example.jp",
    }
    status, again, same = run("--trust", file, "--fingerprint", fingerprint)
    assert (status, same, states(again)) == (0, kept, states(answer))
    assert again["link"] != answer["link"]
    assert len(list((tmp_path / "kept" / "trust").iterdir())) == 1


def test_what_is_missing_is_named_and_nothing_is_made(run, tmp_path):
    status, answer, kept = run(origin=None, revocation=None)
    assert (status, answer["code"], kept) == (2, "usage", {})
    assert "--origin, --revocation" in answer["message"]
    assert not (tmp_path / "kept").exists()


def test_what_may_wait_is_told_as_to_do(run):
    _, answer, _ = run(operator=None, telephone=None, mail=None)
    told = states(answer)
    assert [told[name] for name in ("operator", "operator_telephone", "trust")] == ["todo"] * 3
    assert told["database_url"] == "done"


@pytest.mark.parametrize(
    ("option", "value", "code"),
    [
        ("origin", "http://localhost", "setting-invalid"),
        ("revocation", "maybe", "setting-invalid"),
        ("database_url", "postgresql://mykey:geheim@127.0.0.1:1/mykey", "database-unavailable"),
        ("telephone", "電話", "setting-invalid"),
    ],
)
def test_a_wrong_option_is_refused_with_its_code(run, option, value, code):
    status, answer, kept = run(**{option: value})
    assert (status, answer["code"]) == (1, code)
    assert "geheim" not in answer["message"]
    assert option not in kept


@pytest.mark.parametrize("hyphen", "ー−‐－-")
def test_what_an_input_method_or_a_browser_writes_is_folded(run, hyphen):
    status, _, kept = run(origin="https://LOCALHOST:443/", telephone=f"０３{hyphen}１２３４{hyphen}5678")
    assert (status, kept["origin"], kept["operator_telephone"]) == (0, "https://localhost", "03-1234-5678")


def test_fingerprints_go_with_the_files_and_must_be_the_ones(run, published, tmp_path):
    file, fingerprint = published
    assert run("--trust", file)[1]["code"] == "usage"
    assert run("--trust", file, "--fingerprint", fingerprint[::-1])[1]["code"] == "fingerprint-differs"
    assert run("--trust", tmp_path / "none", "--fingerprint", "00")[1]["code"] == "authority-unusable"


def test_the_environment_wins_and_is_not_written(run):
    environment = {"MYKEY_ORIGIN": "https://localhost", "MYKEY_OPERATOR": "見本市"}
    status, answer, kept = run(environment=environment, operator=None)
    assert (status, "origin" in kept, "operator" in kept) == (0, False, False)
    assert {each["step"]: each["value"] for each in answer["steps"]}["operator"] == "見本市"
    status, answer, _ = run(environment=environment)
    assert (status, answer["code"]) == (1, "setting-invalid")
    assert "MYKEY_OPERATOR in the environment says something else" in answer["message"]


def test_a_database_url_is_kept_and_its_password_is_not_shown(run, database):
    status, answer, kept = run(database_url=database)
    assert (status, kept["database_url"]) == (0, database)
    assert schema_version.is_current(database)
    assert {each["step"]: each["value"] for each in answer["steps"]}["database_url"]


def test_tables_of_an_older_version_wait_for_a_backup(run, tmp_path):
    assert run()[0] == 0
    command.downgrade(schema_version.alembic_config(f"sqlite:///{tmp_path}/kept/portal.sqlite3"), "0003")
    status, answer, _ = run()
    assert (status, answer["code"]) == (1, "database-not-current")


def test_a_file_that_is_wrong_is_told_and_left_alone(run, tmp_path):
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "portal.toml").write_text('orign = "https://localhost"\n')
    status, answer, kept = run()
    assert (status, answer["code"], kept) == (1, "setting-invalid", {"orign": "https://localhost"})


def test_where_an_operator_is_there_it_says_so_and_is_done(told, typed, app, clock):
    clock.now = datetime.now(UTC) - timedelta(minutes=1)
    signed_in_staff(app, "運営 一郎", (Role.OPERATOR,))
    assert told("setup")["link"] is None
    done = typed("setup")
    assert (done.status, "An operator has a passkey." in done.out) == (0, True)


def test_a_start_leaves_the_open_link_of_set_up_alone(told, app, clock):
    clock.now = datetime.now(UTC)
    assert told("setup")["link"]
    with app.app_context():
        staff = app.extensions["mykey"].staff
        assert staff.set_up_is_open()
        clock.forward(hours=25)
        assert not staff.set_up_is_open()
        clock.forward(hours=-25)
        db.session.execute(text("DELETE FROM staff_link"))
        db.session.commit()
        assert not staff.set_up_is_open()


def test_a_name_is_known_or_not():
    assert listener.has_address("localhost")
    assert not listener.has_address("no such name")
