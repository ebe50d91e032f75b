#!/usr/bin/env python3
"""What each recalled credential costs: its requests per second against the gate's public route.

One gate, one route for each method, one interleaved run. Needs wrk and nginx (Debian: apt-get
install wrk nginx-light). Read the ratios: the gate's own CPU per request is what a busy machine
disturbs least.
"""

import argparse
import random
import statistics

from loopback import Loopback, cpu_seconds, load, machine_busy

METHODS = {"API key": "apikey", "Basic": "basic", "JWT": "jwt", "session": "session"}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--only", help="one method, under load for the rounds; for a profiler")
    parser.add_argument("--java-options", default="", help="options of the gate's JVM")
    arguments = parser.parse_args()
    with Loopback() as loopback:
        upstream = loopback.upstream()
        route = "  - {{ path: /{0}, upstream: 'http://127.0.0.1:{1}', accept: [{0}]{2} }}\n"
        routes = route.format("public", upstream, "")
        for name in METHODS.values():
            routes += route.format(name, upstream, ", require: { GET: 'orders:read' }")
        gate = loopback.gate(routes, java_options=arguments.java_options)
        headers = {"API key": f"X-API-Key: {gate.issue_key()}"}
        gate.person("bob")
        headers.update(gate.sign_in("bob"))
        targets = {"public": (gate.url("/public"), None)}
        for name, path in METHODS.items():
            targets[name] = (gate.url(f"/{path}"), headers[name])
        if arguments.only:
            targets = {arguments.only: targets[arguments.only]}
        for url, header in targets.values():  # warm the JIT and the caches
            load(url, 2 * arguments.seconds, arguments.connections, header)
        figures = {name: [] for name in targets}
        for number in range(arguments.rounds):
            order = list(targets)
            random.Random(number).shuffle(order)
            for name in order:
                figures[name].append(measured(gate, *targets[name], arguments))
        report(figures)


def measured(gate, url, header, arguments):
    """Requests per second, CPU per request in µs, and the share of the machine that others took."""
    before, all_before = cpu_seconds(gate.process.pid), machine_busy()
    requests, rate, _ = load(url, arguments.seconds, arguments.connections, header)
    used = cpu_seconds(gate.process.pid) - before
    return rate, used / requests * 1e6, machine_busy() - all_before - used


def report(figures):
    print(f"{'':10}{'requests/s':>12}{'CPU µs':>9}{'/ public':>11}{'CPU':>8}   each round, / public")
    for name, rounds in figures.items():
        rate, cpu, _ = (statistics.median(column) for column in zip(*rounds))
        line = f"{name:10}{rate:12.0f}{cpu:9.1f}"
        if name != "public" and "public" in figures:
            pairs = list(zip(rounds, figures["public"]))
            ratios = [one[0] / public[0] for one, public in pairs]
            spent = statistics.median(one[1] / public[1] for one, public in pairs)
            line += f"{statistics.median(ratios):11.3f}{spent:8.3f}"
            line += "   " + " ".join(f"{ratio:.2f}" for ratio in ratios)
        print(line)
    others = [round_[2] for rounds in figures.values() for round_ in rounds]
    print(
        f"CPU seconds of a round that were not the gate's (wrk, nginx, and who else was there):"
        f" median {statistics.median(others):.1f}, at most {max(others):.1f}"
    )


if __name__ == "__main__":
    main()
