"""A Debian source package, by a list of sources of its own: the machine's lists stay as they are."""

import subprocess
from pathlib import Path

import realms

KEYS = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
LISTS = "$(REPO_URI)|$(RELEASE)|$(COMPONENT)|$(ORIGIN)"


def installed_version(package):
    query = ["dpkg-query", "--show", "--showformat=${source:Package} ${source:Version}", package]
    done = subprocess.run(query, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    if done.returncode != 0 or not done.stdout:
        raise realms.Missing(f"install {package}")
    return done.stdout.split()


def run(command, what, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **options)
    if done.returncode != 0:
        print(done.stdout)
        raise realms.Missing(what)
    return done.stdout


def source_lines():
    """The machine's own archives of Debian, for sources."""
    targets = run(["apt-get", "indextargets", "--format", LISTS, "Created-By: Packages"], "set up apt")
    rows = sorted({tuple(line.split("|")) for line in targets.splitlines() if line.count("|") == 3})
    # Who an archive belongs to is known where its lists have been fetched.
    debian = [row for row in rows if row[3] == "Debian"] or [row for row in rows if "debian" in row[0]]
    signed = f"[signed-by={KEYS}] " if KEYS.exists() else ""
    return [f"deb-src {signed}{uri} {release} {part}\n" for uri, release, part, _ in debian]


def unpack(package, folder):
    """The upstream sources of an installed package, in its installed version."""
    source, version = installed_version(package)
    apt = folder / "apt"
    for needed in ("state/lists/partial", "cache/archives/partial"):
        (apt / needed).mkdir(parents=True, exist_ok=True)
    (apt / "sources.list").write_text("".join(source_lines()))
    options = {
        "Dir::State": apt / "state",
        "Dir::State::status": "/var/lib/dpkg/status",
        "Dir::Cache": apt / "cache",
        "Dir::Etc::sourcelist": apt / "sources.list",
        "Dir::Etc::sourceparts": "-",
        "APT::Sandbox::User": "root",
        "Acquire::Languages": "none",
    }
    apt_get = ["apt-get", "--quiet", *[f"--option={name}={value}" for name, value in options.items()]]
    stamp = folder / "version"
    if not stamp.exists() or stamp.read_text() != version:
        run([*apt_get, "update"], "let apt reach Debian's sources", cwd=folder)
        fetch = [*apt_get, "source", "--download-only"]
        try:
            run([*fetch, f"{source}={version}"], f"let apt fetch {source}", cwd=folder)
        except realms.Missing:
            # An archive keeps the last version only, whose upstream sources are the same.
            run([*fetch, source], f"let apt fetch {source}", cwd=folder)
        stamp.write_text(version)
    (archive,) = (path for path in folder.glob(f"{source}_*.orig.tar.*") if path.suffix != ".asc")
    target = folder / "sources"
    target.mkdir(exist_ok=True)
    tar = ["tar", "--extract", "--file", str(archive), "--strip-components=1", "--directory", str(target)]
    run(tar, "install tar and xz-utils")
    return Path(target), version
