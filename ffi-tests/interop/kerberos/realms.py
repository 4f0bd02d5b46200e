"""Private Kerberos realms on loopback: MIT's KDC with three realms, and Heimdal's with one.

    with running(folder, unpack_heimdal(folder)) as realms: ...

Each realm's database is made once for a folder and kept; ports are free ones,
new at each start; nothing outside the folder is read or written, and what was
started is stopped by its process id. A test process finds the realms of
another by `load(folder)`.

EXAMPLE.TEST (MIT) trusts OTHER.TEST and is trusted by it; OTHER.TEST and
THIRD.TEST likewise, so that THIRD.TEST is reached from EXAMPLE.TEST through
OTHER.TEST. HEIM.TEST is Heimdal's.
"""

import contextlib
import ctypes
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

# What a service or user with one key type is called by, and the enctype's number and name.
ENCTYPES = {
    "aes128-sha1": (17, "aes128-cts-hmac-sha1-96"),
    "aes256-sha1": (18, "aes256-cts-hmac-sha1-96"),
    "aes128-sha256": (19, "aes128-cts-hmac-sha256-128"),
    "aes256-sha384": (20, "aes256-cts-hmac-sha384-192"),
    "rc4": (23, "arcfour-hmac"),
}
HEIMDAL_NAMES = {"arcfour-hmac": "arcfour-hmac-md5"}
# As most realms have it: the strongest of RFC 3962 first.
PREFERRED = ["aes256-sha1", "aes128-sha1", "aes256-sha384", "aes128-sha256", "rc4"]

PASSWORD = "Password123!"
USERS = {
    "alice": PASSWORD,
    "bob": "Hunter2!",
    "alice/admin": "Admin123!",
    "müller": "pässwörd ß€",
    **{f"u-{tag}": PASSWORD for tag in ENCTYPES},
}
SERVICES = ["host", "HTTP", "ldap", "cifs"]
HOSTS = ["localhost", "server.example.test"]

MIT, OTHER, THIRD, HEIMDAL = "EXAMPLE.TEST", "OTHER.TEST", "THIRD.TEST", "HEIM.TEST"

HEIMDAL_DEBS = """
    heimdal-kdc heimdal-clients heimdal-multidev libroken19-heimdal libasn1-8-heimdal libheimbase1-heimdal
    libhcrypto5-heimdal libwind0-heimdal libhx509-5-heimdal libkrb5-26-heimdal libheimntlm0-heimdal
    libgssapi3-heimdal libhdb9-heimdal libkadm5clnt7-heimdal libkadm5srv8-heimdal libkafs0-heimdal
    libotp0-heimdal libsl0-heimdal libkdc2-heimdal libcap-ng0
""".split()


class Missing(Exception):
    """Something that the machine lacks; the text says what to install."""


def run(command, environment, text=None, log=None):
    """Runs a command of the set-up; what it says is shown when it fails."""
    done = subprocess.run(
        [str(part) for part in command],
        env=environment, input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    if log is not None:
        with open(log, "a", encoding="utf-8") as file:
            file.write(f"$ {command}\n{done.stdout}")
    if done.returncode != 0:
        raise RuntimeError(f"{command} ended with {done.returncode}:\n{done.stdout}")
    return done.stdout


def free_ports(count):
    """Ports that are free for TCP and UDP on loopback."""
    held, ports = [], []
    while len(ports) < count:
        stream, datagram = socket.socket(), socket.socket(type=socket.SOCK_DGRAM)
        held += [stream, datagram]
        stream.bind(("127.0.0.1", 0))
        try:
            datagram.bind(("127.0.0.1", stream.getsockname()[1]))
        except OSError:
            continue
        ports.append(stream.getsockname()[1])
    for one in held:
        one.close()
    return ports


def wait_for(port, process, what, seconds=20):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            raise RuntimeError(f"{what} ended with {process.returncode}")
        time.sleep(0.02)
    raise RuntimeError(f"{what} does not listen on port {port}")


def plain_environment(**settings):
    """This process's environment without anything of Kerberos, NTLM or ours."""
    prefixes = ("KRB5", "NTLM_", "NETBIOS_", "SSPI_", "GSS")
    environment = {key: value for key, value in os.environ.items() if not key.startswith(prefixes)}
    environment["PATH"] = environment.get("PATH", "/usr/bin:/bin") + ":/usr/sbin:/sbin"
    environment.update({key: str(value) for key, value in settings.items()})
    return environment


def configuration(realm, kdcs, folder, tag=None, extra="", kpasswd=None, udp_limit=1):
    """The text of a krb5.conf. `kdcs` is realm -> lines; `tag` allows one enctype only."""
    names = [ENCTYPES[name][1] for name in ([tag] if tag else PREFERRED)]
    listed = " ".join(names)
    heimdal_listed = " ".join(HEIMDAL_NAMES.get(name, name) for name in names)
    text = f"""[libdefaults]
    default_realm = {realm}
    dns_lookup_kdc = false
    dns_lookup_realm = false
    dns_canonicalize_hostname = false
    rdns = false
    udp_preference_limit = {udp_limit}
    allow_weak_crypto = true
    allow_rc4 = true
    forwardable = true
    noaddresses = true
    permitted_enctypes = {listed}
    default_etypes = {heimdal_listed}
    default_as_etypes = {heimdal_listed}
    default_tgs_etypes = {heimdal_listed}
    default_keytab_name = FILE:{folder}/all.keytab
    default_ccache_name = FILE:{folder}/nobody.cc
{extra}
[realms]
"""
    for name, ports in kdcs.items():
        text += f"    {name} = {{\n"
        text += "".join(f"        kdc = {line}\n" for line in ports)
        if kpasswd is not None and name == realm:
            text += f"        kpasswd_server = 127.0.0.1:{kpasswd}\n        admin_server = 127.0.0.1:{kpasswd}\n"
        text += "    }\n"
    text += f"""[domain_realm]
    localhost = {realm}
    .example.test = {MIT}
    example.test = {MIT}
    .other.test = {OTHER}
    .third.test = {THIRD}
    .heim.test = {HEIMDAL}
[capaths]
    {MIT} = {{
        {THIRD} = {OTHER}
    }}
    {THIRD} = {{
        {MIT} = {OTHER}
    }}
"""
    return text


class Realm:
    """Where a running realm's files are, and the environments that use it."""

    def __init__(self, name, folder, ports, heimdal_root=None):
        self.name, self.folder, self.ports = name, Path(folder), ports
        self.heimdal_root = Path(heimdal_root) if heimdal_root else None

    def as_data(self):
        root = str(self.heimdal_root) if self.heimdal_root else None
        return {"name": self.name, "folder": str(self.folder), "ports": self.ports, "heimdal_root": root}

    @property
    def kdc(self):
        return f"127.0.0.1:{self.ports['kdc']}"

    def config(self, tag=None):
        return self.folder / (f"krb5-{tag}.conf" if tag else "krb5.conf")

    def keytab(self, name="all"):
        return f"FILE:{self.folder}/{name}.keytab"

    def cache(self, user):
        """The cache with the user's ticket-granting ticket, made when the realm starts."""
        return f"FILE:{self.folder}/{user.replace('/', '-')}.cc"

    def settings(self, user=None, tag=None, keytab="all"):
        """The variables that an initiator (`user`) or acceptor (`keytab`) needs."""
        values = {
            "KRB5_CONFIG": str(self.config(tag)),
            "KRB5_KTNAME": self.keytab(keytab),
            "KRB5_CLIENT_KTNAME": f"FILE:{self.folder}/none.keytab",
            "KRB5CCNAME": self.cache(user) if user else f"FILE:{self.folder}/nobody.cc",
            "KRB5RCACHENAME": "none:",
        }
        return values

    def environment(self, **options):
        return plain_environment(**self.settings(**options))

    def write_configurations(self, kdcs):
        kpasswd = self.ports.get("kpasswd")
        for tag in (None, *ENCTYPES):
            self.config(tag).write_text(configuration(self.name, kdcs, self.folder, tag, kpasswd=kpasswd))


# MIT


def mit_kdc_conf(folder, ports):
    keys = " ".join(f"{ENCTYPES[tag][1]}:normal" for tag in PREFERRED)
    text = f"""[kdcdefaults]
    kdc_listen = 127.0.0.1:{ports["kdc"]}
    kdc_tcp_listen = 127.0.0.1:{ports["kdc"]}
[realms]
"""
    for realm in (MIT, OTHER, THIRD):
        text += f"""    {realm} = {{
        database_name = {folder}/{realm}.db
        key_stash_file = {folder}/{realm}.stash
        acl_file = {folder}/kadm5.acl
        dict_file = {folder}/none
        admin_keytab = FILE:{folder}/kadm5.keytab
        max_life = 10h
        max_renewable_life = 7d
        supported_enctypes = {keys}
        default_principal_flags = +preauth,+forwardable
        kadmind_listen = 127.0.0.1:{ports["kadmind"]}
        kpasswd_listen = 127.0.0.1:{ports["kpasswd"]}
    }}
"""
    return text + f"[logging]\n    kdc = FILE:{folder}/kdc.log\n    admin_server = FILE:{folder}/kadmind.log\n"


def mit_principals(folder):
    """The commands for kadmin.local of EXAMPLE.TEST."""
    everything = f"{folder}/all.keytab"
    yield "addpol -minlength 8 -history 1 strict"
    for user, password in USERS.items():
        types = f"-e {ENCTYPES[user[2:]][1]}:normal " if user[2:] in ENCTYPES else ""
        yield f'addprinc {types}-pw "{password}" {user}'
    for user, options in {
        "nopreauth": "-requires_preauth",
        "expired": '-expire "2020-01-01 00:00:00"',
        "password-expired": '-pwexpire "2020-01-01 00:00:00"',
        "locked": "-allow_tix",
        "short": '-maxlife "20 seconds"',
        "changing": "-policy strict",
        "salted": "-e aes256-cts-hmac-sha1-96:special,aes128-cts-hmac-sha1-96:onlyrealm",
    }.items():
        yield f'addprinc {options} -pw "{PASSWORD}" {user}'
    for service in SERVICES:
        for host in HOSTS:
            yield f"addprinc -requires_preauth -randkey {service}/{host}"
            yield f"ktadd -k {everything} -norandkey {service}/{host}"
    for tag, (_, name) in ENCTYPES.items():
        yield f"addprinc -requires_preauth -e {name}:normal -randkey {tag}/localhost"
        yield f"setstr {tag}/localhost session_enctypes {name}"
        yield f"ktadd -k {everything} -norandkey {tag}/localhost"
    yield "addprinc -requires_preauth +ok_as_delegate -randkey deleg/localhost"
    yield f"ktadd -k {everything} -norandkey deleg/localhost"
    # A service whose key a test changes.
    yield "addprinc -requires_preauth -randkey rotated/localhost"
    # In no keytab that a test gives to an acceptor but its own.
    yield "addprinc -requires_preauth -randkey absent/localhost"
    yield f"ktadd -k {folder}/absent.keytab -norandkey absent/localhost"
    yield f"ktadd -k {folder}/alice.keytab -norandkey alice"
    yield f"ktadd -k {folder}/u2u.keytab -norandkey bob"


def trust(kadmin, one, other, folder, environment, log):
    """The two principals of a trust, with the same keys in both databases."""
    for principal in (f"krbtgt/{other}@{one}", f"krbtgt/{one}@{other}"):
        for realm in (one, other):
            command = f'addprinc -requires_preauth -pw "trust of {one} and {other}" {principal}\n'
            run([kadmin, "-r", realm], environment, command, log)


def make_mit(folder, environment):
    log = folder / "setup.log"
    (folder / "kadm5.acl").write_text(f"alice/admin@{MIT} *\n")
    for realm in (MIT, OTHER, THIRD):
        run(["kdb5_util", "create", "-r", realm, "-s", "-P", "master"], environment, log=log)
    run(["kadmin.local", "-r", MIT], environment, "\n".join(mit_principals(folder)) + "\n", log)
    for realm, host in ((OTHER, "server.other.test"), (THIRD, "server.third.test")):
        commands = [
            f'addprinc -pw "{PASSWORD}" carol',
            f"addprinc -requires_preauth -randkey host/{host}",
            f"ktadd -k {folder}/all.keytab -norandkey host/{host}",
        ]
        run(["kadmin.local", "-r", realm], environment, "\n".join(commands) + "\n", log)
    trust("kadmin.local", MIT, OTHER, folder, environment, log)
    trust("kadmin.local", OTHER, THIRD, folder, environment, log)
    return log


def administer(realm, commands):
    """Commands for kadmin.local in MIT's realm."""
    environment = realm.environment()
    environment.update(KRB5_KDC_PROFILE=str(realm.folder / "kdc.conf"), TERM="dumb")
    run(["kadmin.local", "-r", realm.name], environment, commands)


def rotate(realm, keytab):
    """Gives rotated/localhost its next key, which joins the others in the keytab. For one test at a time."""
    administer(realm, f"ktadd -k {realm.folder}/{keytab}.keytab rotated/localhost\n")


@contextlib.contextmanager
def another_kdc(realm, process=False, **variables):
    """A second KDC of MIT's over the same database; yields its address, or that and its process."""
    port = free_ports(1)[0]
    profile = realm.folder / f"kdc-{port}.conf"
    text = (realm.folder / "kdc.conf").read_text()
    lines = [line.split("= ")[0] + f"= 127.0.0.1:{port}" if "listen" in line else line for line in text.splitlines()]
    profile.write_text("\n".join(line for line in lines if "kadmind" not in line and "kpasswd" not in line) + "\n")
    environment = plain_environment(KRB5_CONFIG=realm.folder / "krb5.conf", KRB5_KDC_PROFILE=profile, **variables)
    command = ["krb5kdc", "-n", "-r", MIT, "-r", OTHER, "-r", THIRD]
    running = start_server(command, environment, realm.folder / "another.out", port, "krb5kdc")
    try:
        yield (f"127.0.0.1:{port}", running) if process else f"127.0.0.1:{port}"
    finally:
        running.kill()
        running.wait()
        profile.unlink()


def kinit(realm, user, password, tag=None, *options, cache=None):
    """A ticket-granting ticket by MIT's kinit."""
    environment = realm.environment(user=user, tag=tag)
    if cache is not None:
        environment["KRB5CCNAME"] = cache
    environment["LC_ALL"] = "C.UTF-8"
    run(["kinit", *options, user], environment, password + "\n")


# Heimdal


def unpack_heimdal(work):
    """Heimdal's packages conflict with MIT's: they are unpacked into a folder and not installed."""
    root = work / "heimdal-root"
    stamp = root / "complete"
    if stamp.exists():
        return root
    shutil.rmtree(root, ignore_errors=True)
    debs = work / "heimdal-debs"
    debs.mkdir(parents=True, exist_ok=True)
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        raise Missing("run on Debian, whose Heimdal packages are unpacked")
    for _ in range(2):
        done = subprocess.run(
            ["apt-get", "-o", "APT::Sandbox::User=root", "download", *HEIMDAL_DEBS],
            cwd=debs, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        if done.returncode == 0:
            break
    else:
        raise Missing(f"make apt-get download {HEIMDAL_DEBS[0]} work: {done.stdout.strip()[-300:]}")
    for deb in debs.glob("*.deb"):
        run(["dpkg-deb", "-x", deb, root], plain_environment())
    stamp.touch()
    return root


def heimdal_program(root, name):
    for folder in ("usr/lib/heimdal-servers", "usr/bin", "usr/sbin"):
        if (root / folder / name).exists():
            return root / folder / name
    raise RuntimeError(f"{name} is not in Heimdal's packages")


def heimdal_environment(root, config):
    libraries = root / "usr/lib/x86_64-linux-gnu"
    return plain_environment(KRB5_CONFIG=config, LD_LIBRARY_PATH=f"{libraries}:{libraries}/heimdal")


def heimdal_kdc_conf(folder, ports, tags):
    # Heimdal's server and its clients read the same file.
    keys = " ".join(f"{HEIMDAL_NAMES.get(ENCTYPES[tag][1], ENCTYPES[tag][1])}:pw-salt" for tag in tags)
    text = configuration(HEIMDAL, {HEIMDAL: [f"127.0.0.1:{ports['kdc']}"]}, folder)
    return f"""{text}
[kdc]
    database = {{
        dbname = {folder}/heimdal
        realm = {HEIMDAL}
        mkey_file = {folder}/m-key
        acl_file = {folder}/acl
        log_file = {folder}/log
    }}
    ports = {ports["kdc"]}
    addresses = 127.0.0.1
    require-preauth = true
[kadmin]
    default_keys = {keys}
[logging]
    kdc = 0-/FILE:{folder}/kdc.log
    default = 0-/FILE:{folder}/krb5.log
"""


def heimdal_commands(folder):
    everything = f"{folder}/all.keytab"
    for service in SERVICES:
        yield f"add -r --use-defaults {service}/localhost"
        yield f"ext_keytab -k {everything} {service}/localhost"
    yield "add -r --use-defaults --attributes=ok-as-delegate deleg/localhost"
    yield f"ext_keytab -k {everything} deleg/localhost"


def make_heimdal(root, folder, ports):
    log = folder / "setup.log"
    environment = heimdal_environment(root, folder / "kdc.conf")
    (folder / "acl").write_text("")
    run([heimdal_program(root, "kstash"), "--random-key", f"--key-file={folder}/m-key"], environment, log=log)

    def kadmin(*arguments, tag=None, text=None):
        config = folder / "kdc.conf"
        if tag is not None:
            # The keys that a principal gets are those of the configuration.
            config = folder / f"kdc-{tag}.conf"
            config.write_text(heimdal_kdc_conf(folder, ports, [tag]))
        program = heimdal_program(root, "kadmin.heimdal")
        run([program, "-l", "-c", config, *arguments], heimdal_environment(root, config), text, log)

    kadmin("init", "--realm-max-ticket-life=10h", "--realm-max-renewable-life=7d", HEIMDAL)
    kadmin(text="\n".join(heimdal_commands(folder)) + "\nexit\n")
    # Names and passwords as arguments: what it reads from its input loses all that is not ASCII.
    for user, password in USERS.items():
        tag = user[2:] if user[2:] in ENCTYPES else None
        kadmin("add", f"--password={password}", "--use-defaults", user, tag=tag)
    kadmin("add", f"--password={PASSWORD}", "--use-defaults", "--attributes=", "nopreauth")
    for tag in ENCTYPES:
        kadmin("add", "--random-key", "--use-defaults", f"{tag}/localhost", tag=tag)
        kadmin("ext_keytab", f"--keytab={folder}/all.keytab", f"{tag}/localhost")
    kadmin("ext_keytab", f"--keytab={folder}/alice.keytab", "alice")
    # An enterprise name for alice, as an AD has userPrincipalName: Heimdal looks it up as a principal.
    kadmin("modify", "--alias=alice.liddell@mail.test", "alice")
    return log


# Both


def fresh(folder, make):
    """Makes the realm in its folder, unless this version of the recipe already did."""
    stamp = folder / "made"
    wanted = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != wanted:
        for path in folder.iterdir():
            if path.name not in ("kdc.conf", "krb5.conf") and not path.name.startswith("krb5-"):
                path.unlink()
        make()
        stamp.write_text(wanted)


def die_with_parent():
    """For a child: no server outlives a test run that is ended from outside (prctl's PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)


def start_server(command, environment, log, port, what):
    with open(log, "ab") as file:
        process = subprocess.Popen(
            [str(part) for part in command],
            env=environment, stdin=subprocess.DEVNULL, stdout=file, stderr=file, preexec_fn=die_with_parent,
        )  # fmt: skip
    try:
        wait_for(port, process, what)
    except BaseException:
        process.kill()
        raise
    return process


def start_mit(work, started):
    for program in ("krb5kdc", "kadmin.local", "kinit"):
        if shutil.which(program, path=plain_environment()["PATH"]) is None:
            raise Missing("install krb5-kdc krb5-admin-server krb5-user")
    folder = work / "mit"
    folder.mkdir(parents=True, exist_ok=True)
    kdc, kadmind, kpasswd = free_ports(3)
    ports = {"kdc": kdc, "kadmind": kadmind, "kpasswd": kpasswd}
    kdcs = {realm: [f"127.0.0.1:{kdc}"] for realm in (MIT, OTHER, THIRD)}
    realms = {name: Realm(name, folder, ports) for name in (MIT,)}
    realms[MIT].write_configurations(kdcs)
    (folder / "kdc.conf").write_text(mit_kdc_conf(folder, ports))
    environment = plain_environment(KRB5_CONFIG=folder / "krb5.conf", KRB5_KDC_PROFILE=folder / "kdc.conf")
    environment["KRB5RCACHENAME"] = "none:"
    environment.update(LC_ALL="C.UTF-8", TERM="dumb")
    fresh(folder, lambda: make_mit(folder, environment))
    command = ["krb5kdc", "-n", "-r", MIT, "-r", OTHER, "-r", THIRD]
    started.append(start_server(command, environment, folder / "kdc.out", kdc, "krb5kdc"))
    command = ["kadmind", "-nofork", "-r", MIT]
    started.append(start_server(command, environment, folder / "kadmind.out", kadmind, "kadmind"))
    return realms


def start_heimdal(work, root, started):
    folder = work / "heimdal"
    folder.mkdir(parents=True, exist_ok=True)
    # kpasswdd takes no other port than the service's, so that Heimdal's is not run.
    ports = {"kdc": free_ports(1)[0]}
    realm = Realm(HEIMDAL, folder, ports, root)
    realm.write_configurations({HEIMDAL: [f"127.0.0.1:{ports['kdc']}"]})
    (folder / "kdc.conf").write_text(heimdal_kdc_conf(folder, ports, PREFERRED))
    fresh(folder, lambda: make_heimdal(root, folder, ports))
    command = [heimdal_program(root, "kdc"), f"--config-file={folder}/kdc.conf", f"--ports={ports['kdc']}"]
    command.append("--addresses=127.0.0.1")
    environment = heimdal_environment(root, folder / "kdc.conf")
    started.append(start_server(command, environment, folder / "kdc.out", ports["kdc"], "Heimdal's kdc"))
    return {HEIMDAL: realm}


def log_users_on(realm):
    """A cache with a fresh ticket-granting ticket for each user that the matrix needs."""
    for user, tag in [("alice", None), *((f"u-{tag}", tag) for tag in ENCTYPES)]:
        kinit(realm, user, PASSWORD, tag)


@contextlib.contextmanager
def running(work, heimdal_root=None):
    """The realms, name -> Realm, for as long as the block runs; Heimdal's if its packages are unpacked."""
    started = []
    try:
        realms = start_mit(work, started)
        if heimdal_root is not None:
            realms.update(start_heimdal(work, heimdal_root, started))
        for realm in realms.values():
            log_users_on(realm)
        text = json.dumps([realm.as_data() for realm in realms.values()])
        (work / "realms.json").write_text(text)
        yield realms
    finally:
        for process in started:
            process.terminate()
        for process in started:
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def load(work):
    """The realms that another process runs."""
    return {data["name"]: Realm(**data) for data in json.loads((Path(work) / "realms.json").read_text())}


if __name__ == "__main__":
    import sys

    started_at, work = time.monotonic(), Path(sys.argv[1]).resolve()
    with running(work, unpack_heimdal(work)) as found:
        print(f"{time.monotonic() - started_at:.2f} s", *found)
        time.sleep(float(sys.argv[2]) if len(sys.argv) > 2 else 0)
