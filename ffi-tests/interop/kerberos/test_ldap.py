"""OpenLDAP's server with SASL's GSSAPI and GSS-SPNEGO: our initiator binds, and signs or seals what follows."""

import shutil
from pathlib import Path

import ldap
import pytest
import realms
import sspi
from conftest import REALMS, WORK

TARGET = "ldap/localhost"
LAYERS = {"none": ldap.NO_LAYER, "integrity": ldap.INTEGRITY, "confidentiality": ldap.CONFIDENTIALITY}
each_layer = pytest.mark.parametrize("layer", LAYERS.values(), ids=LAYERS.keys())


@pytest.fixture(scope="module")
def slapd():
    """A directory with nothing in it but whom it lets in; yields its port."""
    program = shutil.which("slapd", path=realms.plain_environment()["PATH"])
    if program is None:
        pytest.skip("install slapd")
    if not list(Path("/usr/lib").glob("*/sasl2/libgssapiv2.so")):
        pytest.skip("install libsasl2-modules-gssapi-mit")
    realm, port, folder = REALMS[realms.MIT], realms.free_ports(1)[0], WORK / "slapd"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "db").mkdir(parents=True)
    (folder / "sasl").mkdir()
    keytab = shutil.copy(realm.folder / "all.keytab", folder / "ldap.keytab")
    (folder / "sasl" / "slapd.conf").write_text(f"keytab: {keytab}\nmech_list: GSSAPI GSS-SPNEGO\n")
    (folder / "slapd.conf").write_text(
        f"""include /etc/ldap/schema/core.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {folder}/pid
sasl-host localhost
sasl-realm {realm.name}
sasl-secprops none
authz-regexp uid=([^,]*),cn=.* cn=$1,dc=example,dc=test
database mdb
suffix dc=example,dc=test
rootdn cn=alice,dc=example,dc=test
directory {folder}/db
"""
    )
    environment = realm.environment()
    environment.update(KRB5_KTNAME=f"FILE:{keytab}", SASL_CONF_PATH=str(folder / "sasl"))
    command = [program, "-f", str(folder / "slapd.conf"), "-h", f"ldap://127.0.0.1:{port}", "-d", "0"]
    process = realms.start_server(command, environment, folder / "out", port, "slapd")
    yield port
    process.terminate()
    process.wait(10)


@pytest.fixture
def connection(slapd):
    made = ldap.Connection("127.0.0.1", slapd)
    yield made
    made.close()


def asks_and_is_answered(connection):
    for _ in range(3):
        assert connection.who_am_i() == "dn:cn=alice,dc=example,dc=test"
    root = connection.search("", ["namingContexts", "supportedSASLMechanisms", "+"])
    assert root["namingContexts"] == [b"dc=example,dc=test"]
    assert b"GSS-SPNEGO" in root["supportedSASLMechanisms"]


@each_layer
def test_gssapi(ours, realm, connection, layer):
    connection.bind_gssapi(ours.initiator(realm, TARGET, user="alice"), layer)
    asks_and_is_answered(connection)


PROTECTION = {
    ldap.NO_LAYER: 0,
    ldap.INTEGRITY: sspi.ISC_INTEGRITY | sspi.ISC_SEQUENCE_DETECT | sspi.ISC_REPLAY_DETECT,
    ldap.CONFIDENTIALITY: sspi.ISC_DEFAULT,
}


@each_layer
def test_spnego(ours, realm, connection, layer):
    client = ours.initiator(realm, TARGET, user="alice", package="Negotiate", only=PROTECTION[layer])
    connection.bind_spnego(client, layer)
    asks_and_is_answered(connection)


def test_unknown_ticket(ours, realm, connection):
    with pytest.raises(ldap.FAILURES) as refused:
        connection.bind_gssapi(ours.initiator(realm, "absent/localhost", user="alice"), ldap.CONFIDENTIALITY)
    assert not isinstance(refused.value, ldap.BindRefused) or refused.value.code == ldap.INVALID_CREDENTIALS
