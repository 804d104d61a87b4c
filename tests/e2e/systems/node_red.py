"""Node-RED, where somebody draws instead of writing a program, takes the webhook by the flow of examples/."""

import json
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from standardwebhooks import Webhook

from portal.domain.providers import Handoff, Step
from portal.serving.worker import Worker
from tests.e2e.systems.running import INSTALLED, running
from tests.portal.actors.customers import set_up, webhook_secret
from tests.portal.actors.town import LIBRARY
from tests.portal.providers.reception.test_reception import Page
from tests.ports import reserved_port
from tests.waiting import wait_until

FLOW, NODE_RED = Path("examples/node_red_flow.json"), INSTALLED / "node_modules" / "node-red" / "red.js"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SETTINGS = "module.exports = {uiHost: '127.0.0.1', uiPort: %d, httpAdminRoot: false, editorTheme: {tours: false}}\n"


class Flow:
    """The flow as it was imported: with its secret, and a node that keeps what comes out below."""

    def __init__(self, folder, secret, *, raw):
        self.folder, self.port, self.taken = folder, reserved_port(), folder / "taken"
        nodes = {node["id"]: node for node in json.loads(FLOW.read_text(encoding="utf-8"))}
        nodes["mykey-tab"]["env"] = [{"name": "MYKEY_WEBHOOK_SECRET", "value": secret, "type": "str"}]
        nodes["mykey-in"]["skipBodyParsing"] = raw
        kept = {"type": "file", "filename": str(self.taken), "filenameType": "str", "appendNewline": True}
        nodes["mykey-number"] = {"id": "mykey-number", "z": "mykey-tab", "overwriteFile": "false", "wires": []} | kept
        (folder / "flows.json").write_text(json.dumps(list(nodes.values())), encoding="utf-8")
        (folder / "settings.js").write_text(SETTINGS % self.port)

    def command(self):
        return "node", NODE_RED, "--userDir", self.folder, "--settings", self.folder / "settings.js", "flows.json"

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}/mykey"

    def numbers(self):
        return self.taken.read_text(encoding="utf-8").splitlines() if self.taken.exists() else []

    def told(self, body, *, secret=SECRET, at=None, message_id="msg_1", **changes):
        """Post a message as the portal does; return the status."""
        at = int(at or time.time())
        signature = Webhook(secret).sign(message_id, datetime.fromtimestamp(at, UTC), body)
        headers = {"webhook-id": message_id, "webhook-timestamp": str(at), "webhook-signature": signature} | changes
        call = Request(self.address, body.encode(), headers | {"Content-Type": "application/json"})  # noqa: S310
        try:
            with urlopen(call, timeout=10) as reply:  # noqa: S310
                return reply.status
        except HTTPError as error:
            with error:
                return error.code


@pytest.fixture
def node_red(tmp_path):
    """Run Node-RED with the flow."""
    with ExitStack() as stack:

        def run(secret=SECRET, *, raw=True):
            flow = Flow(tmp_path, secret, raw=raw)
            stack.enter_context(running(*flow.command(), url=flow.address, data=b"", cwd=tmp_path))
            return flow

        yield run


def message(service_id="000123", **changes):
    data = {"service_provider_id": LIBRARY, "service_id": service_id, "terminal": "受付1"}
    return json.dumps(
        {"type": "service-id.looked-up", "data": data} | changes, ensure_ascii=False, separators=(",", ":")
    )


@pytest.mark.parametrize("raw", [True, False], ids=["as it came", "parsed and written anew"])
@pytest.mark.parametrize("service_id", ["000123", 'A-α1 "0001" \\ </a> 見本'])
def test_a_tap_at_the_portal_comes_out_below_with_its_zeros(portal, town, node_red, clock, raw, service_id):
    clock.now = clock.now.now(clock.now.tzinfo)  # the receiver knows no other time
    set_up(portal.app, handoff_key="key")
    flow = node_red(webhook_secret(portal.app), raw=raw)
    set_up(portal.app, handoff_url=flow.address)
    town.register(card := town.card(not_after=clock.now.replace(year=clock.now.year + 1)))
    town.link(card, LIBRARY, service_id)
    worker = Worker(portal.app)
    worker.start()
    with portal.app.app_context():
        page = Page(town, handoff=Handoff.WEBHOOK)
        page.ask(Step.INQUIRY)
        page.tap(card)
        wait_until(flow.numbers)
    worker.stop()
    assert flow.numbers() == [service_id]


@pytest.mark.parametrize("raw", [True, False], ids=["as it came", "parsed and written anew"])
def test_what_is_wrong_old_or_there_already_does_not_come_out(node_red, raw):
    flow, now = node_red(raw=raw), time.time()
    assert flow.told(message(), secret="whsec_AAAA") == 400
    assert flow.told(message(), at=now - 310) == 400
    assert flow.told(message(), at=now + 310) == 400
    for name in ("webhook-id", "webhook-timestamp", "webhook-signature"):
        assert flow.told(message(), **{name: "x"}) == 400
        assert flow.told(message(), **{name: ""}) == 400
    assert flow.told(message().replace("000123", "000124"), **{"webhook-signature": "v1,"}) == 400
    assert flow.numbers() == []
    assert [flow.told(message(), message_id=each) for each in ("msg_1", "msg_2", "msg_1", "msg_2")] == [204] * 4
    assert flow.told(message(type="something.else"), message_id="msg_3") == 204
    assert flow.told(message("999"), message_id="msg_4") == 204
    wait_until(lambda: len(flow.numbers()) == 3)
    assert flow.numbers() == ["000123", "000123", "999"]


def test_a_flow_without_a_secret_takes_nothing(node_red):
    flow = node_red("")
    assert flow.told(message(), secret="whsec_AAAA") == 503
    assert flow.numbers() == []
