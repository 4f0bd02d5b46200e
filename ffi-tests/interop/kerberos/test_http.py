"""HTTP's Negotiate (RFC 4559): curl to a small server on our acceptor, our initiator to Apache's mod_auth_gssapi."""

import base64
import contextlib
import http.client
import http.server
import os
import shutil
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import ends
import pytest
import realms
import sspi
from conftest import REALMS

MODULES = Path("/usr/lib/apache2/modules")
needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="install curl")


# Their client, our server


class Protected(http.server.BaseHTTPRequestHandler):
    """A page for those whom our acceptor lets in; the context belongs to the connection."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        scheme, _, token = (self.headers.get("Authorization") or "").partition(" ")
        if scheme != "Negotiate":
            return self.answer(401, "who are you?", "Negotiate")
        if getattr(self, "end", None) is None:
            self.end = self.server.accept()
        try:
            reply = self.end.step(base64.b64decode(token))
        except ends.Refused as refused:
            self.end = None
            self.server.refusals.append(refused)
            return self.answer(401, "no", "Negotiate")
        reply = "Negotiate " + base64.b64encode(reply).decode() if reply else None
        if not self.end.complete:
            return self.answer(401, "go on", reply)
        names, package = self.end.context.native_names(), self.end.context.package()
        self.end = None
        return self.answer(200, f"{names[0]} by {package}", reply)

    def answer(self, status, text, challenge):
        body = text.encode()
        self.send_response(status)
        if challenge:
            self.send_header("WWW-Authenticate", challenge)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def site(ours, realm):
    """Starts the server; its address, and what it refused."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Protected)
    first = ours.acceptor(realm, package="Negotiate")
    server.accept, server.refusals = lambda: ours.again_accepting(first), []
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def curl(site, realm, *arguments, user="alice", settings=None):
    url = f"http://localhost:{site.server_address[1]}/"
    command = ["curl", "--silent", "--negotiate", "--user", ":", "--write-out", "\n%{http_code}", *arguments, url]
    environment = realms.plain_environment(**(settings or realm.settings(user=user)))
    environment["no_proxy"] = "localhost"
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, timeout=30, check=True)
    text, _, status = done.stdout.rpartition("\n")
    return int(status), text


@needs_curl
@pytest.mark.parametrize("realm", REALMS.values(), ids=REALMS.keys())
def test_curl(site, realm):
    assert curl(site, realm) == (200, f"alice@{realm.name} by Kerberos")
    assert not site.refusals


@needs_curl
def test_curl_posts_a_file_after_it(site, realm):
    """Two requests on one connection."""
    url = f"http://localhost:{site.server_address[1]}/again"
    status, text = curl(site, realm, url)
    assert status == 200 and text.count("alice@") == 2


@needs_curl
def test_curl_without_a_ticket(site, realm, tmp_path):
    status, _ = curl(site, realm, settings={**realm.settings(), "KRB5CCNAME": f"FILE:{tmp_path}/none"})
    assert status == 401 and not site.refusals


# Our client, their server


def unprivileged(path):
    """The server's own account has to get there."""
    path.chmod(0o755)
    return path


@pytest.fixture(scope="module")
def apache():
    """Apache with mod_auth_gssapi in a folder of its own; yields its port."""
    program = shutil.which("apache2", path=realms.plain_environment()["PATH"])
    if program is None or not (MODULES / "mod_auth_gssapi.so").exists():
        pytest.skip("install apache2 libapache2-mod-auth-gssapi")
    realm, port = REALMS[realms.MIT], realms.free_ports(1)[0]
    with tempfile.TemporaryDirectory(prefix="libsspi-apache-", dir="/tmp") as name:
        folder = unprivileged(Path(name))
        page = folder / "www" / "index.txt"
        page.parent.mkdir()
        unprivileged(page.parent)
        page.write_text("hello\n")
        keytab = shutil.copy(realm.folder / "all.keytab", folder / "http.keytab")
        config = shutil.copy(realm.config(), folder / "krb5.conf")
        for file in (page, Path(keytab), Path(config)):
            file.chmod(0o644)
        modules = ["mpm_event", "authn_core", "authz_core", "authz_user", "auth_gssapi", "headers"]
        account = "User www-data\nGroup www-data\n" if os.geteuid() == 0 else ""
        (folder / "httpd.conf").write_text(
            f"""ServerRoot {folder}
PidFile {folder}/httpd.pid
Listen 127.0.0.1:{port}
ServerName localhost
ErrorLog {folder}/error.log
LogLevel warn auth_gssapi:debug
"""
            + "".join(f"LoadModule {module}_module {MODULES}/mod_{module}.so\n" for module in modules)
            + f"""{account}DocumentRoot {folder}/www
KeepAlive On
<Location />
  AuthType GSSAPI
  AuthName test
  GssapiConnectionBound On
  GssapiAllowedMech krb5
  GssapiCredStore keytab:{keytab}
  Require valid-user
  Header set X-User "expr=%{{REMOTE_USER}}"
</Location>
"""
        )
        environment = realms.plain_environment(KRB5_CONFIG=config, KRB5_KTNAME=keytab, KRB5RCACHENAME="none:")
        command = [program, "-f", str(folder / "httpd.conf"), "-D", "FOREGROUND"]
        process = realms.start_server(command, environment, folder / "out", port, "apache2")
        yield SimpleApache(port, folder)
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)
        process.kill()
        process.wait()


class SimpleApache:
    def __init__(self, port, folder):
        self.port, self.folder = port, folder

    def get(self, client):
        """One page for a client; returns the status, the user's name and what the server said last."""
        connection = http.client.HTTPConnection("localhost", self.port, timeout=20)
        token = client.step()
        for _ in range(4):
            connection.request("GET", "/index.txt", headers={"Authorization": "Negotiate " + encoded(token)})
            response = connection.getresponse()
            response.read()
            scheme, _, answer = (response.headers.get("WWW-Authenticate") or "").partition(" ")
            if scheme == "Negotiate" and answer and not client.complete:
                token = client.step(base64.b64decode(answer))
            if response.status != 401 or not token:
                break
        connection.close()
        return response.status, response.headers.get("X-User")


def encoded(token):
    return base64.b64encode(token).decode()


@pytest.mark.parametrize("package", ["Kerberos", "Negotiate"])
@pytest.mark.parametrize("mode", ["mutual", "oneway"])
def test_apache(ours, realm, apache, package, mode):
    client = ours.initiator(realm, "HTTP/localhost", mode, user="alice", package=package)
    assert apache.get(client) == (200, f"alice@{realm.name}")
    assert client.complete and client.context.package() == "Kerberos"


def test_apache_with_a_password(ours, realm, apache):
    identity = ("bob", realm.name, realms.USERS["bob"])
    assert apache.get(ours.initiator(realm, "HTTP/localhost", identity=identity)) == (200, f"bob@{realm.name}")


def test_apache_refuses_a_ticket_for_another(ours, realm, apache):
    status, user = apache.get(ours.initiator(realm, "absent/localhost", "oneway", user="alice"))
    assert status == 401 and user is None


def test_many_pages(ours, realm, apache):
    """A new context for each connection, one credential, one ticket."""
    first = ours.initiator(realm, "HTTP/localhost", user="alice")
    apache.get(first)
    started = time.monotonic()
    for _ in range(20):
        assert apache.get(ours.again(first, "HTTP/localhost"))[0] == 200
    assert time.monotonic() - started < 10
    assert sspi.ISC_MUTUAL_AUTH & first.attributes()
