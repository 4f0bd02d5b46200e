"""ChangeAccountPassword against kadmind's password service (RFC 3244)."""

import cases
import pytest
import realms
from cases import logged_on, refuses
from password_change import change

FIRST, SECOND = realms.PASSWORD, "An0ther-pässword"


@pytest.fixture
def settings(realm):
    return {**realm.settings(), "SSPI_KDC_TIMEOUT": "5"}


def logs_on(ours, mit, realm, password):
    logged_on(
        ours.initiator(realm, "HTTP/localhost", identity=("changing", realm.name, password)), mit.acceptor(realm)
    )


@pytest.mark.parametrize("package", ["Kerberos", "Negotiate"])
def test_change_and_back(ours, mit, realm, settings, package):
    assert change(settings, "changing", FIRST, SECOND, realm.name, package) == 0
    try:
        logs_on(ours, mit, realm, SECOND)
        with refuses(cases.LOGON_DENIED):
            logs_on(ours, mit, realm, FIRST)
    finally:
        assert change(settings, f"changing@{realm.name}", SECOND, FIRST, None, package) == 0
    logs_on(ours, mit, realm, FIRST)


def test_expired_password_can_be_changed(ours, mit, realm, settings):
    """It is good for nothing else."""
    client = ours.initiator(realm, "HTTP/localhost", identity=("password-expired", realm.name, FIRST))
    with refuses(cases.LOGON_DENIED):
        client.step()
    assert change(settings, "password-expired", FIRST, SECOND, realm.name) == 0
    commands = f'cpw -pw "{FIRST}" password-expired\nmodprinc -pwexpire "2020-01-01 00:00:00" password-expired\n'
    realms.administer(realm, commands)


def test_password_that_breaks_the_rules(realm, settings):
    assert change(settings, "changing", FIRST, "short", realm.name) == cases.PASSWORD_RESTRICTION


def test_wrong_old_password(realm, settings):
    assert change(settings, "changing", "wrong", SECOND, realm.name) == cases.LOGON_DENIED


def test_unknown_account(realm, settings):
    assert change(settings, "mallory", FIRST, SECOND, realm.name) == cases.LOGON_DENIED


def test_nobody_answers(realm, tmp_path):
    settings = cases.settings(realm, tmp_path, kdcs=[f"127.0.0.1:{realms.free_ports(1)[0]}"])
    settings["SSPI_KDC_TIMEOUT"] = "2"
    assert change(settings, "changing", FIRST, SECOND, realm.name) == cases.NO_AUTHENTICATING_AUTHORITY
