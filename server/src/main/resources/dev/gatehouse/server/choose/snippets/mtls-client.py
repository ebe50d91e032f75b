# Calls the API with a client certificate. Python's standard library alone.
# Needs API_URL, and the files CLIENT_CERT and CLIENT_KEY.
import os
import ssl
from http.client import HTTPSConnection
from urllib.parse import urlsplit

tls = ssl.create_default_context()  # verifies the server
tls.load_cert_chain(os.environ["CLIENT_CERT"], os.environ["CLIENT_KEY"])
api = HTTPSConnection(urlsplit(os.environ["API_URL"]).netloc, timeout=30, context=tls)
api.request("GET", "/orders")
answer = api.getresponse()
text = answer.read().decode()
if answer.status != 200:
    raise SystemExit(f"{answer.status} {text}")
print(text)
