#!/usr/bin/env python3
"""Client certificates beside a public route, in one interleaved run: CPU of the gate per request.

The connections are kept: handshakes are not in it. wrk shows no certificate, so nginx stands between,
and only the gate's own processor time is read. Needs wrk and nginx, as side_by_side.py does.
"""

import argparse
import random
import subprocess

from loopback import Loopback, free_port, load
from side_by_side import measured, median, ratio

PUBLIC, MTLS = "public, no certificate", "mutual TLS"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--warm-up", type=int, default=15, help="seconds of each before the rounds")
    parser.add_argument("--connections", type=int, default=64)
    arguments = parser.parse_args()
    with Loopback() as loopback:
        targets = started(loopback)
        for url, header, _ in targets.values():
            load(url, arguments.warm_up, arguments.connections, header)
        figures = {name: [] for name in targets}
        for number in range(arguments.rounds):
            order = list(targets)
            random.Random(number).shuffle(order)
            for name in order:
                figures[name].append(measured(*targets[name], arguments))
        for name, rounds in figures.items():
            each = " ".join(f"{a[1] / b[1]:.2f}" for a, b in zip(rounds, figures[PUBLIC]))
            print(
                f"{name:24}{median(rounds, 1):8.1f} us of CPU"
                f"{ratio(rounds, figures[PUBLIC], 1):8.3f} of {PUBLIC}; each round: {each}"
            )


def started(loopback):
    upstream = loopback.upstream()
    route = "  - {{ path: /{0}, upstream: 'http://127.0.0.1:{1}', accept: [{0}] }}\n"
    gate = loopback.gate(route.format("public", upstream) + route.format("mtls", upstream))
    service = {"kind": "service", "name": "bench", "scopes": ["orders:read"]}
    gate.manage("POST", "/accounts", service)
    key, request = loopback.folder / "client.key", loopback.folder / "client.csr"
    subprocess.run(
        ["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        + ["-subj", "/CN=bench", "-keyout", str(key), "-out", str(request)],
        check=True,
        capture_output=True,
    )
    issued = gate.manage(
        "POST", "/certificates", {"owner": "bench", "name": "bench", "csr": request.read_text()}
    )
    certificate = loopback.folder / "client.crt"
    certificate.write_text(issued["certificate"])
    return {
        PUBLIC: (proxy(loopback, gate, "plain", "public", ""), None, gate.process),
        MTLS: (
            proxy(
                loopback,
                gate,
                "shown",
                "mtls",
                f"proxy_ssl_certificate {certificate}; proxy_ssl_certificate_key {key};",
            ),
            None,
            gate.process,
        ),
    }


def proxy(loopback, gate, name, path, shown):
    """nginx before the gate, with TLS 1.3 and kept connections between them; the URL to load."""
    port = free_port()
    loopback.nginx(
        name,
        f"upstream gate {{ server 127.0.0.1:{gate.port}; keepalive 256; keepalive_requests 100000000; }}\n"
        f"server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass https://gate;"
        " proxy_http_version 1.1; proxy_set_header Connection \"\"; proxy_set_header Host localhost;"
        f" proxy_ssl_protocols TLSv1.3; {shown} }} }}\n",
        port,
    )
    return f"http://127.0.0.1:{port}/{path}"


if __name__ == "__main__":
    main()
