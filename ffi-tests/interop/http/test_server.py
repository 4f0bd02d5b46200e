"""The server itself, byte by byte: what it answers, when it closes, whom it takes a connection for."""

import base64
import contextlib
import hashlib
import random
import re
import select
import shutil
import socket
import ssl
import threading
import time
from pathlib import Path

import pytest
import sspi
from server import Server

FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")
ALICE = ("alice", "EXAMPLE", "Password123!")


def initiator(who=ALICE, package="NTLM", bindings=None):
    user, domain, password = who
    packages = None if package == "NTLM" else "!kerberos"
    credential = sspi.Credential(package, sspi.OUTBOUND, user, domain, password, packages)
    return sspi.Initiator(credential, "HTTP/localhost", bindings=bindings)


class Client:
    """One connection; the server closes it, or the test does."""

    def __init__(self, site):
        self.connection = site.connect()

    def get(self, authorization=None, path="/", **headers):
        """Status, headers and text."""
        if authorization is not None:
            headers["Authorization"] = authorization
        self.connection.request("GET", path, headers=headers)
        response = self.connection.getresponse()
        return response.status, response.headers, response.read().decode()

    def offer(self, scheme, token):
        """Sends a token; the status and the token that came back."""
        status, headers, _ = self.get(f"{scheme} {base64.b64encode(token).decode()}")
        for challenge in headers.get_all("WWW-Authenticate", []):
            name, _, rest = challenge.partition(" ")
            if name == scheme:
                return status, base64.b64decode(rest)
        return status, b""

    def log_on(self, who=ALICE, scheme="NTLM", bindings=None):
        context = initiator(who, scheme, bindings)
        status, answer = self.offer(scheme, context.step())
        while status == 401 and answer:
            status, answer = self.offer(scheme, context.step(answer))
        return status

    def is_closed(self):
        """The http module forgets a connection that the answer said would close."""
        return self.connection.sock is None

    def close(self):
        self.connection.close()


@pytest.fixture
def client(site):
    made = Client(site)
    yield made
    made.close()


# Logons and connections


def test_both_schemes_are_offered(client):
    status, headers, text = client.get()
    assert (status, headers.get_all("WWW-Authenticate")) == (401, ["Negotiate", "NTLM"])
    assert "user: " not in text and not client.is_closed()


@pytest.mark.parametrize("scheme", ["NTLM", "Negotiate"])
def test_a_logon_is_the_connections(site, client, scheme):
    assert client.log_on(scheme=scheme) == 200
    status, headers, text = client.get()
    assert (status, headers["Persistent-Auth"]) == (200, "true") and "user: EXAMPLE\\alice\n" in text
    other = Client(site)
    assert other.get()[0] == 401
    other.close()


def test_the_scheme_is_a_word_in_any_case(client):
    context = initiator()
    status, headers, _ = client.get("ntlm " + base64.b64encode(context.step()).decode())
    assert status == 401 and headers["WWW-Authenticate"].startswith("NTLM T")


def test_a_handshake_cannot_move_to_another_connection(site, client):
    context, other = initiator(), Client(site)
    _, challenge = client.offer("NTLM", context.step())
    assert other.offer("NTLM", context.step(challenge))[0] == 401 and other.is_closed()
    assert site.refusals()[-1].startswith("NTLM: SEC_E_INVALID_TOKEN")


@pytest.mark.parametrize("between", [None, "Basic YTpi", "NTLM", "Negotiate"])
def test_a_handshake_that_was_left_is_over(client, between):
    context = initiator()
    _, challenge = client.offer("NTLM", context.step())
    status, headers, _ = client.get(between)
    assert (status, headers.get_all("WWW-Authenticate")) == (401, ["Negotiate", "NTLM"])
    assert client.offer("NTLM", context.step(challenge))[0] == 401 and client.is_closed()


def test_a_logon_can_begin_again(client):
    assert client.offer("NTLM", initiator().step())[0] == 401
    assert client.get()[0] == 401
    assert client.log_on() == 200


def test_a_token_is_taken_once(site, client):
    context = initiator()
    _, challenge = client.offer("NTLM", context.step())
    token = context.step(challenge)
    assert client.offer("NTLM", token)[0] == 200
    assert client.offer("NTLM", token)[0] == 401 and client.is_closed()


def test_half_of_another_logon_ends_the_first(client):
    assert client.log_on() == 200
    assert client.offer("NTLM", initiator().step())[0] == 401
    status, _, text = client.get()
    assert status == 401 and "user: " not in text


def test_a_refused_logon_ends_the_first(site, client):
    assert client.log_on() == 200
    assert client.log_on(("alice", "EXAMPLE", "wrong")) == 401 and client.is_closed()


@pytest.mark.parametrize("token", ["=", "A", "AAA", "A===", "TlRM TVNT", "TlRMTVN\x80", "AAAA", "TlRMTVNTUAABAAAA"])
@pytest.mark.parametrize("scheme", ["NTLM", "Negotiate"])
def test_nonsense_is_refused(site, client, scheme, token):
    before = len(site.refusals())
    status, headers, _ = client.get(f"{scheme} {token}")
    assert (status, headers.get_all("WWW-Authenticate")) == (401, ["Negotiate", "NTLM"])
    assert client.is_closed() and site.refusals()[before:]


def test_a_client_that_lets_go_of_the_connection(client):
    context = initiator()
    token = base64.b64encode(context.step()).decode()
    assert client.get(f"NTLM {token}", Connection="close")[0] == 401 and client.is_closed()


@pytest.mark.parametrize("header", ["Via", "Forwarded", "X-Forwarded-For"])
def test_no_logon_through_a_proxy(site, client, header):
    assert client.get(None, "/", **{header: "1.1 proxy"})[0] == 403 and client.is_closed()


@pytest.mark.skipif(not FAKETIME.exists(), reason="install faketime")
def test_a_logon_ends_with_its_ticket(started, realm, tmp_path, monkeypatch):
    """The connection outlives the ticket, the logon does not."""
    clock = tmp_path / "clock"
    clock.write_text("+0\n")
    site = started(
        LD_PRELOAD=FAKETIME, FAKETIME_TIMESTAMP_FILE=clock, FAKETIME_NO_CACHE=1, FAKETIME_DONT_FAKE_MONOTONIC=1,
    )  # fmt: skip
    for name, value in realm.settings(user="alice").items():
        monkeypatch.setenv(name, value)
    client, context = Client(site), sspi.Initiator(sspi.Credential("Negotiate"), "HTTP/localhost")
    assert client.offer("Negotiate", context.step())[0] == 200
    clock.write_text("+9h\n")
    assert client.get()[0] == 200
    clock.write_text("+11h\n")
    status, headers, text = client.get()
    assert (status, headers.get_all("WWW-Authenticate")) == (401, ["Negotiate", "NTLM"]) and "user: " not in text
    assert client.log_on() == 200


# Channel bindings


def bindings_of(site, name=b"tls-server-end-point:"):
    certificate = ssl.get_server_certificate(("localhost", site.port))
    return sspi.channel_bindings(name + hashlib.sha256(ssl.PEM_cert_to_DER_cert(certificate)).digest())


@pytest.mark.parametrize("scheme", ["NTLM", "Negotiate"])
def test_a_client_that_is_bound(binding_site, scheme):
    client = Client(binding_site)
    assert client.log_on(scheme=scheme, bindings=bindings_of(binding_site)) == 200
    assert "channel binding: bound to this TLS connection" in client.get()[2]
    client.close()


@pytest.mark.parametrize("where", ["secure_site", "binding_site"])
def test_a_client_that_is_bound_to_another_channel(request, where):
    site = request.getfixturevalue(where)
    client = Client(site)
    assert client.log_on(bindings=bindings_of(site, b"tls-server-end-point:x")) == 401
    assert site.refusals()[-1] == "NTLM: SEC_E_BAD_BINDINGS: EXAMPLE\\alice: the client is bound to another channel"


# HTTP


def raw(site, data, parts=1):
    """Everything that the server answers to these bytes, until it closes."""
    with socket.create_connection(("localhost", site.port), timeout=30) as connection:
        step = max(1, len(data) // parts)
        for start in range(0, len(data), step):
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.sendall(data[start : start + step])
        received = b""
        with contextlib.suppress(ConnectionResetError):
            while piece := connection.recv(65536):
                received += piece
    return received


def statuses(answer):
    return [int(status) for status in re.findall(rb"^HTTP/1\.1 (\d{3}) ", answer, re.M)]


LAST = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


def head(*lines):
    return "\r\n".join(("GET / HTTP/1.1", "Host: x", *lines, "", "")).encode("latin-1")


BAD = {
    "no request": (b"\r\n\r\n", 400),
    "one word": (b"GET\r\n\r\n", 400),
    "HTTP/0.9": (b"GET /\r\n\r\n", 400),
    "two spaces": (b"GET  / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "a fourth word": (b"GET / HTTP/1.1 x\r\nHost: x\r\n\r\n", 400),
    "a method that is no token": (b"G(T / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "a control character": (b"GET /\x01 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "a NUL": (b"GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "HTTP/2": (b"GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505),
    "no host": (b"GET / HTTP/1.1\r\n\r\n", 400),
    "two hosts": (head("Host: y"), 400),
    "two authorizations": (head("Authorization: NTLM", "Authorization: NTLM"), 400),
    "a folded header": (head("X: a", " b"), 400),
    "a space before the colon": (head("X : a"), 400),
    "no colon": (head("X"), 400),
    "an empty name": (head(": a"), 400),
    "a lone line feed": (b"GET / HTTP/1.1\nHost: x\r\n\r\n", 400),
    "a NUL in a header": (head("X: a\0b"), 400),
    "a body": (head("Content-Length: 5") + b"12345", 413),
    "two lengths": (head("Content-Length: 0", "Content-Length: 5"), 413),
    "chunks": (head("Transfer-Encoding: chunked"), 413),
    "too many headers": (head(*["X: 1"] * 200), 431),
    "a large header": (head("X: " + "x" * 200_000), 431),
    "a large line": (b"GET /" + b"x" * 200_000, 431),
}


@pytest.mark.parametrize("parts", [1, 7])
@pytest.mark.parametrize("name", BAD)
def test_what_is_no_request_ends_the_connection(site, name, parts):
    data, status = BAD[name]
    answer = raw(site, data + LAST, parts)
    assert statuses(answer) == [status] and b"Connection: close\r\n" in answer


def test_requests_are_answered_in_order(site):
    answer = raw(site, head() + head().replace(b"GET", b"HEAD") + b"GET /x HTTP/1.0\r\n\r\n" + LAST, 50)
    assert statuses(answer) == [401, 401, 401]
    # HEAD tells the length of what GET would get, and sends none of it.
    assert answer.count(b"Who are you?") == 2 and answer.count(b"Content-Length: ") == 3


@pytest.mark.parametrize("target", [b"/?a=b", b"http://localhost/", b"HTTP://localhost", b"/?<script>"])
def test_forms_of_the_path(site, target):
    assert statuses(raw(site, LAST.replace(b" / ", b" " + target + b" "))) == [401]


def test_headers_that_keep_the_page_to_itself(client):
    _, headers, text = client.get(Accept="text/html,*/*")
    style = re.search("<style>(.*?)</style>", text, re.S).group(1).encode()
    policy = headers["Content-Security-Policy"]
    assert base64.b64encode(hashlib.sha256(style).digest()).decode() in policy and "default-src 'none'" in policy
    assert headers["Cache-Control"] == "no-store" and headers["X-Content-Type-Options"] == "nosniff"


# Robustness


def test_slow_clients_are_not_waited_for(started):
    site = started("--patience", "1")
    assert statuses(raw(site, b"GET / HT")) == [408]
    assert raw(site, b"") == b""
    assert Client(site).log_on() == 200


def test_slow_handshakes_are_not_waited_for(started):
    site = started("--patience", "1", "--tls")
    assert raw(site, b"\x16\x03") == b""
    assert raw(site, b"GET / HTTP/1.0\r\n\r\n").find(b"HTTP/1.1 200") == -1
    assert Client(site).log_on() == 200


def test_a_client_that_takes_no_answer(started):
    site = started("--patience", "1")
    with socket.create_connection(("localhost", site.port), timeout=30) as connection:
        connection.settimeout(0.2)
        with contextlib.suppress(OSError):
            while True:
                connection.sendall(head() * 100)
        # What it still had to read makes the server's end a reset, which shows without reading.
        poll = select.poll()
        poll.register(connection, 0)
        assert poll.poll(30_000)


def test_connections_are_counted(started):
    site = started("--connections", "3")
    held = [Client(site) for _ in range(3)]
    assert all(client.get()[0] == 401 for client in held)
    assert raw(site, LAST) == b"" and site.refusals() == ["there are too many connections"]
    held[0].close()
    until, answer = time.monotonic() + 20, b""
    while not answer and time.monotonic() < until:
        answer = raw(site, LAST)
    assert statuses(answer) == [401]


def many_logons(site, count):
    """So many clients at once, each with its own connection; every fourth has a wrong password."""
    wanted, got, lock = [], [], threading.Lock()

    def one(number):
        client = Client(site)
        password = "wrong" if number % 4 == 3 else "Password123!"
        status = client.log_on(("alice", "EXAMPLE", password), "NTLM" if number % 2 else "Negotiate")
        with lock:
            wanted.append(401 if number % 4 == 3 else 200)
            got.append(status)
        client.close()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(got) == count and got == wanted


def test_many_at_once(site):
    many_logons(site, 60)


def noise(site, rounds):
    chance = random.Random(20261127)
    whole = head("Authorization: NTLM " + base64.b64encode(initiator().step()).decode(), "Accept: text/html")
    for _ in range(rounds):
        data = bytearray(whole)
        for _ in range(chance.randrange(1, 6)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        raw(site, bytes(data) + LAST)


def test_noise(site):
    noise(site, 150)
    assert Client(site).log_on() == 200


@pytest.mark.skipif(shutil.which("valgrind") is None, reason="install valgrind")
def test_nothing_leaks(started):
    """Logons, refusals, nonsense and connections that are open at the end, under valgrind."""
    wrapper = ["valgrind", "--quiet", "--leak-check=full", "--errors-for-leak-kinds=definite"]
    wrapper += ["--show-leak-kinds=definite", "--error-exitcode=99"]
    site = started("--tls", wrapper=wrapper)
    many_logons(site, 8)
    for data, _ in BAD.values():
        with contextlib.suppress(OSError):
            raw(site, data + LAST)
    opened = [Client(site) for _ in range(3)]
    assert [client.offer("NTLM", initiator().step())[0] for client in opened] == [401] * 3
    assert opened[0].get()[0] == 401


def test_it_stops_while_clients_are_there(realm):
    site = Server(realm)
    client, slow = Client(site), socket.create_connection(("localhost", site.port))
    assert client.log_on() == 200
    slow.sendall(b"GET / HT")
    assert site.stop() == (0, "")
    slow.close()
