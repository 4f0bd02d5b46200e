#!/usr/bin/env python3
"""Two small servers of this system, whose acceptor is our shared library: HTTP, and PostgreSQL's first messages.

    SSPI_LIBRARY=... NTLM_USER_FILE=... servers.py

Both let a client in by Negotiate (HTTP by NTLM at /ntlm) and say who it is and by which package. Prints both
ports; ends with its input.
"""

import base64
import http.server
import socketserver
import struct
import sys
import threading
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "bindings" / "python"))
import sspi  # noqa: E402


def unprotected(package):
    """Neither server asks for protection of messages, and curl and libpq offer none."""
    return sspi.Acceptor(sspi.Credential(package, use=sspi.INBOUND), flags=sspi.ASC_ALLOCATE_MEMORY)


class Web(http.server.BaseHTTPRequestHandler):
    """The context belongs to the connection."""

    protocol_version = "HTTP/1.1"
    acceptor = None

    def do_GET(self):
        package = "NTLM" if self.path == "/ntlm" else "Negotiate"
        scheme, _, token = (self.headers.get("Authorization") or "").partition(" ")
        if scheme != package:
            return self.answer(401, "who are you?", package)
        self.acceptor = self.acceptor or unprotected(package)
        try:
            reply = self.acceptor.step(base64.b64decode(token))
        except sspi.SspiError as error:
            self.acceptor = None
            return self.answer(401, str(error), package)
        reply = f"{package} " + base64.b64encode(reply).decode() if reply else None
        if not self.acceptor.complete:
            return self.answer(401, "go on", reply)
        done, self.acceptor = self.acceptor, None
        return self.answer(200, f"{done.native_names()[0]} by {done.package()}", reply)

    def answer(self, status, text, challenge):
        body = text.encode()
        self.send_response(status)
        if challenge:
            self.send_header("WWW-Authenticate", challenge)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


class Database(socketserver.StreamRequestHandler):
    """A server that asks for SSPI and then, to any question, answers who asks."""

    AUTHENTICATION_OK, CONTINUE, SSPI = 0, 8, 9

    def send(self, kind, body):
        self.wfile.write(kind + struct.pack("!I", len(body) + 4) + body)

    def read(self, kind):
        got, length = struct.unpack("!cI", self.rfile.read(5))
        body = self.rfile.read(length - 4)
        if got != kind:
            raise EOFError
        return body

    def handle(self):
        try:
            self.serve()
        except (EOFError, struct.error, OSError):
            pass

    def serve(self):
        length, _version = struct.unpack("!II", self.rfile.read(8))
        self.rfile.read(length - 8)
        acceptor = unprotected("Negotiate")
        self.send(b"R", struct.pack("!I", self.SSPI))
        try:
            while not acceptor.complete:
                token = acceptor.step(self.read(b"p"))
                if token:
                    self.send(b"R", struct.pack("!I", self.CONTINUE) + token)
        except sspi.SspiError as error:
            text = f"SFATAL\0C28000\0M{error}\0\0"
            return self.send(b"E", text.encode())
        self.send(b"R", struct.pack("!I", self.AUTHENTICATION_OK))
        self.send(b"S", b"client_encoding\0UTF8\0")
        self.send(b"Z", b"I")
        self.read(b"Q")
        name = f"{acceptor.native_names()[0]} by {acceptor.package()}".encode()
        self.send(b"T", struct.pack("!H", 1) + b"who\0" + struct.pack("!IHIhiH", 0, 0, 25, -1, -1, 0))
        self.send(b"D", struct.pack("!HI", 1, len(name)) + name)
        self.send(b"C", b"SELECT 1\0")
        return self.send(b"Z", b"I")


def start(kind, handler):
    server = kind(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server.server_address[1]


if __name__ == "__main__":
    print(start(http.server.ThreadingHTTPServer, Web), start(socketserver.ThreadingTCPServer, Database), flush=True)
    sys.stdin.read()
