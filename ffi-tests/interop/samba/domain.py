"""A private Active Directory domain: Samba's domain controller in a network namespace of its own.

    with running(folder) as domain: ...

Needs root: the namespace, and the ports below 1024 in it. The domain is made
once for a folder (some 20 seconds) and kept. What talks to it runs inside of the
namespace: `domain.inside(command)`.
"""

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import realms

REALM, DOMAIN, HOST, ADDRESS = "AD.EXAMPLE.TEST", "ADTEST", "dc1.ad.example.test", "127.0.0.10"
BASE = "DC=ad,DC=example,DC=test"
ADMINISTRATOR, PASSWORD = "Passw0rd.Admin", "Password123!"

PROGRAMS = {
    "samba": "samba", "samba-tool": "samba samba-ad-provision samba-dsdb-modules", "ldbmodify": "ldb-tools",
    "ip": "iproute2", "smbclient": "smbclient", "mount": "mount",
}  # fmt: skip

SETTINGS = """
    ldap server require strong auth = yes
    ntlm auth = ntlmv2-only
    log level = 1 auth_audit:3
    max log size = 0
    load printers = no
    printcap name = /dev/null
    rpc_daemon:spoolssd = disabled
    kerberos encryption types = all
    allow dns updates = disabled
    dns forwarder = 127.0.0.1
"""


class Domain:
    """Where the running domain's files are."""

    def __init__(self, folder, namespace):
        self.folder, self.namespace = Path(folder), namespace
        self.name = REALM

    def inside(self, command):
        """The command in the domain's network, whose names and addresses it then sees."""
        return ["ip", "netns", "exec", self.namespace, *[str(part) for part in command]]

    def config(self):
        return self.folder / "krb5.conf"

    def keytab(self, name):
        return f"FILE:{self.folder}/{name}.keytab"

    def settings(self, user=None, keytab="web", tag=None):
        """As of a realm of realms.py; a password is all that a user has here."""
        return {
            "KRB5_CONFIG": str(self.config()),
            "KRB5_KTNAME": self.keytab(keytab),
            "KRB5_CLIENT_KTNAME": f"FILE:{self.folder}/none.keytab",
            "KRB5CCNAME": f"FILE:{self.folder}/nobody.cc",
            "KRB5RCACHENAME": "none:",
        }


def check_programs():
    path = realms.plain_environment()["PATH"]
    wanted = [packages for program, packages in PROGRAMS.items() if shutil.which(program, path=path) is None]
    if wanted:
        raise realms.Missing(f"install {' '.join(wanted)}")
    if os.geteuid() != 0:
        raise realms.Missing("run as root: the domain controller needs a network namespace")


def configuration(folder):
    return f"""[libdefaults]
    default_realm = {REALM}
    dns_lookup_kdc = false
    dns_lookup_realm = false
    dns_canonicalize_hostname = false
    rdns = false
    udp_preference_limit = 1
    permitted_enctypes = aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha1-96 arcfour-hmac
    allow_rc4 = true
    allow_weak_crypto = true
    default_ccache_name = FILE:{folder}/nobody.cc
[realms]
    {REALM} = {{
        kdc = {ADDRESS}:88
        kpasswd_server = {ADDRESS}:464
    }}
[domain_realm]
    .ad.example.test = {REALM}
    ad.example.test = {REALM}
    localhost = {REALM}
"""


def provision(domain, environment):
    folder, log = domain.folder, domain.folder / "provision.log"
    command = [
        "samba-tool", "domain", "provision", f"--targetdir={folder}/dc", f"--realm={REALM}", f"--domain={DOMAIN}",
        "--host-name=dc1", f"--host-ip={ADDRESS}", f"--adminpass={ADMINISTRATOR}", "--server-role=dc",
        "--dns-backend=SAMBA_INTERNAL", "--use-rfc2307", f"--option=interfaces={ADDRESS}/8",
        "--option=bind interfaces only=yes", "--option=tls enabled=no",
        "--option=vfs objects=dfs_samba4 acl_xattr xattr_tdb",
        "--option=server services=s3fs, rpc, wrepl, ldap, cldap, kdc, drepl, winbindd, ntp_signd, kcc, dns",
    ]  # fmt: skip
    realms.run(domain.inside(command), environment, log=log)
    smb_conf = folder / "dc" / "etc" / "smb.conf"
    smb_conf.write_text(smb_conf.read_text().replace("[global]", f"[global]{SETTINGS}    log file = {folder}/log.%m\n"))

    def tool(*arguments):
        realms.run(domain.inside(["samba-tool", *arguments, f"--configfile={smb_conf}"]), environment, log=log)

    rules = ["--complexity=off", "--min-pwd-length=8", "--min-pwd-age=0", "--history-length=0"]
    tool("domain", "passwordsettings", "set", *rules)
    for user in ("alice", "bob", "changing"):
        tool("user", "create", user, PASSWORD)
    tool("group", "add", "writers")
    tool("group", "addmembers", "writers", "alice")
    for account, service in (("web", "HTTP/localhost"), ("old", "postgres/localhost")):
        tool("user", "create", account, "SvcPassword1!")
        tool("spn", "add", service, account)
    # Its own name, which a task that is not run here would add.
    tool("spn", "add", f"ldap/{HOST}", "DC1$")
    changes = folder / "changes.ldif"
    # AES keys only for one service, RC4 only for the other; a mail-like name for alice.
    changes.write_text(
        "".join(
            f"dn: CN={name},CN=Users,{BASE}\nchangetype: modify\nreplace: {what}\n{what}: {value}\n\n"
            for name, what, value in (
                ("web", "msDS-SupportedEncryptionTypes", 24),
                ("old", "msDS-SupportedEncryptionTypes", 4),
                ("alice", "userPrincipalName", "alice.liddell@mail.test"),
            )
        )
    )
    realms.run(domain.inside(["ldbmodify", "-H", folder / "dc/private/sam.ldb", changes]), environment, log=log)
    for account, service in (("web", "HTTP/localhost"), ("old", "postgres/localhost")):
        tool("domain", "exportkeytab", str(folder / f"{account}.keytab"), f"--principal={service}")


def make_namespace(namespace):
    """Its own loopback, and its own /etc/hosts and resolv.conf (which ip netns mounts over the host's)."""
    etc = Path("/etc/netns") / namespace
    etc.mkdir(parents=True, exist_ok=True)
    (etc / "hosts").write_text(f"127.0.0.1 localhost\n{ADDRESS} {HOST} dc1\n")
    (etc / "resolv.conf").write_text(f"nameserver {ADDRESS}\n")
    realms.run(["ip", "netns", "add", namespace], realms.plain_environment())
    realms.run(["ip", "-n", namespace, "link", "set", "lo", "up"], realms.plain_environment())


def remove_namespace(namespace):
    subprocess.run(["ip", "netns", "del", namespace], stderr=subprocess.DEVNULL, check=False)
    shutil.rmtree(Path("/etc/netns") / namespace, ignore_errors=True)


def start(domain, environment):
    run = domain.folder / "run"
    run.mkdir(exist_ok=True)
    Path("/run/samba").mkdir(exist_ok=True)
    # libwbclient's socket has a fixed place: the controller gets a /run/samba of its own.
    script = 'mount --bind "$0" /run/samba && exec samba --interactive --configfile="$1" --debug-stdout'
    command = domain.inside(["sh", "-c", script, run, domain.folder / "dc/etc/smb.conf"])
    with open(domain.folder / "samba.out", "wb") as output:
        # A session of its own: its many processes are ended together.
        return subprocess.Popen(
            command,
            env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
            preexec_fn=realms.die_with_parent,
        )  # fmt: skip


def wait_until_it_answers(domain, process, seconds=180):
    until = time.monotonic() + seconds
    for port in (88, 389, 464):
        probe = domain.inside(["bash", "-c", f"exec 3<>/dev/tcp/{ADDRESS}/{port}"])
        while subprocess.run(probe, stderr=subprocess.DEVNULL, check=False).returncode != 0:
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"samba does not listen on port {port}; see {domain.folder}/samba.out")
            time.sleep(0.1)


@contextlib.contextmanager
def running(work):
    """The domain, for as long as the block runs."""
    check_programs()
    folder = work / "domain"
    namespace = f"sspi{os.getpid()}"
    domain = Domain(folder, namespace)
    environment = realms.plain_environment(KRB5_CONFIG=folder / "krb5.conf")
    wanted = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
    stamp, process = folder / "made", None
    make_namespace(namespace)
    try:
        fresh = not stamp.exists() or stamp.read_text() != wanted
        if fresh:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
        domain.config().write_text(configuration(folder))
        if fresh:
            provision(domain, environment)
            stamp.write_text(wanted)
        process = start(domain, environment)
        wait_until_it_answers(domain, process)
        yield domain
    finally:
        if process is not None:
            stop(process)
        remove_namespace(namespace)


def stop(process):
    """The controller and its children are one session of ours."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        pass
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


if __name__ == "__main__":
    import sys

    started = time.monotonic()
    with running(Path(sys.argv[1]).resolve()) as found:
        print(f"{time.monotonic() - started:.2f} s; ip netns exec {found.namespace} ...", flush=True)
        time.sleep(float(sys.argv[2]) if len(sys.argv) > 2 else 0)
