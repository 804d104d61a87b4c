"""A portal that listens on loopback, and stops by itself."""

import threading

from werkzeug.serving import WSGIRequestHandler, make_server


class Quiet(WSGIRequestHandler):
    def log_request(self, *_):
        """Leave the test's output to the test."""


class Live:
    """`before` sees each request before the portal does; it may note it, or hold it up."""

    def __init__(self, make_app, *, host="127.0.0.1", tls=None, **settings):
        self.server = make_server("127.0.0.1", 0, self._answer, threaded=True, request_handler=Quiet, ssl_context=tls)
        self.port = self.server.port
        self.origin = f"{'https' if tls else 'http'}://{host}:{self.port}"
        self.app = make_app(origin=self.origin, **settings)
        self.before = lambda _environ: None
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
