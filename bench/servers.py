"""The servers behind the gate: an upstream with every bad habit that an attack needs, and an issuer."""

import asyncio
import base64
import hashlib
import json
import multiprocessing
import signal
import urllib.parse

SLOW_SECONDS = 30
PAGE = b"x" * 60_000
FILE = b"x" * 10_000_000
PIECE_BYTES = 65_536
REFUSED_TOKEN_SECONDS = 0.2

# How a gate is configured to ask the issuer below about opaque tokens.
ISSUER_SETTINGS = """\
  oauth:
    issuers:
      - issuer: http://127.0.0.1:{port}
        audience: orders
        internalNetworks: [127.0.0.1]
        introspection: {{ clientId: gate, clientSecretFile: {secret} }}
"""


def start(handle):
    """Serves in a process of its own; returns the process and its port."""
    ours, theirs = multiprocessing.Pipe()

    def run():
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        asyncio.run(serve(handle, theirs))

    process = multiprocessing.Process(target=run, daemon=True)
    process.start()
    return process, ours.recv()


def start_issuer(folder):
    """Serves the issuer; returns its address and the lines of 'methods' by which a gate knows it."""
    _, port = start(issuer)
    secret = folder / "issuer.secret"
    secret.write_text("a-secret-of-the-issuer\n")
    return f"http://127.0.0.1:{port}", ISSUER_SETTINGS.format(port=port, secret=secret)


async def serve(handle, pipe):
    async def connection(reader, writer):
        try:
            while await handle(reader, writer):
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(connection, "127.0.0.1", 0, backlog=4096)
    pipe.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


async def head(reader):
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    fields = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
    return lines[0].split(" ")[1], {name.lower(): value for name, value in fields.items()}


async def body(reader, fields):
    if fields.get("transfer-encoding") == "chunked":
        whole = b""
        while size := int(await reader.readline(), 16):
            whole += (await reader.readexactly(size + 2))[:-2]
        await reader.readline()
        return whole
    return await reader.readexactly(int(fields.get("content-length", "0")))


async def answer(writer, status, content, *fields):
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(content)}", *fields, "", ""]
    writer.write("\r\n".join(lines).encode() + content[:PIECE_BYTES])
    # In pieces: to copy a large file into the transport would delay every other connection.
    for begin in range(PIECE_BYTES, len(content), PIECE_BYTES):
        await writer.drain()
        await asyncio.sleep(0)  # drain() alone gives no other connection a turn while there is room
        writer.write(content[begin : begin + PIECE_BYTES])


async def upstream(reader, writer):
    path, fields = await head(reader)
    if path.startswith("/early"):  # the answer comes before the body is read, as from Node
        await answer(writer, "404 Not Found", b"")
        await writer.drain()
        await body(reader, fields)
        return True
    if path.startswith("/ws"):
        accept = fields["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        accept = base64.b64encode(hashlib.sha1(accept.encode()).digest()).decode()
        writer.write(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {accept}\r\n\r\n".encode()
        )
        await reader.read()
        return False
    await body(reader, fields)
    if path.startswith("/slow"):
        await asyncio.sleep(SLOW_SECONDS)
    content = {"/page": PAGE, "/file": FILE}.get(path[:5], b'{"orders":[]}')
    await answer(writer, "200 OK", content, "Content-Type: application/json")
    return True


async def issuer(reader, writer):
    path, fields = await head(reader)
    form = urllib.parse.parse_qs((await body(reader, fields)).decode())
    own = "http://" + fields["host"]
    if path == "/introspect":
        token = form["token"][0]
        if token.startswith("good-"):
            told = {"active": True, "iss": own, "aud": "orders", "sub": token, "scope": "read"}
        else:
            await asyncio.sleep(REFUSED_TOKEN_SECONDS)
            told = {"active": False}
    else:
        told = {
            "issuer": own,
            "jwks_uri": own + "/keys",
            "introspection_endpoint": own + "/introspect",
        }
    await answer(writer, "200 OK", json.dumps(told).encode(), "Content-Type: application/json")
    return True
