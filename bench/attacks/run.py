#!/usr/bin/env python3
"""What one caller can do to the others: each attack, and then all at once, against a running gate.

Callers of each method ask at a steady rate from 127.0.0.2, while an attacker from 127.0.0.1 does its
worst. Prints for each attack, before it, during it and a minute after it at most: connections to the
gate and to the upstream, file descriptors, threads, live heap, what was logged; and the callers' p50
and p99 with their ratios, and how many of their requests failed. Each phase begins with a warm-up that
is not measured: until then, the JVM interprets code that it runs for the first time, and compiles it.
Needs root (for priorities).
"""

import argparse
import collections
import hashlib
import hmac
import http.client
import json
import multiprocessing
import os
import re
import resource
import socket
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import servers
from attacks import ATTACKS, PROXY, Running
from loopback import PASSWORD, Loopback, basic, children

CALLER = "127.0.0.2"
PEOPLE = 200

SETTINGS = """\
limits: { connections: 400, bodyBytes: 10MiB }
passwords: { bcryptCost: 10 }
methods:
  hmac: { uses: 20000 }
"""
ROUTES = {
    "/orders": "[apikey, basic, jwt]",
    "/signed": "[hmac]",
    "/tokens": "[oauth]",
    "/hooks/github": "[hmac], webhook: { vendor: github, name: code }",
    "/early": "[public]",
    "/page": "[public]",
    "/file": "[public]",
    "/ws": "[public]",
    "/slow": "[public]",
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", choices=ATTACKS, default=list(ATTACKS))
    parser.add_argument("--seconds", type=float, default=20, help="of each phase")
    parser.add_argument("--warm-up", type=float, default=30)
    parser.add_argument("--together", action="store_true", help="only all of them at once")
    parser.add_argument("--java-options", default="", help="more options of the gate's JVM")
    arguments = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (16_384, 16_384))
    os.nice(-5)
    with Loopback() as loopback:
        target = Target(loopback, arguments.java_options)
        callers = Callers(target)
        callers.ask_for(arguments.warm_up)
        alone = callers.ask_for(arguments.seconds)
        runs = [] if arguments.together else [[name] for name in arguments.only]
        if len(runs) != 1:
            runs.append(arguments.only)
        for names in runs:
            print(f"\n## {names[0] if len(names) == 1 else 'all at once'}")
            before = target.held()
            attacks = Running([ATTACKS[name] for name in names], target)
            callers.ask_for(arguments.warm_up / 2)
            during = callers.ask_for(arguments.seconds)
            at_work = target.held()
            attacks.end()
            after, waited = target.recovered(before)
            print(f"{'':24}{'before':>10}{'during':>10}{'after':>10}   ({waited:.0f} s)")
            for what in before:
                print(f"{what:24}{before[what]:10}{at_work[what]:10}{after[what]:10}")
            report(alone, during)
    print("\nThe ratios compare with callers who were alone.")


class Target:
    """The gate with its upstream and its issuer, and what it holds at a time."""

    def __init__(self, loopback, java_options):
        _, self.upstream = servers.start(servers.upstream)
        _, issuer_settings = servers.start_issuer(loopback.folder)
        routes = "".join(
            f"  - {{ path: {path}, upstream: 'http://127.0.0.1:{self.upstream}', accept: {accept} }}\n"
            for path, accept in ROUTES.items()
        )
        gate = loopback.gate(
            routes,
            SETTINGS + issuer_settings,
            f"-Xmx512m {java_options}",
            f"tlsTerminator: [{PROXY}]",
        )
        self.gate, self.manage, self.port = gate, gate.manage, gate.port
        self.ca, self.log = gate.data / "ca.crt", loopback.folder / "gate.log"
        self.java = ([gate.process.pid] + children(gate.process.pid))[-1]
        self.key = gate.issue_key()
        self.signing = self.signature_key("bench")
        self.slow_key = self.signature_key("slow", requestsPerMinute=1)
        self.webhook = self.signature_key("code", webhook="code")
        for number in range(PEOPLE):
            gate.person(f"person-{number}")
        gate.person("victim")

    def signature_key(self, name, **more):
        return self.manage("POST", "/signature-keys", {"owner": "bench", "name": name, **more})

    def held(self):
        """What the gate holds now."""
        ours, theirs = f":{self.port:04X}", f":{self.upstream:04X}"
        to_gate = to_upstream = 0
        for table in ("tcp", "tcp6"):
            for line in Path(f"/proc/{self.java}/net/{table}").read_text().splitlines()[1:]:
                local, remote, state = line.split()[1:4]
                # Each connection stands in the table of both of its ends.
                if state == "01":
                    to_gate += local.endswith(ours)
                    to_upstream += remote.endswith(theirs)
        jcmd(self.java, "GC.run")
        used = re.search(r"used (\d+)([KM])", jcmd(self.java, "GC.heap_info"))
        return {
            "connections": to_gate,
            "upstream connections": to_upstream,
            "file descriptors": len(os.listdir(f"/proc/{self.java}/fd")),
            "threads": len(os.listdir(f"/proc/{self.java}/task")),
            "live heap, MB": int(used.group(1)) // (1024 if used.group(2) == "K" else 1),
            "log, KB": self.log.stat().st_size // 1024,
        }

    def recovered(self, before):
        """Waits until the gate holds what it held before, for a minute at most."""
        begun = time.monotonic()
        while True:
            after, waited = self.held(), time.monotonic() - begun
            level = all(
                after[what] <= before[what] * 1.1 + 5
                for what in before
                if not what.startswith("log")
            )
            if level or waited > 60:
                return after, waited
            time.sleep(1)


def jcmd(pid, command):
    said = subprocess.run(["jcmd", str(pid), command], capture_output=True, text=True, check=True)
    return said.stdout


class Callers:
    """One caller of each method, with its own rate and in a process of its own. A late answer delays
    none of the next: times count from when a request was due."""

    def __init__(self, target):
        self.target = target
        self.bursts = 0
        signing = target.signing
        self.rates = {
            "the gate's own answer": (20, self.over("GET", "/healthz", lambda: {})),
            "without the gate": (20, self.direct()),
            "API key": (20, self.over("GET", "/orders", lambda: {"X-API-Key": target.key})),
            "API key, new connection": (5, self.anew),
            "Basic": (10, self.over("GET", "/orders", self.basic)),
            "sign-in": (1, self.over("POST", "/api/auth/login", self.json, self.sign_in)),
            "signed request": (10, self.over("GET", "/signed", lambda: self.signed(signing))),
            "opaque token": (5, self.over("GET", "/tokens", self.opaque)),
            "webhook": (5, self.over("POST", "/hooks/github", self.github, self.event)),
            "first Basic, 20 at once": (0.25, self.burst),
        }
        self.count = 0

    def ask_for(self, seconds):
        """Seconds of each answer by caller; a text: why it failed."""
        running = {}
        for name, (rate, ask) in self.rates.items():
            ours, theirs = multiprocessing.Pipe()
            steadily = multiprocessing.Process(
                target=self.steadily, args=(rate, ask, seconds, theirs), daemon=True
            )
            steadily.start()
            running[name] = ours
        self.bursts += int(seconds) + 1  # other people in the next phase
        return {name: pipe.recv() for name, pipe in running.items()}

    def steadily(self, rate, ask, seconds, pipe):
        times = []
        due = time.perf_counter()
        end = due + seconds
        while due < end:
            time.sleep(max(0.0, due - time.perf_counter()))
            try:
                statuses = ask()
            except (OSError, http.client.HTTPException) as failure:
                statuses = [type(failure).__name__]
            took = time.perf_counter() - due
            times += [took if status == 200 else str(status) for status in statuses]
            due = max(due + 1 / rate, time.perf_counter() - 10)  # 10 s late at most
        pipe.send(times)

    def connect(self, timeout=10):
        connection = http.client.HTTPSConnection(
            "127.0.0.1",
            self.target.port,
            context=self.target.gate.trusted,
            timeout=timeout,
            source_address=(CALLER, 0),
        )
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def over(self, method, path, fields, body=lambda: None):
        """A request over a connection that is kept."""
        kept = []

        def ask():
            if not kept:
                kept.append(self.connect())
            connection = kept[0]
            content = body()
            try:
                connection.request(method, path, content, fields(content) if content else fields())
                answer = connection.getresponse()
                answer.read()
                return [answer.status]
            except (OSError, http.client.HTTPException):
                kept.clear()
                connection.close()
                raise

        return ask

    def direct(self):
        """A request that does not go through the gate: what the machine itself does to callers."""
        kept = []

        def ask():
            if not kept:
                connection = http.client.HTTPConnection("127.0.0.1", self.target.upstream, timeout=10)
                connection.connect()
                connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                kept.append(connection)
            kept[0].request("GET", "/orders")
            answer = kept[0].getresponse()
            answer.read()
            return [answer.status]

        return ask

    def anew(self):
        connection = self.connect()
        try:
            connection.request("GET", "/orders", headers={"X-API-Key": self.target.key})
            return [connection.getresponse().status]
        finally:
            connection.close()

    def burst(self):
        """20 requests, 8 ms apart, of a person whom the gate does not remember."""
        person, self.bursts = f"person-{self.bursts % PEOPLE}", self.bursts + 1
        statuses, connections = [], [self.connect() for _ in range(20)]

        def ask(connection):
            try:
                connection.request("GET", "/orders", headers=self.basic(person))
                statuses.append(connection.getresponse().status)
            except (OSError, http.client.HTTPException) as failure:
                statuses.append(type(failure).__name__)
            finally:
                connection.close()

        threads = [threading.Thread(target=ask, args=(connection,)) for connection in connections]
        for thread in threads:
            thread.start()
            time.sleep(0.008)
        for thread in threads:
            thread.join()
        return statuses

    def basic(self, name="victim"):
        return {"Authorization": basic(name, PASSWORD)}

    def json(self, _content):
        return {"Content-Type": "application/json"}

    def sign_in(self):
        return json.dumps({"email": "victim@bench", "password": PASSWORD})

    def opaque(self):
        self.count += 1
        return {"Authorization": f"Bearer good-{os.getpid()}-{self.count}"}

    def signed(self, key):
        self.count += 1
        now, nonce = int(time.time()), f"{os.getpid():08d}{time.time_ns():024d}"
        text = f"GET\n/signed\n{now}\n\n{nonce}"
        signature = hmac.new(key["secret"].encode(), text.encode(), hashlib.sha256).hexdigest()
        fields = {"X-Key-Id": key["id"], "X-Timestamp": str(now), "X-Nonce": nonce}
        return fields | {"X-Signature": signature}

    def event(self):
        return json.dumps({"event": time.time_ns()})

    def github(self, content):
        secret = self.target.webhook["secret"].encode()
        signature = hmac.new(secret, content.encode(), hashlib.sha256).hexdigest()
        return {"X-Hub-Signature-256": f"sha256={signature}", "Content-Type": "application/json"}


def report(alone, during):
    print(f"{'caller':26}{'p50 ms':>9}{'ratio':>8}{'p99 ms':>9}{'ratio':>8}  not answered with 200")
    for name, times in during.items():
        usual, now = percentiles(alone[name]), percentiles(times)
        failures = collections.Counter(time for time in times if isinstance(time, str))
        failed = ", ".join(f"{count} × {what}" for what, count in failures.items())
        print(
            f"{name:26}"
            + "".join(f"{n * 1e3:9.1f}{n / u:8.2f}" for n, u in zip(now, usual))
            + f"  {failed or '-'} of {len(times)}"
        )


def percentiles(times):
    """Those of the requests that were answered with 200."""
    ordered = sorted(time for time in times if not isinstance(time, str)) or [float("nan")]
    return statistics.median(ordered), ordered[int(len(ordered) * 0.99)]


if __name__ == "__main__":
    main()
