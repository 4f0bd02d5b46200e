"""A private smbd on loopback: NTLM with its own accounts, Kerberos with the keytab of a realm.

    with running(folder, realm) as port: ...

Needs root: smbd takes on its clients' users. All of them are `nobody` here, so that the machine gets no
accounts; what the server knows of them is in the folder.
"""

import contextlib
import os
import shutil
import subprocess

import domain
import realms

DOMAIN, PASSWORD = "SMBTEST", "Password123!"

CONFIGURATION = """[global]
    workgroup = {domain}
    netbios name = SMBSERVER
    realm = {realm.name}
    server role = standalone server
    kerberos method = dedicated keytab
    dedicated keytab file = FILE:{realm.folder}/all.keytab
    interfaces = 127.0.0.1/8
    bind interfaces only = yes
    smb ports = {port}
    disable netbios = yes
    server min protocol = SMB2_02
    server signing = mandatory
    ntlm auth = ntlmv2-only
    map to guest = never
    username map = {folder}/users
    passdb backend = smbpasswd:{folder}/private/smbpasswd
    private dir = {folder}/private
    lock directory = {folder}/lock
    state directory = {folder}/state
    cache directory = {folder}/cache
    pid directory = {folder}/run
    ncalrpc dir = {folder}/ncalrpc
    log file = {folder}/log.smbd
    max log size = 0
    log level = 1 auth_audit:3
    rpc start on demand helpers = no
    load printers = no
    printcap name = /dev/null
    usershare max shares = 0
[signed]
    path = {folder}/share
    read only = no
[sealed]
    path = {folder}/share
    read only = no
    smb encrypt = required
"""


def environment(realm):
    # Heimdal in Samba reads the realm's krb5.conf; the replay cache is not to meet that of other servers.
    return realms.plain_environment(KRB5_CONFIG=realm.config(), KRB5RCACHETYPE="none")


def make(folder, realm, port):
    """The server's files, from nothing; returns its configuration."""
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("private", "lock", "state", "cache", "run", "ncalrpc", "share"):
        (folder / name).mkdir(parents=True)
    folder.chmod(0o755)
    (folder / "share").chmod(0o777)
    # Who comes with a ticket of the realm is called DOMAIN\user here, who comes with a password has no domain.
    users = f'nobody = alice müller "{DOMAIN}\\alice"\n'
    (folder / "users").write_text(users, encoding="utf-8")
    configuration = folder / "smb.conf"
    configuration.write_text(CONFIGURATION.format(folder=folder, realm=realm, port=port, domain=DOMAIN))
    command = ["smbpasswd", "-c", configuration, "-s", "-a", "nobody"]
    realms.run(command, environment(realm), f"{PASSWORD}\n{PASSWORD}\n", folder / "setup.log")
    return configuration


def check_programs():
    for program in ("smbd", "smbpasswd"):
        if shutil.which(program, path=realms.plain_environment()["PATH"]) is None:
            raise realms.Missing("install samba")
    if os.geteuid() != 0:
        raise realms.Missing("run as root: smbd changes its user for its clients")


@contextlib.contextmanager
def running(folder, realm):
    """The server, for as long as the block runs; yields its port."""
    check_programs()
    port = realms.free_ports(1)[0]
    configuration = make(folder, realm, port)
    with open(folder / "smbd.out", "wb") as output:
        process = subprocess.Popen(
            ["smbd", "-F", "--no-process-group", "-s", str(configuration)],
            env=environment(realm), stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
            preexec_fn=realms.die_with_parent,
        )  # fmt: skip
    try:
        realms.wait_for(port, process, "smbd")
        yield port
    finally:
        domain.stop(process)
