"""The portal's package on a server that boots: its units, both proxies, an upgrade. Run by `make test-deploy`."""

import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SHA256

from tests.authority import Authority
from tests.deploy.server import Server
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]
HOST = "mykey.example.internal"
READY = ("curl", "--silent", "--fail", "http://127.0.0.1:8000/readyz")
SETTINGS = f"""
origin = "https://{HOST}"
revocation = "none"
operator = "例示市"
operator_telephone = "03-1234-5678"
trusted_proxies = 1
"""
CADDYS_ROOT = "/var/lib/caddy/.local/share/caddy/pki/authorities/local/root.crt"


def package():
    found = list((ROOT / "dist").glob("mykey-portal_*.deb"))
    assert len(found) == 1, "run make portal-deb first"
    return found[0]


@pytest.fixture(scope="module")
def bare():
    server = Server(ROOT / "build/roots/server.tar", HOST)
    server("systemctl", "disable", "--now", "caddy", "nginx")
    yield server
    server.close()


@pytest.fixture(scope="module")
def installed(bare):
    """Install the package as its operator does, and keep what it says."""
    bare.bring(package())
    bare.said = bare("dpkg", "--install", f"/opt/{package().name}")
    return bare


@pytest.fixture(scope="module")
def server(installed):
    """Set the portal up and start it."""
    now = datetime.now(UTC)
    dates = {"not_before": now - timedelta(days=9), "not_after": now + timedelta(days=2000)}
    authority = Authority.create(organisation="JPKI", **dates)
    installed.write("/opt/authca.pem", authority.pem().decode())
    installed.write("/etc/mykey/portal.toml", installed.read("/etc/mykey/portal.toml") + SETTINGS)
    installed("mykey", "db", "upgrade")
    fingerprint = authority.certificate.fingerprint(SHA256()).hex()
    installed("mykey", "trust", "add", "--fingerprint", fingerprint, "/opt/authca.pem")
    installed("systemctl", "enable", "--now", "mykey")
    wait_until(lambda: is_ready(installed))
    return installed


def is_ready(server):
    return server(*READY, ends=None).startswith("ok")


def of_unit(server, unit, *names):
    said = server("systemctl", "show", unit, *(f"--property={name}" for name in names))
    return dict(line.split("=", 1) for line in said.splitlines())


class TestInstalled:
    def test_it_says_what_comes_next_and_starts_nothing(self, installed):
        assert "Type: mykey setup" in installed.said
        assert of_unit(installed, "mykey", "ActiveState", "UnitFileState") == {
            "ActiveState": "inactive",
            "UnitFileState": "disabled",
        }

    def test_its_folders_are_its_users_alone(self, installed):
        modes = installed("stat", "--format=%a %U", "/etc/mykey", "/var/lib/mykey", "/var/backups/mykey")
        assert modes == "755 mykey\n700 mykey\n700 mykey\n"

    def test_its_units_are_sound_and_expose_little(self, installed, record_property):
        units = ("mykey.service", "mykey-backup.timer", "mykey-audit.timer", "mykey-backup.service")
        assert installed("systemd-analyze", "verify", *units) == ""
        for unit in ("mykey.service", "mykey-backup.service", "mykey-audit.service"):
            [figure] = re.findall(r"exposure level for \S+ ([0-9.]+)", installed("systemd-analyze", "security", unit))
            record_property(unit, figure)
            assert float(figure) <= 2.0


class TestServing:
    def test_it_runs_as_its_own_user_with_nothing_to_spare(self, server):
        pid = of_unit(server, "mykey", "MainPID")["MainPID"]
        status = dict(re.findall(r"^(\w+):\s+(.*)$", server("cat", f"/proc/{pid}/status"), re.MULTILINE))
        user = server("id", "--user", "mykey").strip()
        assert status["Uid"].split() == [user] * 4
        assert {int(status[each], 16) for each in ("CapEff", "CapPrm", "CapBnd", "CapInh", "CapAmb")} == {0}
        assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")

    def test_there_is_no_network_and_it_needs_none(self, server):
        assert [line.split(":")[1].strip() for line in server("ip", "-o", "link").splitlines()] == ["lo"]
        assert is_ready(server)

    def test_killed_it_comes_back(self, server):
        before = of_unit(server, "mykey", "MainPID", "NRestarts")
        server("sh", "-c", f"kill -KILL {before['MainPID']}")  # the shell's own: there may be no other
        wait_until(lambda: of_unit(server, "mykey", "NRestarts") != {"NRestarts": before["NRestarts"]}, 20)
        wait_until(lambda: is_ready(server), 20)
        assert of_unit(server, "mykey", "MainPID")["MainPID"] != before["MainPID"]

    def test_what_root_types_is_done_by_its_user(self, server):
        server("mykey", "staff", "add", "窓口花子", "--role", "clerk")
        assert set(server("find", "/var/lib/mykey", "-printf", "%u\\n").split()) == {"mykey"}

    def test_somebody_else_is_told_that_it_is_not_theirs(self, server):
        said = server("runuser", "-u", "nobody", "--", "mykey", "doctor", ends=1)
        assert "Traceback" not in said
        assert "/etc/mykey" in said

    def test_its_log_is_in_the_journal(self, server):
        assert f"https://{HOST} is served at 127.0.0.1:8000" in server("journalctl", "--unit=mykey", "--output=cat")


class TestTimers:
    def test_they_run_with_the_portal(self, server):
        for timer in ("mykey-backup.timer", "mykey-audit.timer"):
            told = of_unit(server, timer, "ActiveState", "NextElapseUSecRealtime")
            assert told["ActiveState"] == "active"
            assert told["NextElapseUSecRealtime"]

    def test_a_backup_is_written_that_can_be_brought_back(self, server):
        server("systemctl", "start", "mykey-backup")
        said = server("find", "/var/backups/mykey", "-type", "f", "-printf", "%m %u %f\\n")
        assert re.fullmatch(r"600 mykey mykey-[-0-9]+\.tar\n", said)
        assert "is whole" in server("mykey", "restore", "--check")

    def test_a_backup_that_fails_is_a_failed_unit(self, server):
        server("chmod", "500", "/var/backups/mykey")
        server("systemctl", "start", "mykey-backup", ends=1)
        assert of_unit(server, "mykey-backup", "ActiveState") == {"ActiveState": "failed"}
        server("chmod", "700", "/var/backups/mykey")
        server("systemctl", "start", "mykey-backup")

    def test_the_audit_chain_is_verified(self, server):
        server("systemctl", "start", "mykey-audit")
        assert "holds" in server("journalctl", "--unit=mykey-audit", "--output=cat")


class TestProxies:
    @pytest.fixture(autouse=True)
    def one_at_a_time(self, server):
        yield
        server("systemctl", "stop", "caddy", "nginx")

    def https(self, server, authority, *more, ends=0):
        name = ("--resolve", f"{HOST}:443:127.0.0.1", "--cacert", authority)
        return server("curl", "--silent", "--show-error", "--include", *name, *more, f"https://{HOST}/", ends=ends)

    def test_caddy_with_its_own_authority(self, server):
        shipped = server.read("/usr/share/mykey-portal/Caddyfile")
        server.write("/etc/caddy/Caddyfile", shipped.replace("id.example.jp", HOST).replace("# tls", "tls"))
        server("systemctl", "start", "caddy")
        wait_until(lambda: HOST in self.https(server, CADDYS_ROOT, ends=None), 30)
        answer = self.https(server, CADDYS_ROOT)
        assert answer.startswith("HTTP/2 200")
        assert "strict-transport-security: max-age=31536000" in answer
        assert "certificate" in self.https(server, "/etc/ssl/certs/ca-certificates.crt", ends=60)
        server("install", "-m", "644", CADDYS_ROOT, "/usr/local/share/ca-certificates/mykey-root.crt")
        server("update-ca-certificates")
        assert f"ok    proxy: https://{HOST} leads to this portal" in server("mykey", "doctor", ends=None)

    def test_nginx_with_a_certificate(self, server):
        shipped = server.read("/usr/share/mykey-portal/nginx.conf")
        server.write("/etc/nginx/nginx.conf", shipped.replace("id.example.jp", HOST))
        server("mkdir", "--parents", "/etc/ssl/mykey")
        key = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
        files = "-keyout /etc/ssl/mykey/key.pem -out /etc/ssl/mykey/fullchain.pem"
        server(*key.split(), *files.split(), "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}")
        server("nginx", "-t")
        server("systemctl", "start", "nginx")
        wait_until(lambda: HOST in self.https(server, "/etc/ssl/mykey/fullchain.pem", ends=None))
        assert re.match(r"HTTP/[12.]+ 200", self.https(server, "/etc/ssl/mykey/fullchain.pem"))


class TestLater:
    def test_after_a_reboot_it_is_there(self, server):
        server.halt()
        server.boot()
        wait_until(lambda: is_ready(server), 30)

    def test_an_upgrade_keeps_what_is_there_and_goes_on(self, server, tmp_path):
        staff = server("mykey", "staff", "list")
        newer = repacked(package(), tmp_path, "99.0")
        server.bring(newer)
        before = of_unit(server, "mykey", "MainPID")
        server("dpkg", "--install", f"/opt/{newer.name}")
        wait_until(lambda: is_ready(server), 30)
        assert of_unit(server, "mykey", "MainPID") != before
        assert server("mykey", "staff", "list") == staff
        assert not (server.folder / "run/mykey-upgrading").exists()

    def test_purged_it_leaves_what_it_kept_and_says_so(self, server):
        kept = server("find", "/var/lib/mykey", "/etc/mykey", "/var/backups/mykey", "-type", "f")
        said = server("dpkg", "--purge", "mykey-portal")
        assert "What the portal kept is left: /etc/mykey, /var/lib/mykey and /var/backups/mykey" in said
        assert server("find", "/var/lib/mykey", "/etc/mykey", "/var/backups/mykey", "-type", "f") == kept
        assert not (server.folder / "usr/lib/mykey-portal").exists()
        assert "mykey" not in server("systemctl", "list-units", "--all", "--no-legend", "mykey*")


def repacked(deb, folder, version):
    """Give the package another version."""
    subprocess.run(["dpkg-deb", "--raw-extract", deb, folder / "tree"], check=True)
    control = folder / "tree/DEBIAN/control"
    control.write_text(re.sub(r"^Version: .*$", f"Version: {version}", control.read_text(), flags=re.MULTILINE))
    command = ["dpkg-deb", "--root-owner-group", "-Znone", "--build", folder / "tree", folder / "newer.deb"]
    subprocess.run(command, check=True, capture_output=True)
    return folder / "newer.deb"
