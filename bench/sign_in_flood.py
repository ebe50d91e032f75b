#!/usr/bin/env python3
"""What a flood of sign-ins does to everybody else.

A caller with an API key asks at a steady rate on a kept-alive connection, first alone, then while
many people sign in at once, each with the right password and its slow hash. Prints the caller's
percentiles of both, their ratios, and what the people were answered. Needs wrk and nginx (Debian:
apt-get install wrk nginx-light).
"""

import argparse
import collections
import http.client
import json
import os
import socket
import statistics
import threading
import time

from loopback import PASSWORD, Loopback

PEOPLE = 20


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sign-ins", type=int, default=200, help="at once")
    parser.add_argument("--seconds", type=float, default=20, help="of each phase")
    parser.add_argument("--rate", type=float, default=200, help="of the caller, per second")
    parser.add_argument("--cost", type=int, default=12, help="bcrypt's")
    arguments = parser.parse_args()
    with Loopback() as loopback:
        upstream = loopback.upstream()
        gate = loopback.gate(
            f"  - {{ path: /orders, upstream: 'http://127.0.0.1:{upstream}',"
            " accept: [apikey, jwt], require: { GET: 'orders:read' } }\n",
            f"passwords: {{ bcryptCost: {arguments.cost} }}\n"
            "throttle: { failedAttemptsPerMinute: 1000000 }\n",
        )
        key = gate.issue_key()
        for number in range(PEOPLE):
            gate.person(f"person-{number}")
        caller = Caller(gate, key, arguments.rate)
        prefer_this_process()
        warm_up = Flood(gate, arguments.sign_ins)
        warm_up.begin()
        caller.ask_for(arguments.seconds)  # the JIT and the caches
        warm_up.end()
        rounds = []
        for _ in range(arguments.rounds):
            alone = caller.ask_for(arguments.seconds)
            flood = Flood(gate, arguments.sign_ins)
            flood.begin()
            beside = caller.ask_for(arguments.seconds)
            rounds.append((alone, beside, flood.end()))
        report(rounds)


def prefer_this_process():
    """The caller stands for a machine of its own: what it waits for its own turn is not the gate's."""
    try:
        os.nice(-10)
    except PermissionError:
        print("not root: the caller's own waits for a core are among the times")


class Caller:
    """Asks at a steady rate; a late answer delays none of the next (times count from the plan)."""

    def __init__(self, gate, key, rate):
        self.connection = http.client.HTTPSConnection("127.0.0.1", gate.port, context=gate.trusted)
        self.connection.connect()
        self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.key, self.every = key, 1 / rate

    def ask_for(self, seconds):
        times, planned = [], time.perf_counter()
        end = planned + seconds
        while planned < end:
            time.sleep(max(0, planned - time.perf_counter()))
            self.connection.request("GET", "/orders", headers={"X-API-Key": self.key})
            answer = self.connection.getresponse()
            answer.read()
            assert answer.status == 200, answer.status
            times.append(time.perf_counter() - planned)
            planned += self.every
        return times


class Flood:
    """People who are connected already and sign in at the same moment."""

    def __init__(self, gate, size):
        self.answers = []
        self.gate, self.barrier = gate, threading.Barrier(size + 1)
        self.threads = [threading.Thread(target=self.sign_in, args=(n,)) for n in range(size)]
        for thread in self.threads:
            thread.start()

    def sign_in(self, number):
        connection = http.client.HTTPSConnection(
            "127.0.0.1", self.gate.port, context=self.gate.trusted, timeout=120
        )
        connection.connect()
        self.barrier.wait()
        who = {"email": f"person-{number % PEOPLE}", "password": PASSWORD}
        start = time.perf_counter()
        connection.request(
            "POST", "/api/auth/login", json.dumps(who), {"Content-Type": "application/json"}
        )
        answer = connection.getresponse()
        answer.read()
        self.answers.append((answer.status, time.perf_counter() - start))
        connection.close()

    def begin(self):
        self.barrier.wait()

    def end(self):
        for thread in self.threads:
            thread.join()
        return self.answers


def report(rounds):
    print(f"{'':8}{'p50 ms':>9}{'p99 ms':>9}{'max ms':>9}{'p50 ratio':>11}{'p99 ratio':>11}")
    ratios = []
    for alone, beside, answers in rounds:
        before, during = percentiles(alone), percentiles(beside)
        print("alone   " + "".join(f"{value * 1e3:9.2f}" for value in before))
        ratios.append(during[1] / before[1])
        print(
            "flooded "
            + "".join(f"{value * 1e3:9.2f}" for value in during)
            + f"{during[0] / before[0]:11.2f}{ratios[-1]:11.2f}"
        )
        statuses = collections.Counter(status for status, _ in answers)
        last = max(seconds for _, seconds in answers)
        print(f"        the sign-ins got {dict(statuses)}, the last after {last:.1f} s")
    print(f"p99, flooded / alone: median {statistics.median(ratios):.2f}")


def percentiles(times):
    ordered = sorted(times)
    return statistics.median(ordered), ordered[int(len(ordered) * 0.99)], ordered[-1]


if __name__ == "__main__":
    main()
