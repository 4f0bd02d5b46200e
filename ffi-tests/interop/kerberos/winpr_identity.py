"""WinPR 3's identities: settings of NTLM and Kerberos behind a SEC_WINNT_AUTH_IDENTITY_EXW, by the A entry point."""

import ctypes
from ctypes import byref, c_char_p, c_int32, c_int64, c_uint32, c_void_p

import sspi

EXTENDED, EXTENDED_V2 = 0x100, 0x200


class Ntlm(ctypes.Structure):
    _fields_ = [("sam_file", c_char_p), ("callback", c_void_p), ("argument", c_void_p)]


class Kerberos(ctypes.Structure):
    _fields_ = [
        *((name, c_char_p) for name in ("kdc_url", "keytab", "cache", "armor_cache", "anchors", "identity")),
        ("with_pac", c_int32), ("start_time", c_int32), ("renew_life_time", c_int32), ("life_time", c_int32),
        ("certificate", ctypes.c_uint8 * 20),
    ]  # fmt: skip


class NtlmV2(ctypes.Structure):
    _fields_ = [("size", c_uint32), ("settings", Ntlm), ("names", c_char_p * 5)]


class KerberosV2(ctypes.Structure):
    _fields_ = [("size", c_uint32), ("settings", Kerberos), ("rest", ctypes.c_uint8 * 16)]


class Identity(ctypes.Structure):
    _fields_ = [("identity", sspi.AuthIdentityExW), ("ntlm", c_void_p), ("kerberos", c_void_p)]


class IdentityV2(ctypes.Structure):
    _fields_ = [("identity", sspi.AuthIdentityExW), ("version", c_uint32), ("ntlm", c_void_p), ("kerberos", c_void_p)]


SIZES = [ctypes.sizeof(kind) for kind in (Ntlm, NtlmV2, KerberosV2, IdentityV2)]
assert (SIZES, IdentityV2.ntlm.offset, Identity.ntlm.offset) == ([24, 72, 112, 96], 80, 72)


class Credential(sspi.Credential):
    """A credential as FreeRDP 3 acquires it; `second` is the layout since 3.31."""

    def __init__(self, package, use, second, user=None, domain=None, password=None, sam_file=None, **kerberos):
        texts = [sspi._wide(text) for text in (user, domain, password)]
        pairs = [(ctypes.addressof(text), len(text) - 1) if text is not None else (None, 0) for text in texts]
        flags = 2 | (EXTENDED_V2 if second else EXTENDED)
        plain = sspi.AuthIdentityExW(0x200, ctypes.sizeof(sspi.AuthIdentityExW), *pairs[0], *pairs[1], *pairs[2], flags)
        ntlm = Ntlm(sam_file=sam_file)
        settings = Kerberos(**{name: value.encode() for name, value in kerberos.items()})
        if second:
            ntlm = NtlmV2(ctypes.sizeof(NtlmV2), ntlm)
            settings = KerberosV2(ctypes.sizeof(KerberosV2), settings)
            identity = IdentityV2(plain, 1, ctypes.addressof(ntlm), ctypes.addressof(settings))
        else:
            identity = Identity(plain, ctypes.addressof(ntlm), ctypes.addressof(settings))
        self.handle, self.expiry, self._valid = sspi.Handle(), c_int64().value, False
        status = sspi.load().AcquireCredentialsHandleA(
            None, package.encode(), use, None, byref(identity), None, None, byref(self.handle), None
        )
        if status != 0:
            raise sspi.SspiError("AcquireCredentialsHandleA", status)
        self._valid = True
