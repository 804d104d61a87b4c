"""A tablet at a terminal: its page without JavaScript, and the bridge that brings the taps."""

from base64 import b64encode

from cryptography.hazmat.primitives.serialization import Encoding

from tests.portal.actors.pages import Citizen
from tests.portal.actors.town import LIBRARY

UID = "0114B3C2D4E5F607"
BASE = {"base_url": "https://id.example.jp"}


class Tablet(Citizen):
    """A tablet that was bound to a terminal by its page's code, as an operator hands it over."""

    def __init__(self, town, provider=LIBRARY, language="ja", **set_up):
        super().__init__(town.app, language)
        self.app = town.app
        with town.app.app_context():
            self.terminal, codes = town.services.terminals.add(provider, "受付", **set_up)
        reply = self.client.post("/api/v1/terminals", json={"enrolment_code": codes.bridge}, **BASE)
        self.token = reply.json["token"]
        self.get("/reception/enrol")
        self.post("/reception/enrol", enrolment_code=codes.page)

    def read(self, step="card"):
        return self.post("/reception/reading", step=step)

    def tap(self, card):
        """Hold a card over the reader: a certificate, or the UID of a service card. The page is loaded anew."""
        tapped = {"service_card": card} if isinstance(card, str) else {"certificate": sent(card)}
        headers = {"Authorization": f"Bearer {self.token}"}
        self.told = self.client.post("/api/v1/taps", json=tapped, headers=headers, **BASE)
        return self.get("/reception")

    def be_present(self):
        """Tell, as a bridge does each half minute, that cards can be read."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return self.client.post("/api/v1/presence", json={}, headers=headers, **BASE)

    def type_service_id(self, typed):
        return self.post("/reception/service-id", service_id=typed)

    def register(self, **fields):
        return self.post("/reception/registration", **fields)

    def link(self, card, service_id):
        """Take all three steps."""
        self.read()
        self.tap(card)
        self.type_service_id(service_id)
        return self.register()

    def look_up(self, card):
        self.post("/reception/end", page="inquiry")
        self.read("inquiry")
        return self.tap(card)

    def all_fields(self):
        return [field.get("name") for field in self.page.all("input")]

    def poll(self, version=None):
        """Ask as the page's own script does."""
        address = self.page.value("hx-get") + (f"&version={version}" if version else "")
        return self.client.get(address, headers={"HX-Request": "true"} | self.headers, **BASE)


def sent(certificate):
    return b64encode(certificate.public_bytes(Encoding.DER)).decode()
