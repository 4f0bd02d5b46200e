"""The sample client and server, one of them for Windows and the other for this system, over TCP."""

import os
import re
import subprocess
import time

import dll
from programs import TESTS, build
from run import Counts, account_file, compile_c
from wine import import_library, windows_path

ACCOUNTS = "EXAMPLE:user:pass"
SEALED = ("Welcome. This line is sealed.", "Thank you. The answer is 42.")


class Samples:
    """Both programs for both systems."""

    def __init__(self, work, wine, options):
        self.work, self.wine = work, wine
        self.accounts = account_file(work / "accounts", ACCOUNTS)
        wine.place_dll(work)
        wine.prepare()
        library = import_library(work, dll.exports())
        include = ["-I", str(TESTS.parent / "include"), "-D_GNU_SOURCE", "-L", str(options.lib.parent), "-lsspi"]
        for name in ("sample_client", "sample_server"):
            build(work / f"{name}.exe", TESTS / f"c/{name}.c", library)
            run_path = f"-Wl,-rpath,{options.lib.parent}"
            compile_c(TESTS / f"c/{name}.c", work / name, *include, run_path, install="install gcc")

    def command(self, system, name):
        return ["wine", str(self.work / f"{name}.exe")] if system == "Windows" else [str(self.work / name)]

    def environment(self, system):
        accounts = windows_path(self.accounts) if system == "Windows" else str(self.accounts)
        # The server goes on where its client may only be identified.
        own = {"NTLM_USER_FILE": accounts, "SSPI_IMPERSONATION": "identify"}
        own["KRB5_CONFIG"] = "NUL" if system == "Windows" else os.devnull
        return self.wine.environment | own

    def talk(self, server, client, package, password):
        """What both said, and how both ended."""
        log = self.work / f"{server}-{client}-{package}-{password}.log"
        with open(log, "w+b") as output:
            command = [*self.command(server, "sample_server"), package]
            options = {"cwd": self.work, "stdin": subprocess.DEVNULL, "stderr": subprocess.STDOUT}
            with subprocess.Popen(command, env=self.environment(server), stdout=output, **options) as running:
                until = time.monotonic() + 60
                while not (port := re.search(rb"listening on port (\d+)", log.read_bytes())):
                    if running.poll() is not None or time.monotonic() > until:
                        running.kill()
                        raise RuntimeError(f"the server does not listen: {log.read_bytes()}")
                    time.sleep(0.02)
                arguments = [port[1].decode(), "EXAMPLE", "user", password, package]
                command = [*self.command(client, "sample_client"), *arguments]
                said = subprocess.run(
                    command, env=self.environment(client), stdout=subprocess.PIPE, timeout=60, check=False, **options
                )
                ends = (running.wait(60), said.returncode)
        return log.read_text(errors="replace") + said.stdout.decode(errors="replace"), ends


def run(work, wine, options):
    samples, counts = Samples(work, wine, options), Counts()
    for server, client in (("Windows", "Linux"), ("Linux", "Windows")):
        for package, password in (("NTLM", "pass"), ("Negotiate", "pass"), ("NTLM", "wrong")):
            said, ends = samples.talk(server, client, package, password)
            refused = password == "wrong"
            good = ends == (2, 2) if refused else ends == (0, 0) and all(text in said for text in SEALED)
            counts += Counts(passed=1) if good else Counts(failed=1)
            if not good:
                print(f"FAILED: server on {server}, client on {client}, {package}, {password}: {ends}\n{said}")
    return counts
