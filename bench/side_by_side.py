#!/usr/bin/env python3
"""Recalled credentials beside the gate's public route and nginx, in one interleaved run.

Requests per second, and CPU per request. Needs wrk and nginx (Debian: apt-get install wrk
nginx-light). Everything listens on loopback, on free ports, and ends with the script. A single
figure means little on a shared machine: read the ratios, which are taken round by round, and of
them the CPU's first, which others' work disturbs least.
"""

import argparse
import random
import statistics

from loopback import Loopback, cpu_seconds, free_port, load, machine_busy

METHODS = {
    "API key": "apikey",
    "Basic": "basic",
    "JWT": "jwt",
    "OAuth token": "oauth",
    "session": "session",
}
PUBLIC, NGINX = "gate, public", "nginx proxy_pass"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--warm-up", type=int, default=20, help="seconds of each before the rounds")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--only", help="one of them, for the rounds, after all have warmed up; for a profiler")
    parser.add_argument("--java-options", default="", help="options of the gate's JVM")
    arguments = parser.parse_args()
    with Loopback() as loopback:
        targets = started(loopback, arguments.java_options)
        for url, header, _ in targets.values():  # the JIT, and the caches
            load(url, arguments.warm_up, arguments.connections, header)
        if arguments.only:
            targets = {arguments.only: targets[arguments.only]}
        figures = {name: [] for name in targets}
        for number in range(arguments.rounds):
            order = list(targets)
            random.Random(number).shuffle(order)
            for name in order:
                figures[name].append(measured(*targets[name], arguments))
        report(figures)


def started(loopback, java_options):
    """What is under load: its URL, the header that it needs, and its process."""
    upstream, proxy = loopback.upstream(), free_port()
    route = (
        "  - {{ path: /{0}, upstream: 'http://127.0.0.1:"
        + str(upstream)
        + "', accept: [{0}]{1} }}\n"
    )
    routes = route.format("public", "") + "".join(
        route.format(name, ", require: { GET: 'orders:read' }") for name in METHODS.values()
    )
    issuer = loopback.issuer()
    gate = loopback.gate(routes, issuer.settings(), java_options)
    proxy_process = loopback.nginx(
        "proxy",
        f"upstream api {{ server 127.0.0.1:{upstream}; keepalive 128;"
        " keepalive_requests 100000000; }\n"
        f"server {{ listen 127.0.0.1:{proxy} ssl; ssl_certificate {gate.data}/server.crt;"
        f" ssl_certificate_key {gate.data}/server.key; ssl_protocols TLSv1.3;"
        " location / { proxy_pass http://api; proxy_http_version 1.1;"
        ' proxy_set_header Connection ""; } }\n',
        proxy,
    )
    gate.person("bob")
    credentials = {
        "API key": f"X-API-Key: {gate.issue_key()}",
        "OAuth token": f"Authorization: Bearer {issuer.token()}",
        **gate.sign_in("bob"),
    }
    return {
        NGINX: (f"https://127.0.0.1:{proxy}/orders", None, proxy_process),
        PUBLIC: (gate.url("/public"), None, gate.process),
        **{
            name: (gate.url(f"/{path}"), credentials[name], gate.process)
            for name, path in METHODS.items()
        },
    }


def measured(url, header, process, arguments):
    """Requests per second, CPU per request in µs, the p99, and the seconds that others worked."""
    load(url, 1, arguments.connections, header)  # what was forgotten meanwhile is known again
    before, all_before = cpu_seconds(process.pid), machine_busy()
    requests, rate, p99 = load(url, arguments.seconds, arguments.connections, header)
    used = cpu_seconds(process.pid) - before
    return rate, used / requests * 1e6, p99, machine_busy() - all_before - used


def report(figures):
    heads = f"{'requests/s':>12}{'CPU µs':>8}{'/ public':>10}{'CPU':>7}{'/ nginx':>10}{'CPU':>7}"
    print(f"{'':18}{heads}   each round, / public")
    for name, rounds in figures.items():
        line = f"{name:18}{median(rounds, 0):12.0f}{median(rounds, 1):8.1f}"
        for other in (PUBLIC, NGINX):
            if name not in (PUBLIC, NGINX) and other in figures:
                line += f"{ratio(rounds, figures[other], 0):10.3f}{ratio(rounds, figures[other], 1):7.3f}"
        if name not in (PUBLIC, NGINX) and PUBLIC in figures:
            pairs = zip(rounds, figures[PUBLIC])
            line += "   " + " ".join(f"{one[0] / public[0]:.2f}" for one, public in pairs)
        print(line)
    others = [one[3] for rounds in figures.values() for one in rounds]
    print(
        "CPU seconds of a round that were not the measured process's (wrk, the upstream, and who"
        f" else was there): median {statistics.median(others):.1f}, at most {max(others):.1f}"
    )


def median(rounds, column):
    return statistics.median(one[column] for one in rounds)


def ratio(rounds, others, column):
    """The median of the ratios, round by round."""
    return statistics.median(a[column] / b[column] for a, b in zip(rounds, others))


if __name__ == "__main__":
    main()
