"""SSPI from Python, by cffi: build_sspi.py makes the module _sspi that this one dresses.

    with sspi.Credential("Negotiate", user="alice", domain="EXAMPLE", password="secret") as me:
        with sspi.Initiator(me, "HTTP/server.example") as client:
            ...

The interface is that of the one by ctypes, in ../python. What is not closed is
given back by the garbage collector.
"""

from _sspi import ffi, lib

INBOUND, OUTBOUND = lib.SECPKG_CRED_INBOUND, lib.SECPKG_CRED_OUTBOUND
ISC_DEFAULT = (
    lib.ISC_REQ_CONFIDENTIALITY | lib.ISC_REQ_INTEGRITY | lib.ISC_REQ_REPLAY_DETECT | lib.ISC_REQ_SEQUENCE_DETECT
)
ASC_DEFAULT = (
    lib.ASC_REQ_CONFIDENTIALITY | lib.ASC_REQ_INTEGRITY | lib.ASC_REQ_REPLAY_DETECT | lib.ASC_REQ_SEQUENCE_DETECT
)
# SEC_E_LOGON_DENIED and so on are names of this module.
STATUS_NAMES = {getattr(lib, name) & 0xFFFFFFFF: name for name in dir(lib) if name.startswith(("SEC_E_", "SEC_I_"))}
globals().update({name: status for status, name in STATUS_NAMES.items()})


class SspiError(Exception):
    """A call that the library refused; `status` is the SECURITY_STATUS, unsigned, and `name` its name."""

    def __init__(self, function, status):
        self.function = function
        self.status = status & 0xFFFFFFFF
        self.name = STATUS_NAMES.get(self.status, "SECURITY_STATUS")
        super().__init__(f"{function}: {self.name} (0x{self.status:08X})")


def _check(function, status):
    if status < 0:
        raise SspiError(function, status)
    return status


def _take_text(address):
    """Reads a string of the library and gives it back."""
    try:
        return ffi.string(address).decode()
    finally:
        lib.FreeContextBuffer(address)


class _Message:
    """A SecBufferDesc over (type, bytearray or None) pairs, and what keeps them alive."""

    def __init__(self, *parts):
        # from_buffer pins a bytearray: it cannot move or shrink while the C side may write to it.
        self.pinned = [ffi.from_buffer(data, require_writable=True) if data else ffi.NULL for _, data in parts]
        self.buffers = ffi.new("SecBuffer[]", [
            (len(data or b""), kind, memory) for (kind, data), memory in zip(parts, self.pinned)
        ])  # fmt: skip
        self.desc = ffi.new("SecBufferDesc *", (lib.SECBUFFER_VERSION, len(parts), self.buffers))

    def __getitem__(self, index):
        part = self.buffers[index]
        return ffi.buffer(part.pvBuffer, part.cbBuffer)[:] if part.cbBuffer else b""


class _Handle:
    """A handle that is released once: by close(), at the end of a `with`, or by the garbage collector."""

    def __init__(self, release):
        self._release = release
        self.handle = None

    def _own(self, handle):
        self.handle = ffi.gc(handle, self._release)

    def close(self):
        if self.handle is not None:
            ffi.release(self.handle)
            self.handle = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Credential(_Handle):
    """Who one is. A client without a user is whom the machine is logged on as."""

    def __init__(self, package="NTLM", use=OUTBOUND, user=None, domain=None, password=None):
        super().__init__(lib.FreeCredentialsHandle)
        handle, identity = ffi.new("SecHandle *"), ffi.NULL
        if user is not None:
            # The arrays live until the call returns: the library copies what it needs.
            texts = [ffi.new("unsigned char[]", (text or "").encode()) for text in (user, domain, password)]
            fields = [field for text in texts for field in (text, len(text) - 1)]
            identity = ffi.new("SEC_WINNT_AUTH_IDENTITY_A *", (*fields, lib.SEC_WINNT_AUTH_IDENTITY_ANSI))
        _check("AcquireCredentialsHandle", lib.AcquireCredentialsHandleA(
            ffi.NULL, package.encode(), use, ffi.NULL, identity, ffi.NULL, ffi.NULL, handle, ffi.new("TimeStamp *"),
        ))  # fmt: skip
        self._own(handle)


class Context(_Handle):
    """One end of a conversation: what initiator and acceptor share."""

    def __init__(self, credential):
        super().__init__(lib.DeleteSecurityContext)
        self.credential, self.complete, self.attributes = credential, False, 0

    def step(self, token=b""):
        """Takes the peer's token and returns the one for the peer, b"" when there is none to send."""
        incoming = _Message((lib.SECBUFFER_TOKEN, bytearray(token)))
        outgoing = _Message((lib.SECBUFFER_TOKEN, None))
        made, attributes = self.handle or ffi.new("SecHandle *"), ffi.new("uint32_t *")
        status = self._advance(made, incoming.desc, outgoing.desc, attributes)
        if self.handle is None:
            self._own(made)
        answer = outgoing[0]
        lib.FreeContextBuffer(outgoing.buffers[0].pvBuffer)
        self.attributes = attributes[0]
        if status in (lib.SEC_I_COMPLETE_NEEDED, lib.SEC_I_COMPLETE_AND_CONTINUE):
            _check("CompleteAuthToken", lib.CompleteAuthToken(self.handle, incoming.desc))
        self.complete = status in (lib.SEC_E_OK, lib.SEC_I_COMPLETE_NEEDED)
        return answer

    def wrap(self, data):
        """Seals: what the peer's unwrap opens."""
        sizes = self.query(lib.SECPKG_ATTR_SIZES, "SecPkgContext_Sizes *")
        message = _Message(
            (lib.SECBUFFER_TOKEN, bytearray(sizes.cbSecurityTrailer)),
            (lib.SECBUFFER_DATA, bytearray(data)),
            (lib.SECBUFFER_PADDING, bytearray(sizes.cbBlockSize)),
        )
        _check("EncryptMessage", lib.EncryptMessage(self._live(), 0, message.desc, 0))
        return message[0] + message[1] + message[2]

    def unwrap(self, sealed):
        """Opens what the peer's wrap made."""
        message = _Message((lib.SECBUFFER_STREAM, bytearray(sealed)), (lib.SECBUFFER_DATA, None))
        _check("DecryptMessage", lib.DecryptMessage(self._live(), message.desc, 0, ffi.NULL))
        return message[1]

    def sign(self, data):
        """A signature to send beside the data."""
        size = self.query(lib.SECPKG_ATTR_SIZES, "SecPkgContext_Sizes *").cbMaxSignature
        message = _Message((lib.SECBUFFER_DATA, bytearray(data)), (lib.SECBUFFER_TOKEN, bytearray(size)))
        _check("MakeSignature", lib.MakeSignature(self._live(), 0, message.desc, 0))
        return message[1]

    def verify(self, data, signature):
        """Raises SspiError (SEC_E_MESSAGE_ALTERED) unless the signature is the peer's."""
        message = _Message((lib.SECBUFFER_DATA, bytearray(data)), (lib.SECBUFFER_TOKEN, bytearray(signature)))
        _check("VerifySignature", lib.VerifySignature(self._live(), message.desc, 0, ffi.NULL))

    def names(self):
        """The client, DOMAIN\\user."""
        return _take_text(self.query(lib.SECPKG_ATTR_NAMES, "SecPkgContext_NamesA *").sUserName)

    def package(self):
        """The package that did the work: of Negotiate, the one that was chosen."""
        info = self.query(lib.SECPKG_ATTR_PACKAGE_INFO, "SecPkgContext_PackageInfoA *").PackageInfo
        name = ffi.string(info.Name).decode()
        lib.FreeContextBuffer(info)
        return name

    def query(self, attribute, kind):
        """QueryContextAttributes into a new C value; pointers in it are the caller's to free."""
        value = ffi.new(kind)
        _check("QueryContextAttributes", lib.QueryContextAttributesA(self._live(), attribute, value))
        return value

    def _live(self):
        if self.handle is None:
            raise SspiError("a context that is closed or not begun", lib.SEC_E_INVALID_HANDLE)
        return self.handle


class Initiator(Context):
    """The client's side. `target` is the service's name, class/host."""

    def __init__(self, credential, target, flags=ISC_DEFAULT):
        super().__init__(credential)
        self.target, self.flags = target, flags | lib.ISC_REQ_ALLOCATE_MEMORY

    def _advance(self, made, incoming, outgoing, attributes):
        first = self.handle is None
        return _check("InitializeSecurityContext", lib.InitializeSecurityContextA(
            self.credential.handle, ffi.NULL if first else self.handle, self.target.encode(), self.flags, 0,
            lib.SECURITY_NATIVE_DREP, ffi.NULL if first else incoming, 0, made, outgoing, attributes,
            ffi.new("TimeStamp *"),
        ))  # fmt: skip


class Acceptor(Context):
    """The server's side: it decides who may come in."""

    def __init__(self, credential, flags=ASC_DEFAULT):
        super().__init__(credential)
        self.flags = flags | lib.ASC_REQ_ALLOCATE_MEMORY

    def _advance(self, made, incoming, outgoing, attributes):
        return _check("AcceptSecurityContext", lib.AcceptSecurityContext(
            self.credential.handle, self.handle or ffi.NULL, incoming, self.flags, lib.SECURITY_NATIVE_DREP, made,
            outgoing, attributes, ffi.new("TimeStamp *"),
        ))  # fmt: skip
