"""FreeRDP logs on to FreeRDP: our library at one end or at both."""

import struct

import desk
import pytest
import rdp
from desk import LONG, MODULE, OURS, PASSWORD, REFUSED, WINPR

# Server and client.
PAIRS = [(OURS, OURS), (OURS, WINPR), (MODULE, OURS), (MODULE, WINPR), (WINPR, OURS)]

# User, password, domain; whether the server lets them in.
CASES = {
    "right": ("alice", PASSWORD, "EXAMPLE", True),
    "down-level name": ("EXAMPLE\\alice", PASSWORD, None, True),
    "no domain": ("plain", PASSWORD, None, True),
    "user principal name": ("bob@example.test", PASSWORD, None, True),
    "200 characters": ("long", LONG, "EXAMPLE", True),
    "wrong password": ("alice", "wrong", "EXAMPLE", False),
    "199 characters": ("long", LONG[1:], "EXAMPLE", False),
    "another domain": ("alice", PASSWORD, "OTHER", False),
    "unknown user": ("nobody", PASSWORD, "EXAMPLE", False),
}
# WinPR 2's own server does not find such names in its SAM file.
BEYOND_ASCII = {
    "umlauts": ("größe", "Grüße", "EXAMPLE", True),
    "a letter without a capital": ("straße", "ß€ŉ", "EXAMPLE", True),
    "a letter whose capital is two": ("ŉame", PASSWORD, "EXAMPLE", True),
    "umlauts, wrong password": ("größe", "Grüsse", "EXAMPLE", False),
}


# How a server comes to our library changes nothing in how it decides.
FEW = ("right", "no domain", "wrong password", "unknown user")


def cases_of(server):
    everything = {**CASES, **BEYOND_ASCII}
    return {OURS: everything, MODULE: {name: CASES[name] for name in FEW}, WINPR: CASES}[server]


@pytest.fixture(scope="session")
def started(servers, pool):
    """All logons of a pair, begun together when the first is asked for."""
    begun = {}

    def of(server, client):
        if (server, client) not in begun:
            cases = cases_of(server).items()
            run = {name: pool.submit(desk.logon, servers(server), client, *case[:3]) for name, case in cases}
            begun[server, client] = run
        return begun[server, client]

    return of


def note(program, server, client):
    for what, how in (("server", server), ("client", client)):
        if how != WINPR:
            program("FreeRDP", desk.version(), f"{what} ({how})", "Negotiate (NTLM)")


@pytest.mark.parametrize(
    ("server", "client", "name"), [(server, client, name) for server, client in PAIRS for name in cases_of(server)]
)
def test_logon(servers, started, program, server, client, name):
    note(program, server, client)
    code, log = started(server, client)[name].result()
    wanted = 0 if cases_of(server)[name][3] else REFUSED
    assert code == wanted, f"{log}\n--- server\n{servers(server).log()[-4000:]}"
    assert ("libsspi" in log) == (client == OURS), log


@pytest.mark.parametrize("how", [OURS, MODULE])
def test_the_server_s_calls_were_ours(servers, started, how):
    for run in started(how, WINPR).values():
        run.result()
    log = servers(how).log()
    # The other server leaves the accounts to their usual place.
    for call in [
        "AcquireCredentialsHandleA", "AcceptSecurityContext", "CompleteAuthToken", "DecryptMessage", "EncryptMessage",
        "ImpersonateSecurityContext", "RevertSecurityContext", *(["SetContextAttributesA"] if how == OURS else []),
    ]:  # fmt: skip
        assert call in log, f"{call} is not in the log:\n{log[-4000:]}"
    assert ("Using SSPI Module" in log) == (how == MODULE)
    assert "0x80090304" not in log and "panic" not in log


@pytest.mark.parametrize(("server", "client"), [(OURS, OURS), (OURS, WINPR), (WINPR, OURS)])
def test_pass_the_hash(servers, library, pool, server, client):
    """WinPR 2's form of it: 512 more than the length of the hash."""
    right, wrong = desk.nt_hash(library, PASSWORD), desk.nt_hash(library, "wrong")
    runs = [pool.submit(desk.logon, servers(server), client, "alice", "x", "EXAMPLE", h) for h in (right, wrong)]
    (good, good_log), (bad, bad_log) = [run.result() for run in runs]
    assert good == 0, good_log
    assert bad == REFUSED, bad_log


def test_many_at_once(servers, pool):
    """Right ones get in and wrong ones do not, whoever comes meanwhile."""
    passwords = [PASSWORD, "wrong"] * 4
    clients = [OURS, OURS, WINPR, WINPR] * 2
    runs = [
        pool.submit(desk.logon, servers(OURS), client, "alice", password, "EXAMPLE")
        for client, password in zip(clients, passwords)
    ]
    for run, password in zip(runs, passwords):
        code, log = run.result()
        assert code == (0 if password == PASSWORD else REFUSED), log


NEGOTIATE = b"NTLMSSP\0" + struct.pack("<II", 1, 0xE20882B7) + bytes(16) + b"\6\1\xb1\x1d\0\0\0\x0f"


def field(length, offset):
    return struct.pack("<HHI", length, length, offset)


def authenticate(fields, flags=0xE2888235, rest=b""):
    return b"NTLMSSP\0" + struct.pack("<I", 3) + b"".join(fields) + struct.pack("<I", flags) + rest


def challenge_of(answer):
    at = answer.find(b"NTLMSSP\0\2")
    return answer[at:] if at >= 0 else NEGOTIATE


MALFORMED = {
    "a zero": (b"\0",),
    "the signature alone": (b"NTLMSSP\0",),
    "a type and no more": (NEGOTIATE[:12],),
    "half a NEGOTIATE": (NEGOTIATE[:16],),
    "an unknown type": (b"NTLMSSP\0" + struct.pack("<I", 99) + bytes(48),),
    "fields beyond the end": (NEGOTIATE[:16] + b"\xff" * 16 + NEGOTIATE[32:],),
    "a CHALLENGE first": (b"NTLMSSP\0" + struct.pack("<I", 2) + bytes(80),),
    "an AUTHENTICATE first": (authenticate([field(0, 64)] * 6, rest=bytes(64)),),
    "datagram style": (NEGOTIATE[:12] + struct.pack("<I", 0xE20882F7) + NEGOTIATE[16:],),
    "64 KiB of zeros": (bytes(60000),),
    "SPNEGO cut short": (bytes.fromhex("60820100 06062b0601050502 a03e"),),
    "SPNEGO without mechanisms": (bytes.fromhex("6010 06062b0601050502 a006 3004a0023000"),),
    "SPNEGO nested deep": (rdp.der(0x60, bytes.fromhex("06062b0601050502"), b"\xa0\x80" * 500),),
    "an AP-REQ of nothing": (bytes.fromhex("6e020500"),),
    "NEGOTIATE twice": (NEGOTIATE, NEGOTIATE),
    "its own CHALLENGE back": (NEGOTIATE, challenge_of),
    "fields over the edge": (NEGOTIATE, authenticate([field(0xFFFF, 0xFFFFFFF0)] * 6, rest=bytes(24))),
    "an empty AUTHENTICATE": (NEGOTIATE, authenticate([field(0, 64)] * 6)),
    "no response": (NEGOTIATE, authenticate([field(0, 88)] * 3 + [field(10, 88)] + [field(0, 88)] * 2, rest=bytes(34))),
    "an NTLMv1 response": (
        NEGOTIATE,
        authenticate([field(24, 98), field(24, 98), field(0, 88), field(10, 88), field(0, 88), field(16, 98)],
                     rest=bytes(24) + b"a\0l\0i\0c\0e\0" + bytes(24)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("how", [OURS, MODULE])
def test_malformed_tokens_do_no_harm(servers, pool, how):
    server = servers(how)
    runs = {name: pool.submit(rdp.exchange, server.port, *tokens) for name, tokens in MALFORMED.items()}
    for name, run in runs.items():
        answer = run.result()
        assert b"NTLMSSP\0\3" not in answer, name
        assert server.is_alive(), f"{name}\n{server.log()[-4000:]}"
    code, log = desk.logon(server, WINPR, "alice", PASSWORD, "EXAMPLE")
    assert code == 0 and server.is_alive(), log
