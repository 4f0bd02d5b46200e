"""What the suites about our library share: status codes, private settings, a logon with messages."""

import contextlib
import subprocess

import ends
import pytest
import realms
import sspi

# Status codes of Kerberos, which the small Python binding has no names for.
TARGET_UNKNOWN, LOGON_DENIED, NO_CREDENTIALS = 0x80090303, 0x8009030C, 0x8009030E
NO_AUTHENTICATING_AUTHORITY, CONTEXT_EXPIRED = 0x80090311, 0x80090317
WRONG_PRINCIPAL, TIME_SKEW, KDC_UNKNOWN_ETYPE = 0x80090322, 0x80090324, 0x80090342
UNSUPPORTED_PREAUTH = 0x80090343
# ERROR_PASSWORD_RESTRICTION as an HRESULT.
PASSWORD_RESTRICTION = 0x8007052D
INVALID_TOKEN, MESSAGE_ALTERED, OUT_OF_SEQUENCE, BAD_BINDINGS = 0x80090308, 0x8009030F, 0x80090310, 0x80090346


@contextlib.contextmanager
def refuses(*codes):
    """The block is refused with one of these statuses of ours. Yields what holds the refusal."""
    with pytest.raises(ends.Refused) as refused:
        yield refused
    cause = refused.value.__cause__
    assert cause is not None and cause.status in codes, refused.value


def status_of(call, *arguments):
    """What a call of an end of ours is refused with; None when it is not. Cheap enough for thousands."""
    try:
        call(*arguments)
    except ends.Refused as refused:
        return refused.__cause__.status
    return None


@contextlib.contextmanager
def refuses_at_any_time(*codes):
    """The same, where acquiring the credential may refuse as well as a leg."""
    with pytest.raises((ends.Refused, sspi.SspiError)) as refused:
        yield refused
    cause = refused.value if isinstance(refused.value, sspi.SspiError) else refused.value.__cause__
    assert cause is not None and cause.status in codes, refused.value


def both_talk(client, server):
    """Messages of every protection in both directions, and the same key."""
    assert client.session_key() == server.session_key()
    for sender, receiver in ((client, server), (server, client)) * 2:
        assert receiver.unwrap(sender.wrap(b"sealed")) == (b"sealed", True)
        assert receiver.unwrap(sender.wrap(b"readable", sealed=False)) == (b"readable", False)
        receiver.verify(b"signed", sender.sign(b"signed"))


def logged_on(client, server):
    ends.log_on(client, server)
    both_talk(client, server)
    return client, server


def settings(realm, folder, kdcs=None, extra="", udp_first=False, **options):
    """A realm's settings with a configuration of the test's own. `kdcs` are this realm's, host:port each."""
    tag, limit = options.get("tag"), 32700 if udp_first else 1
    values = realm.settings(**options)
    path = folder / "krb5.conf"
    lines = [realm.kdc] if kdcs is None else kdcs
    names = (realms.MIT, realms.OTHER, realms.THIRD) if realm.name == realms.MIT else (realm.name,)
    everywhere = {name: lines for name in names}
    path.write_text(realms.configuration(realm.name, everywhere, realm.folder, tag, extra, udp_limit=limit))
    values["KRB5_CONFIG"] = str(path)
    return values


def services_in(cache):
    """The servers of the tickets in a credential cache, as MIT's klist reads them."""
    environment = realms.plain_environment(KRB5_CONFIG="/dev/null")
    listed = subprocess.run(["klist", "-c", cache], env=environment, stdout=subprocess.PIPE, text=True, check=True)
    rows = [line.split() for line in listed.stdout.splitlines()]
    return [row[-1] for row in rows if len(row) >= 5 and row[0][:1].isdigit()]


def flipped(data, index, mask=0x80):
    changed = bytearray(data)
    changed[index] ^= mask
    return bytes(changed)
