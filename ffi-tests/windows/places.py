"""Kerberos from Windows' own places: krb5.ini, caches and keytabs without a setting; KDCs of the registry."""

import contextlib
import shutil
import subprocess

import realms
from system import Programs
from wine import windows_path

SERVICE = f"host/localhost@{realms.MIT}"


class Places:
    """A realm, and what a machine of it has where."""

    def __init__(self, programs, realm):
        self.programs, self.realm = programs, realm
        drive = programs.wine.prefix / "drive_c"
        self.windows, self.common = drive / "windows", drive / "ProgramData/MIT/Kerberos5"
        self.folder = programs.work / "\u00fcser"
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        self.all_keys = (realm.folder / "all.keytab").read_bytes()
        self.tickets = (realm.folder / "alice.cc").read_bytes()
        # What the realm's own file says of caches and keytabs is to be found without it.
        lines = realm.config().read_text().splitlines()
        self.lines = [line for line in lines if "default_keytab_name" not in line and "default_ccache_name" not in line]

    def configuration(self, *left_out):
        return "".join(line + "\n" for line in self.lines if not any(word in line for word in left_out))

    def log_on(self, title, *who, service=SERVICE, **settings):
        """Runs places.c with only these settings."""
        settings = {"KRB5_CONFIG": None, "KRB5RCACHENAME": "none:", "LC_ALL": "C.UTF-8"} | settings
        return self.programs.run(title, "places", service, *who, FOLDER=windows_path(self.folder), **settings)


@contextlib.contextmanager
def files(contents):
    """Files by their places, for one test."""
    try:
        for path, content in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        yield
    finally:
        for path in contents:
            path.unlink(missing_ok=True)


def listed(cache):
    """What MIT's klist says of a cache; nothing of one that is damaged."""
    done = subprocess.run(["klist", "-c", f"FILE:{cache}"], stdout=subprocess.PIPE, text=True, check=False)
    return done.stdout if done.returncode == 0 else ""


def default_places(places):
    """Everything is where it is looked for without a setting."""
    cache = places.folder / "krb5cc"
    at = {
        places.common / "krb5.ini": places.configuration(),
        places.windows / "krb5kt": places.all_keys,
        cache: places.tickets,
    }
    with files(at):
        output = places.log_on("default places")
        places.programs.check("krb5.conf: C:\\windows\\krb5.ini: not there\n" in output, "both places are named")
        places.programs.check(SERVICE in listed(cache), f"MIT's klist sees the new ticket: {listed(cache)}")


def two_files_and_a_client_keytab(places):
    """The files of both places count, with tokens for folders; without tickets the client's keytab logs on."""
    keys = (places.realm.folder / "alice.keytab").read_bytes()
    settings = places.configuration("kdc =")
    servers = places.configuration().split("[realms]")[1].split("[domain_realm]")[0]
    names = """
    default_ccache_name = FILE:%{TEMP}\\none
    default_keytab_name = FILE:%{COMMON_APPDATA}\\MIT\\Kerberos5\\server.keytab
    default_client_keytab_name = %{LOCAL_APPDATA}\\client.keytab
"""
    settings = settings.replace("[libdefaults]", "[libdefaults]" + names)
    at = {
        places.common / "krb5.ini": settings.replace("\n", "\r\n"),
        places.windows / "krb5.ini": "[libdefaults]\n default_realm = WRONG.TEST\n[realms]" + servers,
        places.common / "server.keytab": places.all_keys,
        places.folder / "client.keytab": keys,
    }
    with files(at):
        places.log_on("two files")
    # And once more without the tokens.
    at[places.common / "krb5.ini"] = settings.replace(names, "")
    at[places.windows / "krb5kt"] = at.pop(places.common / "server.keytab")
    at[places.folder / "krb5clientkt"] = at.pop(places.folder / "client.keytab")
    with files(at):
        places.log_on("client keytab")


def settings_with_drives(places):
    """Lists are separated by semicolons, and a colon after a letter is a drive's."""
    keytab, tickets = places.windows / "temp/server.keytab", places.windows / "temp/t\u00efckets"
    absent, present = "C:\\absent\\krb5.ini", windows_path(places.realm.config())
    with files({keytab: places.all_keys, tickets / "tkt": places.tickets, tickets / "primary": "tkt\n"}):
        drives = {"KRB5_CONFIG": f"{absent};{present}", "KRB5_KTNAME": "C:\\windows\\temp\\server.keytab"}
        places.log_on("drives", KRB5CCNAME="FILE:C:\\windows\\temp\\t\u00efckets\\tkt", **drives)
        drives = {"KRB5_CONFIG": f"{present};{absent}", "KRB5_KTNAME": "FILE:C:/windows/temp/server.keytab"}
        places.log_on("a drive's folder", KRB5CCNAME="DIR:C:\\windows\\temp\\t\u00efckets", **drives)


def registered_servers(places):
    """KDCs and password servers as ksetup writes them down; names and passwords in the code page."""
    user, password = "m\u00fcller", realms.USERS["m\u00fcller"]
    closed, kdc = realms.free_ports(1)[0], places.realm.kdc
    kpasswd = f"127.0.0.1:{places.realm.ports['kpasswd']}"
    at = {
        places.windows / "krb5.ini": places.configuration("kdc =", "kpasswd_server", "admin_server"),
        places.windows / "krb5kt": places.all_keys,
    }
    with files(at):
        servers = {"KDCS": f"127.0.0.1:{closed} {kdc}", "PASSWORD_SERVERS": kpasswd}
        output = places.log_on("registered", user, password, "n\u00e9u \u20ac123", **servers)
        places.programs.check(f"KDCs: 127.0.0.1:{closed}, {kdc} (registered)\n" in output, f"it says so: {output}")


def run(work, wine, options):
    programs = Programs(work, wine)
    with realms.running(options.work / "realm") as running:
        places = Places(programs, running[realms.MIT])
        for case in (default_places, two_files_and_a_client_keytab, settings_with_drives, registered_servers):
            case(places)
    return programs.counts
