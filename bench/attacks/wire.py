"""Just enough of HTTP/1.1 and HTTP/2 to send what no well-behaved client sends."""

import socket
import ssl
import struct

DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


class Client:
    """Where an attack connects to, and from which address of its own."""

    def __init__(self, port, ca, source):
        self.port, self.source = port, source
        self.http1 = ssl.create_default_context(cafile=str(ca))
        self.http2 = ssl.create_default_context(cafile=str(ca))
        self.http2.set_alpn_protocols(["h2"])

    def tcp(self, timeout=20):
        return socket.create_connection(("127.0.0.1", self.port), timeout, (self.source, 0))

    def tls(self, context=None):
        return (context or self.http1).wrap_socket(self.tcp(), server_hostname="localhost")

    def h2(self, window=65_535):
        return Http2(self.tls(self.http2), window)


class Http2:
    """A connection that sends frames and reads what comes only when it is told to."""

    def __init__(self, sock, window):
        self.sock, self.next_stream = sock, 1
        settings = struct.pack(">HI", 4, window)  # SETTINGS_INITIAL_WINDOW_SIZE
        sock.sendall(PREFACE + frame(SETTINGS, 0, 0, settings) + frame(SETTINGS, 1, 0, b""))

    def request(self, method, path, fields=(), end=True):
        """Sends the HEADERS of a request; returns its stream."""
        stream, self.next_stream = self.next_stream, self.next_stream + 2
        pairs = [(":method", method), (":scheme", "https"), (":path", path)]
        pairs += [(":authority", "localhost"), *fields]
        block = b"".join(literal(name, value) for name, value in pairs)
        self.sock.sendall(frame(HEADERS, 0x4 | (0x1 if end else 0), stream, block))
        return stream

    def ping(self):
        self.sock.sendall(frame(PING, 0, 0, b"attacker"))

    def discard(self):
        """Reads and forgets what has come, so that the connection itself is not stuck."""
        self.sock.setblocking(False)
        try:
            while self.sock.recv(65_536):
                pass
        except (ssl.SSLWantReadError, BlockingIOError):
            pass
        finally:
            self.sock.setblocking(True)


def frame(kind, flags, stream, payload):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def literal(name, value):
    """A field that no table holds (RFC 7541 §6.2.2)."""
    return b"\0" + text(name) + text(value)


def text(value):
    value = value.encode()
    length = len(value)
    if length < 127:
        return bytes([length]) + value
    encoded, length = [127], length - 127
    while length >= 128:
        encoded.append(length % 128 + 128)
        length //= 128
    return bytes([*encoded, length]) + value


def http1(method, path, *fields, body=b""):
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *fields, "", ""]
    return "\r\n".join(lines).encode() + body
