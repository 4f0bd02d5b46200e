"""FreeRDP's client and its shadow server on loopback, each with WinPR's own SSPI or with ours.

    with display(folder) as number, Server(OURS, folder, number, library) as server:
        code, log = logon(server, OURS, "alice", "Password123!", "EXAMPLE")

Files are in the folder, ports and displays are free ones, and what was started is stopped by its process id.
"""

import contextlib
import ctypes
import functools
import os
import re
import select
import subprocess
from pathlib import Path

import realms

WINPR = "WinPR"
OURS = "LD_PRELOAD"
# The server alone has a setting for it.
MODULE = "SspiModule"

PASSWORD = "Password123!"
LONG = "p" * 200
# User, domain and password of the server's SAM file.
ACCOUNTS = [
    ("alice", "EXAMPLE", PASSWORD),
    ("plain", "", PASSWORD),
    ("bob@example.test", "", PASSWORD),
    ("long", "EXAMPLE", LONG),
    ("größe", "EXAMPLE", "Grüße"),
    ("straße", "EXAMPLE", "ß€ŉ"),
    ("ŉame", "EXAMPLE", PASSWORD),
]

REFUSED = 147  # what FreeRDP's client ends with when the server hangs up


def nt_hash(library, password):
    made = (ctypes.c_ubyte * 16)()
    status = ctypes.CDLL(str(library)).libsspi_nt_hash(password.encode(), made)
    assert status == 0
    return bytes(made).hex()


def sam_file(path, library):
    lines = (f"{user}:{domain}::{nt_hash(library, password)}:::\n" for user, domain, password in ACCOUNTS)
    path.write_text("".join(lines), encoding="utf-8")
    path.chmod(0o600)
    return path


@contextlib.contextmanager
def display(folder):
    """A screen that nobody sees; it stays when its last client leaves."""
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-noreset", "-screen", "0", "640x480x24", "-nolisten", "tcp"]
    with open(folder / "xvfb.log", "wb") as log:
        screen = subprocess.Popen(command, pass_fds=[write], stdout=log, stderr=log)
    os.close(write)
    try:
        ready, _, _ = select.select([read], [], [], 20)
        number = os.read(read, 16).decode().strip() if ready else ""
        if not number:
            raise RuntimeError(f"Xvfb does not start: {(folder / 'xvfb.log').read_text()}")
        yield f":{number}"
    finally:
        os.close(read)
        screen.terminate()
        screen.wait()


def environment(folder, screen, how, library):
    home = folder / f"home-{how}"
    home.mkdir(exist_ok=True)
    wanted = realms.plain_environment(HOME=home, DISPLAY=screen, KRB5_CONFIG="/dev/null", KRB5CCNAME=home / "no-cache")
    wanted.update(KRB5_KTNAME=str(home / "no-keytab"), KRB5_CLIENT_KTNAME=str(home / "no-keytab"))
    wanted["SSPI_LOG"] = "trace"
    wanted["LANG"] = "C.UTF-8"
    if how == OURS:
        wanted["LD_PRELOAD"] = str(library)
    return wanted


def with_registry(folder, library):
    """A command in front of the server's: it sees an /etc with WinPR's registry and accounts, as no other
    process does."""
    etc = folder / "etc"
    (etc / "winpr").mkdir(parents=True, exist_ok=True)
    sam_file(etc / "winpr" / "SAM", library)
    key = "[HKEY_LOCAL_MACHINE\\Software\\FreeRDP\\FreeRDP\\Server]"
    (etc / "winpr" / "HKLM.reg").write_text(f'{key}\n"SspiModule"=str:"{library}"\n')
    own = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    script = 'mount -t overlay overlay -o "lowerdir=$1:/etc" /etc && shift && exec "$@"'
    return ["unshare", "--mount", *own, "sh", "-c", script, "sh", str(etc)]


class Server:
    """A shadow server until the end of the `with`."""

    def __init__(self, how, folder, screen, library):
        self.how, self.library, self.screen = how, library, screen
        self.folder = folder / f"server-{how}"
        self.folder.mkdir(exist_ok=True)
        self.log_file = self.folder / "log"
        (self.port,) = realms.free_ports(1)

    def __enter__(self):
        command = ["freerdp-shadow-cli", "/bind-address:127.0.0.1", f"/port:{self.port}", "/sec:nla", "+auth"]
        if self.how == MODULE:
            command = [*with_registry(self.folder, self.library), *command]
        else:
            command.append(f"/sam-file:{sam_file(self.folder / 'SAM', self.library)}")
        wanted = environment(self.folder, self.screen, self.how, self.library)
        with open(self.log_file, "wb") as log:
            self.process = subprocess.Popen(command, env=wanted, cwd=self.folder, stdout=log, stderr=log)
        realms.wait_for(self.port, self.process, f"the shadow server:\n{self.log()}", seconds=40)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def is_alive(self):
        return self.process.poll() is None

    def log(self):
        return self.log_file.read_text(encoding="utf-8", errors="replace")


def logon(server, how, user, password, domain=None, pass_the_hash=None):
    """What the client ends with, and its log."""
    command = ["xfreerdp", f"/v:127.0.0.1:{server.port}", f"/u:{user}", f"/p:{password}", "/sec:nla", "/cert:ignore"]
    command += ["+auth-only"] + ([f"/d:{domain}"] if domain else [])
    if pass_the_hash:
        command += ["/restricted-admin", f"/pth:{pass_the_hash}"]
    wanted = environment(server.folder.parent, server.screen, how, server.library)
    done = subprocess.run(
        command, env=wanted, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        timeout=90, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout.decode("utf-8", "replace")


def missing():
    """What has to be installed, if anything."""
    programs = {"xfreerdp": "freerdp2-x11", "freerdp-shadow-cli": "freerdp2-shadow-x11", "Xvfb": "xvfb"}
    found = [Path("/usr/bin") / program for program in programs]
    return [package for package, path in zip(programs.values(), found) if not path.exists()]


@functools.cache
def version():
    command = ["freerdp-shadow-cli", "/version"]
    said = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False).stdout
    found = re.search(r"FreeRDP version ([\d.]+)", said)
    return found.group(1) if found else "?"
