"""The cells of the matrix, and the list of those that fail between the peers themselves (peers.txt).

A cell is an initiator, an acceptor, an enctype, a mode and a protection. It is
run in both directions, and each direction that fails is named.
"""

import functools
from fnmatch import fnmatchcase
from pathlib import Path

import ends
import gss
import realms

# One enctype everywhere, or every enctype allowed and the usual ones chosen.
TAGS = [*realms.ENCTYPES, "all"]
MODES = ["mutual", "oneway", "dce"]
PROTECTIONS = ["seal", "wrap", "mic"]
SIZES = [0, 1, 15, 16, 17, 1000, 4096, 65537]
# DCE's stubs are padded to 16 bytes.
DCE_SIZES = [16, 32, 1008, 4096, 65536]
FORWARD, BACK = "forward", "back"

FAILURES = (ends.Refused, gss.Crashed, AssertionError)


def pair(initiator, acceptor, realm, tag, mode):
    """A logged-on pair, (client, server)."""
    only = None if tag == "all" else tag
    user = "alice" if tag == "all" else f"u-{tag}"
    target = "HTTP/localhost" if tag == "all" else f"{tag}/localhost"
    client = initiator.initiator(realm, target, mode, user=user, tag=only)
    server = acceptor.acceptor(realm, tag=only, dce=mode == "dce")
    ends.log_on(client, server)
    assert client.session_key() == server.session_key()
    if only:
        said = {client.enctype(), server.enctype()}
        assert said <= {0, realms.ENCTYPES[tag][0]}
    return client, server


def seal(sender, receiver, size):
    data = bytes(range(251)) * (size // 251) + bytes(size % 251)
    message = sender.wrap(data)
    assert size < 16 or data not in message
    assert receiver.unwrap(message) == (data, True)


def wrap(sender, receiver, size):
    data = b"w" * size
    message = sender.wrap(data, sealed=False)
    assert data in message
    assert receiver.unwrap(message) == (data, False)


def mic(sender, receiver, size):
    data = b"m" * size
    receiver.verify(data, sender.sign(data))


def between(sender, receiver, size, sealed):
    header, data, trailer = b"header" * 4, b"d" * size, b"verifier"
    body, token = sender.seal_between(header, data, trailer, sealed)
    assert (body != data) == sealed and len(body) == size
    assert receiver.open_between(header, body, trailer, token) == data


DCE = {"seal": lambda *a: between(*a, sealed=True), "wrap": lambda *a: between(*a, sealed=False), "mic": mic}
STREAM = {"seal": seal, "wrap": wrap, "mic": mic}


def run_cell(initiator, acceptor, realm, tag, mode, protection):
    """Returns direction -> what failed."""
    work, sizes = (DCE, DCE_SIZES) if mode == "dce" else (STREAM, SIZES)
    try:
        client, server = pair(initiator, acceptor, realm, tag, mode)
    except FAILURES as error:
        return {FORWARD: error, BACK: error}
    failed = {}
    for direction, sender, receiver in ((FORWARD, client, server), (BACK, server, client)):
        try:
            for size in sizes:
                work[protection](sender, receiver, size)
        except FAILURES as error:
            failed[direction] = error
    return failed


@functools.cache
def listed():
    """The lines of peers.txt: (initiator, acceptor, enctype, mode, protection, direction), each a pattern."""
    lines = Path(__file__).with_name("peers.txt").read_text(encoding="utf-8").splitlines()
    rows = [line.split("#")[0].split() for line in lines]
    return [tuple(row) for row in rows if row]


def is_listed(*cell):
    return any(all(fnmatchcase(value, wanted) for value, wanted in zip(cell, row)) for row in listed())
