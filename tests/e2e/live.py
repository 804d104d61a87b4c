"""A portal that listens on loopback, and stops by itself."""

import threading

from werkzeug.serving import WSGIRequestHandler, make_server


class Quiet(WSGIRequestHandler):
    def log_request(self, *_):
        """Leave the test's output to the test."""


class Live:
    """`before` sees each request before the portal does; it may note it, or hold it up."""

    port = 0

    def __init__(self, make_app, *, host="127.0.0.1", tls=None, **settings):
        self.tls = tls
        self.listen()
        self.origin = f"{'https' if tls else 'http'}://{host}:{self.port}"
        self.app = make_app(origin=self.origin, **settings)
        self.before = lambda _environ: None

    def listen(self):
        """Listen, at any free port at first, and later at the same one."""
        options = {"threaded": True, "request_handler": Quiet, "ssl_context": self.tls}
        self.server = make_server("127.0.0.1", self.port, self._answer, **options)
        self.port = self.server.port
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    def _answer(self, environ, start_response):
        self.before(environ)
        reply = self.app(environ, start_response)
        try:
            return [b"".join(reply)]  # whole, so that a browser that goes away leaves no file open
        finally:
            reply.close()

    def stop(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
