"""The example server of ffi-tests/examples/http as a process of its own."""

import http.client
import os
import signal
import ssl
import subprocess
import tempfile
import time
from pathlib import Path

import realms

PROGRAM = os.environ["HTTP_SERVER"]
ACCOUNTS = [
    "EXAMPLE:alice:Password123!",
    "EXAMPLE:müller:pässwörd ß€",
    "EXAMPLE:<b>\"x\"&'y':Password123!",
]


class Server:
    """Listens on a free port until it is stopped; `log` is what it has said so far."""

    def __init__(self, realm, *arguments, accounts=ACCOUNTS, wrapper=(), **settings):
        self.folder = tempfile.TemporaryDirectory(prefix="libsspi-http-")
        folder = Path(self.folder.name)
        environment = realms.plain_environment(**realm.settings(), NETBIOS_DOMAIN_NAME="EXAMPLE", LC_ALL="C.UTF-8")
        if accounts is not None:
            file = folder / "accounts"
            file.write_text("".join(line + "\n" for line in accounts), encoding="utf-8")
            file.chmod(0o600)
            environment["NTLM_USER_FILE"] = str(file)
        environment.update({name: str(value) for name, value in settings.items()})
        tool = wrapper or "LD_PRELOAD" in environment
        program = PROGRAM if tool else f"{PROGRAM}-watched"
        self.output, self.errors = folder / "log", folder / "errors"
        # A file, and no pipe: a server whose log is not read must not wait for the test.
        with open(self.output, "wb") as output, open(self.errors, "wb") as errors:
            self.process = subprocess.Popen(
                [*wrapper, program, "--port", "0", *arguments], env=environment, stdin=subprocess.DEVNULL,
                stdout=output, stderr=errors, preexec_fn=realms.die_with_parent,
            )  # fmt: skip
        self.address = self._address()
        self.scheme, self.port = self.address.split(":")[0], int(self.address.rstrip("/").rpartition(":")[2])
        self.url = f"{self.scheme}://localhost:{self.port}/"

    def _address(self):
        until = time.monotonic() + 60
        while time.monotonic() < until and self.process.poll() is None:
            for line in self.log():
                if line.startswith("listening on ") and line.endswith("/"):
                    return line.removeprefix("listening on ")
            time.sleep(0.01)
        raise RuntimeError(f"the server does not listen: {self.stop()}")

    def log(self):
        """Everything that it said; it writes about a request before it answers."""
        return self.output.read_text(encoding="utf-8").splitlines()

    def refusals(self):
        return [line.partition("refused: ")[2] for line in self.log() if "refused: " in line]

    def connect(self):
        if self.scheme == "http":
            return http.client.HTTPConnection("localhost", self.port, timeout=30)
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return http.client.HTTPSConnection("localhost", self.port, timeout=30, context=context)

    def stop(self):
        """Ends it as a person would; its exit code, and what it wrote to its error output."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        errors = self.errors.read_text(encoding="utf-8")
        self.folder.cleanup()
        return code, errors
