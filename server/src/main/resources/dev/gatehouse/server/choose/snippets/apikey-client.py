# Calls the API with a key. Python's standard library alone.
# Needs API_URL and API_KEY.
import os
from http.client import HTTPSConnection  # verifies TLS, follows no redirect
from urllib.parse import urlsplit

api = HTTPSConnection(urlsplit(os.environ["API_URL"]).netloc, timeout=30)
api.request("GET", "/orders", headers={"X-API-Key": os.environ["API_KEY"]})
answer = api.getresponse()
text = answer.read().decode()
if answer.status != 200:
    raise SystemExit(f"{answer.status} {text}")
print(text)
