import os
from types import SimpleNamespace

import ends
import peer
import pytest
import sspi
from spnego.channel_bindings import AddressType, GssChannelBindings

pytest.register_assert_rewrite("spnego_cases")

# Both ends pyspnego: shows what the cases are worth without our library.
ALONE = os.environ.get("INTEROP_PEER_ALONE") == "1"
DIRECTIONS = ["pyspnego-alone"] if ALONE else ["pyspnego-to-ours", "ours-to-pyspnego"]


def ours_of(protect):
    """Our request flags, (initiator's, acceptor's)."""
    return {
        "all": (sspi.ISC_DEFAULT, sspi.ASC_DEFAULT),
        "integrity": (sspi.ISC_INTEGRITY, sspi.ASC_INTEGRITY),
        "confidentiality": (sspi.ISC_CONFIDENTIALITY, sspi.ASC_CONFIDENTIALITY),
        "none": (0, 0),
    }[protect]


def theirs_of(protect):
    request = peer.ContextReq
    known = {"all": request.default, "none": request.none}
    return known.get(protect, getattr(request, protect, None))


def our_bindings(data, initiator=b"", acceptor=b""):
    """The same bindings in our form and in pyspnego's, as a pair."""
    ours = sspi.channel_bindings(data, (2 if initiator else 0, initiator), (2 if acceptor else 0, acceptor))
    theirs = GssChannelBindings(
        AddressType.inet if initiator else AddressType.unspecified,
        initiator or None,
        AddressType.inet if acceptor else AddressType.unspecified,
        acceptor or None,
        data,
    )
    return ours, theirs


@pytest.fixture
def accounts(tmp_path, monkeypatch):
    """Writes the account file that both sides' acceptors read."""

    def write(*lines):
        path = tmp_path / "accounts"
        path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
        path.chmod(0o600)
        monkeypatch.setenv("NTLM_USER_FILE", str(path))

    write("EXAMPLE:alice:secret", "EXAMPLE:bob:other")
    return write


def made(direction, package):
    """Makes initiators and acceptors, one side ours and the other pyspnego's."""
    if direction not in DIRECTIONS:
        pytest.skip("about our library")
    ours_starts = direction == "ours-to-pyspnego"
    ours_accepts = direction == "pyspnego-to-ours"
    spnego = package != "NTLM"
    peer_initiator = peer.spnego_initiator if spnego else peer.peer_initiator
    peer_acceptor = peer.spnego_acceptor if spnego else peer.peer_acceptor

    def initiator(user="alice", domain="EXAMPLE", password="secret", bindings=None, protect="all", **options):
        bound = (bindings or (None, None))[0 if ours_starts else 1]
        if ours_starts:
            options.setdefault("package", package)
            return ends.our_initiator(user, domain, password, bindings=bound, flags=ours_of(protect)[0], **options)
        return peer_initiator(user, domain, password, bindings=bound, protect=theirs_of(protect), **options)

    def acceptor(bindings=None, protect="all", flags=0, package=package):
        bound = (bindings or (None, None))[0 if ours_accepts else 1]
        if ours_accepts:
            return ends.our_acceptor(bound, ours_of(protect)[1] | flags, package)
        return peer_acceptor(bound, theirs_of(protect))

    return SimpleNamespace(
        initiator=initiator,
        acceptor=acceptor,
        bindings=our_bindings,
        ours_starts=ours_starts,
        ours_accepts=ours_accepts,
    )


@pytest.fixture(params=DIRECTIONS)
def sides(request, accounts):
    """The two sides with bare NTLM."""
    return made(request.param, "NTLM")


@pytest.fixture(params=DIRECTIONS)
def negotiating(request, accounts, monkeypatch):
    """The two sides with SPNEGO, from the first token on."""
    monkeypatch.setenv("SSPI_NEGOTIATE_NTLM", "spnego")
    return made(request.param, "Negotiate")


@pytest.fixture
def logged_on(sides):
    """A finished pair, (client, server)."""
    client, server = sides.initiator(), sides.acceptor()
    ends.log_on(client, server)
    return client, server
