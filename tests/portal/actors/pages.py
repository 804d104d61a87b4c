"""A test client that checks every page it loads."""

import json
from html.parser import HTMLParser


class Page(HTMLParser):
    """What the tests ask of a page: its tags, its words, its forms."""

    def __init__(self, response):
        super().__init__()
        self.response, self.status, self.tags, self.words = response, response.status_code, [], ""
        self._hidden = 0
        self.feed(response.text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self._hidden += tag in ("script", "style", "title")

    def handle_endtag(self, tag):
        self._hidden -= tag in ("script", "style", "title")

    def handle_data(self, data):
        if not self._hidden:
            self.words += data

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]

    def value(self, attribute):
        """Return the value of an attribute wherever it stands, or None."""
        return next((attributes[attribute] for _, attributes in self.tags if attribute in attributes), None)

    @property
    def csrf_token(self):
        return next((field["value"] for field in self.all("input") if field.get("name") == "csrf_token"), None)

    def check(self):
        """Hold what holds for every page."""
        assert len(self.all("h1")) == 1
        assert self.all("html")[0]["lang"] in ("ja", "en")
        assert "<title> |" not in self.response.text
        ids = [attributes["id"] for _, attributes in self.tags if "id" in attributes]
        assert len(ids) == len(set(ids))
        labels = {label.get("for") for label in self.all("label")}
        typed = [field for field in self.all("input") if field.get("type") not in ("hidden", "submit")]
        assert all(field["id"] in labels for field in typed)
        assert not any(name.startswith("on") or name == "style" for _, tag in self.tags for name in tag)
        assert all("src" in script for script in self.all("script"))
        return self


class Citizen:
    """A browser without JavaScript."""

    def __init__(self, app, language="ja", address="127.0.0.1"):
        self.client = app.test_client()
        self.client.environ_base["REMOTE_ADDR"] = address
        self.base = app.extensions["mykey"].settings.origin
        self.headers = {"Accept-Language": language}
        self.page, self.address, self.challenge = None, "", ""

    def get(self, address, **headers):
        return self._load(self.client.get(address, base_url=self.base, headers=self.headers | headers))

    def post(self, address, *, part=False, **fields):
        """Post a form, and follow where it leads; as htmx does for a part of the page."""
        if "credential" in fields:
            fields = {"challenge": self.challenge} | fields
        if address != "/completion":
            fields = {"csrf_token": self.page.csrf_token or self.get("/sign-in").csrf_token} | fields
        headers = self.headers | ({"HX-Request": "true"} if part else {})
        return self._load(self.client.post(address, base_url=self.base, headers=headers, data=fields))

    def post_body(self, address, body, content_type):
        """Post a form as it is; the client's own way to send a large file leaves it open."""
        options = {"headers": self.headers, "data": body, "content_type": content_type}
        return self._load(self.client.post(address, base_url=self.base, **options))

    def _load(self, response):
        while response.status_code in (302, 303, 307):
            self.address = response.headers["Location"]
            response = self.client.get(self.address, base_url=self.base, headers=self.headers)
        page = Page(response)
        if "HX-Request" in response.request.headers:
            return page
        self.page = page
        if options := page.value("data-options"):
            self.challenge = json.loads(options)["challenge"]
        return page.check()

    def start(self, purpose="register"):
        """Agree, and come to the waiting page."""
        self.get({"register": "/register", "show": "/certificate", "test": "/bridge"}.get(purpose, "/sign-in"))
        named = {"service_provider_id": "A-α1-0001", "service_id": "007"}
        page = self.post("/card-sessions", purpose=purpose, agree="yes", **named)
        self.waiting = self.address
        return page

    def cookies(self):
        return {cookie.key for cookie in self.client._cookies.values()}
