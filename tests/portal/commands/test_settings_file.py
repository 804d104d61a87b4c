"""One TOML file as a source of settings: what it may say, what is told where it is wrong, and `mykey config`."""

import json
import os
import stat
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from click.testing import CliRunner

from portal import settings_file
from portal.cli import main
from portal.config import Settings
from portal.settings_file import SettingsRefused, load_settings, write_values

GOOD = """\
# our portal
origin = "https://id.example.jp"
operator = "例示市　市民課"   # as the pages show it
trusted_proxies = 1
pairing = false
"""


@pytest.fixture(autouse=True)
def nothing_in_the_environment(monkeypatch, tmp_path):
    for name in os.environ:
        if name.startswith("MYKEY_"):
            monkeypatch.delenv(name)
    monkeypatch.setattr(settings_file, "OF_THE_SYSTEM", tmp_path / "etc" / "portal.toml")


@pytest.fixture
def file(monkeypatch, tmp_path):
    """Name the file of settings, and write it."""
    place = tmp_path / "portal.toml"
    monkeypatch.setenv("MYKEY_CONFIG", str(place))

    def write(content):
        place.write_bytes(content.encode() if isinstance(content, str) else content)
        return place

    return write


def refused():
    with pytest.raises(SettingsRefused) as error:
        load_settings()
    return str(error.value)


@pytest.mark.parametrize("content", [GOOD, GOOD.replace("\n", "\r\n"), f"\ufeff{GOOD}", GOOD.rstrip()])
def test_what_editors_leave_is_taken_off(file, content):
    file(content)
    found = load_settings()
    assert (found.origin, found.operator) == ("https://id.example.jp", "例示市　市民課")
    assert (found.trusted_proxies, found.pairing, found.uses_days) == (1, False, 90)


def test_the_environment_wins_and_an_empty_value_is_none(file, monkeypatch):
    file(GOOD + 'operator_mail = ""\n')
    monkeypatch.setenv("MYKEY_OPERATOR", "別の市")
    monkeypatch.setenv("MYKEY_TRUSTED_PROXIES", "")
    found = load_settings()
    assert (found.operator, found.trusted_proxies, found.operator_mail) == ("別の市", 1, "")


def test_the_file_of_the_system_is_read_where_no_other_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("MYKEY_ORIGIN", "https://id.example.jp")
    assert load_settings().uses_days == 90
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "portal.toml").write_text("uses_days = 30\n")
    assert load_settings().uses_days == 30
    assert Settings(origin="https://id.example.jp").uses_days == 90  # made by hand, it reads none


WRONG = (
    ('origin = "https://a.jp"\norigin = "https://b.jp"\n', "line 2"),
    (
        'origin = "https://a.jp"\norign = "https://a.jp"\n',
        "line 2: orign: there is no such setting: is `origin` meant?",
    ),
    ('MYKEY_ORIGIN = "https://a.jp"\n', "line 1: MYKEY_ORIGIN: there is no such setting: is `origin` meant?"),
    ("\n\nzzz = 1\n", "line 3: zzz: there is no such setting. `mykey config` lists them."),
    ('[portal]\norigin = "https://a.jp"\n', "line 1: portal: [portal] is a section"),
    ("origin = 5\n", "line 1: origin: Input should be a valid string"),
    ('origin = "https://a.jp"\n uses_days = "many"\n', "line 2: uses_days: Input should be a valid integer"),
    ('origin = "https://a.jp"\ntrusted_proxies = true\n', "line 2: trusted_proxies: true is neither text nor a number"),
    ('origin = "https://a.jp"\n"operator" = ["例示市"]\n', "line 2: operator: Input should be a valid string"),
    (
        'origin = "https://a.jp"\noperator_hours = 2026-01-01\n',
        "line 2: operator_hours: Input should be a valid string",
    ),
    ('origin = "https://a.jp"\noperator = " "\n', "line 2: operator: is blank"),
    ("origin = https://a.jp\n", "is no TOML: Invalid value (at line 1, column 10)"),
    ("operator_telephone = 0312345678\n", "(at line 1"),
    ('origin = "https://a.jp"\noperator = "例示市"\n'.encode("cp932"), "line 2: is no UTF-8"),
    (GOOD.encode("utf-16"), "line 1: is no UTF-8"),
    (f'origin = "https://a.jp"\nuses_days = {"[" * 9000}', "is no TOML"),
    (f'origin = "https://a.jp"\nuses_days = {"9" * 5000}', "is no TOML"),
    ('origin = "https://a.jp"\nuses_days = 999999\n', "line 2: uses_days: Input should be less than or equal to 36500"),
    (
        'origin = "https://a.jp"\ndatabase_url = "postgresql://mykey:pw@db:54e2/mykey"\n',
        "line 2: database_url: is no address of a database",
    ),
    ("", "MYKEY_ORIGIN: Field required"),
    ("# nothing\r\n", "MYKEY_ORIGIN: Field required"),
)


@pytest.mark.parametrize(("content", "told"), WRONG)
@pytest.mark.parametrize("command", ["doctor", "config"])
def test_what_is_wrong_is_told_with_file_line_and_key(file, content, told, command):
    place = file(content)
    assert told in refused()
    done = CliRunner().invoke(main, [command, "--json"])
    answer = json.loads(done.stderr)
    assert (done.exit_code, answer["code"], told in answer["message"]) == (1, "setting-invalid", True)
    assert str(place) in answer["message"] or "MYKEY_ORIGIN" in answer["message"]
    assert "設定が正しくありません。" in answer["message"]


@pytest.mark.parametrize("size", [1, 2])
def test_several_wrong_settings_are_all_told_each_at_its_place(file, monkeypatch, size):
    file('origin = "https://a.jp"\nuses_days = 0\n' + "reservation_days = 900\n" * (size - 1))
    monkeypatch.setenv("MYKEY_TRUSTED_PROXIES", "-1")
    told = refused().splitlines()
    assert len(told) == size + 1
    assert any("MYKEY_TRUSTED_PROXIES: " in line for line in told)
    assert any("line 2: uses_days: " in line for line in told)


def test_a_file_that_is_not_there_and_a_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("MYKEY_CONFIG", str(tmp_path / "none.toml"))
    assert "none.toml, from which settings come, cannot be read: No such file" in refused()
    monkeypatch.setenv("MYKEY_CONFIG", str(tmp_path))
    assert "cannot be read: Is a directory" in refused()


def test_a_file_that_this_user_may_not_read_is_told(file, monkeypatch):
    place = file(GOOD)

    def denied(self):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(type(place), "read_bytes", denied)
    assert "cannot be read: Permission denied" in refused()


def test_config_shows_where_each_setting_comes_from(file, monkeypatch, tmp_path):
    place = file(GOOD + 'database_url = "postgresql+psycopg://mykey:ge:h/ei@m@db/mykey?password=geheim&x=1"\n')
    monkeypatch.setenv("MYKEY_INSTANCE", str(tmp_path))
    monkeypatch.setenv("MYKEY_METRICS_TOKEN", "geheim" * 3)
    done = CliRunner().invoke(main, ["config"])
    assert (done.exit_code, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert [line.split(" = ")[0] for line in lines] == list(Settings.model_fields)
    assert f"origin = https://id.example.jp  (file {place})" in lines
    assert f"instance = {tmp_path}  (environment)" in lines
    assert "uses_days = 90  (default)" in lines
    assert "terms_url = -  (default)" in lines
    assert "metrics_token = ***  (environment)" in lines
    assert f"database_url = postgresql+psycopg://mykey:***@db/mykey?password=***&x=1  (file {place})" in lines


def test_config_shows_the_rest_where_some_are_wrong(file):
    place = file(GOOD.replace("trusted_proxies = 1", "trusted_proxy = 1") + "uses_days = 0\n")
    done = CliRunner().invoke(main, ["config", "--json"])
    rows = {row["setting"]: (row["value"], row["from"]) for row in json.loads(done.stdout)}
    assert done.exit_code == 1
    assert rows["operator"] == ("例示市　市民課", f"file {place}")
    assert rows["uses_days"] == (0, f"file {place}")
    told = json.loads(done.stderr)["message"]
    assert "is `trusted_proxies` meant?" in told
    assert "uses_days: Input should be greater than or equal to 1" in told


def test_doctor_warns_of_a_password_that_everybody_may_read(file, tmp_path):
    place = file(
        f'{GOOD}database_url = "postgresql+psycopg://mykey:geheim@127.0.0.1:1/mykey"\ninstance = "{tmp_path}"\n'
    )
    for mode, status in ((0o644, "warn"), (0o640, "ok"), (0o600, "ok")):
        place.chmod(mode)
        told = {row["check"]: row for row in json.loads(CliRunner().invoke(main, ["doctor", "--json"]).stdout)}
        assert told["settings"]["status"] == status
        assert "geheim" not in json.dumps(told)


def test_writing_keeps_every_other_line_and_the_mode(file):
    place = file(GOOD)
    place.chmod(0o640)
    write_values({"operator": 'An "odd"\\ 名前', "uses_days": 30})
    assert place.read_text().splitlines() == [
        "# our portal",
        'origin = "https://id.example.jp"',
        "trusted_proxies = 1",
        "pairing = false",
        'operator = "An \\"odd\\"\\\\ 名前"',
        "uses_days = 30",
    ]
    assert (load_settings().operator, load_settings().uses_days) == ('An "odd"\\ 名前', 30)
    assert stat.S_IMODE(place.stat().st_mode) == 0o640
    assert [each.name for each in place.parent.iterdir()] == ["portal.toml"]


def test_a_link_to_the_file_stays_a_link(file, tmp_path):
    place = file(GOOD)
    theirs = place.rename(tmp_path / "theirs.toml")
    place.symlink_to(theirs)
    write_values({"operator": "見本市"})
    assert place.is_symlink()
    assert load_settings().operator == "見本市"
    assert 'operator = "見本市"' in theirs.read_text("utf-8")


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_an_address_of_postgresql_as_others_write_it_is_taken(file, scheme):
    file(f'{GOOD}database_url = "{scheme}://mykey:ge:h/ei@m@db:5432/mykey"\n')
    assert load_settings().database == "postgresql+psycopg://mykey:ge:h/ei@m@db:5432/mykey"


def test_config_shows_no_password_of_an_address_of_another_kind(file):
    file('origin = "https://a.jp"\ndatabase_url = ["postgresql://mykey:geheim@db/mykey"]\n')
    done = CliRunner().invoke(main, ["config"])
    assert "database_url = ***" in done.stdout
    assert "geheim" not in done.output


def test_of_two_who_write_at_once_neither_loses_an_answer(file, monkeypatch):
    place, replace = file('origin = "https://id.example.jp"\n'), settings_file._replace
    monkeypatch.setattr(settings_file, "_replace", lambda *both: (time.sleep(0.05), replace(*both)))
    answers = [{"operator": "例示市"}, {"trusted_proxies": 1}, {"uses_days": 30}, {"reservation_days": 30}]
    with ThreadPoolExecutor() as pool:
        list(pool.map(write_values, answers))
    assert len(place.read_text("utf-8").splitlines()) == 1 + len(answers)


def test_a_new_file_is_its_owners_alone(tmp_path):
    place = write_values({"origin": "https://id.example.jp"})
    assert place == tmp_path / "etc" / "portal.toml"
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert load_settings().origin == "https://id.example.jp"


@pytest.mark.parametrize("content", ['operator = """\nof two\nlines"""\n', 'orign = "x"\n', "= broken\n"])
def test_what_cannot_be_written_over_stays_as_it_is(file, content):
    place = file(content)
    with pytest.raises(SettingsRefused):
        write_values({"operator": "例示市"})
    assert place.read_text() == content
