"""What programs for Windows log on to: an MIT realm, two servers whose acceptor is our library, and PostgreSQL."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import realms
from run import Missing, version_of

HERE = Path(__file__).resolve().parent
# Whom the acceptors know that log on by NTLM.
ACCOUNTS = "EXAMPLE:user:pass"


@contextlib.contextmanager
def realm(options):
    """MIT's realm, whose database the suites share, one after the other."""
    folder = options.work / "realm"
    folder.mkdir(exist_ok=True)
    with realms.running(folder) as running:
        yield running[realms.MIT]


@contextlib.contextmanager
def servers(wine, options, accounts, **settings):
    """servers.py; the variables that tell where it listens."""
    environment = {key: value for key, value in wine.environment.items() if not key.startswith("WINE")}
    environment |= {"SSPI_LIBRARY": str(options.lib), "NTLM_USER_FILE": str(accounts), **settings}
    command = [sys.executable, str(HERE / "servers.py")]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, env=environment, text=True) as running:
        web, database = running.stdout.readline().split()
        try:
            yield {"WEB_PORT": web, "DATABASE_PORT": database}
        finally:
            running.stdin.close()


def postgresql_programs():
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        raise Missing("install postgresql")
    return found[-1].parent


@contextlib.contextmanager
def postgresql(realm):
    """Debian's PostgreSQL, which lets alice in by GSS-API; the variables that tell where it listens."""
    programs, port = postgresql_programs(), str(realms.free_ports(1)[0])
    # It refuses to run as root, and to another user the folders above ours may be closed.
    user = "postgres" if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="postgresql-") as folder:
        folder = Path(folder)
        for name in ("krb5.conf", "all.keytab"):
            shutil.copy(realm.folder / name, folder / name)
        for path in (folder, *folder.iterdir()):
            if user:
                shutil.chown(path, user)
        environment = realms.plain_environment(KRB5_CONFIG=folder / "krb5.conf", KRB5RCACHENAME="none:", LC_ALL="C.UTF-8")
        options = {"env": environment, "cwd": folder, "user": user, "group": user}
        options |= {"extra_groups": []} if user else {}
        data, log = folder / "data", folder / "log"
        initdb = [programs / "initdb", "-D", data, "-U", "alice", "--auth=trust", "--no-sync", "--no-instructions"]
        subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, **options)
        allowed = f"host all all 127.0.0.1/32 gss include_realm=0 krb_realm={realm.name}\n"
        (data / "pg_hba.conf").write_text(allowed)
        command = [programs / "postgres", "-D", data, "-p", port, "-k", "", "-h", "127.0.0.1", "-F"]
        command += ["-c", f"krb_server_keyfile=FILE:{folder}/all.keytab"]
        with open(log, "wb") as output:
            streams = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": output}
            running = subprocess.Popen(command, **streams, **options, preexec_fn=realms.die_with_parent)
        try:
            wait_for(programs, port, running, log)
            yield {"POSTGRESQL_PORT": port, "POSTGRESQL_VERSION": version_of(f"postgresql-{programs.parent.name}")}
        finally:
            # At once: nothing of it is kept.
            running.send_signal(signal.SIGQUIT)
            running.wait()


def wait_for(programs, port, running, log, seconds=30):
    """Until it answers and not only listens."""
    until = time.monotonic() + seconds
    ask = [programs / "pg_isready", "--quiet", "--host=127.0.0.1", f"--port={port}"]
    while subprocess.run(ask, check=False).returncode != 0:
        if running.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"PostgreSQL does not answer:\n{log.read_text()[-2000:]}")
        time.sleep(0.05)
