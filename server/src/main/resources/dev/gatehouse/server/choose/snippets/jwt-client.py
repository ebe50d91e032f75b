# Signs in, calls the API with the access token, renews it when it is refused, and signs out.
# Python's standard library alone. With several threads, let one renew and the others wait.
# Needs API_URL, API_USER and API_PASSWORD.
import json
import os
from http.client import HTTPSConnection  # verifies TLS, follows no redirect
from urllib.parse import urlsplit

api = HTTPSConnection(urlsplit(os.environ["API_URL"]).netloc, timeout=30)


def send(method, path, body=None, **fields):
    api.request(method, path, body and json.dumps(body), fields)
    answer = api.getresponse()
    return answer.status, answer.read().decode()


def post(path, **body):
    return send("POST", path, body, **{"Content-Type": "application/json"})


def checked(answer):
    status, text = answer
    if status not in (200, 204):
        raise SystemExit(f"{status} {text}")
    return text


def sign_in():
    person = {"username": os.environ["API_USER"], "password": os.environ["API_PASSWORD"]}
    return json.loads(checked(post("/api/auth/login", **person)))


def renewed(old):
    # A refresh token is good for one use: the new pair takes the place of the old one.
    status, text = answer = post("/api/auth/refresh", refreshToken=old["refreshToken"])
    return sign_in() if status == 401 else json.loads(checked(answer))


def call(path):
    global tokens
    answer = send("GET", path, Authorization="Bearer " + tokens["accessToken"])
    if answer[0] == 401:  # ended, or revoked: once more with a new one
        tokens = renewed(tokens)
        answer = send("GET", path, Authorization="Bearer " + tokens["accessToken"])
    return checked(answer)


tokens = sign_in()
print(call("/orders"))
print(call("/orders?page=2"))
checked(post("/api/auth/logout", refreshToken=tokens["refreshToken"]))
