"""The attacks. Each runs in a process of its own, from 127.0.0.1 unless it says otherwise."""

import hashlib
import hmac
import json
import multiprocessing
import os
import random
import select
import ssl
import time

from wire import DATA, Client, frame, http1

ATTACKER = "127.0.0.1"
OTHER_ATTACKER = "127.0.0.5"
PROXY = "127.0.0.4"  # listed as 'tlsTerminator': it says for whom it asks
NETWORK_ERRORS = (OSError, ssl.SSLError)


class Attack:
    """Something that a caller does to others; `begin` and then `go_on`, again and again."""

    source = ATTACKER

    def __init__(self, target):
        self.target = target
        self.client = Client(target.port, target.ca, self.source)
        self.held = []

    def begin(self):
        pass

    def go_on(self):
        time.sleep(0.2)

    def hold(self, number, make):
        """Keeps what could be opened; a gate that refuses some is a gate that defends itself."""
        for _ in range(number):
            try:
                self.held.append(make())
            except NETWORK_ERRORS:
                pass

    def each(self, use):
        for one in list(self.held):
            try:
                use(one)
            except NETWORK_ERRORS:
                self.held.remove(one)


class EarlyAnswers(Attack):
    """256 uploads of 3 MB to an upstream that answers before it reads them."""

    left = 256

    def go_on(self):
        for _ in range(min(16, self.left)):
            self.left -= 1
            try:
                sock = self.client.tls()
                sock.settimeout(0.5)
                self.held.append(sock)
                sock.sendall(http1("POST", "/early", "Content-Length: 3000000"))
                for _ in range(46):
                    sock.sendall(b"x" * 65_536)
            except NETWORK_ERRORS:
                pass
        while len(self.held) > 64:
            self.held.pop(0).close()
        time.sleep(0.05)


class ClosedWindows(Attack):
    """400 HTTP/2 connections whose window is closed, with one answer of the gate's own each."""

    def begin(self):
        def stuck():
            connection = self.client.h2(window=0)
            connection.request("GET", "/healthz")
            return connection

        self.hold(400, stuck)

    def go_on(self):
        self.each(lambda connection: (connection.ping(), connection.discard()))
        time.sleep(2)


class ClosedStreams(Attack):
    """10 HTTP/2 connections × 100 answers of 60 KB that are never taken."""

    def begin(self):
        def stuck():
            connection = self.client.h2(window=0)
            for _ in range(100):
                connection.request("GET", "/page")
            return connection

        self.hold(10, stuck)

    def go_on(self):
        self.each(lambda connection: (connection.ping(), connection.discard()))
        time.sleep(2)


class NothingIsRead(Attack):
    """20 clients of HTTP/1.1 that ask for 10 MB and read nothing."""

    def begin(self):
        def stuck():
            sock = self.client.tls()
            sock.sendall(http1("GET", "/file"))
            return sock

        self.hold(20, stuck)


class BareConnections(Attack):
    """1,500 connections that say nothing."""

    def begin(self):
        self.hold(1500, lambda: self.client.tcp(timeout=2))


class WebSockets(Attack):
    """256 WebSockets on a public route."""

    def begin(self):
        def opened():
            sock = self.client.tls()
            upgrade = ("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13")
            key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
            sock.sendall(http1("GET", "/ws", *upgrade, key))
            return sock

        self.hold(256, opened)


class SlowRequests(Attack):
    """4 HTTP/2 connections × 100 requests to which the upstream answers after 30 seconds."""

    def begin(self):
        def busy():
            connection = self.client.h2()
            for _ in range(100):
                connection.request("GET", "/slow")
            return connection

        self.hold(4, busy)

    def go_on(self):
        self.each(lambda connection: connection.discard())
        time.sleep(1)


class MissingBodies(Attack):
    """11 HTTP/2 connections × 100 webhook events whose bodies never come."""

    path = "/hooks/github"
    fields = (("x-hub-signature-256", "sha256=" + "0" * 64), ("content-length", "1000"))
    sent = b""

    def begin(self):
        self.hold(11, self.opened)

    def opened(self):
        connection = self.client.h2()
        for _ in range(100):
            stream = connection.request("POST", self.path, self.fields, end=False)
            if self.sent:
                connection.sock.sendall(frame(DATA, 0, stream, self.sent))
        return connection

    def go_on(self):
        self.each(lambda connection: connection.discard())
        if len(self.held) < 11:
            self.hold(1, self.opened)
        time.sleep(0.5)


class HalfSignIns(MissingBodies):
    """The same with sign-ins whose bodies come up to their last byte."""

    path = "/api/auth/login"
    sent = b"x" * 600
    fields = (("content-type", "application/json"), ("content-length", "8000"))


class Ipv6Site(Attack):
    """Sign-ins from as many /64s of one /48 as there are requests, half of them for one person."""

    source = PROXY

    def begin(self):
        self.hold(64, self.client.tls)

    def go_on(self):
        def sign_in(sock):
            address = f"2001:db8:7:{random.randrange(65_536):x}::{random.randrange(65_536):x}"
            name = random.choice(["victim", f"unknown-{random.randrange(10**9)}"])
            wanted = json.dumps({"email": f"{name}@bench", "password": "wrong " * 4}).encode()
            sock.sendall(
                http1(
                    "POST",
                    "/api/auth/login",
                    f"X-Forwarded-For: {address}",
                    "X-Forwarded-Proto: https",
                    "Content-Type: application/json",
                    f"Content-Length: {len(wanted)}",
                    body=wanted,
                )
            )

        self.each(sign_in)
        answers(self.held, 1.0)
        self.hold(64 - len(self.held), self.client.tls)


class OpaqueTokens(Attack):
    """Tokens that the issuer never gave, from two addresses, 64 at a time."""

    def begin(self):
        other = Client(self.target.port, self.target.ca, OTHER_ATTACKER)
        self.hold(32, self.client.tls)
        self.hold(32, other.tls)

    def go_on(self):
        def ask(sock):
            sock.sendall(http1("GET", "/tokens", f"Authorization: Bearer bad-{random.random()}"))

        self.each(ask)
        answers(self.held, 1.0)
        self.hold(64 - len(self.held), self.client.tls)


class DearSignatures(Attack):
    """194 signed requests a second of an unknown key, each with 30 components of a long query."""

    def begin(self):
        self.hold(8, self.client.tls)
        names = [f"p{number}" for number in range(30)]
        self.query = "&".join(f"{name}={'v' * 250}" for name in names)
        self.covered = " ".join(f'"@query-param";name="{name}"' for name in names)

    def go_on(self):
        def ask(sock):
            parameters = f"({self.covered});created={int(time.time())};keyid=\"h_unknown\""
            fields = (
                f"Signature-Input: sig={parameters};nonce=\"{random.random()}\"",
                "Signature: sig=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:",
            )
            sock.sendall(http1("GET", "/signed?" + self.query, *fields))

        begun = time.monotonic()
        self.each(ask)
        answers(self.held, 1.0)
        self.hold(8 - len(self.held), self.client.tls)
        time.sleep(max(0.0, len(self.held) / 194 - (time.monotonic() - begun)))


class OneKeyHolder(Attack):
    """A caller with a key of one request a minute signs as many as it can send."""

    def begin(self):
        self.hold(8, self.client.tls)

    def go_on(self):
        def ask(sock):
            now, nonce = int(time.time()), f"{random.getrandbits(128):032x}"
            signed = f"GET\n/signed\n{now}\n\n{nonce}".encode()
            signature = hmac.new(self.target.slow_key["secret"].encode(), signed, hashlib.sha256)
            fields = (
                f"X-Key-Id: {self.target.slow_key['id']}",
                f"X-Timestamp: {now}",
                f"X-Nonce: {nonce}",
                f"X-Signature: {signature.hexdigest()}",
            )
            sock.sendall(http1("GET", "/signed", *fields))

        self.each(ask)
        answers(self.held, 1.0)
        self.hold(8 - len(self.held), self.client.tls)


class NotFound(Attack):
    """Addresses that lead nowhere, as fast as they are answered."""

    def begin(self):
        self.hold(4, self.client.tls)

    def go_on(self):
        self.each(lambda sock: sock.sendall(http1("GET", f"/nowhere/{random.random()}") * 20))
        answers(self.held, 0.5)
        self.hold(4 - len(self.held), self.client.tls)


class OthersAreRevoked(Attack):
    """Keys of somebody else are issued and revoked, three a second."""

    def go_on(self):
        key = self.target.manage("POST", "/keys", {"owner": "bench", "name": "churn"})
        self.target.manage("POST", f"/keys/{key['id']}/revoke", {})
        time.sleep(0.3)


def answers(sockets, seconds):
    """Waits for something from each, at most so long, and forgets it."""
    waiting, end = list(sockets), time.monotonic() + seconds
    while waiting and time.monotonic() < end:
        ready = [sock for sock in waiting if sock.pending()]
        ready = ready or select.select(waiting, [], [], max(0.0, end - time.monotonic()))[0]
        for sock in ready:
            waiting.remove(sock)
            try:
                if not sock.recv(65_536):
                    sockets.remove(sock)
            except NETWORK_ERRORS:
                sockets.remove(sock)


ATTACKS = {
    "early-answers": EarlyAnswers,
    "closed-windows": ClosedWindows,
    "closed-streams": ClosedStreams,
    "nothing-is-read": NothingIsRead,
    "bare-connections": BareConnections,
    "websockets": WebSockets,
    "slow-requests": SlowRequests,
    "missing-bodies": MissingBodies,
    "half-sign-ins": HalfSignIns,
    "ipv6-site": Ipv6Site,
    "opaque-tokens": OpaqueTokens,
    "dear-signatures": DearSignatures,
    "not-found": NotFound,
    "others-are-revoked": OthersAreRevoked,
    # Last: it may fill the record of used signatures, which empties after minutes.
    "one-key-holder": OneKeyHolder,
}


class Running:
    """Attacks that go on until they are ended. They yield to everything else on the machine, since
    they stand for machines of their own."""

    def __init__(self, kinds, target):
        self.processes = []
        for kind in kinds:
            ours, theirs = multiprocessing.Pipe()
            process = multiprocessing.Process(target=attack, args=(kind, target, theirs), daemon=True)
            process.start()
            self.processes.append((process, ours))
        for _, pipe in self.processes:
            pipe.poll(60)  # it has begun, or its beginning takes long

    def end(self):
        for process, _ in self.processes:
            process.kill()
            process.join()


def attack(kind, target, pipe):
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    running = kind(target)
    running.begin()
    pipe.send("begun")
    while True:
        running.go_on()
