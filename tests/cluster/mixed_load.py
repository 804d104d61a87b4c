"""Mixed load on the cluster while hosts and portals are killed and cut off, and then what became of each act.

`make test-cluster`, MINUTES=10 unless it says otherwise: two leaders and two portals are killed a minute.
"""

import http.client
import json
import os
import random
import signal
import string
import subprocess
import sys
import threading
from base64 import b64encode
from collections import Counter
from contextlib import closing, suppress
from itertools import pairwise
from time import monotonic, sleep
from types import SimpleNamespace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import NullPool, create_engine, func, select
from werkzeug.test import Client, TestResponse

from bench.setting.crowd import PROVIDERS, gather
from bench.setting.serving import production
from portal.models import AuditEntry, Certificate, IdUse, ServiceLink
from portal.services.record.audit import Event
from tests.cluster.machines import FRONT, PORTALS, machines
from tests.portal.actors.bridges import Bridge
from tests.portal.actors.pages import Citizen
from tests.waiting import wait_until


def say(*words):
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


DICE = random.Random()  # noqa: S311 - who asks about whom
MINUTES = float(os.environ.get("MINUTES", "10"))
ORIGIN = "https://id.example.jp"


def over_http(environ, start):
    """Send what a test client says through the proxy, from the client's address."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    headers = {name[5:].replace("_", "-"): value for name, value in environ.items() if name.startswith("HTTP_")}
    headers |= {"Content-Type": environ["CONTENT_TYPE"]} if environ.get("CONTENT_TYPE") else {}
    query = environ.get("QUERY_STRING")
    where = environ["PATH_INFO"] + (f"?{query}" if query else "")
    connection = http.client.HTTPConnection(*FRONT, timeout=70, source_address=(environ["REMOTE_ADDR"], 0))
    try:
        connection.request(environ["REQUEST_METHOD"], where, environ["wsgi.input"].read(length), headers)
        reply = connection.getresponse()
        kept = [(name, value) for name, value in reply.getheaders() if name.lower() not in HOP]
        start(f"{reply.status} {reply.reason}", kept)
        return [reply.read()]
    finally:
        connection.close()


HOP = {"transfer-encoding", "connection"}
NO_PAGE = (AssertionError, KeyError, StopIteration, TypeError, AttributeError)
"""What reading a page as a citizen raises where the proxy has answered by itself."""


class RemoteClient(Client):
    """What Flask's test client is, before a real portal."""

    def __init__(self):
        super().__init__(over_http, TestResponse)
        self.environ_base = {"REMOTE_ADDR": "127.1.0.1"}

    def open(self, *args, **kwargs):
        return super().open(*args, environ_base=self.environ_base, **kwargs)


REMOTE = SimpleNamespace(
    test_client=RemoteClient, extensions={"mykey": SimpleNamespace(settings=SimpleNamespace(origin=ORIGIN))}
)


class Load:
    """Everybody who asks at once, and what they were told."""

    def __init__(self, crowd, authority, ids):
        self.crowd, self.authority, self.ids = crowd, authority, ids
        self.ended = threading.Event()
        self.looked_up, self.registered, self.replaced = [], [], {}
        self.told, self.tried = Counter(), Counter()
        self.key = rsa.generate_private_key(65537, 2048)
        work = [self.look_up, self.look_up, self.register, self.replace]
        self.threads = [threading.Thread(target=self.until_the_end, args=(each,), daemon=True) for each in work]

    def start(self):
        for each in self.threads:
            each.start()

    def end(self):
        self.ended.set()
        for each in self.threads:
            each.join(120)
            assert not each.is_alive()

    def until_the_end(self, work):
        client = RemoteClient()
        client.environ_base = {"REMOTE_ADDR": f"127.1.1.{DICE.randint(1, 250)}"}
        while not self.ended.is_set():
            self.tried[work.__name__] += 1
            try:
                outcome = work(client)
            except (OSError, http.client.HTTPException) as error:
                outcome = type(error).__name__
            self.told[work.__name__, outcome] += 1
            if outcome not in (200, 201):
                sleep(0.2)

    def post(self, client, path, body):
        token = {"Authorization": f"Bearer {self.crowd.token}"}
        return client.post(path, base_url=ORIGIN, headers=token, json=body).status_code

    def look_up(self, client):
        body = {"certificate": b64encode(DICE.choice(self.crowd.certificates)).decode()}
        if (status := self.post(client, "/api/v1/inquiries", body)) == 200:
            self.looked_up.append(monotonic())
        return status

    def replace(self, client):
        """Replace the service ID of somebody, once each."""
        if not self.ids:
            self.ended.wait()
            return "nobody is left"
        der, old = self.ids.pop()
        new = f"N{old[1:]}"
        body = {"certificate": b64encode(der).decode(), "service_id": new, "replaces": old}
        if (status := self.post(client, "/api/v1/service-links", body)) == 201:
            self.replaced[der] = new
        sleep(0.2)
        return status

    def register(self, _client):
        """Register a new card: pages, bridge, button."""
        name = "".join(DICE.choices(string.ascii_uppercase + string.digits, k=14))
        card = self.authority.issue(f"{name}07202002B", public_key=self.key.public_key())
        address = f"127.1.{DICE.randint(2, 250)}.{DICE.randint(1, 250)}"
        citizen, bridge = Citizen(REMOTE, address=address), Bridge(REMOTE, card, self.key)
        bridge.client.environ_base = {"REMOTE_ADDR": address}
        try:
            bridge.claim(citizen.start())
            url = bridge.answer().json["completion_url"]
            citizen.get("/completion")
            citizen.post("/completion", code=url.partition("#")[2])
            citizen.get("/registration?first=yes")
        except NO_PAGE:
            return f"refused before the button ({citizen.page and citizen.page.status})"
        try:
            status = citizen.post("/registration").status
        except NO_PAGE:
            return "refused at the button"
        if status == 200:
            self.registered.append(f"{card.serial_number:x}")
        return status

    def longest_gap(self):
        times = sorted(self.looked_up)
        return max(later - earlier for earlier, later in pairwise(times))


def ids_of(engine, crowd):
    """Return the cards of the crowd with their service IDs at the terminal's provider."""
    with engine.connect() as connection:
        whose = dict(connection.execute(select(Certificate.serial_number, Certificate.person_id)).all())
        mine = ServiceLink.service_provider_id == PROVIDERS[0]
        held = dict(connection.execute(select(ServiceLink.person_id, ServiceLink.service_id).where(mine)).all())
    serials = {der: f"{x509.load_der_x509_certificate(der).serial_number:x}" for der in crowd.certificates}
    return [(der, held[whose[serial]]) for der, serial in serials.items()]


@pytest.fixture(scope="module")
def cluster():
    """Give the cluster, with two thousand people in its database and a terminal."""
    kept = {}

    def prepare(instance, url):
        environment, kept["authority"] = production(instance, url)
        kept["crowd"] = gather(url, instance, kept["authority"], 2000)
        kept["engine"] = create_engine(url, poolclass=NullPool)
        return environment

    with machines(prepare) as made:
        yield SimpleNamespace(machines=made, **kept)


def load_on(cluster):
    return Load(cluster.crowd, cluster.authority, ids_of(cluster.engine, cluster.crowd))


def settled(cluster):
    """Wait until a leader, its standby and both portals are there."""
    wait_until(lambda: cluster.machines.leader() and cluster.machines.has_standby(), 180)


def test_rolling_restart_of_two_portals_refuses_nothing(cluster, record_property):
    load = load_on(cluster)
    load.start()
    sleep(2)
    for portal in PORTALS * 2:
        process = cluster.machines.running[portal]
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        cluster.machines.start_portal(portal)
        wait_until(lambda portal=portal: is_ready(portal), 60)
        sleep(2)  # the proxy tries it again a second after it was refused
    load.end()
    say("rolling restart:", dict(load.told))
    record_property("told", str(dict(load.told)))
    assert {outcome for _, outcome in load.told} <= {200, 201}


def is_ready(portal):
    with suppress(OSError), closing(http.client.HTTPConnection(portal, 8000, timeout=5)) as connection:
        connection.request("GET", "/readyz", headers={"Host": "id.example.jp"})
        return connection.getresponse().status == 200
    return False


def test_no_acknowledged_act_is_lost_or_done_twice_while_hosts_and_portals_die(cluster):
    settled(cluster)
    before = counts(cluster)
    load, rounds = load_on(cluster), max(1, round(2 * MINUTES))
    done = Counter()
    load.start()
    begin = monotonic()
    for turn in range(rounds):
        sleep(2)
        kill_a_portal(cluster, turn)
        done["portals killed"] += 1
        leader = cluster.machines.leader()
        if turn % 5 == 4 or rounds == 1:
            with cluster.machines.cut_off(leader):
                wait_until(lambda leader=leader: cluster.machines.leader() not in (None, leader), 60)
                sleep(3)
            done["leaders cut off"] += 1
            settled(cluster)
            leader = cluster.machines.leader()
        cluster.machines.kill_node(leader)
        done["leaders killed"] += 1
        wait_until(cluster.machines.leader, 60)
        cluster.machines.start_node(leader)
        settled(cluster)
        sleep(max(0.0, begin + (turn + 1) * 60 * MINUTES / rounds - monotonic()))
    load.end()
    settled(cluster)
    after = counts(cluster)
    told(load, done, monotonic() - begin, lost(cluster, load), {each: after[each] - before[each] for each in after})
    verified = subprocess.run(
        [sys.executable, "-m", "portal", "audit", "verify", "--json"],
        env=os.environ | cluster.machines.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    say("errors of the portals:", cluster.machines.errors())
    say("chain:", verified.stdout.strip(), verified.stderr.strip()[-300:])
    assert verified.returncode == 0
    assert sum(lost(cluster, load).values()) == 0
    for name, event in DONE.items():
        acknowledged = sum(
            number for (work, status), number in load.told.items() if work == name and status in (200, 201)
        )
        assert acknowledged <= after[event] - before[event] <= load.tried[name], name
    used = (Event.LOOKED_UP, Event.LINK_REPLACED)
    assert after["uses"] - before["uses"] == sum(after[event] - before[event] for event in used)


DONE = {"look_up": Event.LOOKED_UP, "register": Event.REGISTERED, "replace": Event.LINK_REPLACED}


def kill_a_portal(cluster, turn):
    portal = PORTALS[turn % 2]
    cluster.machines.running[portal].kill()
    cluster.machines.running[portal].wait()
    cluster.machines.start_portal(portal)


def counts(cluster):
    with cluster.engine.connect() as connection:
        events = connection.execute(select(AuditEntry.event, func.count()).group_by(AuditEntry.event)).all()
        return Counter(dict(events)) | Counter({"uses": connection.scalar(select(func.count()).select_from(IdUse))})


def lost(cluster, load):
    """Count what was acknowledged and is not there."""
    with cluster.engine.connect() as connection:
        serials = set(connection.scalars(select(Certificate.serial_number)))
    now = dict(ids_of(cluster.engine, cluster.crowd))
    return Counter(
        registrations=sum(each not in serials for each in load.registered),
        replacements=sum(now[der] != new for der, new in load.replaced.items()),
    )


def told(load, done, seconds, gone, written):
    say(f"\n{seconds:.0f} s:", dict(done))
    say(
        "told:",
        json.dumps({f"{work} {outcome}": number for (work, outcome), number in sorted(load.told.items(), key=str)}),
    )
    say("written:", dict(written))
    say("acknowledged and lost:", dict(gone), "longest gap:", round(load.longest_gap(), 1))
