"""Chromium without a window, told what to do over its DevTools protocol by a pair of pipes."""

import base64
import contextlib
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import realms

PROGRAM = shutil.which("chromium")


class Browser:
    """One browser with a profile of its own and one page."""

    def __init__(self, *arguments, **settings):
        self.profile = tempfile.TemporaryDirectory(prefix="libsspi-chromium-", ignore_cleanup_errors=True)
        # On Linux it loads GSS-API only where a server has offered Negotiate before, which it notes here: a
        # browser that is started for the second time.
        noted = Path(self.profile.name) / "Local State"
        noted.write_text('{"net": {"received_http_auth_negotiate_headers": true}}')
        command = [
            PROGRAM, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            "--disable-background-networking", "--disable-sync", "--disable-extensions", "--no-proxy-server",
            "--ignore-certificate-errors", "--remote-debugging-pipe", f"--user-data-dir={self.profile.name}",
            *arguments, "about:blank",
        ]  # fmt: skip
        environment = realms.plain_environment(**settings, HOME=self.profile.name)
        theirs_in, self.to = os.pipe()
        self.of, theirs_out = os.pipe()

        def prepare():
            realms.die_with_parent()
            # The browser reads commands from descriptor 3 and writes to 4.
            inside = os.dup(theirs_in), os.dup(theirs_out)
            os.dup2(inside[0], 3)
            os.dup2(inside[1], 4)

        self.process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=prepare, close_fds=False, start_new_session=True,
        )  # fmt: skip
        os.close(theirs_in)
        os.close(theirs_out)
        self.buffer, self.number, self.events, self.answers = b"", 0, [], {}
        self.session = None
        # Who to say one is when a server asks: (user, password), or None.
        self.identity = None
        self.asked = 0
        target = next(t for t in self.call("Target.getTargets")["targetInfos"] if t["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        self.call("Page.enable")
        self.call("Network.enable")
        self.call("Fetch.enable", handleAuthRequests=True)

    def send(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        return self.number

    def _receive(self, until):
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.of], [], [], max(0, until - time.monotonic()))
            if not ready:
                raise TimeoutError("the browser says nothing")
            piece = os.read(self.of, 1 << 20)
            if not piece:
                raise RuntimeError(f"the browser ended with {self.process.wait()}")
            self.buffer += piece
        message, _, self.buffer = self.buffer.partition(b"\0")
        message = json.loads(message)
        if "id" in message:
            self.answers[message["id"]] = message
        else:
            self._react(message["method"], message["params"])

    def _react(self, event, parameters):
        if event == "Fetch.requestPaused":
            self.send("Fetch.continueRequest", requestId=parameters["requestId"])
        elif event == "Fetch.authRequired":
            self.asked += 1
            response = {"response": "CancelAuth"}
            # A browser asks again when the first answer was wrong; whoever types it once more gets no further.
            if self.identity and self.asked == 1:
                user, password = self.identity
                response = {"response": "ProvideCredentials", "username": user, "password": password}
            self.send("Fetch.continueWithAuth", requestId=parameters["requestId"], authChallengeResponse=response)
        else:
            self.events.append((event, parameters))

    def call(self, method, **parameters):
        number, until = self.send(method, **parameters), time.monotonic() + 60
        while number not in self.answers:
            self._receive(until)
        answer = self.answers.pop(number)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def wait_for(self, event):
        until = time.monotonic() + 60
        while True:
            for index, (name, parameters) in enumerate(self.events):
                if name == event:
                    del self.events[index]
                    return parameters
            self._receive(until)

    def open(self, url):
        """Opens a page; the status of its document, 0 if there is none."""
        self.events.clear()
        self.asked = 0
        # An answer of 401 that nobody answers is a navigation that fails; the page is there nevertheless.
        self.call("Page.navigate", url=url)
        self.wait_for("Page.loadEventFired")
        answers = [of["response"]["status"] for name, of in self.events if name == "Network.responseReceived"]
        return answers[-1] if answers else 0

    def evaluate(self, expression):
        return self.call("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def text(self):
        return self.evaluate("document.body.innerText")

    def facts(self):
        """The page's list of facts, name -> value."""
        return dict(
            self.evaluate(
                "[...document.querySelectorAll('dt')].map(dt => [dt.innerText, dt.nextElementSibling.firstChild.data])"
            )
        )

    def screenshot(self, path, width=1000, height=800, dark=False):
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.call("Emulation.setEmulatedMedia", features=scheme)
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
        )
        data = self.call("Page.captureScreenshot", format="png")["data"]
        path.write_bytes(base64.b64decode(data))

    def close(self):
        with contextlib.suppress(OSError, RuntimeError, TimeoutError):
            self.session = None
            self.call("Browser.close")
        os.close(self.to)
        os.close(self.of)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.profile.cleanup()
