#!/usr/bin/env python3
"""What a signed request costs the gate when its signature is good, and when it is wrong; and what a
million requests with unknown key ids leave in its memory.

Every request is signed beforehand, each with a nonce of its own, so that every one of the good ones
is good. The gate's CPU per request is from the operating system's accounting, of phases that take
turns; memory is the live heap after a full collection, and what the process holds. Needs wrk and
nginx (Debian: apt-get install wrk nginx-light).
"""

import argparse
import base64
import hashlib
import hmac
import re
import signal
import statistics
import subprocess
import time
from pathlib import Path

from loopback import Loopback, children, cpu_seconds

SENDS = """
local lines = {{}}
local thread = -1
local at = 0
function setup(t) thread = thread + 1; t:set("number", thread) end
function init()
  local file = 0
  for line in io.lines("{lines}") do
    if file % {threads} == number then lines[#lines + 1] = line end
    file = file + 1
  end
end
function request()
  at = math.min(at + 1, #lines)
  return "GET /orders?page=1 HTTP/1.1\\r\\nHost: localhost\\r\\n"
    .. lines[at]:gsub("|", "\\r\\n") .. "\\r\\n\\r\\n"
end
function response()
  if at >= #lines then
    wrk.thread:stop()
    io.open("{file}.done." .. number, "w"):close()
  end
end
"""

UNKNOWN = """
local thread = -1
local at = 0
function setup(t) thread = thread + 1; t:set("number", thread) end
function request()
  at = at + 1
  return "GET /orders HTTP/1.1\\r\\nHost: localhost\\r\\nX-Key-Id: " ..
    string.format("h_%02d%020d", number, at) .. "\\r\\nX-Timestamp: " .. os.time() ..
    "\\r\\nX-Signature: " .. string.rep("a", 64) .. "\\r\\n\\r\\n"
end
function response()
  if at >= {each} then
    wrk.thread:stop()
    io.open("{file}.done." .. number, "w"):close()
  end
end
"""

THREADS = 2


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=20_000, help="of each phase")
    parser.add_argument("--profile", choices=PROFILES, default="own")
    parser.add_argument("--unknown", type=int, default=1_000_000, help="requests; 0: none")
    arguments = parser.parse_args()
    with Loopback() as loopback:
        upstream = loopback.upstream()
        gate = loopback.gate(
            f"  - {{ path: /orders, upstream: 'http://127.0.0.1:{upstream}', accept: [hmac] }}\n",
            "throttle: { failedAttemptsPerMinute: 1000000 }\n"
            "methods: { hmac: { uses: 10000000, aws: { region: bench, service: orders } } }\n",
            # All of the heap is there from the beginning: what the process grows by is its own.
            "-Xms256m -Xmx256m -XX:+AlwaysPreTouch",
        )
        service = {"kind": "service", "name": "bench", "scopes": ["orders:read"]}
        gate.manage("POST", "/accounts", service)
        key = gate.manage("POST", "/signature-keys", {"owner": "bench", "name": "bench"})
        java = ([gate.process.pid] + children(gate.process.pid))[-1]

        signer = Signer(loopback.folder, key, PROFILES[arguments.profile])
        print("CPU of the gate, in microseconds a request:")
        ratios, good, wrong = [], [], []
        for number in range(arguments.rounds + 1):
            costs = {
                kind: phase(gate, signer, kind, arguments.requests) for kind in ("good", "wrong")
            }
            ratio = costs["wrong"] / costs["good"]
            note = " (not counted: the gate has just begun)" if number == 0 else ""
            print(f"  good {costs['good']:.1f}, wrong {costs['wrong']:.1f}, ratio {ratio:.2f}{note}")
            if number:
                ratios.append(ratio)
                good.append(costs["good"])
                wrong.append(costs["wrong"])
        if ratios:
            print(
                f"median: good {statistics.median(good):.1f}, wrong {statistics.median(wrong):.1f},"
                f" ratio {statistics.median(ratios):.2f}"
            )
        if arguments.unknown:
            unknown(gate, java, loopback.folder, arguments.unknown)


def mac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256)


def own(key_id, secret, now, nonce):
    text = f"GET\n/orders?page=1\n{now}\n\n{nonce}"
    return [
        ("X-Key-Id", key_id),
        ("X-Timestamp", now),
        ("X-Nonce", nonce),
        ("X-Signature", mac(secret.encode(), text).hexdigest()),
    ]


def message(key_id, secret, now, nonce):
    """RFC 9421."""
    parameters = f'("@method" "@target-uri");created={now};nonce="{nonce}";keyid="{key_id}"'
    base = (
        '"@method": GET\n"@target-uri": https://localhost/orders?page=1\n'
        f'"@signature-params": {parameters}'
    )
    signature = base64.b64encode(mac(secret.encode(), base).digest()).decode()
    return [("Signature-Input", f"sig={parameters}"), ("Signature", f"sig=:{signature}:")]


def aws(key_id, secret, now, nonce):
    """AWS Signature Version 4; a signed field tells requests of one second apart."""
    time_of_day = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
    day = time_of_day[:8]
    empty = hashlib.sha256(b"").hexdigest()
    canonical = (
        f"GET\n/orders\npage=1\nhost:localhost\nx-amz-date:{time_of_day}\n"
        f"x-amz-nonce:{nonce}\n\nhost;x-amz-date;x-amz-nonce\n{empty}"
    )
    scope = f"{day}/bench/orders/aws4_request"
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{time_of_day}\n{scope}\n{hashed}"
    key = ("AWS4" + secret).encode()
    for part in (day, "bench", "orders", "aws4_request"):
        key = mac(key, part).digest()
    return [
        ("X-Amz-Date", time_of_day),
        ("X-Amz-Nonce", nonce),
        (
            "Authorization",
            f"AWS4-HMAC-SHA256 Credential={key_id}/{scope},"
            f" SignedHeaders=host;x-amz-date;x-amz-nonce, Signature={mac(key, text).hexdigest()}",
        ),
    ]


PROFILES = {"own": own, "message": message, "aws": aws}


class Signer:
    """Signs requests in files that wrk reads."""

    def __init__(self, folder, key, fields):
        self.folder = folder
        self.fields = fields
        self.key = key
        self.count = 0

    def sign(self, requests, good):
        now = int(time.time())
        file = self.folder / "signed.txt"
        with file.open("w") as lines:
            for _ in range(requests):
                self.count += 1
                secret = self.key["secret"] if good else self.key["secret"][::-1]
                fields = self.fields(self.key["id"], secret, now, f"{self.count:022d}")
                lines.write("|".join(f"{name}: {value}" for name, value in fields) + "\n")
        script = self.folder / "signed.lua"
        script.write_text(SENDS.format(file=script.with_suffix(""), lines=file, threads=THREADS))
        return script


def phase(gate, signer, kind, requests):
    script = signer.sign(requests, kind == "good")
    before = cpu_seconds(gate.process.pid)
    answered, refused = wrk(gate, script, 8)
    used = cpu_seconds(gate.process.pid) - before
    wanted = 0 if kind == "good" else answered
    # wrk sends the last of a thread's requests again while it stops.
    if abs(refused - wanted) > 64 or answered < requests * 0.99:
        raise SystemExit(f"{kind}: {answered} answers, {refused} of them refusals")
    return used / answered * 1e6


def wrk(gate, script, connections):
    """Sends what the script has, and stops wrk when each of its threads says that it is done."""
    marks = [script.with_suffix(f".done.{number}") for number in range(THREADS)]
    for mark in marks:
        mark.unlink(missing_ok=True)
    command = ["wrk", f"-t{THREADS}", f"-c{connections}", "-d1h", "-s", str(script), gate.url("/")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    while process.poll() is None and not all(mark.exists() for mark in marks):
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=30)[0]
    answered = int(re.search(r"(\d+) requests in", said).group(1))
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    return answered, int(refused.group(1)) if refused else 0


def unknown(gate, java, folder, requests):
    script = folder / "unknown.lua"
    before = memory(java)
    script.write_text(UNKNOWN.format(file=script.with_suffix(""), each=requests // THREADS))
    answered, refused = wrk(gate, script, 32)
    after = memory(java)
    print(f"{answered} requests with unknown key ids, {refused} refused:")
    for what, was, is_now in zip(("live heap", "resident"), before, after):
        print(f"  {what} {was:.1f} -> {is_now:.1f} MB ({is_now - was:+.1f})")


def memory(java):
    """Live heap and resident set, in MB."""
    subprocess.run(["jcmd", str(java), "GC.run"], capture_output=True, check=True)
    said = subprocess.run(
        ["jcmd", str(java), "GC.heap_info"], capture_output=True, text=True, check=True
    ).stdout
    used = int(re.search(r"used (\d+)K", said).group(1)) / 1024
    status = Path(f"/proc/{java}/status").read_text()
    return used, int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) / 1024


if __name__ == "__main__":
    main()
