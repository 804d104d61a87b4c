"""A bridge written from bridge-protocol.md alone: plain functions, the standard library, a key instead of a card.

Nothing of reader_bridge or portal is known here. A card is {"certificate": DER, "modulus": n, "exponent": d}.
"""

import base64
import hashlib
import http.client
import json
import re
from urllib.parse import unquote

LINK = re.compile(r"mykey-bridge:read\?origin=([A-Za-z0-9.%-]+)&handle=([A-Za-z0-9_-]{22,64})")
CLAIM_FIELDS = {"claim", "purpose", "parameters", "match_code", "nonce", "expires_at"}
SHA256_HEADER = bytes.fromhex("3031300d060960864801650304020105000420")


class Refused(Exception):
    """args: the status and the code of the portal's problem."""


def follow(link, card, **word):
    """Launch link → the URL to open in the default browser."""
    origin, handle = parts_of(link)
    reply = answer(origin, claim(origin, {"handle": handle}), card, **word)
    url = reply["completion_url"]
    if not (url.startswith(origin + "/") and url.isascii() and len(url) <= 512):
        raise ValueError(url)
    return url


def pair(origin, code, card, **word):
    """Pairing code → the six digits to show."""
    digits = answer(origin, claim(origin, {"pairing_code": code}), card, **word)["completion_code"]
    if not re.fullmatch("[0-9]{6}", digits):
        raise ValueError(digits)
    return digits


def meet(link):
    """Launch link of a test → which portal was reached; no card is touched."""
    origin, handle = parts_of(link)
    claimed = claim(origin, {"handle": handle})
    if claimed["purpose"] != "test":
        raise ValueError(claimed)
    return origin


def parts_of(link):
    match = LINK.fullmatch(link)
    if match is None or len(link) > 512:
        raise ValueError(link)
    return unquote(match[1]), match[2]


def claim(origin, name):
    claimed = call(origin, "claims", name, expected=201)
    if not claimed.keys() >= CLAIM_FIELDS or len(base64.b64decode(claimed["nonce"], validate=True)) != 32:
        raise ValueError(claimed)
    return claimed


def answer(origin, claimed, card, **word):
    token = {
        "format": "web-eid:1.0",
        "unverifiedCertificate": base64.b64encode(card["certificate"]).decode(),
        "algorithm": "RS256",
        "signature": base64.b64encode(signature(origin, claimed["nonce"], card)).decode(),
        "appVersion": "https://other.invalid/other-bridge/0.1",
    }
    return call(origin, "answers", {**token, **word}, bearer=claimed["claim"], expected=200)


def tell(origin, claimed, code):
    call(origin, "failures", {"code": code}, bearer=claimed["claim"], expected=204)


def signature(origin, nonce, card):
    """RSASSA-PKCS1-v1_5 by hand: H(origin) || H(nonce), hashed once more by the signature itself."""
    message = b"".join(hashlib.sha256(part.encode()).digest() for part in (origin, nonce))
    size = (card["modulus"].bit_length() + 7) // 8
    block = SHA256_HEADER + hashlib.sha256(message).digest()
    padded = b"\x00\x01" + b"\xff" * (size - len(block) - 3) + b"\x00" + block
    return pow(int.from_bytes(padded, "big"), card["exponent"], card["modulus"]).to_bytes(size, "big")


def call(origin, name, body, *, expected, bearer=None):
    headers = {"Content-Type": "application/json", "User-Agent": "other-bridge/0.1.0"}
    if bearer:
        headers["Authorization"] = "Bearer " + bearer
    connection = http.client.HTTPConnection(origin.partition("://")[2], timeout=10)
    connection.request("POST", "/api/v1/bridge/" + name, json.dumps(body).encode(), headers)
    reply = connection.getresponse()
    content = json.loads(reply.read() or b"{}")
    connection.close()
    if reply.status != expected:
        raise Refused(reply.status, content.get("code"))
    return content
