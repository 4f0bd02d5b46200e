#!/usr/bin/env python3
"""A realm whose servers only the system's name servers know, in a network of its own with a resolv.conf of its own;
and a credential cache on a disk of its own, which is full.

    unshare --net --mount name_service.py WORK REALM PREFIX DLL

Started so by `run`; its last line is `N passed, N failed, N skipped`.
"""

import fcntl
import shutil
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path

HERE = Path(__file__).resolve().parent
if __name__ == "__main__":
    sys.path += [str(HERE.parent / "interop"), str(HERE.parent / "interop" / "kerberos")]

import realms  # noqa: E402
from places import SERVICE, Places, files, listed  # noqa: E402
from programs import judge  # noqa: E402
from run import Missing  # noqa: E402
from system import Programs  # noqa: E402
from wine import Wine, windows_path  # noqa: E402

# The first of them is not there: the next is asked.
NAME_SERVERS = ["127.0.0.4", "127.0.0.5"]


def bring_up_loopback():
    """As `ip link set lo up` does."""
    get_flags, set_flags, up = 0x8913, 0x8914, 1
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        answer = fcntl.ioctl(any_socket, get_flags, struct.pack("16sh22x", b"lo", 0))
        flags = struct.unpack("16sh22x", answer)[1]
        fcntl.ioctl(any_socket, set_flags, struct.pack("16sh22x", b"lo", flags | up))


def labels(name):
    return b"".join(bytes([len(part)]) + part.encode() for part in name.split(".")) + b"\0"


def answer(question, ports):
    """To a question for SRV records; to others that there is no such name."""
    end, name = 12, []
    while question[end]:
        name.append(question[end + 1 : end + 1 + question[end]].decode())
        end += 1 + question[end]
    kind = struct.unpack("!H", question[end + 1 : end + 3])[0]
    asked = question[12 : end + 5]
    service = ".".join(name[:2]).lower()
    port = ports.get(service) if ".".join(name[2:]).upper() == realms.MIT and kind == 33 else None
    data = struct.pack("!HHH", 0, 0, port or 0) + labels("localhost")
    record = b"\xc0\x0c" + struct.pack("!HHIH", 33, 1, 60, len(data)) + data if port else b""
    head = question[:2] + struct.pack("!HHHHH", 0x8180 if port else 0x8183, 1, 1 if port else 0, 0, 0)
    return head + asked + record


def serve(server, ports):
    while True:
        question, client = server.recvfrom(4096)
        server.sendto(answer(question, ports), client)


def inside(work, realm_folder, prefix, dll):
    bring_up_loopback()
    resolv_conf = work / "resolv.conf"
    resolv_conf.write_text("".join(f"nameserver {address}\n" for address in NAME_SERVERS))
    subprocess.run(["mount", "--bind", str(resolv_conf), "/etc/resolv.conf"], check=True)
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind((NAME_SERVERS[1], 53))
    with Wine(prefix, dll) as wine, realms.running(realm_folder) as running:
        realm = running[realms.MIT]
        ports = {"_kerberos._udp": realm.ports["kdc"], "_kpasswd._udp": realm.ports["kpasswd"]}
        threading.Thread(target=serve, args=(server, ports), daemon=True).start()
        programs = Programs(work, wine)
        places = Places(programs, realm)
        left_out = ("kdc =", "kpasswd_server", "admin_server", "dns_lookup_kdc")
        at = {places.windows / "krb5.ini": places.configuration(*left_out), places.windows / "krb5kt": places.all_keys}
        with files(at):
            user, password = "m\u00fcller", realms.USERS["m\u00fcller"]
            output = places.log_on("by DNS", user, password, "n\u00e9u \u20ac123")
            programs.check(f"KDCs: those of DNS (_kerberos._udp.{realms.MIT})\n" in output, f"it says so: {output}")
            full_disk(places)
    print(programs.counts)
    return 1 if programs.counts.failed else 0


def full_disk(places):
    """A ticket that there is no room for is used and not kept, and leaves nothing of itself in the cache."""
    disk = places.programs.work / "disk"
    disk.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", str(disk)], check=True)
    cache, room = disk / "cc", 4096
    cache.write_bytes(places.tickets)
    places.log_on("room on the disk", KRB5CCNAME=f"FILE:{windows_path(cache)}")
    # The same ticket again, until the next one does not fit.
    ticket = cache.read_bytes()[len(places.tickets) :]
    while cache.stat().st_size + len(ticket) <= room:
        with open(cache, "ab") as file:
            file.write(ticket)
    whole = cache.read_bytes()
    other = f"{realms.SERVICES[1]}/localhost@{realms.MIT}"
    places.log_on("full disk", service=other, KRB5CCNAME=f"FILE:{windows_path(cache)}")
    places.programs.check(len(ticket) > 0 and len(whole) < room, f"there was some room: {len(ticket)}, {len(whole)}")
    places.programs.check(cache.read_bytes() == whole, f"the cache is as before: {cache.stat().st_size} bytes")
    places.programs.check(SERVICE in listed(cache), f"the cache is whole: {listed(cache)}")


def run(work, wine, options):
    """Under Wine it is its server that has the sockets: it starts anew in that network."""
    alone = ["unshare", "--net", "--mount"]
    if shutil.which("unshare") is None or subprocess.run([*alone, "true"], stderr=subprocess.DEVNULL).returncode != 0:
        raise Missing("run as root: the name servers need a network namespace")
    wine.prepare()
    wine.stop()
    places = [work, options.work / "realm", wine.prefix, options.dll]
    command = [*alone, sys.executable, str(Path(__file__).resolve()), *map(str, places)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return judge("name service", done.returncode, done.stdout)


if __name__ == "__main__":
    sys.exit(inside(*map(Path, sys.argv[1:])))
