import os
from types import SimpleNamespace

import ends
import peer
import pytest
import sspi

pytest.register_assert_rewrite("spnego_cases")

# gss-ntlmssp also meets itself in every case: what fails there is its own limit, not ours.
ALONE = "gssntlmssp-alone"
DIRECTIONS = ["gssntlmssp-to-ours", "ours-to-gssntlmssp", ALONE]
if os.environ.get("INTEROP_PEER_ALONE") == "1":
    DIRECTIONS = [ALONE]

FLAGS = {
    "all": (sspi.ISC_DEFAULT, sspi.ASC_DEFAULT, peer.PROTECTED),
    "integrity": (sspi.ISC_INTEGRITY, sspi.ASC_INTEGRITY, peer.INTEGRITY),
    "confidentiality": (sspi.ISC_CONFIDENTIALITY, sspi.ASC_CONFIDENTIALITY, peer.CONFIDENTIALITY),
    "none": (0, 0, 0),
}


@pytest.fixture
def accounts(tmp_path, monkeypatch):
    """Writes the account file that both sides read."""

    def write(*lines):
        path = tmp_path / "accounts"
        path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
        path.chmod(0o600)
        monkeypatch.setenv("NTLM_USER_FILE", str(path))

    write("EXAMPLE:alice:secret", "EXAMPLE:bob:other")
    return write


def made(direction, package, processes):
    """Makes initiators and acceptors, ours and gss-ntlmssp's."""
    if direction not in DIRECTIONS:
        pytest.skip("about our library")
    ours_starts = direction == "ours-to-gssntlmssp"
    ours_accepts = direction == "gssntlmssp-to-ours"
    mechanism = "ntlm" if package == "NTLM" else "spnego"

    def initiator(
        user="alice",
        domain="EXAMPLE",
        password="secret",
        bindings=None,
        protect="all",
        host="server.example.test",
        **options,
    ):
        ours, _, theirs = FLAGS[protect]
        if ours_starts:
            bound = sspi.channel_bindings(bindings) if bindings else None
            options.setdefault("package", package)
            return ends.our_initiator(user, domain, password, f"host/{host}", bound, ours, **options)
        end = peer.peer_initiator(user, domain, password, f"host@{host}", bindings, theirs, mechanism)
        processes.append(end)
        return end

    def acceptor(bindings=None, protect="all", flags=0, package=package):
        if ours_accepts:
            bound = sspi.channel_bindings(bindings) if bindings else None
            return ends.our_acceptor(bound, FLAGS[protect][1] | flags, package)
        end = peer.peer_acceptor(bindings, mechanism)
        processes.append(end)
        return end

    return SimpleNamespace(
        initiator=initiator,
        acceptor=acceptor,
        bindings=bytes,
        ours_starts=ours_starts,
        ours_accepts=ours_accepts,
    )


@pytest.fixture
def processes():
    """The peers of a case, which end with it."""
    running = []
    yield running
    for process in running:
        process.close()


@pytest.fixture(params=DIRECTIONS)
def sides(request, accounts, processes):
    """The two sides with bare NTLM."""
    return made(request.param, "NTLM", processes)


@pytest.fixture(params=DIRECTIONS)
def negotiating(request, accounts, processes, monkeypatch):
    """The two sides with SPNEGO, from the first token on."""
    monkeypatch.setenv("SSPI_NEGOTIATE_NTLM", "spnego")
    return made(request.param, "Negotiate", processes)


@pytest.fixture
def logged_on(sides):
    """A finished pair, (client, server)."""
    client, server = sides.initiator(), sides.acceptor()
    ends.log_on(client, server)
    return client, server
