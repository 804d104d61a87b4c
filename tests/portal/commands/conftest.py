"""What every test of a command wants: settings in the environment, and a way to type."""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from portal.cli import main
from tests.authority import Authority
from tests.ports import reserved_port


@pytest.fixture
def typed(settings):
    """Type a command with the settings of the test's portal, or with others; return status, output and errors."""

    def run(*words, typing=None, **changes):
        used = settings.model_copy(update={"listen": f"127.0.0.1:{reserved_port()}"} | changes)
        environment = {
            "MYKEY_ORIGIN": used.origin,
            "MYKEY_INSTANCE": str(used.instance),
            "MYKEY_DATABASE_URL": used.database,
            "MYKEY_REVOCATION": used.revocation or "none",
            "MYKEY_LISTEN": used.listen,
            "MYKEY_BACKUPS": str(used.backups or ""),
            "MYKEY_OPERATOR": used.operator,
            "MYKEY_OPERATOR_TELEPHONE": used.operator_telephone,
        }
        done = CliRunner().invoke(main, list(map(str, words)), env=environment, input=typing)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return SimpleNamespace(status=done.exit_code, out=done.stdout.strip(), err=done.stderr.strip())

    return run


@pytest.fixture
def told(typed):
    """Type a command with --json; return the one value, or the code of what it refuses."""

    def run(*words, **changes):
        done = typed(*words, "--json", **changes)
        return json.loads(done.out) if done.status == 0 else json.loads(done.err)["code"]

    return run


@pytest.fixture
def authority_of_today():
    """Make an authority under the name that production insists on, good for `days` from today."""

    def make(days=2000, **changes):
        now = datetime.now(UTC)
        dates = {"not_before": now - timedelta(days=2500), "not_after": now + timedelta(days=days)}
        return Authority.create(**{"organisation": "JPKI", **dates, **changes})

    return make
