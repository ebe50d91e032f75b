#!/usr/bin/env python3
"""What a flood of sign-ins does to everybody else.

A caller with an API key asks at a steady rate on a kept-alive connection, first alone, then while
many people sign in at once, each with the right password and its slow hash. Prints the caller's
percentiles of both, their ratios, and what the people were answered. Needs wrk and nginx (Debian:
apt-get install wrk nginx-light).

A gate that has run for a while is measured: before, services take tokens (that is what a sign-in
does but for its hash), callers ask, and people sign in. Else the compiler, which works for long at
what has just begun, is measured with it.
"""

import argparse
import collections
import contextlib
import http.client
import json
import multiprocessing
import os
import socket
import statistics
import threading
import time

from loopback import PASSWORD, Loopback, basic, load

PEOPLE = 20


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--warm-up", type=int, default=30, help="seconds of each load before")
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
        if arguments.warm_up:
            warm_up(gate, key, arguments.warm_up, loopback.folder / "tokens.lua")
            flood = Flood(gate, arguments.sign_ins)
            flood.begin()
            flood.end()
        caller = Caller(gate, key, arguments.rate)
        rounds = []
        for _ in range(arguments.rounds):
            with preferred():
                alone = caller.ask_for(arguments.seconds)
            flood = Flood(gate, arguments.sign_ins)
            with preferred():
                flood.begin()
                beside = caller.ask_for(arguments.seconds)
            rounds.append((alone, beside, flood.end()))
        report(rounds)


def warm_up(gate, key, seconds, script):
    script.write_text(
        'wrk.method = "POST"; wrk.body = "grant_type=client_credentials"\n'
        'wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"\n'
        f'wrk.headers["Authorization"] = "{basic("bench", key)}"\n'
    )
    load(gate.url("/auth/token"), seconds, 8, script=script)
    load(gate.url("/orders"), seconds, 8, f"X-API-Key: {key}")


@contextlib.contextmanager
def preferred():
    """The caller stands for a machine of its own: its own waits for a core are not the gate's."""
    try:
        os.nice(-10)
    except PermissionError:
        print("not root: the caller's own waits for a core are among the times")
        yield
        return
    try:
        yield
    finally:
        os.nice(10)


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
    """People who are connected already and sign in at the same moment.

    They stand for other machines. So they are a process of their own, since threads beside the
    caller's would have it wait for Python, and what they do with their answers gives way to all else.
    """

    def __init__(self, gate, size):
        self.gate, self.size = gate, size
        self.ours, theirs = multiprocessing.Pipe()
        self.process = multiprocessing.Process(target=self.sign_ins, args=(theirs,))
        self.process.start()
        self.ours.recv()  # all are connected

    def begin(self):
        self.ours.send("go")

    def end(self):
        answers = self.ours.recv()
        self.process.join()
        return answers

    def sign_ins(self, pipe):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
        answers, barrier = [], threading.Barrier(self.size + 1)
        threads = [
            threading.Thread(target=self.sign_in, args=(number, barrier, answers))
            for number in range(self.size)
        ]
        for thread in threads:
            thread.start()
        barrier.wait()
        pipe.send("ready")
        pipe.recv()
        barrier.wait()
        for thread in threads:
            thread.join()
        pipe.send(answers)

    def sign_in(self, number, barrier, answers):
        connection = http.client.HTTPSConnection(
            "127.0.0.1", self.gate.port, context=self.gate.trusted, timeout=120
        )
        connection.connect()
        barrier.wait()
        barrier.wait()
        who = {"email": f"person-{number % PEOPLE}", "password": PASSWORD}
        start = time.perf_counter()
        connection.request(
            "POST", "/api/auth/login", json.dumps(who), {"Content-Type": "application/json"}
        )
        answer = connection.getresponse()
        answer.read()
        answers.append((answer.status, time.perf_counter() - start))
        connection.close()


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
    alone, beside = ([time for round in rounds for time in round[part]] for part in (0, 1))
    print(
        f"p99, flooded / alone: median {statistics.median(ratios):.2f},"
        f" of all rounds together {percentiles(beside)[1] / percentiles(alone)[1]:.2f}"
    )


def percentiles(times):
    ordered = sorted(times)
    return statistics.median(ordered), ordered[int(len(ordered) * 0.99)], ordered[-1]


if __name__ == "__main__":
    main()
