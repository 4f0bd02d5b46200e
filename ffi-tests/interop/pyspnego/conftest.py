import os
from types import SimpleNamespace

import ends
import peer
import pytest
import sspi
from spnego.channel_bindings import AddressType, GssChannelBindings

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


@pytest.fixture(params=DIRECTIONS)
def sides(request, accounts):
    """Makes initiators and acceptors, one side ours and the other pyspnego's."""
    if request.param not in DIRECTIONS:
        pytest.skip("about our library")
    ours_starts = request.param == "ours-to-pyspnego"
    ours_accepts = request.param == "pyspnego-to-ours"

    def initiator(user="alice", domain="EXAMPLE", password="secret", bindings=None, protect="all", **options):
        bound = (bindings or (None, None))[0 if ours_starts else 1]
        if ours_starts:
            return ends.our_initiator(user, domain, password, bindings=bound, flags=ours_of(protect)[0], **options)
        return peer.peer_initiator(user, domain, password, bindings=bound, protect=theirs_of(protect), **options)

    def acceptor(bindings=None, protect="all", flags=0):
        bound = (bindings or (None, None))[0 if ours_accepts else 1]
        if ours_accepts:
            return ends.our_acceptor(bound, ours_of(protect)[1] | flags)
        return peer.peer_acceptor(bound, theirs_of(protect))

    return SimpleNamespace(
        initiator=initiator,
        acceptor=acceptor,
        bindings=our_bindings,
        ours_starts=ours_starts,
        ours_accepts=ours_accepts,
    )


@pytest.fixture
def logged_on(sides):
    """A finished pair, (client, server)."""
    client, server = sides.initiator(), sides.acceptor()
    ends.log_on(client, server)
    return client, server
