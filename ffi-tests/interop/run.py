#!/usr/bin/env python3
"""Runs the interop suites: real peers against our library.

    run.py --lib target/debug/libsspi.so [--work target/interop] [--only SUITE] [-k EXPRESSION]

Each suite prints its counts; the last line is `N passed, N failed, N skipped`
over all of them. A peer that is not installed is skipped with a line that says
what to install, and counts as a failure where CI=true. The suites may run side
by side: they share only the virtual environment, which is made under a lock.
Nothing but the standard library of Debian's python3 is needed to start.
"""

import argparse
import fcntl
import hashlib
import os
import re
import shutil
import struct
import subprocess
import sys
import xml.etree.ElementTree
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE / "kerberos"))
sys.path.append(str(HERE / "samba"))
sys.path.append(str(HERE / "curl"))
sys.path.append(str(HERE / "smb"))
import curl_sspi  # noqa: E402
import debian_source  # noqa: E402
import domain  # noqa: E402
import realms  # noqa: E402
import smbd  # noqa: E402

BINDINGS = HERE.parent / "bindings"
BINDING = BINDINGS / "python"
REQUIREMENTS = HERE / "requirements.txt"
SSPILIB = "sspilib==0.6.0"
PYSPNEGO = "pyspnego==0.12.4"
REQUESTS_KERBEROS = "requests-kerberos==0.15.0"


Missing = realms.Missing


class Counts:
    def __init__(self, passed=0, failed=0, skipped=0):
        self.passed, self.failed, self.skipped = passed, failed, skipped

    def __add__(self, other):
        return Counts(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self):
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def version_of(package):
    """Of a Debian package, without what Debian adds."""
    query = ["dpkg-query", "-W", "-f", "${Version}", package]
    said = subprocess.run(query, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    return re.split(r"[-+~]", said.split(":", 1)[-1])[0] or "?"


def ran(counts, *rows):
    """Says which programs a suite has run: name, version, role, package."""
    for row in rows if counts.passed else ():
        print("\t".join(("@program", *row, "FAILED" if counts.failed else "ok")), flush=True)


def run_quietly(command, what, **options):
    """Runs a preparation step; its output is shown only when it fails."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if done.returncode != 0:
        print(done.stdout)
        raise Missing(what)


def virtual_environment(work):
    """Makes (once) the environment with the peers from the package index; returns its python."""
    folder = work / "venv"
    python = folder / "bin" / "python"
    stamp = folder / "complete"
    # Made anew when the pins or the interpreter change.
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()
    with open(work / "venv.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != wanted:
            shutil.rmtree(folder, ignore_errors=True)
            run_quietly([sys.executable, "-m", "venv", str(folder)], "install python3-venv")
            install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            run_quietly([*install, "-r", str(REQUIREMENTS)], f"install the Python packages of {REQUIREMENTS.name}")
            stamp.write_text(wanted)
    return python


def pytest(python, work, name, arguments, environment, folder=None, inside=list):
    """Runs pytest in a process of its own (a crash must not end the others) and reads its counts.

    `inside` makes the command one that runs elsewhere: in another network.
    """
    report = work / f"{name}.xml"
    report.unlink(missing_ok=True)
    command = [str(python), "-m", "pytest", "-q", "-ra", "--tb=short", "-p", "no:cacheprovider", *arguments]
    command.append(f"--junitxml={report}")
    done = subprocess.run(inside(command), env=environment, cwd=folder or HERE, check=False)
    if not report.exists() or done.returncode not in (0, 1):
        print(f"{name}: the test process ended with {done.returncode} before its report")
        return Counts(failed=1)
    counts = Counts()
    for suite in xml.etree.ElementTree.parse(report).getroot().iter("testsuite"):
        total, skipped = int(suite.get("tests", 0)), int(suite.get("skipped", 0))
        failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        counts += Counts(total - skipped - failed, failed, skipped)
    return counts


def base_environment(work, *paths):
    settings = ("NTLM_", "NETBIOS_", "SSPI_", "LM_COMPAT", "KRB5")
    environment = {key: value for key, value in os.environ.items() if not key.startswith(settings)}
    environment["PYTHONPATH"] = os.pathsep.join(str(path) for path in paths)
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    environment["PYTHONFAULTHANDLER"] = "1"
    environment["TMPDIR"] = str(work)
    return environment


def account_file(path, *lines):
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    path.chmod(0o600)
    return path


def client_keytab(path):
    """A keytab with one key of one user."""

    def counted(data):
        return struct.pack(">H", len(data)) + data

    entry = struct.pack(">H", 1) + counted(b"EXAMPLE.TEST") + counted(b"user")
    entry += struct.pack(">IIBH", 1, 0, 1, 18) + counted(bytes(range(32)))
    path.write_bytes(b"\x05\x02" + struct.pack(">i", len(entry)) + entry)
    path.chmod(0o600)
    return path


def unpacked_sources(python, work, package):
    """The source distribution of a package: it carries the test suite, the wheel does not."""
    sources = work / "sources"
    tests = sources / package.replace("==", "-") / "tests"
    if not tests.is_dir():
        shutil.rmtree(sources, ignore_errors=True)
        sources.mkdir()
        command = [str(python), "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        command += ["--no-binary", package.split("==")[0], "--dest", str(sources), package]
        # pip asks setup.py for the metadata; nothing is to be built.
        environment = {**os.environ, "SSPI_SKIP_EXTENSIONS": "true", "SSPI_SKIP_MODULE_CHECK": "true"}
        run_quietly(command, f"fetch the source distribution of {package}", env=environment)
        archive = next(sources.glob("*.tar.gz"))
        shutil.unpack_archive(archive, sources)
    return tests


def overlay(python, work, library):
    """A copy of the installed sspilib whose own libsspi is replaced by ours.

    Its extension modules find their library by a path relative to themselves,
    so nothing can fall back to the library that the wheel brought along.
    """
    where = "import importlib.util as u, pathlib as p; print(p.Path(u.find_spec('sspilib').origin).parents[1])"
    site = Path(subprocess.check_output([str(python), "-c", where], text=True).strip())
    folder = work / "overlay"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(site / "sspilib", folder / "sspilib", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "sspilib.libs").mkdir()
    for bundled in (site / "sspilib.libs").glob("libsspi-*.so"):
        (folder / "sspilib.libs" / bundled.name).symlink_to(library)
    return folder


def sspilib(python, work, options):
    """sspilib's own suite, twice: with explicit identities and with the default one."""
    tests = unpacked_sources(python, work, SSPILIB)
    package = overlay(python, work, options.lib)
    total = Counts()
    for identities, line in (("explicit", ":user:pass"), ("implicit", "EXAMPLE:user:pass")):
        environment = base_environment(work, package, HERE / "sspilib")
        environment["NTLM_USER_FILE"] = str(account_file(work / f"accounts-{identities}", line))
        environment["SSPI_LIBRARY"] = str(options.lib)
        common = ["-p", "as_windows", f"--identities={identities}", "--rootdir", str(tests.parent), *options.pytest]
        listed = HERE / "sspilib" / "with-kerberos.txt"
        arguments = [*common, "--deselect-listed", str(listed), str(tests)]
        counts = pytest(python, work, f"sspilib-{identities}", arguments, environment, tests.parent)
        environment |= {"KRB5_CONFIG": "/dev/null", "KRB5CCNAME": f"FILE:{work / 'no-cache'}"}
        environment["KRB5_CLIENT_KTNAME"] = f"FILE:{client_keytab(work / 'client.keytab')}"
        with_kerberos = [line for line in listed.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
        # An expression may leave none of these, which pytest takes for a failure.
        if not options.k:
            arguments = [*common, *with_kerberos]
            counts += pytest(python, work, f"sspilib-{identities}-kerberos", arguments, environment, tests.parent)
        print(f"sspilib, {identities} identities: {counts}\n", flush=True)
        total += counts
    role = "its own test suite, client and server"
    version = SSPILIB.split("==")[1]
    ran(total, ("sspilib", version, role, "NTLM"), ("sspilib", version, role, "Negotiate (NTLM)"))
    return total


def pyspnego(python, work, options):
    """pyspnego's pure-Python NTLM as client and as server."""
    environment = base_environment(work, HERE, BINDING)
    environment["SSPI_LIBRARY"] = str(options.lib)
    counts = pytest(python, work, "pyspnego", [str(HERE / "pyspnego"), *options.pytest], environment)
    print(f"pyspnego: {counts}\n", flush=True)
    version, role = PYSPNEGO.split("==")[1], "peer in pure Python, client and server"
    ran(counts, ("pyspnego", version, role, "NTLM"), ("pyspnego", version, role, "Negotiate (NTLM)"))
    return counts


def compile_c(source, program, *arguments, install):
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise Missing("install gcc")
    command = [compiler, "-std=c11", "-O1", "-Wall", "-Wextra", "-Werror", "-o", str(program)]
    run_quietly([*command, *([str(source)] if source else []), *arguments], install)


def pyspnego_own(python, work, options):
    """pyspnego's own suite, on Windows' SSPI as it sees it: sspilib with our library."""
    tests = unpacked_sources(python, work, PYSPNEGO)
    own = HERE / "pyspnego_own"
    environment = base_environment(work, overlay(python, work, options.lib), HERE / "sspilib", own)
    environment["SSPI_LIBRARY"] = str(options.lib)
    arguments = ["-p", "spnego_on_windows", "--rootdir", str(tests.parent), "-o", "addopts=", str(tests)]
    arguments += ["--ignore", str(tests / "integration")]
    for name in ("with-kerberos.txt", "refused.txt"):
        arguments += ["--deselect-listed", str(own / name)]
    # What is skipped needs a KDC, or GSS-API in Python, and never comes to the library.
    counts = pytest(python, work, "pyspnego-own", [*arguments, *options.pytest], environment, tests.parent)
    counts.skipped = 0
    print(f"pyspnego's own suite: {counts}\n", flush=True)
    version, role = PYSPNEGO.split("==")[1], "its own test suite, on sspilib"
    ran(counts, ("pyspnego", version, role, "NTLM"), ("pyspnego", version, role, "Negotiate (NTLM)"))
    return counts


def gssntlmssp(python, work, options):
    """gss-ntlmssp behind MIT's mechanism glue, as client and as server."""
    if not any(Path("/etc/gss/mech.d").glob("*ntlmssp*")):
        raise Missing("install gss-ntlmssp")
    peer = work / "gssntlmssp-peer"
    source = HERE / "gssntlmssp" / "peer.c"
    compile_c(source, peer, "-lgssapi_krb5", install="install libkrb5-dev gss-ntlmssp-dev")
    environment = base_environment(work, HERE, BINDING)
    environment["SSPI_LIBRARY"] = str(options.lib)
    environment["GSSNTLMSSP_PEER"] = str(peer)
    counts = pytest(python, work, "gssntlmssp", [str(HERE / "gssntlmssp"), *options.pytest], environment)
    print(f"gssntlmssp: {counts}\n", flush=True)
    version, role = version_of("gss-ntlmssp"), "peer behind MIT's GSS-API, client and server"
    ran(counts, ("gss-ntlmssp", version, role, "NTLM"), ("gss-ntlmssp", version, role, "Negotiate (NTLM)"))
    return counts


def heimdal_peer(work):
    """Unpacks Heimdal and compiles the peer against it; returns the root of its files."""
    root = realms.unpack_heimdal(work)
    libraries = root / "usr/lib/x86_64-linux-gnu"
    arguments = ["-DHEIMDAL", "-isystem", f"{root}/usr/include/heimdal"]
    arguments += [f"{libraries}/heimdal/libgssapi.so", f"{libraries}/heimdal/libkrb5.so"]
    arguments += [f"-Wl,--disable-new-dtags,-rpath,{libraries}:{libraries}/heimdal"]
    compile_c(HERE / "gss_peer.c", work / "gss_peer-heimdal", *arguments, install="let Heimdal's packages fit")
    return root


def kerberos(python, work, options):
    """MIT's and Heimdal's Kerberos, with private realms on loopback."""
    total, root = Counts(), None
    compile_c(HERE / "gss_peer.c", work / "gss_peer-mit", "-lgssapi_krb5", install="install libkrb5-dev")
    try:
        root = heimdal_peer(work)
    except Missing as missing:
        total += skipped("kerberos: Heimdal", missing)
    environment = base_environment(work, HERE, BINDING)
    environment["SSPI_LIBRARY"] = str(options.lib)
    environment["KERBEROS_WORK"] = str(work)
    with realms.running(work, root):
        counts = pytest(python, work, "kerberos", [str(HERE / "kerberos"), *options.pytest], environment)
    print(f"kerberos: {counts}\n", flush=True)
    role, both = "KDC and GSS-API peer, client and server", ("Kerberos", "Negotiate (Kerberos)")
    ran(counts, *(("MIT krb5", version_of("libgssapi-krb5-2"), role, package) for package in both))
    if root is not None:
        ran(counts, *(("Heimdal", "7.8", role, package) for package in both))
    ran(counts, ("Apache, mod_auth_gssapi", version_of("apache2"), "server", "Negotiate (Kerberos)"))
    ran(counts, ("OpenLDAP", version_of("slapd"), "server, signed and sealed", "Negotiate (Kerberos)"))
    return total + counts


def alone(python, work, package):
    """A folder with one package and without what it requires: another GSS-API, which takes minutes to build."""
    folder = work / package.replace("==", "-")
    stamp = folder / "complete"
    if not stamp.exists():
        command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        run_quietly([*command, "--upgrade", "--target", str(folder), package], f"fetch {package}")
        stamp.touch()
    return folder


def http(python, work, options):
    """The HTTP server of ffi-tests/examples with the clients that people have."""
    example, program = HERE.parent / "examples" / "http", work / "http_server"
    arguments = [f"-I{HERE.parents[1] / 'include'}", "-D_GNU_SOURCE", "-DHTTP_TLS", "-g"]
    arguments += [*map(str, sorted(example.glob("*.c"))), str(options.lib), f"-Wl,-rpath,{options.lib.parent}"]
    arguments += ["-lpthread", "-lssl", "-lcrypto"]
    compile_c(None, program, *arguments, install="install gcc libssl-dev")
    # The one that most tests talk to watches itself; valgrind and libfaketime go with the other only.
    watched = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    compile_c(None, f"{program}-watched", *watched, *arguments, install="install gcc libssl-dev")
    paths = [overlay(python, work, options.lib), alone(python, work, REQUESTS_KERBEROS)]
    paths += [HERE, HERE / "kerberos", HERE / "sspilib", HERE / "pyspnego_own", BINDING]
    environment = base_environment(work, *paths)
    environment |= {"SSPI_LIBRARY": str(options.lib), "HTTP_SERVER": str(program), "HTTP_WORK": str(work)}
    total = Counts()
    try:
        environment["CURL_SSPI"] = str(curl_sspi.build(work / "curl"))
    except Missing as missing:
        total += skipped("http: curl with SSPI", missing)
    with realms.running(work):
        arguments = ["-p", "spnego_on_windows", "-p", "program_lines", str(HERE / "http"), *options.pytest]
        counts = pytest(python, work, "http", arguments, environment)
    print(f"http: {counts}\n", flush=True)
    return total + counts


def freerdp(python, work, options):
    """FreeRDP's client and shadow server, on our library or on their own WinPR."""
    sys.path.append(str(HERE / "freerdp"))
    import desk  # noqa: PLC0415: it is this suite's alone

    if desk.missing():
        raise Missing(f"install {' '.join(desk.missing())}")
    environment = base_environment(work, HERE, HERE / "freerdp", HERE / "kerberos")
    arguments = ["-p", "program_lines", f"--library={options.lib}", str(HERE / "freerdp"), *options.pytest]
    counts = pytest(python, work, "freerdp", arguments, environment)
    print(f"freerdp: {counts}\n", flush=True)
    return counts


WINPR_DRIVER = """#include <stdio.h>
#include <string.h>
#define TEST(name) {int name(int, char**); if (argc == 2 && strcmp(argv[1], #name) == 0) return name(argc, argv) != 0;}
int main(int argc, char** argv)
{
%s	return 2;
}
"""


def winpr(python, work, options):
    """WinPR's own unit tests, out of Debian's source package."""
    folder, version = debian_source.unpack("libwinpr2-2", work)
    tests = folder / "winpr" / "libwinpr" / "sspi" / "test"
    names = sorted(path.stem for path in tests.glob("Test*.c") if path.stem not in ("TestSchannel", "TestCredSSP"))
    driver, program = work / "driver.c", work / "tests"
    driver.write_text(WINPR_DRIVER % "".join(f"\tTEST({name})\n" for name in names))
    command = ["cc", "-w", "-O1", "-I/usr/include/winpr2", "-o", str(program), str(driver)]
    command += [str(tests / f"{name}.c") for name in names]
    run_quietly([*command, "-lwinpr2"], "install gcc libwinpr2-dev")
    environment = base_environment(work, HERE, HERE / "winpr", HERE / "kerberos")
    arguments = ["-p", "program_lines", f"--library={options.lib}", f"--program={program}", f"--winpr={version}"]
    counts = pytest(python, work, "winpr", [*arguments, str(HERE / "winpr"), *options.pytest], environment)
    print(f"winpr: {counts}\n", flush=True)
    return counts


def samba(python, work, options):
    """Samba's Active Directory, in a network namespace of its own."""
    compile_c(HERE / "gss_peer.c", work / "gss_peer-mit", "-lgssapi_krb5", install="install libkrb5-dev")
    environment = base_environment(work, HERE, HERE / "kerberos", BINDING)
    environment["SSPI_LIBRARY"] = str(options.lib)
    environment["SAMBA_WORK"] = str(work)
    with domain.running(work) as running:
        environment["SAMBA_NAMESPACE"] = running.namespace
        arguments = [str(HERE / "samba"), *options.pytest]
        counts = pytest(python, work, "samba", arguments, environment, inside=running.inside)
    print(f"samba: {counts}\n", flush=True)
    version = version_of("samba")
    ran(counts, ("Samba Active Directory", version, "KDC, kpasswd, LDAP server signed and sealed", "Kerberos"))
    ran(counts, ("Samba Active Directory", version, "LDAP server signed and sealed", "Negotiate (Kerberos)"))
    ran(counts, ("Samba Active Directory", version, "LDAP server signed and sealed", "Negotiate (NTLM)"))
    return counts


def smb(python, work, options):
    """smbprotocol on pyspnego on sspilib on our library, against Debian's smbd."""
    package = overlay(python, work, options.lib)
    environment = base_environment(work, package, HERE, HERE / "kerberos", HERE / "sspilib", HERE / "pyspnego_own")
    environment["SSPI_LIBRARY"] = str(options.lib)
    environment["SMB_WORK"] = str(work)
    with realms.running(work) as found:
        realm = found[realms.MIT]
        # MIT's PAC does not say what smbd wants to know; without one it goes by the name.
        realms.administer(realm, "modprinc +no_auth_data_required cifs/localhost\n")
        with smbd.running(work / "smbd", realm) as port:
            environment["SMB_PORT"] = str(port)
            arguments = ["-p", "spnego_on_windows", "-p", "program_lines", str(HERE / "smb"), *options.pytest]
            counts = pytest(python, work, "smb", arguments, environment)
    print(f"smb: {counts}\n", flush=True)
    return counts


def bindings(python, work, options):
    """The examples for other languages, each by itself and with the others."""
    environment = base_environment(work, HERE, HERE / "kerberos")
    environment["SSPI_LIBRARY"] = str(options.lib)
    environment["BINDINGS_WORK"] = str(work)
    with realms.running(work):
        arguments = ["-p", "program_lines", str(BINDINGS / "test_examples.py"), *options.pytest]
        counts = pytest(python, work, "bindings", arguments, environment, BINDINGS)
    print(f"bindings: {counts}\n", flush=True)
    return counts


def skipped(what, missing):
    """Says what to install; where nothing may be missing that is a failure."""
    print(f"{what}: skipped: {missing}\n", flush=True)
    return Counts(failed=1) if os.environ.get("CI") == "true" else Counts(skipped=1)


SUITES = {
    "sspilib": sspilib,
    "pyspnego": pyspnego,
    "pyspnego_own": pyspnego_own,
    "gssntlmssp": gssntlmssp,
    "kerberos": kerberos,
    "smb": smb,
    "http": http,
    "freerdp": freerdp,
    "winpr": winpr,
}
# These run only when they are asked for by name.
APART = {"bindings": bindings, "samba": samba}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lib", required=True, type=Path, help="the shared library under test")
    target = Path(os.environ.get("CARGO_TARGET_DIR") or HERE.parents[1] / "target")
    parser.add_argument("--work", type=Path, default=target / "interop", help="for environments, reports and copies")
    parser.add_argument("--only", choices=sorted({**SUITES, **APART}), action="append")
    parser.add_argument("-k", metavar="EXPRESSION", help="only tests that match, as pytest's -k")
    options = parser.parse_args()
    options.lib = options.lib.resolve(strict=True)
    options.pytest = ["-k", options.k] if options.k else []
    options.work.mkdir(parents=True, exist_ok=True)
    work = options.work.resolve()

    total = Counts()
    wanted = options.only or list(SUITES)
    for name, suite in {**SUITES, **APART}.items():
        if name not in wanted:
            continue
        folder = work / name
        folder.mkdir(exist_ok=True)
        try:
            total += suite(virtual_environment(work), folder, options)
        except Missing as missing:
            total += skipped(name, missing)
        except RuntimeError as error:
            # A server that did not start, a command of the set-up that failed.
            print(f"{name}: {error}\n", flush=True)
            total += Counts(failed=1)
    print(total)
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main())
