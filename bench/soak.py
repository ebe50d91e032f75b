#!/usr/bin/env python3
"""Runs a gate for a long time with all seven methods, and checks what it promises.

Callers of each method ask at a steady rate: each valid request must get 200. Credentials of every
kind are issued, used and revoked without end: each must be good at once, and must be refused by every
request that is sent more than a second after its revocation was acknowledged. From time to time the
gate is killed (SIGKILL) and started again: then everything that was acknowledged must still hold.
Memory, threads, file descriptors and files must level off.

Prints each broken promise as it happens, the figures of each minute, and a verdict; exits with 1 if a
promise was broken.
"""

import argparse
import collections
import dataclasses
import hashlib
import hmac
import http.client
import json
import os
import random
import re
import signal
import ssl
import statistics
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path
from typing import Callable

import servers
from loopback import PASSWORD, Loopback, basic, children, wait_for

WITHIN = 1.0  # seconds from the acknowledgement of a revocation
WATCHED = 10.0  # seconds for which a revoked credential is tried
KEPT = 60  # credentials of each kind that stay good until after the next kill
SETTINGS = """\
passwords: { bcryptCost: 10 }
throttle: { failedAttemptsPerMinute: 1000000 }
methods:
  jwt: { accessTokenLife: 1h }
"""
ADMITTED = {200}
REFUSED = {401, 429}  # 429: so many wrong passwords in a row are not looked at
METHODS = ["apikey", "basic", "jwt", "oauth", "hmac", "session", "mtls"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--rate", type=float, default=10, help="of each method, per second")
    arguments = parser.parse_args()
    with Loopback() as loopback:
        soak = Soak(loopback, arguments)
        soak.run()
    sys.exit(soak.verdict())


@dataclasses.dataclass
class Credential:
    """What was issued, and how it is used and revoked."""

    kind: str
    fields: Callable[[], dict]
    revoke: Callable[[], object]
    path: str
    context: ssl.SSLContext | None = None
    revoked_at: float | None = None


class Soak:
    def __init__(self, loopback, arguments):
        self.loopback, self.arguments = loopback, arguments
        _, upstream = servers.start(servers.upstream)
        self.issuer, issuer_settings = servers.start_issuer(loopback.folder)
        routes = "".join(
            f"  - {{ path: /{name}, upstream: 'http://127.0.0.1:{upstream}', accept: [{name}] }}\n"
            for name in METHODS
        )
        self.gate = loopback.gate(routes, SETTINGS + issuer_settings)
        self.lock = threading.Lock()
        self.running, self.up, self.ended = threading.Event(), threading.Event(), threading.Event()
        self.broken, self.counts = [], collections.Counter()
        self.good, self.revoked = collections.defaultdict(collections.deque), collections.deque()
        self.samples, self.local, self.number = [], threading.local(), 0
        self.manage("POST", "/accounts", {"kind": "service", "name": "soak"})

    # What is running

    def run(self):
        self.up.set()
        threads = [threading.Thread(target=self.use, args=(maker(self),)) for maker in STEADY]
        threads += [threading.Thread(target=self.churn) for _ in range(2)]
        threads += [threading.Thread(target=self.watch) for _ in range(2)]
        for thread in threads:
            thread.start()
        begun = time.monotonic()
        end = begun + self.arguments.minutes * 60
        kills = [
            begun + self.arguments.minutes * 60 * (number + 1) / (self.arguments.kills + 1)
            for number in range(self.arguments.kills)
        ]
        sampled = 0.0
        try:
            while time.monotonic() < end:
                time.sleep(0.5)
                if kills and time.monotonic() > kills[0]:
                    kills.pop(0)
                    self.kill()
                if time.monotonic() - sampled > 60:
                    sampled = time.monotonic()
                    self.sample((sampled - begun) / 60)
        finally:
            self.ended.set()
            for thread in threads:
                thread.join()
        self.sample(self.arguments.minutes)

    def use(self, credential):
        """One caller with one credential."""
        due = time.monotonic()
        while not self.ended.is_set():
            due = max(due + 1 / self.arguments.rate, time.monotonic() - 1)
            time.sleep(max(0.0, due - time.monotonic()))
            self.expect(credential, "a valid request", ADMITTED)

    def churn(self):
        """Issues a credential, uses it, and revokes the oldest of its kind."""
        while not self.ended.is_set():
            kind = random.choice(ISSUED)
            try:
                self.up.wait()
                issued = kind(self)
                self.counts["issued"] += 1
                self.expect(issued, "a credential that was just issued", ADMITTED)
                with self.lock:
                    kept = self.good[kind]
                    kept.append(issued)
                    oldest = kept.popleft() if len(kept) > KEPT // len(ISSUED) else None
                if oldest:
                    oldest.revoke()
                    oldest.revoked_at = time.monotonic()
                    self.counts["revoked"] += 1
                    with self.lock:
                        self.revoked.append(oldest)
            except (OSError, http.client.HTTPException) as failure:
                if self.up.is_set() and not self.ended.is_set():
                    time.sleep(0.1)
                    if self.up.is_set():
                        self.breaks(f"a call to {kind.__name__} failed: {failure}")
            time.sleep(0.1)

    def watch(self):
        """Uses what was revoked."""
        while not self.ended.is_set():
            with self.lock:
                while self.revoked and self.revoked[0].revoked_at < time.monotonic() - WATCHED:
                    self.revoked.popleft()
                watched = list(self.revoked)
            random.shuffle(watched)
            for credential in watched[:50]:
                if time.monotonic() > credential.revoked_at + WITHIN:
                    self.expect(credential, "a revoked credential", REFUSED)
            time.sleep(0.05)

    def kill(self):
        """The gate ends as by a power cut, and begins again; all that was acknowledged must hold."""
        self.up.clear()
        java = self.java()
        os.kill(java, signal.SIGKILL)
        self.gate.process.wait()
        self.loopback.started.remove(self.gate.process)
        log = self.loopback.folder / "gate.log"
        command = self.gate.process.args
        with log.open("ab") as output:
            self.gate.process = subprocess.Popen(command, stdout=output, stderr=output)
        self.loopback.started.append(self.gate.process)
        wait_for(self.gate.port, self.gate.process, log)
        while not self.ready():
            time.sleep(0.1)
        self.up.set()
        self.counts["killed"] += 1
        with self.lock:
            good = [credential for kept in self.good.values() for credential in kept]
            revoked = list(self.revoked)
        for credential in good:
            self.expect(credential, "a credential of before the kill", ADMITTED)
        for credential in revoked:
            self.expect(credential, "a credential that was revoked before the kill", REFUSED)

    def ready(self):
        try:
            address = self.gate.url("/readyz")
            return urllib.request.urlopen(address, context=self.gate.trusted, timeout=5).status == 200
        except OSError:
            return False

    # What is checked

    def expect(self, credential, what, wanted):
        self.up.wait()
        kills = self.counts["killed"]
        try:
            status = self.ask(credential)
        except (OSError, http.client.HTTPException) as failure:
            status = f"{type(failure).__name__}: {failure}"
        self.counts[what] += 1
        if status in wanted or not self.up.is_set():
            return
        if wanted is ADMITTED and credential.revoked_at:
            return  # meanwhile
        if isinstance(status, str):
            time.sleep(0.2)  # the gate was killed while it answered
            if not self.up.is_set() or self.counts["killed"] != kills:
                return
        self.breaks(f"{what} ({credential.kind}) got {status}")

    def breaks(self, text):
        self.broken.append(text)
        if len(self.broken) <= 50:
            print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)

    def ask(self, credential):
        """Sends one request over a connection that this thread keeps for such requests."""
        kept = self.local.__dict__.setdefault("connections", {})
        context = credential.context or self.gate.trusted
        again = context in kept
        if not again:
            if len(kept) > 20:
                kept.pop(next(iter(kept))).close()
            kept[context] = http.client.HTTPSConnection(
                "localhost", self.gate.port, context=context, timeout=10
            )
        try:
            kept[context].request("GET", credential.path, headers=credential.fields())
            answer = kept[context].getresponse()
            answer.read()
            return answer.status
        except (OSError, http.client.HTTPException):
            kept.pop(context).close()
            if again:  # it may have ended since: a client asks once more
                return self.ask(credential)
            raise

    # What is measured

    def java(self):
        return ([self.gate.process.pid] + children(self.gate.process.pid))[-1]

    def sample(self, minute):
        java = self.java()
        subprocess.run(["jcmd", str(java), "GC.run"], capture_output=True, check=True)
        heap = subprocess.run(
            ["jcmd", str(java), "GC.heap_info"], capture_output=True, text=True, check=True
        )
        status = Path(f"/proc/{java}/status").read_text()
        files = [file for file in self.gate.data.rglob("*") if file.is_file()]
        now = {
            "live heap, MB": int(re.search(r"used (\d+)K", heap.stdout).group(1)) // 1024,
            "resident, MB": int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) // 1024,
            "threads": len(os.listdir(f"/proc/{java}/task")),
            "descriptors": len(os.listdir(f"/proc/{java}/fd")),
            "files": len(files),
            "data, KB": sum(file.stat().st_size for file in files) // 1024,
            "log, KB": (self.loopback.folder / "gate.log").stat().st_size // 1024,
        }
        self.samples.append(now)
        figures = ", ".join(f"{what} {value}" for what, value in now.items())
        print(f"minute {minute:4.1f}: {figures}; {dict(self.counts)}", flush=True)

    def verdict(self):
        """Compares the last third with the middle one: what still grows does not level off."""
        third = len(self.samples) // 3
        for what in ("live heap, MB", "threads", "descriptors", "files"):
            if third < 2:
                print("too short to tell whether the figures level off")
                break
            middle, last = (
                statistics.median(sample[what] for sample in part)
                for part in (self.samples[third : 2 * third], self.samples[-third:])
            )
            print(f"{what}: {middle:.0f} in the middle third, {last:.0f} in the last")
            if last > middle * 1.15 + 3:
                self.breaks(f"{what} still grows")
        print(f"{len(self.broken)} promises broken")
        return 1 if self.broken else 0

    # What is issued

    def manage(self, method, path, body):
        return self.gate.manage(method, path, body)

    def next_name(self, kind):
        with self.lock:
            self.number += 1
            return f"{kind}-{self.number}"

    def api_key(self):
        key = self.manage("POST", "/keys", {"owner": "soak", "name": "soak"})
        return Credential(
            "API key",
            lambda: {"X-API-Key": key["key"]},
            lambda: self.manage("POST", f"/keys/{key['id']}/revoke", {}),
            "/apikey",
        )

    def key_of_disabled(self):
        name = self.next_name("service")
        self.manage("POST", "/accounts", {"kind": "service", "name": name})
        key = self.manage("POST", "/keys", {"owner": name, "name": "soak"})["key"]
        return Credential(
            "key of a disabled account",
            lambda: {"X-API-Key": key},
            lambda: self.manage("PATCH", f"/accounts/{name}", {"disabled": True}),
            "/apikey",
        )

    def service_token(self):
        key = self.manage("POST", "/keys", {"owner": "soak", "name": "soak"})
        request = urllib.request.Request(
            self.gate.url("/auth/token"),
            b"grant_type=client_credentials",
            {"Authorization": basic("soak", key["key"])},
        )
        answer = urllib.request.urlopen(request, context=self.gate.trusted, timeout=10)
        token = json.load(answer)["access_token"]
        return Credential(
            "token of a revoked key",
            lambda: {"Authorization": f"Bearer {token}"},
            lambda: self.manage("POST", f"/keys/{key['id']}/revoke", {}),
            "/jwt",
        )

    def signature_key(self):
        key = self.manage("POST", "/signature-keys", {"owner": "soak", "name": "soak"})

        def fields():
            now, nonce = int(time.time()), f"{random.getrandbits(128):032x}"
            text = f"GET\n/hmac\n{now}\n\n{nonce}"
            signature = hmac.new(key["secret"].encode(), text.encode(), hashlib.sha256)
            return {
                "X-Key-Id": key["id"],
                "X-Timestamp": str(now),
                "X-Nonce": nonce,
                "X-Signature": signature.hexdigest(),
            }

        return Credential(
            "signature key",
            fields,
            lambda: self.manage("POST", f"/signature-keys/{key['id']}/revoke", {}),
            "/hmac",
        )

    def certificate(self):
        name = self.next_name("certificate")
        key, request = (self.loopback.folder / f"{name}.{end}" for end in ("key", "csr"))
        subprocess.run(
            ["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
            + ["-nodes", "-subj", "/CN=soak", "-keyout", str(key), "-out", str(request)],
            check=True,
            capture_output=True,
        )
        wanted = {"owner": "soak", "name": name, "csr": request.read_text()}
        issued = self.manage("POST", "/certificates", wanted)
        file = self.loopback.folder / f"{name}.crt"
        file.write_text(issued["certificate"])
        context = ssl.create_default_context(cafile=str(self.gate.data / "ca.crt"))
        context.load_cert_chain(file, key)
        return Credential(
            "certificate",
            dict,
            lambda: self.manage("POST", f"/certificates/{issued['id']}/revoke", {}),
            "/mtls",
            context,
        )

    def signed_in(self, kind, path):
        name = self.next_name("person")
        self.gate.person(name)
        field, value = self.gate.sign_in(name)[kind].split(": ", 1)
        return Credential(
            kind,
            lambda: {field: value},
            lambda: self.manage("POST", f"/accounts/{name}/sign-out", {}),
            path,
        )

    def session(self):
        return self.signed_in("session", "/session")

    def access_token(self):
        return self.signed_in("JWT", "/jwt")

    def password(self):
        name = self.next_name("person")
        self.gate.person(name)
        changed = {"password": "another " + PASSWORD}
        return Credential(
            "changed password",
            lambda: {"Authorization": basic(name, PASSWORD)},
            lambda: self.manage("PUT", f"/accounts/{name}/password", changed),
            "/basic",
        )

    def foreign_token(self):
        token = f"good-{os.getpid()}-{self.next_name('token')}"
        denied = {"issuer": self.issuer, "subject": token}
        return Credential(
            "denied token",
            lambda: {"Authorization": f"Bearer {token}"},
            lambda: self.manage("POST", "/denied-tokens", denied),
            "/oauth",
        )


ISSUED = [
    Soak.api_key,
    Soak.key_of_disabled,
    Soak.service_token,
    Soak.signature_key,
    Soak.certificate,
    Soak.session,
    Soak.access_token,
    Soak.password,
    Soak.foreign_token,
]
STEADY = [
    Soak.api_key,
    Soak.password,
    Soak.access_token,
    Soak.foreign_token,
    Soak.signature_key,
    Soak.session,
    Soak.certificate,
]

if __name__ == "__main__":
    main()
