"""The journey of the whole project through the proxies of deploy/proxy: their logs hold nothing that was typed or read.

Run by `make test-proxies`. The portal of the test is served by the real server, and every request of every client in
the journey goes to the proxy.
"""

import re
import sys
from http.client import HTTPConnection
from threading import Thread
from urllib.parse import parse_qsl

import pytest
from waitress import wasyncore
from werkzeug import Request, Response

from portal.serving.server import make_server
from tests.portal.web import test_whole_journey
from tests.portal.web.test_whole_journey import cards, person  # noqa: F401 (fixtures)
from tests.proxies.slow_connections import Front
from tests.waiting import wait_until

HOST, MANY = "id.example.jp", 50
OF_ONE_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "content-length", "alt-svc", "server", "date"}


class Through:
    """Takes the place of the portal for its test clients: each request goes to the proxy, and its answer comes back."""

    def __init__(self, front):
        self.front, self.sent, self.asked = front, set(), 0

    def __call__(self, environ, start_response):
        request = Request(environ)
        body = request.get_data()
        self.asked += 1
        self.note(request, body)
        connection = HTTPConnection(HOST)
        connection.sock = self.front.connect()
        headers = dict(request.headers) | {"Host": HOST, "Connection": "close"}
        connection.request(request.method, request.full_path.rstrip("?"), body, headers)
        with connection.sock, connection.getresponse() as answer:
            kept = [(name, value) for name, value in answer.getheaders() if name.lower() not in OF_ONE_CONNECTION]
            return Response(answer.read(), answer.status, kept)(environ, start_response)

    def note(self, request, body):
        """Keep what the body says, where it is more than a word of the page."""
        told = request.get_json().values() if request.is_json else dict(parse_qsl(body.decode())).values()
        self.sent |= {each for each in told if isinstance(each, str) and re.search(r"[0-9A-Z].{5}", each)}


@pytest.fixture(params=["caddy", "nginx"])
def through(request, app_with, tmp_path):
    """Give a portal that is reached through a proxy, and what was sent to it."""
    front = Front(request.param, tmp_path)
    front.origin = f"https://{HOST}:{front.port}"
    app = app_with(trusted_proxies=1)
    server = make_server(app.wsgi_app, behind_proxy=True, host="127.0.0.1", port=front.portal_port)
    app.wsgi_app = Through(front)
    loop = Thread(target=server.run, daemon=True)
    loop.start()
    with getattr(front, request.param)():
        wait_until(lambda: front.asked("GET /healthz").startswith("HTTP/1.1 "))
        yield app
    wasyncore.close_all(server.there)


@pytest.fixture
def app(through):
    return through


def test_no_access_log_holds_what_the_journey_sent(through, counter_town, person, cards, clock):  # noqa: F811
    test_whole_journey.test_the_same_service_ids_after_each_way_to_a_new_card(counter_town, person, cards, clock)
    carried = through.wsgi_app
    wait_until(lambda: len(carried.front.log.read_text("utf-8").splitlines()) >= carried.asked)
    log = carried.front.log.read_text("utf-8")
    secrets = {*carried.sent, *test_whole_journey.STRINGS, *test_whole_journey.SERVICE_IDS.values()}
    sys.stdout.write(f"{carried.asked} requests, {len(secrets)} values that were sent\n")
    assert carried.asked > MANY
    assert [each for each in secrets if re.search(rf"\b{re.escape(each)}\b", log)] == []
