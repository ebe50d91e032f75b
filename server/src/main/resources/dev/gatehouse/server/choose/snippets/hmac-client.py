# Signs a request. Python's standard library alone.
# Needs API_URL, HMAC_KEY_ID and HMAC_SECRET.
import hashlib
import hmac
import json
import os
import secrets
import time
from http.client import HTTPSConnection  # verifies TLS, follows no redirect
from urllib.parse import urlsplit


def signed(method, target, body):
    """The fields that sign it. target: as it goes over the wire, query included."""
    now = str(int(time.time()))
    nonce = secrets.token_hex(16)
    digest = hashlib.sha256(body).hexdigest() if body else ""
    text = "\n".join([method, target, now, digest, nonce]).encode()
    signature = hmac.new(os.environ["HMAC_SECRET"].encode(), text, hashlib.sha256).hexdigest()
    return {
        "X-Key-Id": os.environ["HMAC_KEY_ID"],
        "X-Timestamp": now,
        "X-Nonce": nonce,
        "X-Signature": signature,
    }


target = "/orders?source=till"
body = json.dumps({"item": "tea"}).encode()  # these very bytes are signed and sent
fields = {"Content-Type": "application/json", **signed("POST", target, body)}
api = HTTPSConnection(urlsplit(os.environ["API_URL"]).netloc, timeout=30)
api.request("POST", target, body, fields)
answer = api.getresponse()
text = answer.read().decode()
if answer.status not in (200, 201):
    raise SystemExit(f"{answer.status} {text}")
print(text)
