"""What the DLL takes from Windows: the active code page, names, the process heap, folders; and what it leaves to it."""

import shutil
import subprocess
from pathlib import Path

import dll
from languages import CODE_PAGES, code_page
from programs import TESTS, build, judge
from run import Counts, account_file
from wine import import_library, windows_path

SOURCES = Path(__file__).resolve().parent / "c"


class Programs:
    """Programs of this folder, compiled when they are first run."""

    def __init__(self, work, wine):
        self.work, self.wine, self.counts, self.built = work, wine, Counts(), set()
        wine.place_dll(work)
        self.library = import_library(work, dll.exports())

    def program(self, name):
        program = self.work / f"{name}.exe"
        if name not in self.built:
            build(program, SOURCES / f"{name}.c", self.library)
            self.built.add(name)
        return program

    def run(self, title, name, *arguments, **settings):
        program = self.program(name)
        log = self.work / f"{title}.log".replace(" ", "-")
        code, output = self.wine.run(program, *arguments, log=log, **{"TMPDIR": ".", **settings})
        self.counts += judge(title, code, output)
        return output

    def check(self, good, what):
        self.counts += Counts(passed=1) if good else Counts(failed=1)
        if not good:
            print(f"FAILED: {what}")


def code_pages(programs, options):
    log = programs.work / "lög.txt"
    log.write_text("before\n", encoding="utf-8")
    settings = {"SSPI_LOG": "warn", "SSPI_LOG_FILE": windows_path(log)}
    for number in CODE_PAGES:
        programs.run(f"code page {number}", "code_page", number, **settings, **code_page(number, options))
    # The log is appended to, in UTF-8 whatever the code page.
    first, *lines = log.read_text(encoding="utf-8").splitlines()
    programs.check(first == "before", f"log: {first}")
    names = ("K\u00d6LN\\J\u00fcrgen\u20ac", "\u5c71\u7530", "\u8868\\\u5c71\u7530")
    for name in (*names, "M\u00fcller", "K\u00d6LN\\J\u00fc\u5c71"):
        denied = [line for line in lines if f"{name}: unknown user name or bad password" in line]
        programs.check(denied, f"log: no line for {name} in {lines}")


def exported(programs):
    """Exported contexts, between processes with a key of their user's."""
    work = programs.work
    folder = work / "local"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    key = folder / "libsspi-export.key"
    own = "drive_c/users/*/AppData/Local/libsspi-export.key"
    for path in programs.wine.prefix.glob(own):
        path.unlink()
    programs.run("export", "export", "out", "first")
    made = {path: path.read_bytes() for path in programs.wine.prefix.glob(own)}
    programs.check([len(data) for data in made.values()] == [32], f"export: the user's key: {list(made)}")
    programs.run("import", "export", "in", "first")
    programs.check(all(path.read_bytes() == data for path, data in made.items()), "import: the key is the same")
    at_once(programs, folder, key, {"FOLDER": windows_path(folder)})
    programs.run("no export", "export", "no", FOLDER=windows_path(folder / "absent"))


def at_once(programs, folder, key, here):
    """Several processes want the key when there is none: all use the one that was made."""
    key.unlink(missing_ok=True)
    start, names = programs.work / "start", ["one", "two", "three", "four"]
    start.unlink(missing_ok=True)
    environment = programs.wine.environment | here | {"TMPDIR": "."}
    running = [
        subprocess.Popen(
            ["wine", str(programs.program("export")), "out", name, "start"],
            cwd=programs.work, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        )
        for name in names
    ]  # fmt: skip
    start.touch()
    for name, process in zip(names, running, strict=True):
        programs.check(process.wait(60) == 0, f"export at once: {name}")
    for name in names:
        programs.run(f"import {name}", "export", "in", name, **here)
    left = [path.name for path in folder.iterdir()]
    programs.check(left == [key.name], f"nothing else is left: {left}")


def told(programs):
    """sspi-info tells what is so, and ends as it should."""
    program = programs.work / "sspi-info.exe"
    build(program, TESTS / "c/sspi_info.c", programs.library, our_header=True)
    accounts = account_file(programs.work / "accounts", "EXAMPLE:user:pass")
    for title, arguments, ends, settings, says in (
        ("configuration", [], 0, {}, ["libsspi\n", "  SSPI_LOG_FILE: stderr\n", "  name of an acceptor: DOMAIN\n",
                                      f"  accounts: {windows_path(accounts)}: 1 accounts, 1 of them may log on\n",
                                      "  default identity: EXAMPLE\\user\n"]),
        ("accept", ["--accept"], 0, {}, ["NTLM"]),
        ("no accounts", [], 0, {"NTLM_USER_FILE": None}, ["NTLM_USER_FILE is not set: acceptors have no accounts"]),
        ("logon", ["host/server"], 0, {}, ["NTLM: a token of ", "Kerberos: "]),
    ):  # fmt: skip
        settings = {"NTLM_USER_FILE": windows_path(accounts), "KRB5_CONFIG": "NUL", **settings}
        code, output = programs.wine.run(program, *arguments, log=programs.work / f"sspi-info-{title}.log", **settings)
        programs.check(code == ends, f"sspi-info, {title}: it ended with {code}, not {ends}\n{output}")
        for text in says:
            programs.check(text in output, f"sspi-info, {title}: no '{text}' in\n{output}")


def run(work, wine, options):
    programs = Programs(work, wine)
    code_pages(programs, options)
    programs.run("system", "system")
    exported(programs)
    told(programs)
    wine.place_dll(work, "sspi.dll")
    programs.run("unload", "unload")
    return programs.counts
