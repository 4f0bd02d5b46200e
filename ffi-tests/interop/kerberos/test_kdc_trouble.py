"""A KDC that is stopped, killed in the middle of an answer, slow, mad or not there.

The code is SEC_E_NO_AUTHENTICATING_AUTHORITY, within the time that
SSPI_KDC_TIMEOUT sets; other contexts go on meanwhile.
"""

import signal
import threading
import time

import cases
import pytest
import realms
import troubled
from cases import logged_on, refuses

HTTP = "HTTP/localhost"
ALICE = ("alice", realms.MIT, realms.PASSWORD)
# Seconds; a call may take that long and a little more.
LIMIT, GRACE = 2, 1.5


@pytest.fixture
def towards(ours, realm, tmp_path):
    """Makes an initiator whose KDCs are at these addresses."""

    def make(*kdcs, udp_first=False, cache=None, limit=LIMIT, **options):
        settings = cases.settings(realm, tmp_path, kdcs=list(kdcs), udp_first=udp_first)
        settings["SSPI_KDC_TIMEOUT"] = str(limit)
        if cache is not None:
            settings["KRB5CCNAME"] = cache
        options.setdefault("identity", () if cache else ALICE)
        return ours.initiator(realm, HTTP, settings=settings, **options)

    return make


def no_authority(client, most=LIMIT):
    started = time.monotonic()
    with refuses(cases.NO_AUTHENTICATING_AUTHORITY):
        client.step()
    assert time.monotonic() - started < most + GRACE


def test_nobody_listens(towards):
    port = realms.free_ports(1)[0]
    no_authority(towards(f"127.0.0.1:{port}"), 0)


@pytest.mark.parametrize("udp_first", [False, True])
@pytest.mark.parametrize("trouble", sorted(troubled.TROUBLES))
def test_trouble(towards, realm, trouble, udp_first):
    with troubled.kdc(realm.ports["kdc"], trouble) as address:
        no_authority(towards(address, udp_first=udp_first))


@pytest.mark.parametrize("trouble", sorted(troubled.TROUBLES))
def test_the_next_kdc_helps(towards, mit, realm, trouble):
    with troubled.kdc(realm.ports["kdc"], trouble) as address:
        logged_on(towards(address, realm.kdc), mit.acceptor(realm))


@pytest.mark.parametrize("trouble", ["silent", "cut", "garbage"])
def test_trouble_while_a_service_ticket_is_wanted(towards, realm, trouble):
    """The ticket-granting ticket is there."""
    with troubled.kdc(realm.ports["kdc"], trouble) as address:
        no_authority(towards(address, cache=realm.cache("u-aes256-sha1")))


def test_slow_but_in_time(towards, mit, realm):
    with troubled.kdc(realm.ports["kdc"], "slow", delay=0.3) as address:
        logged_on(towards(address), mit.acceptor(realm))


def test_stopped_and_going_on(towards, mit, realm):
    """A real KDC that hangs, then wakes up."""
    with realms.another_kdc(realm, process=True) as (address, process):
        logged_on(towards(address), mit.acceptor(realm))
        process.send_signal(signal.SIGSTOP)
        try:
            no_authority(towards(address))
        finally:
            process.send_signal(signal.SIGCONT)
        logged_on(towards(address), mit.acceptor(realm))
        process.kill()
        process.wait()
        no_authority(towards(address), 0)


def test_others_do_not_wait(towards, ours, mit, realm):
    """While one context waits for its KDC, established ones talk and new ones log on."""
    client, server = logged_on(ours.initiator(realm, HTTP, user="alice"), mit.acceptor(realm))
    with troubled.kdc(realm.ports["kdc"], "silent") as address:
        waiting = towards(address)
        thread = threading.Thread(target=no_authority, args=(waiting,))
        thread.start()
        started = time.monotonic()
        for _ in range(20):
            cases.both_talk(client, server)
        logged_on(ours.initiator(realm, HTTP, user="alice"), mit.acceptor(realm))
        took = time.monotonic() - started
        assert thread.is_alive() and took < LIMIT / 2
        thread.join()


def test_failing_does_no_harm_to_the_credential(ours, mit, realm, tmp_path):
    """The same credential works once the KDC is back."""
    port = realms.free_ports(1)[0]
    settings = cases.settings(realm, tmp_path, kdcs=[f"127.0.0.1:{port}"])
    settings["SSPI_KDC_TIMEOUT"] = str(LIMIT)
    client = ours.initiator(realm, HTTP, settings=settings, identity=ALICE)
    no_authority(client)
    with troubled.kdc(realm.ports["kdc"], "honest", port=port):
        # For a moment others are told what this one found out.
        time.sleep(0.2)
        again = ours.again(client, HTTP)
        logged_on(again, mit.acceptor(realm))


@pytest.mark.parametrize("udp_first", [False, True])
def test_both_transports(towards, mit, realm, udp_first):
    """The other way is for a KDC that does not answer, which a busy one may not do in time."""
    with troubled.kdc(realm.ports["kdc"], "honest", ways=True) as (address, ways):
        logged_on(towards(address, udp_first=udp_first, limit=10 * LIMIT), mit.acceptor(realm))
    assert ways[0] == ("udp" if udp_first else "tcp")


def test_answer_too_big_for_a_datagram(towards, mit, realm):
    with troubled.kdc(realm.ports["kdc"], "too-big", ways=True) as (address, ways):
        logged_on(towards(address, udp_first=True), mit.acceptor(realm))
    assert {"udp", "tcp"} == set(ways)
