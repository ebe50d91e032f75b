#!/usr/bin/env python3
"""The gate beside nginx, in one interleaved run: requests per second and CPU per request.

Needs wrk and nginx (Debian: apt-get install wrk nginx-light). Everything listens on loopback, on
free ports, and ends with the script. A single figure means little on a shared machine: read the
ratios, which are taken round by round.
"""

import argparse
import base64
import json
import os
import re
import shutil
import signal
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def cpu_seconds(pid):
    """User and system time of a process and its children that live."""
    total = 0
    for one in [pid] + children(pid):
        try:
            fields = Path(f"/proc/{one}/stat").read_text().rsplit(")", 1)[1].split()
        except FileNotFoundError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def children(pid):
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += [int(child)] + children(int(child))
    return found


def wait_for(port, process):
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        if process.poll() is not None:
            sys.exit(f"{process.args[0]} ended with {process.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    sys.exit(f"nothing listens on {port}")


def nginx(folder, name, body):
    conf = folder / f"{name}.conf"
    conf.write_text(
        f"daemon off; worker_processes 2; pid {folder}/{name}.pid; error_log {folder}/{name}.log;\n"
        "events { worker_connections 4096; }\n"
        "http { access_log off; keepalive_requests 100000000;\n"
        f"client_body_temp_path {folder}/{name}-body; proxy_temp_path {folder}/{name}-proxy;\n"
        f"fastcgi_temp_path {folder}/{name}-f; uwsgi_temp_path {folder}/{name}-u;"
        f" scgi_temp_path {folder}/{name}-s;\n"
        + body
        + "}\n"
    )
    return subprocess.Popen(["nginx", "-c", str(conf), "-p", str(folder)])


def load(url, seconds, connections, header=None):
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", url]
    if header:
        command[1:1] = ["-H", header]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in out or "Socket errors" in out:
        sys.exit(f"errors under load at {url}:\n{out}")
    requests = int(re.search(r"(\d+) requests in", out).group(1))
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))
    p99 = re.search(r"99%\s+(\S+)", out).group(1)
    return requests, rate, p99


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=6)
    parser.add_argument("--connections", type=int, default=64)
    arguments = parser.parse_args()
    for tool in ("wrk", "nginx"):
        if not shutil.which(tool) and not Path(f"/usr/sbin/{tool}").exists():
            sys.exit(f"{tool} is missing: apt-get install wrk nginx-light")
    os.environ["PATH"] += ":/usr/sbin"

    folder = Path(tempfile.mkdtemp(prefix="gatehouse-bench-"))
    started = []
    try:
        upstream, proxy, gate = free_port(), free_port(), free_port()
        started.append(
            nginx(
                folder,
                "upstream",
                f"server {{ listen 127.0.0.1:{upstream}; default_type application/json;"
                ' location / { return 200 \'{"orders":[{"number":1,"item":"coffee"}]}\'; } }\n',
            )
        )
        config = folder / "gatehouse.yaml"
        config.write_text(
            f"listen: {{ address: 127.0.0.1, port: {gate} }}\n"
            f"data: {folder}/data\n"
            "routes:\n"
            f"  - {{ path: /orders, upstream: 'http://127.0.0.1:{upstream}',"
            " accept: [apikey, basic, jwt, session], require: { GET: 'orders:read' } }\n"
            f"  - {{ path: /public, upstream: 'http://127.0.0.1:{upstream}', accept: [public] }}\n"
        )
        gate_process = subprocess.Popen(
            [str(ROOT / "gatehouse"), "serve", "--config", str(config)],
            stdout=subprocess.DEVNULL,
        )
        started.append(gate_process)
        wait_for(gate, gate_process)
        started.append(
            nginx(
                folder,
                "proxy",
                f"upstream api {{ server 127.0.0.1:{upstream}; keepalive 128;"
                " keepalive_requests 100000000; }\n"
                f"server {{ listen 127.0.0.1:{proxy} ssl; ssl_certificate {folder}/data/server.crt;"
                f" ssl_certificate_key {folder}/data/server.key; ssl_protocols TLSv1.3;"
                " location / { proxy_pass http://api; proxy_http_version 1.1;"
                ' proxy_set_header Connection ""; } }\n',
            )
        )
        wait_for(proxy, started[-1])
        key = issue_key(folder / "data" / "admin.json")
        person = sign_in(folder / "data", gate)
        targets = {
            "nginx proxy_pass": (f"https://127.0.0.1:{proxy}/orders", None, started[-1]),
            "gate, public route": (f"https://127.0.0.1:{gate}/public", None, gate_process),
            "gate, recalled API key": (
                f"https://127.0.0.1:{gate}/orders",
                f"X-API-Key: {key}",
                gate_process,
            ),
            **{
                f"gate, recalled {name}": (
                    f"https://127.0.0.1:{gate}/orders",
                    header,
                    gate_process,
                )
                for name, header in person.items()
            },
        }
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
    finally:
        for process in reversed(started):
            process.send_signal(signal.SIGTERM)
        for process in started:
            process.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


def manage(admin_file, method, path, body):
    """A call of the admin API."""
    admin = json.loads(admin_file.read_text())
    request = urllib.request.Request(
        admin["baseUrl"] + "/admin/api/v1" + path,
        json.dumps(body).encode(),
        {"X-API-Key": admin["apiKey"], "Content-Type": "application/json"},
        method=method,
    )
    return json.load(urllib.request.urlopen(request))


def issue_key(admin_file):
    service = {"kind": "service", "name": "bench", "scopes": ["orders:read"]}
    manage(admin_file, "POST", "/accounts", service)
    return manage(admin_file, "POST", "/keys", {"owner": "bench", "name": "bench"})["key"]


def sign_in(data, port):
    """A person's credentials, each as the header field that carries it."""
    password = "correct horse battery"
    person = {"kind": "person", "name": "bob", "email": "bob@bench", "scopes": ["orders:read"]}
    manage(data / "admin.json", "POST", "/accounts", person)
    manage(data / "admin.json", "PUT", "/accounts/bob/password", {"password": password})
    trusted = ssl.create_default_context(cafile=str(data / "ca.crt"))

    def post(path):
        request = urllib.request.Request(
            f"https://localhost:{port}{path}",
            json.dumps({"email": "bob@bench", "password": password}).encode(),
            {"Content-Type": "application/json"},
        )
        return urllib.request.urlopen(request, context=trusted)

    cookie = post("/login").headers["Set-Cookie"].split(";")[0]
    token = json.load(post("/api/auth/login"))["accessToken"]
    pair = base64.b64encode(f"bob:{password}".encode()).decode()
    return {
        "Basic": f"Authorization: Basic {pair}",
        "JWT": f"Authorization: Bearer {token}",
        "session": f"Cookie: {cookie}",
    }


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
