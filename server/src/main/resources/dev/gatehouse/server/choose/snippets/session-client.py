# Signs in, reads, changes something, signs out. Python's standard library alone.
# Needs API_URL, API_USER and API_PASSWORD.
import json
import os
from http.client import HTTPSConnection  # verifies TLS, follows no redirect
from urllib.parse import urlsplit

api = HTTPSConnection(urlsplit(os.environ["API_URL"]).netloc, timeout=30)
fields = {"Content-Type": "application/json"}


def call(method, path, body=None):
    api.request(method, path, None if body is None else json.dumps(body), fields)
    answer = api.getresponse()
    text = answer.read().decode()
    if answer.status not in (200, 201):
        raise SystemExit(f"{answer.status} {text}")
    if answer.getheader("Set-Cookie"):
        fields["Cookie"] = answer.getheader("Set-Cookie").split(";")[0]
    return text


call("POST", "/login", {"username": os.environ["API_USER"], "password": os.environ["API_PASSWORD"]})
print(call("GET", "/orders"))
# A program says by this token that it means its changes.
fields["X-CSRF-Token"] = json.loads(call("GET", "/csrf"))["csrfToken"]
print(call("POST", "/orders", {"item": "tea"}))
call("POST", "/logout", {})
