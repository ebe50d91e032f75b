# Gets an access token from an issuer, and calls the API with it (RFC 6749 §4.4).
# Python's standard library alone.
# Needs API_URL, and of the issuer TOKEN_URL, CLIENT_ID and CLIENT_SECRET.
import json
import os
from base64 import b64encode
from http.client import HTTPSConnection  # verifies TLS, follows no redirect
from urllib.parse import quote_plus, urlencode, urlsplit


def send(method, url, body=None, **fields):
    parts = urlsplit(url)
    server = HTTPSConnection(parts.netloc, timeout=30)
    target = parts.path + ("?" + parts.query if parts.query else "")
    server.request(method, target, body, fields)
    answer = server.getresponse()
    return answer.status, answer.read().decode()


def checked(answer):
    status, text = answer
    if status != 200:
        raise SystemExit(f"{status} {text}")
    return text


def new_token():
    # Encoded as in a form, before they are joined (RFC 6749 §2.3.1).
    pair = ":".join(quote_plus(os.environ[name]) for name in ("CLIENT_ID", "CLIENT_SECRET"))
    fields = {
        "Authorization": "Basic " + b64encode(pair.encode()).decode(),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    form = urlencode({"grant_type": "client_credentials", "scope": "orders.read"})
    answer = send("POST", os.environ["TOKEN_URL"], form, **fields)
    return json.loads(checked(answer))["access_token"]


def call(path):
    global token
    url = os.environ["API_URL"] + path
    answer = send("GET", url, Authorization="Bearer " + token)
    if answer[0] == 401:  # it ended: once more with another
        token = new_token()
        answer = send("GET", url, Authorization="Bearer " + token)
    return checked(answer)


token = new_token()
print(call("/orders"))
