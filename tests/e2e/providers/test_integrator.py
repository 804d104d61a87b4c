"""What docs/integrator shows runs: its curl lines as they stand, and its Python, which is that of examples/."""

import base64
import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from standardwebhooks import Webhook

from tests.portal.actors.town import LIBRARY, Town
from tests.ports import reserved_port
from tests.waiting import wait_until

ROOT = Path(__file__).parents[3]
DOCUMENTS = ("integrator.ja.md", "integrator.md")
SECRET = f"whsec_{base64.b64encode(bytes(32)).decode()}"


def blocks(name, language):
    text = (ROOT / "docs" / name).read_text("utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_python_of_the_document_is_that_of_the_examples(name):
    shown = [(ROOT / "examples" / file).read_text("utf-8") for file in ("client.py", "webhook_receiver.py")]
    assert blocks(name, "python") == shown


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_curl_lines_enrol_link_and_look_up(portal, authority, keys, clock, tmp_path, name):
    town = Town(portal.app, authority, keys, clock)
    card = town.card()
    town.register(card)
    (tmp_path / "card.der").write_bytes(card.public_bytes(Encoding.DER))
    with portal.app.app_context():
        code = town.services.terminals.add(LIBRARY, "受付")[1].bridge
    [lines] = blocks(name, "sh")
    lines = lines.replace("https://id.example.jp", portal.origin).replace("K7QF-4PXW-9RTM", code)
    done = subprocess.run(["sh", "-eu", "-c", lines], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.count('"service_id":"000123"') == 2


@pytest.fixture
def receiver(tmp_path):
    """Run the receiver of the document; give where it listens, and what it has printed so far."""
    port = reserved_port()
    command = [sys.executable, ROOT / "examples" / "webhook_receiver.py", "127.0.0.1", str(port)]
    environment = {**os.environ, "MYKEY_WEBHOOK_SECRET": SECRET}
    with (tmp_path / "printed").open("w") as printed:
        running = subprocess.Popen(command, env=environment, stdout=printed, stderr=subprocess.DEVNULL)
        yield f"http://127.0.0.1:{port}/hook", lambda: (tmp_path / "printed").read_text("utf-8")
        running.terminate()
        running.wait()


def sent(address, body, *, signed=None, seconds=0):
    """Send a message; return the status, 0 while nobody listens."""
    now = datetime.fromtimestamp(datetime.now(UTC).timestamp() + seconds, UTC)
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(int(now.timestamp()))}
    headers["webhook-signature"] = Webhook(SECRET).sign("msg_1", now, signed or body)
    try:
        with urlopen(Request(address, body.encode(), headers), timeout=10) as answer:  # noqa: S310 - loopback
            return answer.status
    except HTTPError as refused:
        return refused.code
    except OSError:
        return 0


def test_the_receiver_takes_a_signed_message_once_and_refuses_every_other(receiver):
    address, printed = receiver
    body = json.dumps({"type": "service-id.looked-up", "data": {"service_id": "000123"}})
    wait_until(lambda: sent(address, body, signed="another") == 400)
    assert sent(address, body, seconds=-301) == 400
    assert [sent(address, body) for _ in range(2)] == [204, 204]
    wait_until(printed)
    assert printed() == "000123\n"
