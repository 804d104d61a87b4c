"""What an environment file leaves around a value: taken off, or refused with the name of the setting."""

import pytest
from click.testing import CliRunner
from pydantic import ValidationError

from portal.cli import main
from portal.config import Settings

ORIGIN = "https://id.example.jp"
LEFT = ("{}\r", "{}\r\n", " {}", "{}\t", '"{}"', "'{}'", '"{}"\r', "\ufeff{}", "\u3000{}\u00a0", '" {} "', "'{}\r'")
WRONG = ('"{}', "{}'", "“{}”", "’{}", "{}\x00", "{}\u200b/", "{}\r{}", "a\ufeff{}", "'{}\"")


@pytest.mark.parametrize("left", LEFT)
def test_what_is_left_around_a_value_is_taken_off(monkeypatch, left):
    values = {"ORIGIN": ORIGIN, "OPERATOR": "例示市　市民課", "INSTANCE": "/srv/mykey", "TRUSTED_PROXIES": "2"}
    values |= {"REVOCATION": "none", "PAIRING": "false", "LISTEN": "[::1]:8000", "POLICY_OID": "1.2.3"}
    for name, value in values.items():
        monkeypatch.setenv(f"MYKEY_{name}", left.replace("\x00", "").format(value))
    found = Settings()
    assert (found.origin, found.operator, str(found.instance)) == (ORIGIN, "例示市　市民課", "/srv/mykey")
    assert (found.trusted_proxies, found.revocation, found.pairing) == (2, "none", False)
    assert (found.listen, found.policy_oid) == ("[::1]:8000", "1.2.3")


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("name", ["origin", "operator", "database_url", "revocation", "listen", "bridge_minimum"])
def test_what_cannot_be_told_from_a_value_is_refused_by_name(wrong, name):
    with pytest.raises(ValidationError) as refused:
        Settings(**{"origin": ORIGIN, name: wrong.replace("{}", "127.0.0.1:8000")})
    assert [each["loc"] for each in refused.value.errors()] == [(name,)]


@pytest.mark.parametrize("value", [" ", "\r", '""', "''\r", '" "'])
def test_a_blank_value_is_refused_by_name_and_none_is_none(monkeypatch, value):
    monkeypatch.setenv("MYKEY_ORIGIN", ORIGIN)
    monkeypatch.setenv("MYKEY_INSTANCE", "")
    assert str(Settings().instance) == "instance"
    monkeypatch.setenv("MYKEY_INSTANCE", value)
    with pytest.raises(ValidationError, match="instance"):
        Settings()


@pytest.mark.parametrize(
    "listen", ["127.0.0.1:99999", "127.0.0.1:65536", "127.0.0.1:0", "127.0.0.1:00000", "127.0.0.1", ":8000", "a b:80"]
)
def test_a_port_that_there_is_not_is_refused_by_name(listen):
    with pytest.raises(ValidationError, match="listen"):
        Settings(origin=ORIGIN, listen=listen)


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"MYKEY_ORIGIN": ORIGIN, "MYKEY_TRUSTED_PROXIES": "'1"}, "MYKEY_TRUSTED_PROXIES: has a quote at one end"),
        ({"MYKEY_ORIGIN": ORIGIN, "MYKEY_REVOCATION": "non"}, "MYKEY_REVOCATION"),
        ({"\ufeffMYKEY_ORIGIN": ORIGIN}, "MYKEY_ORIGIN has a byte order mark"),
        ({"MYKEY_ORIGIN": ORIGIN, "MYKEY_LISTEN": "127.0.0.1:99999"}, "MYKEY_LISTEN: has no port from 1 to 65535"),
        ({"MYKEY_ORIGIN": "\r"}, "MYKEY_ORIGIN"),
    ],
)
@pytest.mark.parametrize("command", ["serve", "doctor"])
def test_a_command_names_the_setting_in_both_languages(environment, told, command):
    done = CliRunner().invoke(main, [command], env={"MYKEY_ORIGIN": None} | environment)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith(told)
    assert "設定が正しくありません。" in done.stderr
