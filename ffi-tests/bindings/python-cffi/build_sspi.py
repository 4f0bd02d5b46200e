"""Makes the extension module _sspi: cffi reads the declarations below, and the C compiler holds them
against sspi.h, so that a wrong one fails here and not at run time.

    python3 build_sspi.py [FOLDER]

pkg-config says where header and library are.
"""

import subprocess
import sys

from cffi import FFI

DECLARATIONS = """
    typedef int32_t SECURITY_STATUS;
    typedef struct { uintptr_t dwLower; uintptr_t dwUpper; } SecHandle;
    typedef struct { uint32_t cbBuffer; uint32_t BufferType; void *pvBuffer; } SecBuffer;
    typedef struct { uint32_t ulVersion; uint32_t cBuffers; SecBuffer *pBuffers; } SecBufferDesc;
    typedef union { int64_t QuadPart; ...; } TimeStamp;
    typedef struct { char *Name; ...; } SecPkgInfoA;
    typedef struct {
        unsigned char *User; uint32_t UserLength; unsigned char *Domain; uint32_t DomainLength;
        unsigned char *Password; uint32_t PasswordLength; uint32_t Flags;
    } SEC_WINNT_AUTH_IDENTITY_A;
    typedef struct {
        uint32_t cbMaxToken; uint32_t cbMaxSignature; uint32_t cbBlockSize; uint32_t cbSecurityTrailer;
    } SecPkgContext_Sizes;
    typedef struct { char *sUserName; } SecPkgContext_NamesA;
    typedef struct { SecPkgInfoA *PackageInfo; } SecPkgContext_PackageInfoA;

    SECURITY_STATUS AcquireCredentialsHandleA(const char *, const char *, uint32_t, void *, void *, void *, void *,
                                              SecHandle *, TimeStamp *);
    SECURITY_STATUS FreeCredentialsHandle(SecHandle *);
    SECURITY_STATUS InitializeSecurityContextA(SecHandle *, SecHandle *, const char *, uint32_t, uint32_t, uint32_t,
                                               SecBufferDesc *, uint32_t, SecHandle *, SecBufferDesc *, uint32_t *,
                                               TimeStamp *);
    SECURITY_STATUS AcceptSecurityContext(SecHandle *, SecHandle *, SecBufferDesc *, uint32_t, uint32_t, SecHandle *,
                                          SecBufferDesc *, uint32_t *, TimeStamp *);
    SECURITY_STATUS CompleteAuthToken(SecHandle *, SecBufferDesc *);
    SECURITY_STATUS DeleteSecurityContext(SecHandle *);
    SECURITY_STATUS QueryContextAttributesA(SecHandle *, uint32_t, void *);
    SECURITY_STATUS FreeContextBuffer(void *);
    SECURITY_STATUS EncryptMessage(SecHandle *, uint32_t, SecBufferDesc *, uint32_t);
    SECURITY_STATUS DecryptMessage(SecHandle *, SecBufferDesc *, uint32_t, uint32_t *);
    SECURITY_STATUS MakeSignature(SecHandle *, uint32_t, SecBufferDesc *, uint32_t);
    SECURITY_STATUS VerifySignature(SecHandle *, SecBufferDesc *, uint32_t, uint32_t *);
"""

# The compiler knows their values.
CONSTANTS = """
    SECPKG_CRED_INBOUND SECPKG_CRED_OUTBOUND SEC_WINNT_AUTH_IDENTITY_ANSI SECURITY_NATIVE_DREP
    SECBUFFER_VERSION SECBUFFER_DATA SECBUFFER_TOKEN SECBUFFER_PADDING SECBUFFER_STREAM
    SECPKG_ATTR_SIZES SECPKG_ATTR_NAMES SECPKG_ATTR_PACKAGE_INFO
    ISC_REQ_ALLOCATE_MEMORY ISC_REQ_CONFIDENTIALITY ISC_REQ_INTEGRITY ISC_REQ_REPLAY_DETECT ISC_REQ_SEQUENCE_DETECT
    ISC_REQ_MUTUAL_AUTH ISC_REQ_DELEGATE
    ASC_REQ_ALLOCATE_MEMORY ASC_REQ_CONFIDENTIALITY ASC_REQ_INTEGRITY ASC_REQ_REPLAY_DETECT ASC_REQ_SEQUENCE_DETECT
    SEC_E_OK SEC_I_CONTINUE_NEEDED SEC_I_COMPLETE_NEEDED SEC_I_COMPLETE_AND_CONTINUE
    SEC_E_INSUFFICIENT_MEMORY SEC_E_INVALID_HANDLE SEC_E_UNSUPPORTED_FUNCTION SEC_E_TARGET_UNKNOWN
    SEC_E_INTERNAL_ERROR SEC_E_SECPKG_NOT_FOUND SEC_E_INVALID_TOKEN SEC_E_QOP_NOT_SUPPORTED SEC_E_NO_IMPERSONATION
    SEC_E_LOGON_DENIED SEC_E_UNKNOWN_CREDENTIALS SEC_E_NO_CREDENTIALS SEC_E_MESSAGE_ALTERED SEC_E_OUT_OF_SEQUENCE
    SEC_E_NO_AUTHENTICATING_AUTHORITY SEC_E_CONTEXT_EXPIRED SEC_E_INCOMPLETE_MESSAGE SEC_E_BUFFER_TOO_SMALL
    SEC_E_WRONG_PRINCIPAL SEC_E_TIME_SKEW SEC_E_BAD_BINDINGS SEC_E_INVALID_PARAMETER
""".split()


def pkg_config(option):
    return subprocess.check_output(["pkg-config", option, "sspi"], text=True).split()


def main(folder="."):
    ffi = FFI()
    ffi.cdef(DECLARATIONS + "".join(f"#define {name} ...\n" for name in CONSTANTS))
    ffi.set_source(
        "_sspi", "#include <sspi.h>",
        extra_compile_args=pkg_config("--cflags"), extra_link_args=pkg_config("--libs"),
    )  # fmt: skip
    print(ffi.compile(tmpdir=folder))


if __name__ == "__main__":
    main(*sys.argv[1:])
