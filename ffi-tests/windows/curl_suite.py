"""curl.exe of Debian's source, built for Windows with SSPI."""

import hashlib
import re
from pathlib import Path

import peers
import sources
from run import Counts, account_file, ran
from wine import compile_for_windows, windows_path

DEFINITIONS = ["USE_WINDOWS_SSPI", "CURL_STATICLIB", "HTTP_ONLY", "CURL_DISABLE_LDAP"]
# Some names of these are also names of others: they are no parts of the one big source.
ALONE = ["lib/hostip.c", "lib/mime.c", "lib/version.c"]

USER, ALICE = "EXAMPLE\\user:pass", "EXAMPLE.TEST\\alice:Password123!"
DENIED = r"AcceptSecurityContext: SEC_E_LOGON_DENIED .*"
# The path, the user, what the server then says; the package that a right credential shows.
LOGONS = [
    ("ntlm", USER, r"EXAMPLE\\user by NTLM", "NTLM"),
    ("ntlm", f"{USER}-wrong", DENIED, None),
    ("negotiate", USER, r"EXAMPLE\\user by NTLM", "Negotiate (NTLM)"),
    ("negotiate", f"{USER}-wrong", DENIED, None),
    ("negotiate", ":", "alice@EXAMPLE.TEST by Kerberos", "Negotiate (Kerberos)"),
    ("negotiate", ALICE, "alice@EXAMPLE.TEST by Kerberos", "Negotiate (Kerberos)"),
    # With NTLM, which Negotiate tries when the KDC has refused.
    ("negotiate", f"{ALICE}-wrong", DENIED, None),
]


def build(work):
    """The program and its version. The library and the tool are one source each, so that it takes seconds."""
    folder = sources.fetch("curl", ["/lib/", "/src/", "/include/"], work)
    program, version, stamp = work / "curl.exe", folder.name.split("-")[-1], work / "built"
    wanted = version + hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return program, version
    flags = ["-c", *(f"-D{name}" for name in DEFINITIONS), *(f"-I{folder / name}" for name in ("include", "lib", "src"))]
    alone = [folder / name for name in ALONE]
    library = sorted({*folder.glob("lib/*.c"), *folder.glob("lib/*/*.c")} - {*alone})
    # The tool has this file of the library too, under names of its own.
    tool = [*sorted(folder.glob("src/*.c")), folder / "lib/dynbuf.c"]
    for name, files in (("lib", library), ("tool", tool)):
        (work / f"{name}.c").write_text("".join(f'#include "{file}"\n' for file in files))
    objects = []
    for source in (work / "lib.c", work / "tool.c", *alone):
        more = [] if source.stem == "tool" else ["-DBUILDING_LIBCURL"]
        objects.append(work / f"{source.stem}.o")
        compile_for_windows(objects[-1], [source], *flags, *more)
    compile_for_windows(program, objects, "-static", "-lws2_32", "-lcrypt32", "-lbcrypt")
    stamp.write_text(wanted)
    return program, version


def run(work, wine, options):
    program, version = build(work)
    accounts, counts, rows = account_file(work / "accounts", peers.ACCOUNTS), Counts(), set()
    # It loads secur32.dll from the system's folder alone.
    with peers.realm(options) as realm, wine.with_the_systems_dll(work / "prefix") as wine:
        settings = realm.settings(user="alice")
        with peers.servers(wine, options, accounts, **settings) as where:
            settings["NTLM_USER_FILE"] = windows_path(accounts)
            for path, user, wanted, package in LOGONS:
                said = fetch(program, wine, work, path, user, where["WEB_PORT"], settings)
                status = 200 if package else 401
                if re.fullmatch(f"{wanted} {status}", said):
                    counts += Counts(passed=1)
                    rows |= {package} - {None}
                else:
                    print(f"FAILED: --{path} --user {user}: {said!r} and not {wanted} {status}")
                    counts += Counts(failed=1)
    role = "client (secur32.dll of the prefix)"
    ran(counts, *(("curl.exe", version, role, package) for package in sorted(rows)))
    return counts


def fetch(program, wine, work, path, user, port, settings):
    """What the server says at last, and its status."""
    command = ["--silent", "--show-error", "--max-time", "30", "--write-out", " %{http_code}", f"--{path}"]
    command += ["--user", user, f"http://localhost:{port}/{path}"]
    _, output = wine.run(program, *command, log=work / "curl.log", limit=60, **settings)
    return output.strip()
