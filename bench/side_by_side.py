#!/usr/bin/env python3
"""The gate beside nginx, in one interleaved run: requests per second and CPU per request.

Needs wrk and nginx (Debian: apt-get install wrk nginx-light). Everything listens on loopback, on
free ports, and ends with the script. A single figure means little on a shared machine: read the
ratios, which are taken round by round.
"""

import argparse
import statistics

from loopback import Loopback, cpu_seconds, free_port, load


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=6)
    parser.add_argument("--connections", type=int, default=64)
    arguments = parser.parse_args()
    with Loopback() as loopback:
        upstream, proxy = loopback.upstream(), free_port()
        gate = loopback.gate(
            f"  - {{ path: /orders, upstream: 'http://127.0.0.1:{upstream}',"
            " accept: [apikey, basic, jwt, session], require: { GET: 'orders:read' } }\n"
            f"  - {{ path: /public, upstream: 'http://127.0.0.1:{upstream}', accept: [public] }}\n"
        )
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
        credentials = {"API key": f"X-API-Key: {gate.issue_key()}", **gate.sign_in("bob")}
        targets = {
            "nginx proxy_pass": (f"https://127.0.0.1:{proxy}/orders", None, proxy_process),
            "gate, public route": (gate.url("/public"), None, gate.process),
        }
        for name, header in credentials.items():
            targets[f"gate, recalled {name}"] = (gate.url("/orders"), header, gate.process)
        for url, header, _ in targets.values():  # warm the JIT and the caches
            load(url, 2 * arguments.seconds, arguments.connections, header)
        figures = {name: [] for name in targets}
        for _ in range(arguments.rounds):
            for name, (url, header, process) in targets.items():
                before = cpu_seconds(process.pid)
                requests, rate, p99 = load(url, arguments.seconds, arguments.connections, header)
                used = cpu_seconds(process.pid) - before
                figures[name].append((rate, used / requests * 1e6, p99))
        report(figures)


def report(figures):
    print(f"{'':24}{'requests/s':>12}{'CPU µs/request':>16}   p99 (each round)")
    for name, rounds in figures.items():
        rate = statistics.median(r for r, _, _ in rounds)
        cpu = statistics.median(c for _, c, _ in rounds)
        print(f"{name:24}{rate:12.0f}{cpu:16.1f}   {' '.join(p for _, _, p in rounds)}")

    def ratio(one, other, column):
        pairs = zip(figures[one], figures[other])
        return statistics.median(a[column] / b[column] for a, b in pairs)

    print(f"{'':24}{'/ public':>12}{'CPU':>8}{'/ nginx':>12}{'CPU':>8}")
    for name in figures:
        if name.startswith("gate, recalled"):
            against = [
                ratio(name, other, column)
                for other in ("gate, public route", "nginx proxy_pass")
                for column in (0, 1)
            ]
            print(f"{name:24}{against[0]:12.3f}{against[1]:8.3f}{against[2]:12.3f}{against[3]:8.3f}")


if __name__ == "__main__":
    main()
