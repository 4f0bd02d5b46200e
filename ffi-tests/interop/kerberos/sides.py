"""The three implementations of Kerberos as sides of a conversation: MIT's, Heimdal's and ours.

A side makes initiators and acceptors for a realm. A peer is a process of its
own with its own environment; ours lives in the test's process, where the
environment is set only while the credential is acquired, which is when it is
to be read.
"""

import contextlib
import os
from pathlib import Path

import ends
import gss
import sspi

MODES = {"mutual": gss.MUTUAL, "oneway": 0, "dce": gss.MUTUAL | gss.DCE_STYLE}
OUR_MODES = {
    "mutual": sspi.ISC_MUTUAL_AUTH,
    "oneway": 0,
    "dce": sspi.ISC_MUTUAL_AUTH | sspi.ISC_USE_DCE_STYLE,
}


@contextlib.contextmanager
def environment(settings):
    """Exactly these settings of Kerberos in this process's environment."""
    before = dict(os.environ)
    for name in before:
        if name.startswith(("KRB5", "SSPI_KDC")):
            del os.environ[name]
    os.environ.update(settings)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


class OurEnd(ends.Ours):
    """Our context with the operations of gss.Peer."""

    def wrap(self, data, sealed=True):
        return self._call("wrap", data, sealed)

    def unwrap(self, message):
        data = self._call("unwrap", message)
        return data, self.context.qop.value != sspi.WRAP_NO_ENCRYPT

    def seal_between(self, header, data, trailer, sealed=True):
        mark = sspi.READONLY_WITH_CHECKSUM
        parts = [
            (sspi.DATA | mark, bytearray(header)),
            (sspi.DATA, bytearray(data)),
            (sspi.DATA | mark, bytearray(trailer)),
            (sspi.TOKEN, bytearray(self.context.sizes().cbSecurityTrailer)),
        ]
        held = self._call("encrypt", parts, 0 if sealed else sspi.WRAP_NO_ENCRYPT)
        assert held[0] == header and held[2] == trailer
        return held[1], held[3]

    def enctype(self):
        return 0

    def server_name(self):
        return self.context.client_target()

    def attributes(self):
        return self.context.attributes


class Ours:
    name = "ours"
    ours = True

    def initiator(self, realm, target, mode="mutual", settings=None, identity=(), bindings=None, **options):
        """`identity` is (user, domain, password); empty for the credential cache's principal."""
        flags = options.pop("only", sspi.ISC_DEFAULT) | OUR_MODES[mode] | options.pop("flags", 0)
        package, packages = options.pop("package", "Kerberos"), options.pop("package_list", None)
        with environment(settings or realm.settings(**options)):
            credential = sspi.Credential(package, sspi.OUTBOUND, *(identity or (None, None, None)), packages)
        return OurEnd(sspi.Initiator(credential, target, flags, bindings and sspi.channel_bindings(bindings)))

    def again(self, end, target):
        """Another context of an initiator's credential, with the same flags."""
        return OurEnd(sspi.Initiator(end.context.credential, target, end.context.flags))

    def again_accepting(self, end):
        return OurEnd(sspi.Acceptor(end.context.credential, end.context.flags))

    def acceptor(self, realm, settings=None, bindings=None, **options):
        flags = sspi.ASC_DEFAULT | options.pop("flags", 0)
        package = options.pop("package", "Kerberos")
        if options.pop("dce", False):
            flags |= sspi.ASC_USE_DCE_STYLE
        with environment(settings or realm.settings(**options)):
            credential = sspi.Credential(package, sspi.INBOUND)
        return OurEnd(sspi.Acceptor(credential, flags, bindings and sspi.channel_bindings(bindings)))


class Library:
    """A GSS-API library; its processes end with `close`."""

    ours = False

    def __init__(self, name, program):
        self.name, self.program, self.running = name, program, []

    def _kept(self, end):
        self.running.append(end)
        return end

    def initiator(self, realm, target, mode="mutual", settings=None, identity=(), bindings=None, **options):
        flags = gss.PROTECTED | MODES[mode] | options.pop("flags", 0)
        mechanism = options.pop("mechanism", "krb5")
        user, _, password = identity or (None, None, None)
        settings = settings or realm.settings(**options)
        target = target.replace("/", "@", 1) if "@" not in target else target
        return self._kept(
            gss.initiator(
                self.program, self._whole(settings), target, flags, mechanism, bindings, name=user, password=password
            )
        )

    def acceptor(self, realm, settings=None, bindings=None, **options):
        mechanism = options.pop("mechanism", "krb5")
        options.pop("dce", False)
        settings = settings or realm.settings(**options)
        return self._kept(gss.acceptor(self.program, self._whole(settings), mechanism, bindings))

    def _whole(self, settings):
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("KRB5", "SSPI_"))}
        return {**kept, "LC_ALL": "C.UTF-8", **settings}

    def close(self):
        for end in self.running:
            end.close()
        self.running.clear()


def available(work):
    """Name -> side, of those that are there. INTEROP_PEER_ALONE=1 leaves ours out."""
    found = {}
    for name in ("mit", "heimdal"):
        program = Path(work) / f"gss_peer-{name}"
        if program.exists():
            found[name] = Library(name, program)
    if os.environ.get("INTEROP_PEER_ALONE") != "1":
        found["ours"] = Ours()
    return found
