"""What the measurements share: a gate, nginx and a load on loopback, which end with the script."""

import base64
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")
PASSWORD = "correct horse battery"


class Loopback:
    """The processes of one measurement, in a folder of their own; both go when it ends."""

    def __enter__(self):
        os.environ["PATH"] += ":/usr/sbin"
        for tool in ("wrk", "nginx"):
            if not shutil.which(tool):
                sys.exit(f"{tool} is missing: apt-get install wrk nginx-light")
        signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by a signal"))
        self.folder = Path(tempfile.mkdtemp(prefix="gatehouse-bench-"))
        self.started = []
        return self

    def __exit__(self, *_):
        for process in reversed(self.started):
            process.send_signal(signal.SIGTERM)
        for process in self.started:
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def nginx(self, name, body, port):
        conf = self.folder / f"{name}.conf"
        conf.write_text(
            f"daemon off; worker_processes 2; pid {self.folder}/{name}.pid;"
            f" error_log {self.folder}/{name}.log;\n"
            "events { worker_connections 4096; }\n"
            "http { access_log off; keepalive_requests 100000000;\n"
            f"client_body_temp_path {self.folder}/{name}-body;"
            f" proxy_temp_path {self.folder}/{name}-proxy;\n"
            f"fastcgi_temp_path {self.folder}/{name}-f; uwsgi_temp_path {self.folder}/{name}-u;"
            f" scgi_temp_path {self.folder}/{name}-s;\n"
            + body
            + "}\n"
        )
        process = subprocess.Popen(["nginx", "-c", str(conf), "-p", str(self.folder)])
        self.started.append(process)
        wait_for(port, process)
        return process

    def upstream(self):
        """nginx that answers by itself; returns its port."""
        port = free_port()
        self.nginx(
            "upstream",
            f"server {{ listen 127.0.0.1:{port}; default_type application/json;"
            ' location / { return 200 \'{"orders":[{"number":1,"item":"coffee"}]}\'; } }\n',
            port,
        )
        return port

    def gate(self, routes, settings="", java_options="", listen=""):
        """The gate of this checkout; `routes` are lines of its configuration."""
        port = free_port()
        config = self.folder / "gatehouse.yaml"
        config.write_text(
            f"listen: {{ address: 127.0.0.1, port: {port}, {listen} }}\n"
            f"data: {self.folder}/data\n{settings}routes:\n{routes}"
        )
        environment = dict(os.environ)
        if java_options:
            environment["JDK_JAVA_OPTIONS"] = java_options
        log = self.folder / "gate.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [str(ROOT / "gatehouse"), "serve", "--config", str(config)],
                stdout=output,
                stderr=output,
                env=environment,
            )
        self.started.append(process)
        wait_for(port, process, log)
        return Gate(process, port, self.folder / "data")


    def issuer(self):
        """Somebody whose access tokens a gate can take: the provider of a demo."""
        data = self.folder / "demo"
        with (self.folder / "demo.log").open("wb") as log:
            process = subprocess.Popen(
                [str(ROOT / "gatehouse"), "demo", "--port", str(free_port()), "--data", str(data)],
                stdout=log,
                stderr=log,
            )
        self.started.append(process)
        deadline = time.monotonic() + 180
        while not (data / "demo.json").exists():
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit((self.folder / "demo.log").read_text()[-2000:])
            time.sleep(0.1)
        return Issuer(data)


class Issuer:
    """Issues access tokens."""

    def __init__(self, data):
        self.ca = data / "ca.crt"
        told = json.loads((data / "demo.json").read_text())
        self.audience, self.told = told["baseUrl"], told["oauth"]

    def settings(self):
        """The lines of a gate's configuration that take them."""
        return (
            f"methods: {{ oauth: {{ issuers: [ {{ issuer: '{self.told['issuer']}',"
            f" audience: '{self.audience}', caFile: '{self.ca}',"
            " scopes: { map: { orders.read: ['orders:read'] } } } ] } }\n"
        )

    def token(self):
        """An access token of the issuer's service."""
        form = b"grant_type=client_credentials&scope=orders.read"
        secret = basic(self.told["clientId"], self.told["clientSecret"])
        request = urllib.request.Request(
            self.told["tokenEndpoint"], form, {"Authorization": secret}
        )
        trusted = ssl.create_default_context(cafile=str(self.ca))
        return json.load(urllib.request.urlopen(request, context=trusted, timeout=60))["access_token"]


class Gate:
    """A running gate, and the calls with which it is prepared."""

    def __init__(self, process, port, data):
        self.process = process
        self.port = port
        self.data = data
        self.trusted = ssl.create_default_context(cafile=str(data / "ca.crt"))

    def url(self, path):
        return f"https://127.0.0.1:{self.port}{path}"

    def manage(self, method, path, body):
        """A call of the admin API."""
        admin = json.loads((self.data / "admin.json").read_text())
        request = urllib.request.Request(
            admin["baseUrl"] + "/admin/api/v1" + path,
            json.dumps(body).encode(),
            {"X-API-Key": admin["apiKey"], "Content-Type": "application/json"},
            method=method,
        )
        return json.load(urllib.request.urlopen(request, timeout=60))

    def issue_key(self):
        service = {"kind": "service", "name": "bench", "scopes": ["orders:read"]}
        self.manage("POST", "/accounts", service)
        return self.manage("POST", "/keys", {"owner": "bench", "name": "bench"})["key"]

    def person(self, name, password=PASSWORD):
        """Adds a person; None: without a password."""
        person = {
            "kind": "person",
            "name": name,
            "email": f"{name}@bench",
            "scopes": ["orders:read"],
        }
        self.manage("POST", "/accounts", person)
        if password is not None:
            self.manage("PUT", f"/accounts/{name}/password", {"password": password})

    def sign_in(self, name):
        """A person's credentials, each as the header field that carries it."""

        def post(path):
            request = urllib.request.Request(
                f"https://localhost:{self.port}{path}",
                json.dumps({"email": f"{name}@bench", "password": PASSWORD}).encode(),
                {"Content-Type": "application/json"},
            )
            return urllib.request.urlopen(request, context=self.trusted, timeout=60)

        cookie = post("/login").headers["Set-Cookie"].split(";")[0]
        token = json.load(post("/api/auth/login"))["accessToken"]
        return {
            "Basic": f"Authorization: {basic(name, PASSWORD)}",
            "JWT": f"Authorization: Bearer {token}",
            "session": f"Cookie: {cookie}",
        }


def basic(name, password):
    """The value of an Authorization field."""
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port, process, log=None):
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        if process.poll() is not None:
            said = log.read_text()[-2000:] if log else ""
            sys.exit(f"{process.args[0]} ended with {process.returncode}\n{said}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    sys.exit(f"nothing listens on {port}")


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


def machine_busy():
    """Seconds that all cores together worked so far: for whoever runs here."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
    user, nice, system, _idle, _iowait, irq, softirq, _steal = (int(f) for f in fields)
    return (user + nice + system + irq + softirq) / TICKS


def load(url, seconds, connections, header=None, script=None):
    """One round of wrk: how many requests, how many a second, and the 99th percentile."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", url]
    if header:
        command[1:1] = ["-H", header]
    if script:
        command[1:1] = ["-s", str(script)]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in out or "Socket errors" in out:
        sys.exit(f"errors under load at {url}:\n{out}")
    requests = int(re.search(r"(\d+) requests in", out).group(1))
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))
    p99 = re.search(r"99%\s+(\S+)", out).group(1)
    return requests, rate, p99
