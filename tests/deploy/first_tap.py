"""From a bare server to the first tap, with docs/self-hosting.md in hand: its commands are the ones that are typed.

Run by `make test-deploy`. The server has no network, so that Caddy, with its own authority, is there before.
"""

import os
import pty
import re
import subprocess
from datetime import UTC, datetime, timedelta
from time import monotonic

import pytest
from cryptography.hazmat.primitives.hashes import SHA256

from tests.authority import Authority
from tests.deploy.far import Far
from tests.deploy.on_a_server import CADDYS_ROOT, HOST, ROOT, package
from tests.deploy.server import Server
from tests.portal.actors.pages import Citizen
from tests.portal.actors.staff import StaffBrowser
from tests.portal.actors.tablet import sent
from tests.waiting import wait_until

STEPS, MINUTES = 12, 10
THERE = "/srv/authca03.cer"
REPLACED = {
    "mykey-portal_0.1.0_amd64.deb": package().name,
    "WRITE-YOUR-NAME-HERE": HOST,
    "apt update": "true",  # no network
    "apt install ./": "apt install --yes ./",
}


def steps(document, pattern):
    """Return what is found in each numbered step of the document: its commands, or the words that it quotes."""
    text = (ROOT / "docs" / document).read_text("utf-8")
    found = re.findall(r"^\d+\. (.*?)(?=^\d+\. |^## )", text, re.MULTILINE | re.DOTALL)
    return [re.findall(pattern, step, re.DOTALL) for step in found]


class Person:
    """Does one step after the other, as the document says."""

    def __init__(self, server):
        self.server, self.seconds, self.keys = server, [], 0
        self.steps = steps("self-hosting.md", r"```sh\n(.*?)```")

    def types(self, number, answers=()):
        """Type the commands of a step at a terminal, with what is answered to their questions; return what is said."""
        begin, commands = monotonic(), "\n".join(self.steps[number - 1])
        for old, new in REPLACED.items():
            commands = commands.replace(old, new)
        self.keys += len(commands) + len("".join(answers))
        ours, theirs = pty.openpty()
        os.write(ours, "".join(f"{answer}\n" for answer in answers).encode())
        enter = ["nsenter", "--target", self.server.first(), "--all", "--wdns=/srv", "sh", "-ec", commands]
        done = subprocess.run(
            enter, check=False, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300
        )
        os.close(ours)
        os.close(theirs)
        self.seconds.append((number, round(monotonic() - begin, 1)))
        assert done.returncode == 0, f"step {number}: {done.stdout}"
        return done.stdout


@pytest.fixture
def server():
    server = Server(ROOT / "build/roots/server.tar", HOST)
    server("systemctl", "disable", "--now", "nginx")
    yield server
    server.close()


@pytest.fixture
def authority():
    now = datetime.now(UTC)
    dates = {"not_before": now - timedelta(days=9), "not_after": now + timedelta(days=2000)}
    return Authority.create(organisation="JPKI", **dates)


def codes_on(page):
    """Return the codes that a page shows once, for the bridge and for the page, as they stand after their labels."""
    return [page.words.split(label)[1].split()[0] for label in ("リーダー用の登録コード", "画面（タブレット）")]


def test_the_document_leads_to_the_first_tap(server, authority, keys):
    person = Person(server)
    assert len(person.steps) == STEPS
    server.bring(package())
    server.write("/opt/authca03.cer", authority.pem().decode())
    server("sh", "-c", "cp /opt/* /srv")  # and step 4
    for number in (1, 2, 3):
        person.types(number)
    digits = authority.certificate.fingerprint(SHA256()).hex()[-8:]
    answers = [HOST, "", "", "なし", "例示市", "03-1234-5678", "mykey@city.example.jp", THERE, digits, ""]
    said = person.types(5, answers)
    [link] = re.findall(rf"https://{re.escape(HOST)}/staff/enrol#(\S+)", said)
    wait_until((server.folder / CADDYS_ROOT.lstrip("/")).exists, 60)
    person.types(6)
    assert "fail " not in person.types(7)
    wait_until(lambda: "ok    proxy" in server("mykey", "doctor", ends=None), 60)

    far = Far(server, HOST, CADDYS_ROOT)
    operator = StaffBrowser(far)
    operator.open_link(link)  # step 8
    operator.post("/staff/name", name="運営 太郎")
    assert operator.make_passkey().status == 200
    home = operator.get("/operator")
    library = {"id": "A-α1-0001", "name": "中央図書館", "reason": "最初の図書館"}  # step 9
    asked = operator.post("/operator/providers", **library)
    added = operator.post("/operator/providers", **library, step="confirmed")
    listed = operator.get("/operator/provider/terminals?id=A-%CE%B11-0001")
    shown = operator.post(  # step 10
        "/operator/provider/terminals", id="A-α1-0001", name="1階受付", staffed="yes", reason="最初の端末"
    )
    seen = "".join(page.words for page in (home, asked, added, listed, shown))
    quoted = steps("self-hosting.ja.md", "「(.*?)」")
    assert [words for words in quoted[8] + quoted[9] if words not in seen] == [], shown.words
    for_bridge, for_page = codes_on(shown)

    bridge, tablet = far.test_client(), Citizen(far)
    enrolled = bridge.post("/api/v1/terminals", json={"enrolment_code": for_bridge}, base_url=tablet.base)  # step 11
    assert enrolled.status_code == 201, enrolled.text
    bearer = {"headers": {"Authorization": f"Bearer {enrolled.json['token']}"}, "base_url": tablet.base}
    assert bridge.post("/api/v1/presence", json={}, **bearer).status_code < 300
    tablet.get("/reception/enrol")
    tablet.post("/reception/enrol", enrolment_code=for_page)
    tablet.post("/reception/end", page="inquiry")  # step 12
    tablet.post("/reception/reading", step="inquiry")
    now = datetime.now(UTC)
    card = authority.issue(
        public_key=keys[0].public_key(), not_before=now - timedelta(days=3), not_after=now + timedelta(days=1500)
    )
    told = bridge.post("/api/v1/taps", json={"certificate": sent(card)}, **bearer)
    assert (told.status_code, told.json["code"]) == (404, "mykey-id-not-registered")  # verified, and nobody's yet
    words = " ".join(tablet.get("/reception").words.split())
    assert "マイキーIDが登録されていません" in words, words
    print("seconds of each step:", person.seconds, "keys typed:", person.keys)  # noqa: T201 - figures to keep
    assert sum(seconds for _, seconds in person.seconds) < MINUTES * 60
