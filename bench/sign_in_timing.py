#!/usr/bin/env python3
"""Whether the time of a refused sign-in tells whose name it was.

Over the wire, on one kept-alive connection per door: a token's sign-in (POST /api/auth/login) and
Basic. Every way to be wrong is tried once per block, in random order, and its times are compared
with those of a wrong password: Mann-Whitney and Kolmogorov-Smirnov, two-sided. A way differs when
a p-value, times the number of ways (Bonferroni), is below 1 %. Ends with 1 when one does.

To show what the comparison can see, the same times are shifted until it sees the shift.
"""

import argparse
import bisect
import http.client
import json
import math
import random
import socket
import statistics
import sys
import time

from loopback import PASSWORD, Loopback, basic

WRONG = "wrong horse battery"
LEVEL = 0.01
# The throttle lets one name fail 10 times from one address at once, and 20 times in all.
TRIALS_PER_NAME = 8
BASE = "wrong password"
WAYS = [BASE, "unknown name", "disabled account", "no password", "service name"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=400, help="of each way, at each door")
    parser.add_argument("--cost", type=int, default=10, help="bcrypt's")
    parser.add_argument("--doors", default="login,basic")
    parser.add_argument("--seed", type=int, default=3)
    arguments = parser.parse_args()
    with Loopback() as loopback:
        route = f"  - {{ path: /, upstream: 'http://127.0.0.1:{loopback.upstream()}',"
        gate = loopback.gate(
            route + " accept: [basic, jwt, session], require: { '*': 'orders:read' } }\n",
            f"passwords: {{ bcryptCost: {arguments.cost} }}\n"
            "throttle: { failedAttemptsPerMinute: 1000000 }\n",
        )
        names = prepared(gate, -(-arguments.trials // TRIALS_PER_NAME))
        differs = False
        for number, door in enumerate(arguments.doors.split(",")):
            shots = Door(gate, door, f"127.0.0.{number + 2}")
            for name in names[BASE][:20]:  # warms the JIT; the password is right, so nothing counts
                shots.attempt(name, PASSWORD, right=True)
            times = trials(shots, names, arguments.trials, random.Random(arguments.seed + number))
            differs |= report(door, times)
    sys.exit(1 if differs else 0)


def prepared(gate, many):
    names = {way: [f"{way.replace(' ', '-')}-{n:03}" for n in range(many)] for way in WAYS}
    for name in names[BASE]:
        gate.person(name)
    for name in names["disabled account"]:
        gate.person(name)
        gate.manage("PATCH", f"/accounts/{name}", {"disabled": True})
    for name in names["no password"]:
        gate.person(name, None)
    for name in names["service name"]:
        gate.manage("POST", "/accounts", {"kind": "service", "name": name, "scopes": []})
    return names


class Door:
    """One kept-alive connection on which sign-ins are tried."""

    def __init__(self, gate, kind, address):
        self.kind = kind
        self.connection = http.client.HTTPSConnection(
            "127.0.0.1", gate.port, timeout=60, context=gate.trusted, source_address=(address, 0)
        )
        self.connection.connect()
        self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def attempt(self, name, password, right=False):
        """The seconds until the answer has come as a whole."""
        if self.kind == "login":
            body = json.dumps({"email": name, "password": password})
            what = ("POST", "/api/auth/login", body, {"Content-Type": "application/json"})
        else:
            what = ("GET", "/orders", None, {"Authorization": basic(name, password)})
        start = time.perf_counter()
        self.connection.request(*what)
        answer = self.connection.getresponse()
        answer.read()
        seconds = time.perf_counter() - start
        if answer.status != (200 if right else 401):
            sys.exit(f"{self.kind} answered {answer.status} to {name}")
        return seconds


def trials(door, names, count, chance):
    times = {way: [] for way in WAYS}
    for number in range(count):
        block = WAYS[:]
        chance.shuffle(block)
        for way in block:
            name = names[way][number % len(names[way])]
            times[way].append(door.attempt(name, WRONG))
    return times


def mann_whitney(one, other):
    """The two-sided p-value (normal approximation, ties corrected), and P(one > other)."""
    ranked = sorted([(value, 0) for value in one] + [(value, 1) for value in other])
    n, m = len(one), len(other)
    rank_sum, tied, start = 0.0, 0, 0
    while start < n + m:
        end = start
        while end < n + m and ranked[end][0] == ranked[start][0]:
            end += 1
        middle = (start + 1 + end) / 2
        rank_sum += middle * sum(1 for value in ranked[start:end] if value[1] == 0)
        tied += (end - start) ** 3 - (end - start)
        start = end
    u = rank_sum - n * (n + 1) / 2
    sigma = math.sqrt(n * m / 12 * (n + m + 1 - tied / ((n + m) * (n + m - 1))))
    return math.erfc(abs(u - n * m / 2) / sigma / math.sqrt(2)), u / (n * m)


def kolmogorov_smirnov(one, other):
    """The two-sided p-value (the limiting distribution), and the greatest distance."""
    one, other = sorted(one), sorted(other)
    n, m = len(one), len(other)
    distance = max(
        abs(bisect.bisect_right(one, at) / n - bisect.bisect_right(other, at) / m)
        for at in one + other
    )
    x = distance * math.sqrt(n * m / (n + m))
    if x < 0.3:
        return 1.0, distance
    p = 2 * sum((-1) ** (k - 1) * math.exp(-2 * (k * x) ** 2) for k in range(1, 101))
    return min(max(p, 0.0), 1.0), distance


def least(one, other):
    return min(mann_whitney(one, other)[0], kolmogorov_smirnov(one, other)[0])


def visible(times):
    """By how much one half of a way's own times must be later for the comparison to see it."""
    one, other = times[::2], times[1::2]
    middle = statistics.median(times)
    for shift in (2**k * 1e-6 for k in range(3, 20)):
        if least([value + shift for value in one], other) < LEVEL:
            return f"{shift * 1e6:.0f} µs ({100 * shift / middle:.2f} %)"
    return "nothing"


def report(door, times):
    base = times[BASE]
    print(f"{door}, {len(base)} trials of each way")
    print(f"{'':18}{'median ms':>10}{'p25':>9}{'p75':>9}{'p95':>9}", end="")
    print(f"{'shift µs':>10}{'MW p':>9}{'P(>)':>7}{'KS p':>9}{'D':>7}")
    any_differs = False
    for way, values in times.items():
        cuts = statistics.quantiles(values, n=20)
        line = f"{way:18}" + "".join(
            f"{value * 1e3:{width}.3f}"
            for value, width in ((statistics.median(values), 10), (cuts[4], 9), (cuts[14], 9), (cuts[18], 9))
        )
        if way != BASE:
            mw, greater = mann_whitney(values, base)
            ks, distance = kolmogorov_smirnov(values, base)
            differs = min(mw, ks) * (len(WAYS) - 1) < LEVEL
            any_differs |= differs
            shift = statistics.median(values) - statistics.median(base)
            line += f"{shift * 1e6:10.0f}{mw:9.3f}{greater:7.3f}{ks:9.3f}{distance:7.3f}"
            line += "   DIFFERS" if differs else "   the same at 1 %"
        print(line)
    print(f"half of the wrong passwords against the other half would show a shift of {visible(base)}")
    return any_differs


if __name__ == "__main__":
    main()
