"""A portal on a server that booted, as browsers and bridges reach it: over TLS, at its own name, in its own network."""

import ctypes
import os
import socket
import ssl
from http.client import HTTPConnection
from types import SimpleNamespace

from werkzeug import Request, Response
from werkzeug.test import Client

OF_ONE_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "content-length", "alt-svc", "server", "date"}
NETWORK = 0x40000000  # CLONE_NEWNET of Linux


class Far:
    """Takes the place of an app for the browsers of tests/portal/actors."""

    def __init__(self, server, host, authority):
        self.server, self.host = server, host
        self.context = ssl.create_default_context(cadata=server.read(authority))
        self.extensions = {"mykey": SimpleNamespace(settings=SimpleNamespace(origin=f"https://{host}"))}

    def test_client(self):
        client = Client(self)
        client.environ_base = {}
        return client

    def __call__(self, environ, start_response):
        request = Request(environ)
        body = request.get_data()
        connection = HTTPConnection(self.host)
        connection.sock = self.context.wrap_socket(self._connect(), server_hostname=self.host)
        headers = dict(request.headers) | {"Host": self.host, "Connection": "close"}
        connection.request(request.method, request.full_path.rstrip("?"), body, headers)
        with connection.sock, connection.getresponse() as answer:
            kept = [(name, value) for name, value in answer.getheaders() if name.lower() not in OF_ONE_CONNECTION]
            return Response(answer.read(), answer.status, kept)(environ, start_response)

    def _connect(self):
        """Connect in the server's network; a socket stays in that in which it was made."""
        home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        there = os.open(f"/proc/{self.server.first()}/ns/net", os.O_RDONLY)
        enter = ctypes.CDLL(None, use_errno=True).setns
        try:
            assert enter(there, NETWORK) == 0, os.strerror(ctypes.get_errno())
            return socket.create_connection(("127.0.0.1", 443), timeout=60)
        finally:
            enter(home, NETWORK)
            os.close(home)
            os.close(there)
