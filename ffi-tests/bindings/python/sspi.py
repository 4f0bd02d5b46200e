"""SSPI from Python, by ctypes: one file, no dependencies.

    import sspi

    me = sspi.Credential("NTLM", user="alice", domain="EXAMPLE", password="secret")
    client = sspi.Initiator(me, "host/server")
    server = sspi.Acceptor(sspi.Credential("NTLM", use=sspi.INBOUND))

    token = client.step()
    while token:
        token = server.step(token)
        token = client.step(token) if token else b""

    print(server.names(), server.unwrap(client.wrap(b"hello")))

Credentials and contexts are given back by close(), at the end of a `with`, and
by the garbage collector at last. The library is the file named by the environment variable SSPI_LIBRARY, else
whatever the loader finds as libsspi.so (on Windows: secur32.dll). The accounts
that an acceptor knows are lines DOMAIN:user:password in the file that
NTLM_USER_FILE names.
"""

import ctypes
import os
import sys
from ctypes import POINTER, byref, c_int32, c_int64, c_uint16, c_uint32, c_void_p

INBOUND, OUTBOUND, BOTH = 1, 2, 3

# What an initiator may ask for, and is told that it got.
ISC_DELEGATE, ISC_MUTUAL_AUTH, ISC_REPLAY_DETECT, ISC_SEQUENCE_DETECT = 0x1, 0x2, 0x4, 0x8
ISC_CONFIDENTIALITY, ISC_ALLOCATE_MEMORY, ISC_USE_DCE_STYLE = 0x10, 0x100, 0x200
ISC_INTEGRITY, ISC_IDENTIFY, ISC_NULL_SESSION, ISC_NO_INTEGRITY = 0x10000, 0x20000, 0x40000, 0x800000
ISC_DEFAULT = ISC_REPLAY_DETECT | ISC_SEQUENCE_DETECT | ISC_CONFIDENTIALITY | ISC_INTEGRITY

# The acceptor's bits are the same up to 0x800 and differ above.
ASC_REPLAY_DETECT, ASC_SEQUENCE_DETECT, ASC_CONFIDENTIALITY = 0x4, 0x8, 0x10
ASC_ALLOCATE_MEMORY, ASC_USE_DCE_STYLE = 0x100, 0x200
ASC_INTEGRITY, ASC_IDENTIFY, ASC_ALLOW_NULL_SESSION = 0x20000, 0x80000, 0x100000
ASC_PROXY_BINDINGS, ASC_ALLOW_MISSING_BINDINGS = 0x4000000, 0x10000000
ASC_DEFAULT = ASC_REPLAY_DETECT | ASC_SEQUENCE_DETECT | ASC_CONFIDENTIALITY | ASC_INTEGRITY

# Buffer types, and the two marks for a part that is signed but stays readable.
EMPTY, DATA, TOKEN, PADDING, STREAM, CHANNEL_BINDINGS = 0, 1, 2, 9, 10, 14
READONLY, READONLY_WITH_CHECKSUM = 0x80000000, 0x10000000

WRAP_NO_ENCRYPT = 0x80000001

OK, CONTINUE_NEEDED, COMPLETE_NEEDED, COMPLETE_AND_CONTINUE = 0, 0x90312, 0x90313, 0x90314

STATUS_NAMES = {
    0x80090300: "SEC_E_INSUFFICIENT_MEMORY",
    0x80090301: "SEC_E_INVALID_HANDLE",
    0x80090302: "SEC_E_UNSUPPORTED_FUNCTION",
    0x80090303: "SEC_E_TARGET_UNKNOWN",
    0x80090304: "SEC_E_INTERNAL_ERROR",
    0x80090305: "SEC_E_SECPKG_NOT_FOUND",
    0x80090308: "SEC_E_INVALID_TOKEN",
    0x8009030A: "SEC_E_QOP_NOT_SUPPORTED",
    0x8009030C: "SEC_E_LOGON_DENIED",
    0x8009030D: "SEC_E_UNKNOWN_CREDENTIALS",
    0x8009030E: "SEC_E_NO_CREDENTIALS",
    0x8009030F: "SEC_E_MESSAGE_ALTERED",
    0x80090310: "SEC_E_OUT_OF_SEQUENCE",
    0x80090311: "SEC_E_NO_AUTHENTICATING_AUTHORITY",
    0x80090317: "SEC_E_CONTEXT_EXPIRED",
    0x80090318: "SEC_E_INCOMPLETE_MESSAGE",
    0x80090321: "SEC_E_BUFFER_TOO_SMALL",
    0x80090346: "SEC_E_BAD_BINDINGS",
    0x8009035D: "SEC_E_INVALID_PARAMETER",
}
for _code, _name in STATUS_NAMES.items():
    globals()[_name] = _code


class SspiError(Exception):
    """A call that the library refused; `status` is the SECURITY_STATUS, unsigned."""

    def __init__(self, function, status):
        self.function = function
        self.status = status & 0xFFFFFFFF
        self.name = STATUS_NAMES.get(self.status, "SECURITY_STATUS")
        super().__init__(f"{function}: {self.name} (0x{self.status:08X})")


class Handle(ctypes.Structure):
    _fields_ = [("dwLower", ctypes.c_size_t), ("dwUpper", ctypes.c_size_t)]


class SecBuffer(ctypes.Structure):
    _fields_ = [("cbBuffer", c_uint32), ("BufferType", c_uint32), ("pvBuffer", c_void_p)]


class SecBufferDesc(ctypes.Structure):
    _fields_ = [("ulVersion", c_uint32), ("cBuffers", c_uint32), ("pBuffers", POINTER(SecBuffer))]


class AuthIdentityExW(ctypes.Structure):
    _fields_ = [
        ("Version", c_uint32), ("Length", c_uint32),
        ("User", c_void_p), ("UserLength", c_uint32),
        ("Domain", c_void_p), ("DomainLength", c_uint32),
        ("Password", c_void_p), ("PasswordLength", c_uint32),
        ("Flags", c_uint32),
        ("PackageList", c_void_p), ("PackageListLength", c_uint32),
    ]  # fmt: skip


class SecPkgInfoW(ctypes.Structure):
    _fields_ = [
        ("fCapabilities", c_uint32), ("wVersion", c_uint16), ("wRPCID", c_uint16),
        ("cbMaxToken", c_uint32), ("Name", c_void_p), ("Comment", c_void_p),
    ]  # fmt: skip


class Sizes(ctypes.Structure):
    _fields_ = [
        ("cbMaxToken", c_uint32), ("cbMaxSignature", c_uint32),
        ("cbBlockSize", c_uint32), ("cbSecurityTrailer", c_uint32),
    ]  # fmt: skip


class _SessionKey(ctypes.Structure):
    _fields_ = [("SessionKeyLength", c_uint32), ("SessionKey", c_void_p)]


class _Lifespan(ctypes.Structure):
    _fields_ = [("tsStart", c_int64), ("tsExpiry", c_int64)]


class _NativeNames(ctypes.Structure):
    _fields_ = [("sClientName", c_void_p), ("sServerName", c_void_p)]


_H, _D, _U, _P = POINTER(Handle), POINTER(SecBufferDesc), c_uint32, c_void_p
_PROTOTYPES = {
    "AcquireCredentialsHandleW": (_P, _P, _U, _P, _P, _P, _P, _H, POINTER(c_int64)),
    "FreeCredentialsHandle": (_H,),
    "InitializeSecurityContextW": (_H, _H, _P, _U, _U, _U, _D, _U, _H, _D, POINTER(_U), POINTER(c_int64)),
    "AcceptSecurityContext": (_H, _H, _D, _U, _U, _H, _D, POINTER(_U), POINTER(c_int64)),
    "CompleteAuthToken": (_H, _D),
    "DeleteSecurityContext": (_H,),
    "QueryContextAttributesW": (_H, _U, _P),
    "EnumerateSecurityPackagesW": (POINTER(_U), POINTER(POINTER(SecPkgInfoW))),
    "QuerySecurityPackageInfoW": (_P, POINTER(POINTER(SecPkgInfoW))),
    "FreeContextBuffer": (_P,),
    "EncryptMessage": (_H, _U, _D, _U),
    "DecryptMessage": (_H, _D, _U, POINTER(_U)),
    "MakeSignature": (_H, _U, _D, _U),
    "VerifySignature": (_H, _D, _U, POINTER(_U)),
}

_library = None


def load(path=None):
    """Loads the library (once); every other function does so by itself."""
    global _library
    if _library is None or path is not None:
        windows = sys.platform == "win32"
        path = path or os.environ.get("SSPI_LIBRARY") or ("secur32.dll" if windows else "libsspi.so")
        library = ctypes.WinDLL(path) if windows else ctypes.CDLL(path)
        for name, arguments in _PROTOTYPES.items():
            function = getattr(library, name)
            function.argtypes, function.restype = arguments, c_int32
        _library = library
    return _library


def _call(name, *arguments, accept=(OK,)):
    status = getattr(load(), name)(*arguments)
    if status not in accept:
        raise SspiError(name, status)
    return status


def _wide(text):
    """A NUL-terminated array of UTF-16 units, or None; lone surrogates pass."""
    if text is None:
        return None
    raw = text.encode("utf-16-le", "surrogatepass") + b"\0\0"
    return (c_uint16 * (len(raw) // 2)).from_buffer_copy(raw)


def _text(address):
    """Reads a NUL-terminated UTF-16 string of the library."""
    if not address:
        return None
    units, index = ctypes.cast(address, POINTER(c_uint16)), 0
    while units[index]:
        index += 1
    return ctypes.string_at(address, index * 2).decode("utf-16-le", "surrogatepass")


def _take_text(address):
    """Reads a string of the library and gives it back."""
    text = _text(address)
    _call("FreeContextBuffer", address)
    return text


class _Message:
    """A SecBufferDesc over (type, bytearray or None) pairs, worked on in place."""

    def __init__(self, parts):
        self.memory = [(ctypes.c_char * len(data)).from_buffer(data) if data else None for _, data in parts]
        self.buffers = (SecBuffer * max(len(parts), 1))()
        for buffer, memory, (kind, data) in zip(self.buffers, self.memory, parts):
            buffer.BufferType = kind
            buffer.cbBuffer = len(data) if data else 0
            buffer.pvBuffer = ctypes.addressof(memory) if memory is not None else None
        self.descriptor = SecBufferDesc(0, len(parts), self.buffers)

    def __getitem__(self, index):
        buffer = self.buffers[index]
        return ctypes.string_at(buffer.pvBuffer, buffer.cbBuffer) if buffer.cbBuffer else b""


def packages():
    """The names of the packages that the library offers."""
    count, info = c_uint32(), POINTER(SecPkgInfoW)()
    _call("EnumerateSecurityPackagesW", byref(count), byref(info))
    names = [_text(info[index].Name) for index in range(count.value)]
    _call("FreeContextBuffer", info)
    return names


def channel_bindings(application_data, initiator=(0, b""), acceptor=(0, b"")):
    """A SEC_CHANNEL_BINDINGS structure, e.g. of b"tls-server-end-point:" + digest.

    Initiator and acceptor are (address type, address).
    """
    fields, tail = [], b""
    for kind, address in (initiator, acceptor):
        fields += [kind, len(address), 32 + len(tail) if address else 0]
        tail += address
    fields += [len(application_data), 32 + len(tail)]
    return b"".join(value.to_bytes(4, "little") for value in fields) + tail + application_data


class Credential:
    """A credentials handle. Without a user it is the default identity."""

    def __init__(self, package="NTLM", use=OUTBOUND, user=None, domain=None, password=None, package_list=None):
        texts = [_wide(text) for text in (user, domain, password, package_list)]
        identity = None
        if any(text is not None for text in texts):
            pairs = [(ctypes.addressof(text), len(text) - 1) if text is not None else (None, 0) for text in texts]
            flags_unicode = 2
            identity = AuthIdentityExW(
                0x200, ctypes.sizeof(AuthIdentityExW), *pairs[0], *pairs[1], *pairs[2], flags_unicode, *pairs[3]
            )
        self.handle, expiry = Handle(), c_int64()
        self._valid = False
        _call(
            "AcquireCredentialsHandleW", None, _wide(package), use, None,
            byref(identity) if identity is not None else None, None, None, byref(self.handle), byref(expiry),
        )  # fmt: skip
        self._valid = True
        self.expiry = expiry.value

    def close(self):
        if self._valid:
            self._valid = False
            _call("FreeCredentialsHandle", byref(self.handle))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __del__(self):
        if getattr(self, "_valid", False) and _library is not None:
            self.close()


class Context:
    """What initiator and acceptor share: everything but the steps."""

    # Whether there is always a token to take, even if it is empty.
    _answers = False

    def __init__(self, credential, flags, bindings):
        self.credential, self.flags, self.bindings = credential, flags, bindings
        self.handle, self._exists = Handle(), False
        self.complete, self.attributes, self.expiry, self.status = False, 0, 0, None

    def close(self):
        if self._exists:
            self._exists = False
            _call("DeleteSecurityContext", byref(self.handle))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __del__(self):
        if getattr(self, "_exists", False) and _library is not None:
            self.close()

    def step(self, token=b""):
        """Takes the peer's token and returns ours, b"" when there is none to send."""
        parts = [(TOKEN, bytearray(token))] if token or self._answers else []
        if self.bindings:
            parts.append((CHANNEL_BINDINGS, bytearray(self.bindings)))
        incoming = _Message(parts) if parts else None
        outgoing = _Message([(TOKEN, None)])
        attributes, expiry = c_uint32(), c_int64()
        self.status = self._advance(
            byref(self.handle) if self._exists else None,
            byref(incoming.descriptor) if incoming else None,
            byref(outgoing.descriptor), byref(attributes), byref(expiry),
        )  # fmt: skip
        self._exists = True
        self.attributes, self.expiry = attributes.value, expiry.value
        answer = outgoing[0]
        _call("FreeContextBuffer", outgoing.buffers[0].pvBuffer)
        if self.status in (COMPLETE_NEEDED, COMPLETE_AND_CONTINUE):
            _call("CompleteAuthToken", byref(self.handle), byref((incoming or outgoing).descriptor))
        self.complete = self.status in (OK, COMPLETE_NEEDED)
        return answer

    # Messages

    def wrap(self, data, encrypt=True):
        """Seals data; signature and sealed data in one string, as GSS-API would send it."""
        sizes = self.sizes()
        parts = [(TOKEN, bytearray(sizes.cbSecurityTrailer)), (DATA, bytearray(data))]
        parts.append((PADDING, bytearray(sizes.cbBlockSize)))
        return b"".join(self.encrypt(parts, 0 if encrypt else WRAP_NO_ENCRYPT))

    def unwrap(self, sealed):
        """Opens what the peer's wrap made."""
        return self.decrypt([(STREAM, bytearray(sealed)), (DATA, None)])[1]

    def sign(self, data):
        """A detached signature."""
        parts = [(DATA, bytearray(data)), (TOKEN, bytearray(self.sizes().cbMaxSignature))]
        return self._message("MakeSignature", parts, 0)[1]

    def verify(self, data, signature):
        """Raises SspiError (SEC_E_MESSAGE_ALTERED) unless the signature is right."""
        self._message("VerifySignature", [(DATA, bytearray(data)), (TOKEN, bytearray(signature))])

    def encrypt(self, parts, qop=0):
        """EncryptMessage over (type, bytearray) parts, in place; returns what each holds afterwards."""
        return self._message("EncryptMessage", parts, qop)

    def decrypt(self, parts):
        """DecryptMessage over (type, bytearray) parts, in place; returns what each holds afterwards."""
        return self._message("DecryptMessage", parts)

    def _message(self, function, parts, qop=None):
        message = _Message(parts)
        if qop is None:
            self.qop = c_uint32()
            _call(function, byref(self.handle), byref(message.descriptor), 0, byref(self.qop))
        else:
            _call(function, byref(self.handle), qop, byref(message.descriptor), 0)
        return [message[index] for index in range(len(parts))]

    # Questions

    def query(self, attribute, value):
        """QueryContextAttributes into any ctypes value."""
        _call("QueryContextAttributesW", byref(self.handle), attribute, byref(value))
        return value

    def sizes(self):
        return self.query(0, Sizes())

    def names(self):
        """The client's name, DOMAIN\\user."""
        return _take_text(self.query(1, c_void_p()).value)

    def lifespan(self):
        """(start, expiry) as FILETIMEs."""
        value = self.query(2, _Lifespan())
        return value.tsStart, value.tsExpiry

    def session_key(self):
        value = self.query(9, _SessionKey())
        key = ctypes.string_at(value.SessionKey, value.SessionKeyLength)
        _call("FreeContextBuffer", value.SessionKey)
        return key

    def package(self):
        """The name of the package that did the work."""
        value = self.query(10, POINTER(SecPkgInfoW)())
        name = _text(value.contents.Name)
        _call("FreeContextBuffer", value)
        return name

    def native_names(self):
        """(client, server)."""
        value = self.query(13, _NativeNames())
        return _take_text(value.sClientName), _take_text(value.sServerName)

    def granted(self):
        """The flags of the context, as SECPKG_ATTR_FLAGS answers them."""
        return self.query(14, c_uint32()).value

    def client_target(self):
        """The target name that the client aimed at (acceptors only)."""
        return _take_text(self.query(27, c_void_p()).value)


class Initiator(Context):
    """The client's side."""

    def __init__(self, credential, target=None, flags=ISC_DEFAULT, bindings=None):
        super().__init__(credential, flags, bindings)
        self.target = target

    def _advance(self, context, incoming, outgoing, attributes, expiry):
        return _call(
            "InitializeSecurityContextW", byref(self.credential.handle), context, _wide(self.target),
            self.flags | ISC_ALLOCATE_MEMORY, 0, 0x10, incoming, 0, byref(self.handle), outgoing, attributes, expiry,
            accept=(OK, CONTINUE_NEEDED, COMPLETE_NEEDED, COMPLETE_AND_CONTINUE),
        )  # fmt: skip


class Acceptor(Context):
    """The server's side."""

    _answers = True

    def __init__(self, credential, flags=ASC_DEFAULT, bindings=None):
        super().__init__(credential, flags, bindings)

    def _advance(self, context, incoming, outgoing, attributes, expiry):
        return _call(
            "AcceptSecurityContext", byref(self.credential.handle), context, incoming,
            self.flags | ASC_ALLOCATE_MEMORY, 0x10, byref(self.handle), outgoing, attributes, expiry,
            accept=(OK, CONTINUE_NEEDED, COMPLETE_NEEDED, COMPLETE_AND_CONTINUE),
        )  # fmt: skip
