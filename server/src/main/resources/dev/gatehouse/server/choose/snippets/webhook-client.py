# Sends an event signed as GitHub signs it, to try the route. Python's standard library alone.
# Needs API_URL and WEBHOOK_SECRET.
import hashlib
import hmac
import json
import os
import uuid
from http.client import HTTPSConnection  # verifies TLS, follows no redirect
from urllib.parse import urlsplit

# The gate takes each event once: an id makes it another one.
body = json.dumps({"action": "ping", "id": str(uuid.uuid4())}).encode()
signature = hmac.new(os.environ["WEBHOOK_SECRET"].encode(), body, hashlib.sha256).hexdigest()
fields = {
    "Content-Type": "application/json",
    "X-GitHub-Event": "ping",
    "X-Hub-Signature-256": "sha256=" + signature,
}
api = HTTPSConnection(urlsplit(os.environ["API_URL"]).netloc, timeout=30)
api.request("POST", "/hooks/github", body, fields)
answer = api.getresponse()
text = answer.read().decode()
if answer.status not in (200, 201):
    raise SystemExit(f"{answer.status} {text}")
print(text)
