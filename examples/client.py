"""Enrol a terminal, link, look up: `client.py https://id.example.jp K7QF-4PXW-9RTM card.der 000123`."""

import base64
import json
import sys
import urllib.request
from pathlib import Path


def call(origin, name, token=None, **fields):
    """Send one call; return what the portal answers, or leave with what was wrong."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(f"{origin}/api/v1/{name}", json.dumps(fields).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read() or "{}")
    except urllib.error.HTTPError as refusal:
        problem, wait = json.load(refusal), refusal.headers.get("Retry-After")  # application/problem+json
        sys.exit(f"{problem['code']}: {problem['title']}" + (f" ({wait} s)" if wait else ""))


if __name__ == "__main__":
    if len(sys.argv) != 5:  # noqa: PLR2004
        sys.exit(__doc__)
    origin, code, certificate, service_id = sys.argv[1:]
    card = {"certificate": base64.b64encode(Path(certificate).read_bytes()).decode()}
    token = call(origin, "terminals", enrolment_code=code)["token"]
    print(f"The terminal's token, shown once; keep it where nobody else reads: {token}")
    print(call(origin, "service-links", token, **card, service_id=service_id))
    print(call(origin, "inquiries", token, **card))
