"""Sealed and signed messages in both directions of a finished context."""

import os

import pytest
import sspi
from ends import Refused, exchange, log_on

SIZES = [0, 1, 2, 15, 16, 17, 63, 64, 65, 127, 128, 1000, 1024, 4096, 16384, 65535, 65536]
MARKS = {"readonly with checksum": sspi.READONLY_WITH_CHECKSUM, "readonly": sspi.READONLY}


def flipped(data, index):
    changed = bytearray(data)
    changed[index] ^= 0x80
    return bytes(changed)


@pytest.mark.parametrize("size", SIZES)
def test_wrap_sizes(logged_on, size):
    client, server = logged_on
    exchange(client, server, os.urandom(size))
    exchange(server, client, os.urandom(size))


def test_many_messages_in_one_direction(logged_on):
    client, server = logged_on
    for number in range(200):
        exchange(client, server, b"message %d " % number + os.urandom(number))


def test_messages_cross(logged_on):
    """Both sides send before either reads: the directions do not know of each other."""
    client, server = logged_on
    for number in range(20):
        there = [client.wrap(b"there %d.%d" % (number, part)) for part in range(number % 4)]
        back = [server.wrap(b"back %d.%d" % (number, part)) for part in range(3)]
        assert [server.unwrap(sealed) for sealed in there] == [b"there %d.%d" % (number, n) for n in range(len(there))]
        assert [client.unwrap(sealed) for sealed in back] == [b"back %d.%d" % (number, n) for n in range(len(back))]


@pytest.mark.parametrize("size", SIZES)
def test_sign_sizes(logged_on, size):
    client, server = logged_on
    for sender, receiver in ((client, server), (server, client)):
        data = os.urandom(size)
        signature = sender.sign(data)
        assert len(signature) == 16
        receiver.verify(data, signature)


def test_signed_and_sealed_messages_mixed(logged_on):
    """One key stream and one counter serve both."""
    client, server = logged_on
    for number in range(30):
        for sender, receiver in ((client, server), (server, client)):
            data = b"%d" % number * (number + 1)
            if number % 3:
                receiver.verify(data, sender.sign(data))
            else:
                exchange(sender, receiver, data)


def test_signature_is_version_checksum_counter(logged_on):
    client, server = logged_on
    for number in range(3):
        for sender in (client, server):
            signature = sender.sign(b"data")
            assert signature[:4] == b"\x01\0\0\0" and signature[12:] == number.to_bytes(4, "little")


def test_integrity_without_confidentiality(sides):
    client, server = sides.initiator(protect="integrity"), sides.acceptor(protect="integrity")
    log_on(client, server)
    for sender, receiver in ((client, server), (server, client)) * 3:
        receiver.verify(b"data", sender.sign(b"data"))
        exchange(sender, receiver, b"sealed all the same")


@pytest.mark.parametrize("sides", ["pyspnego-to-ours", "ours-to-pyspnego"], indirect=True)
def test_constant_signature_is_refused(sides):
    """With SEAL but not SIGN pyspnego sends the dummy signature of ALWAYS_SIGN.

    MS-NLMP 2.2.2.5 lets SEAL override that one, and gss-ntlmssp reads it so too:
    a sealed message has a real signature, and nothing else passes.
    """
    client, server = sides.initiator(protect="confidentiality"), sides.acceptor(protect="confidentiality")
    log_on(client, server)
    ours, theirs = our_side((client, server))
    with pytest.raises(Refused) as refused:
        ours.unwrap(theirs.wrap(b"sealed"))
    assert refused.value.reason == "altered"


def test_authentication_alone(sides):
    """Neither side asks for protection: the logon succeeds all the same."""
    client, server = sides.initiator(protect="none"), sides.acceptor(protect="none")
    log_on(client, server)
    assert client.session_key() == server.session_key()


@pytest.mark.parametrize("index", [0, 3, 4, 11, 12, 15, 16, -1])
def test_changed_message(logged_on, index):
    client, server = logged_on
    for sender, receiver in ((client, server), (server, client)):
        sealed = sender.wrap(b"pay 10 to bob")
        with pytest.raises(Refused) as refused:
            receiver.unwrap(flipped(sealed, index))
        assert refused.value.reason == "altered"
        if receiver.ours:
            # A message that failed has not moved the key stream.
            assert receiver.unwrap(sealed) == b"pay 10 to bob"
            exchange(sender, receiver, b"and on it goes")


@pytest.mark.parametrize("index", [0, 4, 11, 12])
def test_changed_signature(logged_on, index):
    client, server = logged_on
    for sender, receiver in ((client, server), (server, client)):
        signature = sender.sign(b"data")
        with pytest.raises(Refused) as refused:
            receiver.verify(b"data", flipped(signature, index))
        assert refused.value.reason == "altered"
        if receiver.ours:
            receiver.verify(b"data", signature)


def test_changed_signed_data(logged_on):
    client, server = logged_on
    for sender, receiver in ((client, server), (server, client)):
        with pytest.raises(Refused) as refused:
            receiver.verify(b"dato", sender.sign(b"data"))
        assert refused.value.reason == "altered"


def test_replayed_message(logged_on):
    client, server = logged_on
    for sender, receiver in ((client, server), (server, client)):
        sealed = sender.wrap(b"pay 10 to bob")
        receiver.unwrap(sealed)
        with pytest.raises(Refused) as refused:
            receiver.unwrap(sealed)
        assert refused.value.reason in ("altered", "sequence")
        if receiver.ours:
            exchange(sender, receiver, b"next")


def test_lost_message(logged_on):
    client, server = logged_on
    for sender, receiver in ((client, server), (server, client)):
        lost = sender.wrap(b"first")
        late = sender.wrap(b"second")
        with pytest.raises(Refused) as refused:
            receiver.unwrap(late)
        assert refused.value.reason in ("altered", "sequence")
        if receiver.ours:
            assert receiver.unwrap(lost) == b"first"
            assert receiver.unwrap(late) == b"second"


def test_message_sent_back_to_its_sender(logged_on):
    client, server = logged_on
    for sender in (client, server):
        with pytest.raises(Refused) as refused:
            sender.unwrap(sender.wrap(b"echo"))
        assert refused.value.reason == "altered"


# The layout of DCE/RPC: a readable header and trailer around the sealed part


@pytest.mark.parametrize("mark", MARKS.values(), ids=MARKS.keys())
@pytest.mark.parametrize("size", [0, 1, 32, 4096, 65536])
def test_header_and_trailer(logged_on, mark, size):
    client, server = logged_on
    for sender, receiver in ((client, server), (server, client)) * 2:
        header, data, trailer = os.urandom(24), os.urandom(size), os.urandom(8)
        sealed, token = sender.seal_between(header, data, trailer, mark)
        assert len(sealed) == size and (size < 4 or sealed != data)
        assert receiver.open_between(header, sealed, trailer, token, mark) == data


@pytest.mark.parametrize("part", ["header", "data", "trailer", "token"])
def test_header_and_trailer_changed(logged_on, part):
    client, server = logged_on
    for sender, receiver in ((client, server), (server, client)):
        held = {"header": os.urandom(24), "trailer": os.urandom(8)}
        held["data"], held["token"] = sender.seal_between(held["header"], b"stub data", held["trailer"])
        held[part] = flipped(held[part], 5)
        with pytest.raises(Refused) as refused:
            receiver.open_between(held["header"], held["data"], held["trailer"], held["token"])
        assert refused.value.reason == "altered"


def our_side(logged_on):
    sides = sorted(logged_on, key=lambda side: not side.ours)
    if not sides[0].ours:
        pytest.skip("about buffers of our library")
    return sides


def test_several_data_buffers_are_one_message(logged_on):
    ours, theirs = our_side(logged_on)
    parts = [(sspi.TOKEN, bytearray(16)), (sspi.DATA, bytearray(b"one ")), (sspi.DATA, bytearray(b"message"))]
    assert theirs.unwrap(b"".join(ours.context.encrypt(parts))) == b"one message"
    sealed = theirs.wrap(b"one message")
    token, first, second = sealed[:16], sealed[16:20], sealed[20:]
    parts = [(sspi.DATA, bytearray(first)), (sspi.TOKEN, bytearray(token)), (sspi.DATA, bytearray(second))]
    assert ours.context.decrypt(parts) == [b"one ", token, b"message"]


def test_wrap_without_encryption_is_a_signature_and_the_data(logged_on):
    ours, theirs = our_side(logged_on)
    for _ in range(3):
        message = ours.context.wrap(b"readable", encrypt=False)
        assert message[16:] == b"readable"
        theirs.verify(message[16:], message[:16])
        assert ours.context.unwrap(theirs.sign(b"readable") + b"readable") == b"readable"
        assert ours.context.qop.value == sspi.WRAP_NO_ENCRYPT
        exchange(theirs, ours, b"sealed")
        assert ours.context.qop.value == 0
