"""A relay in front of a KDC that does to the answers what bad days do, over TCP and UDP."""

import contextlib
import os
import socket
import struct
import threading
import time

import realms

# KRB_ERR_RESPONSE_TOO_BIG, as a KDC sends it: realm EXAMPLE.TEST, krbtgt/EXAMPLE.TEST.
KRB_ERR_RESPONSE_TOO_BIG = 52


def _der(tag, *contents):
    body = b"".join(contents)
    length = bytes([len(body)]) if len(body) < 128 else bytes([0x81, len(body)])
    return bytes([tag]) + length + body


def too_big():
    realm = _der(0x1B, b"EXAMPLE.TEST")
    name = _der(0x30, _der(0xA0, _der(2, b"\2")), _der(0xA1, _der(0x30, _der(0x1B, b"krbtgt"), realm)))
    when = time.strftime("%Y%m%d%H%M%SZ", time.gmtime()).encode()
    fields = [
        _der(0xA0, _der(2, b"\5")), _der(0xA1, _der(2, b"\x1e")), _der(0xA4, _der(0x18, when)),
        _der(0xA5, _der(2, b"\0")), _der(0xA6, _der(2, bytes([KRB_ERR_RESPONSE_TOO_BIG]))),
        _der(0xA9, realm), _der(0xAA, name),
    ]  # fmt: skip
    return _der(0x7E, _der(0x30, *fields))


# What is done to an answer: bytes to send, or None for silence. TCP's carry their length in front.
TROUBLES = {
    "silent": lambda answer, tcp: None,
    "garbage": lambda answer, tcp: framed(os.urandom(len(answer)), tcp),
    "empty": lambda answer, tcp: framed(b"", tcp),
    "cut": lambda answer, tcp: framed(answer, tcp)[: len(answer) // 2],
    "another's": lambda answer, tcp: framed(b"HTTP/1.1 400 Bad Request\r\n\r\n", False),
    "endless": lambda answer, tcp: struct.pack(">I", 0x7FFFFFFF) + answer if tcp else os.urandom(60000),
}
OTHERS = {
    "honest": lambda answer, tcp: framed(answer, tcp),
    "slow": lambda answer, tcp: framed(answer, tcp),
    "too-big": lambda answer, tcp: framed(answer if tcp else too_big(), tcp),
}


def framed(answer, tcp):
    return struct.pack(">I", len(answer)) + answer if tcp else answer


class _Relay:
    def __init__(self, kdc_port, trouble, delay, port):
        self.kdc_port, self.delay = kdc_port, delay
        self.change = {**TROUBLES, **OTHERS}[trouble]
        self.ways = []
        self.stopping = False
        self.stream = socket.socket()
        self.stream.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.stream.bind(("127.0.0.1", port))
        self.stream.listen()
        self.datagram = socket.socket(type=socket.SOCK_DGRAM)
        self.datagram.bind(("127.0.0.1", port))
        for work in (self._streams, self._datagrams):
            threading.Thread(target=work, daemon=True).start()

    def close(self):
        self.stopping = True
        for one in (self.stream, self.datagram):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _ask(self, request):
        """The real KDC's answer."""
        with socket.create_connection(("127.0.0.1", self.kdc_port)) as kdc:
            kdc.sendall(framed(request, True))
            return _read_framed(kdc)

    def _streams(self):
        while not self.stopping:
            try:
                client = self.stream.accept()[0]
            except OSError:
                return
            threading.Thread(target=self._stream, args=(client,), daemon=True).start()

    def _stream(self, client):
        with client, contextlib.suppress(OSError):
            while True:
                request = _read_framed(client)
                self.ways.append("tcp")
                answer = self.change(self._ask(request), True)
                time.sleep(self.delay)
                if answer is None:
                    # Takes the request and says nothing, for as long as the test lasts.
                    while not self.stopping and client.recv(1):
                        pass
                    return
                client.sendall(answer)
                if len(answer) < 4 or struct.unpack(">I", answer[:4])[0] != len(answer) - 4:
                    return

    def _datagrams(self):
        while not self.stopping:
            try:
                request, client = self.datagram.recvfrom(65535)
            except OSError:
                return
            self.ways.append("udp")
            with contextlib.suppress(OSError):
                answer = self.change(self._ask(request), False)
                time.sleep(self.delay)
                if answer is not None:
                    self.datagram.sendto(answer, client)


def _read_framed(stream):
    (length,) = struct.unpack(">I", _read(stream, 4))
    return _read(stream, length)


def _read(stream, length):
    data = b""
    while len(data) < length:
        more = stream.recv(length - len(data))
        if not more:
            raise OSError("the other side closed")
        data += more
    return data


@contextlib.contextmanager
def kdc(kdc_port, trouble, delay=0.0, port=0, ways=False):
    """The address of a relay to the KDC at `kdc_port`; with `ways`, also which way each request came."""
    relay = _Relay(kdc_port, trouble, delay, port or realms.free_ports(1)[0])
    try:
        address = f"127.0.0.1:{relay.stream.getsockname()[1]}"
        yield (address, relay.ways) if ways else address
    finally:
        relay.close()
