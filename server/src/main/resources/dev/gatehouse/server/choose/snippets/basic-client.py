# Calls the API with a name and a password. Python's standard library alone.
# Needs API_URL, API_USER and API_PASSWORD.
import os
from base64 import b64encode
from http.client import HTTPSConnection  # verifies TLS, follows no redirect
from urllib.parse import urlsplit

pair = f"{os.environ['API_USER']}:{os.environ['API_PASSWORD']}".encode()
api = HTTPSConnection(urlsplit(os.environ["API_URL"]).netloc, timeout=30)
api.request("GET", "/orders", headers={"Authorization": "Basic " + b64encode(pair).decode()})
answer = api.getresponse()
text = answer.read().decode()
if answer.status != 200:
    raise SystemExit(f"{answer.status} {text}")
print(text)
