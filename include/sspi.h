/*
 * sspi.h: Microsoft's Security Support Provider Interface, outside Windows and on it.
 *
 * Names, values, layouts and calls are Windows' own, and code written for Windows compiles with this
 * header; what is not Windows' begins with libsspi_ or LIBSSPI_. The rules:
 *
 * Types. Every integer has a fixed width. An unsigned long of Windows is a uint32_t (ULONG): code that
 * passes the address of an unsigned long has to say ULONG, since other 64-bit systems give it 8 bytes.
 * SEC_WCHAR is a 16-bit unit of UTF-16, never wchar_t. Strings of the A functions are UTF-8. A
 * TimeStamp counts 100 ns steps since 1601-01-01 UTC; 0x7FFFFFFFFFFFFFFF is never.
 *
 * On Windows the types are those of its own headers (a uint32_t here is their ULONG, SEC_WCHAR their
 * WCHAR, strings of A functions are in the active code page), and this header stands in for the
 * sspi.h that comes with the compiler: whichever is included first declares SSPI, and where that is
 * not this one, it adds what begins with libsspi_.
 *
 * Memory. What the library allocates (strings and arrays that a query returns, package descriptions,
 * tokens under ISC_REQ_ALLOCATE_MEMORY or ASC_REQ_ALLOCATE_MEMORY) is given back with
 * FreeContextBuffer, one call for each pointer. What the caller hands in may be freed or overwritten
 * when the call returns: identities and strings are copied. Pointers are never kept.
 *
 * Handles. Opaque, copied and compared by value. A handle that is forged, stale or of the other kind
 * is answered with SEC_E_INVALID_HANDLE.
 *
 * Threads. Any function may be called from any thread. One thread may encrypt while another decrypts
 * on the same context; two steps of one handshake wait for each other.
 *
 * Answers. Negative is failure (SEC_SUCCESS). When a function fails, out parameters are untouched
 * unless its description says otherwise.
 *
 * Made from the library's source; changes belong there.
 */

#ifndef LIBSSPI_SSPI_H
#define LIBSSPI_SSPI_H

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
/* Without windows.h, which brings more along: the program includes it, before or after, as it likes. */
#if defined(_M_IX86) && !defined(_X86_)
#define _X86_
#elif defined(_M_AMD64) && !defined(_AMD64_)
#define _AMD64_
#elif defined(_M_ARM64) && !defined(_ARM64_)
#define _ARM64_
#endif
#include <excpt.h>
#include <stdarg.h>
#include <windef.h>
#include <winerror.h>
/* Words of this header for Windows' own, until its end. */
#pragma push_macro("uint32_t")
#pragma push_macro("int32_t")
#pragma push_macro("uintptr_t")
#undef uint32_t
#undef int32_t
#undef uintptr_t
#define uint32_t ULONG
#define int32_t LONG
#define uintptr_t ULONG_PTR
#endif

#if !defined(__SSPI_H__)
#if defined(_WIN32)
#define __SSPI_H__
#ifndef ISSP_LEVEL
#define ISSP_LEVEL 32
#define ISSP_MODE 1
#endif
/* What rpcdce.h says too. */
#undef SEC_WINNT_AUTH_IDENTITY_ANSI
#undef SEC_WINNT_AUTH_IDENTITY_UNICODE
#undef SEC_WINNT_AUTH_IDENTITY
#undef PSEC_WINNT_AUTH_IDENTITY
#undef SEC_ENTRY
#define SEC_ENTRY __stdcall
#elif !defined(SEC_ENTRY)
#define SEC_ENTRY
#endif

#ifndef SEC_FAR
#define SEC_FAR
#endif

/*
 * Windows' basic types, for code that expects windows.h. Define LIBSSPI_NO_WINDOWS_TYPES before this
 * header if the program has its own; nothing below needs them.
 */
#if !defined(_WIN32) && !defined(LIBSSPI_NO_WINDOWS_TYPES) && !defined(_WINDEF_) \
    && !defined(WINPR_WTYPES_H) && !defined(ALLREADY_HAVE_WINDOWS_TYPE)
typedef void VOID, *PVOID, *LPVOID, *HANDLE, **PHANDLE, *HINSTANCE, *HMODULE;
typedef char CHAR, *PCHAR, *PSTR, *LPSTR;
typedef const char *PCSTR, *LPCSTR;
typedef uint16_t WCHAR, *PWCHAR, *PWSTR, *LPWSTR;
typedef const uint16_t *PCWSTR, *LPCWSTR;
typedef uint8_t BYTE, UCHAR, BOOLEAN, *PBYTE, *LPBYTE, *PUCHAR, *PBOOLEAN;
typedef uint16_t WORD, USHORT, *PWORD, *PUSHORT;
typedef int16_t SHORT, *PSHORT;
typedef uint32_t DWORD, ULONG, UINT, *PDWORD, *LPDWORD, *PULONG, *PUINT;
typedef int32_t LONG, BOOL, INT, *PLONG, *PBOOL, *LPBOOL, *PINT;
typedef uint64_t ULONGLONG, ULONG64, DWORD64;
typedef int64_t LONGLONG, LONG64;
typedef uintptr_t ULONG_PTR, DWORD_PTR, UINT_PTR, *PULONG_PTR;
typedef intptr_t LONG_PTR, INT_PTR;
typedef LONG HRESULT, NTSTATUS;
typedef struct _LUID {
    uint32_t LowPart;
    int32_t HighPart;
} LUID, *PLUID;
#ifdef UNICODE
typedef WCHAR TCHAR, *PTSTR, *LPTSTR;
typedef const WCHAR *PCTSTR, *LPCTSTR;
#else
typedef CHAR TCHAR, *PTSTR, *LPTSTR;
typedef const CHAR *PCTSTR, *LPCTSTR;
#endif
#ifndef TRUE
#define TRUE 1
#endif
#ifndef FALSE
#define FALSE 0
#endif
#ifndef CONST
#define CONST const
#endif
#ifndef WINAPI
#define WINAPI
#endif
#ifndef APIENTRY
#define APIENTRY WINAPI
#endif
#endif

#if !defined(_WIN32) && !defined(GUID_DEFINED)
#define GUID_DEFINED
typedef struct _GUID {
    uint32_t Data1;
    uint16_t Data2;
    uint16_t Data3;
    uint8_t Data4[8];
} GUID;
#endif

#if defined(__GNUC__)
#define LIBSSPI_EXTENSION __extension__
#else
#define LIBSSPI_EXTENSION
#endif

/* Function and table member go by both names. */
#define FreeCredentialHandle FreeCredentialsHandle

#ifdef __cplusplus
extern "C" {
#endif

#if defined(_WIN32)
typedef LARGE_INTEGER SECURITY_INTEGER, *PSECURITY_INTEGER;
#else
/* 100 ns steps since 1601-01-01 UTC. */
typedef union _SECURITY_INTEGER {
    LIBSSPI_EXTENSION struct {
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        int32_t HighPart;
        uint32_t LowPart;
#else
        uint32_t LowPart;
        int32_t HighPart;
#endif
    };
    int64_t QuadPart;
} SECURITY_INTEGER, *PSECURITY_INTEGER;
#endif
typedef SECURITY_INTEGER TimeStamp, *PTimeStamp;

/* One unit of UTF-16, never a wchar_t of four bytes. */
#if defined(_WIN32)
typedef WCHAR SEC_WCHAR;
#else
typedef uint16_t SEC_WCHAR;
#endif

/* ------------------------------------------------------------------------------------------------
 * Handles, time, strings, buffers and package descriptions.
 */

/* What every function answers; negative is failure. The numbers are in status. */
#ifndef __SECSTATUS_DEFINED__
typedef int32_t SECURITY_STATUS;
#endif

/* One byte of a string; strings of the A functions are UTF-8. */
typedef char SEC_CHAR;

/* Two opaque words, copied and compared by value. Both -1: no handle. */
#ifndef __SECHANDLE_DEFINED__
typedef struct _SecHandle {
    uintptr_t dwLower;
    uintptr_t dwUpper;
} SecHandle, *PSecHandle;
#endif

/* A credential, from AcquireCredentialsHandle to FreeCredentialsHandle. */
typedef SecHandle CredHandle, *PCredHandle;

/* A security context, from its first token to DeleteSecurityContext. */
typedef SecHandle CtxtHandle, *PCtxtHandle;

/* A counted UTF-16 string; lengths are bytes. */
typedef struct _SECURITY_STRING {
    uint16_t Length;
    uint16_t MaximumLength;
    uint16_t *Buffer;
} SECURITY_STRING, *PSECURITY_STRING;

/* One stretch of memory of the caller's, with its purpose (SECBUFFER_*). */
typedef struct _SecBuffer {
    uint32_t cbBuffer;
    /* SECBUFFER_TOKEN, SECBUFFER_DATA, ... with the attributes of SECBUFFER_ATTRMASK. */
    uint32_t BufferType;
    void *pvBuffer;
} SecBuffer, *PSecBuffer;

/* An array of buffers. */
typedef struct _SecBufferDesc {
    /* SECBUFFER_VERSION. */
    uint32_t ulVersion;
    uint32_t cBuffers;
    SecBuffer *pBuffers;
} SecBufferDesc, *PSecBufferDesc;

/* What a security package is and can. */
typedef struct _SecPkgInfoW {
    /* SECPKG_FLAG_*. */
    uint32_t fCapabilities;
    uint16_t wVersion;
    /* The number of the package in RPC, SECPKG_ID_NONE if it has none. */
    uint16_t wRPCID;
    /* The largest token in bytes. */
    uint32_t cbMaxToken;
    SEC_WCHAR *Name;
    SEC_WCHAR *Comment;
} SecPkgInfoW, *PSecPkgInfoW;

/* What a security package is and can. */
typedef struct _SecPkgInfoA {
    /* SECPKG_FLAG_*. */
    uint32_t fCapabilities;
    uint16_t wVersion;
    /* The number of the package in RPC, SECPKG_ID_NONE if it has none. */
    uint16_t wRPCID;
    /* The largest token in bytes. */
    uint32_t cbMaxToken;
    SEC_CHAR *Name;
    SEC_CHAR *Comment;
} SecPkgInfoA, *PSecPkgInfoA;

/* SECBUFFER_NEGOTIATION_INFO. */
typedef struct _SEC_NEGOTIATION_INFO {
    uint32_t Size;
    uint32_t NameLength;
    SEC_WCHAR *Name;
    void *Reserved;
} SEC_NEGOTIATION_INFO, *PSEC_NEGOTIATION_INFO;

/* Head of a SECBUFFER_CHANNEL_BINDINGS buffer; offsets count from its first byte. */
typedef struct _SEC_CHANNEL_BINDINGS {
    uint32_t dwInitiatorAddrType;
    uint32_t cbInitiatorLength;
    uint32_t dwInitiatorOffset;
    uint32_t dwAcceptorAddrType;
    uint32_t cbAcceptorLength;
    uint32_t dwAcceptorOffset;
    uint32_t cbApplicationDataLength;
    uint32_t dwApplicationDataOffset;
} SEC_CHANNEL_BINDINGS, *PSEC_CHANNEL_BINDINGS;

/* The extended head, told by magicNumber in its first word. */
typedef struct _SEC_CHANNEL_BINDINGS_EX {
    /* SEC_CHANNEL_BINDINGS_EX_MAGIC. */
    uint32_t magicNumber;
    /* SEC_CHANNEL_BINDINGS_AUDIT_BINDINGS. */
    uint32_t flags;
    uint32_t cbHeaderLength;
    uint32_t cbStructureLength;
    uint32_t dwInitiatorAddrType;
    uint32_t cbInitiatorLength;
    uint32_t dwInitiatorOffset;
    uint32_t dwAcceptorAddrType;
    uint32_t cbAcceptorLength;
    uint32_t dwAcceptorOffset;
    uint32_t cbApplicationDataLength;
    uint32_t dwApplicationDataOffset;
} SEC_CHANNEL_BINDINGS_EX, *PSEC_CHANNEL_BINDINGS_EX;

/* SECBUFFER_CHANNEL_BINDINGS_RESULT: what the acceptor made of the client's bindings. */
typedef struct _SEC_CHANNEL_BINDINGS_RESULT {
    /* SEC_CHANNEL_BINDINGS_RESULT_*. */
    uint32_t flags;
} SEC_CHANNEL_BINDINGS_RESULT, *PSEC_CHANNEL_BINDINGS_RESULT;

/* SECBUFFER_FLAGS: requests that do not fit into 32 bits; the low 32 bits are zero. */
typedef struct _SEC_FLAGS {
    uint64_t Flags;
} SEC_FLAGS, *PSEC_FLAGS;

/* One of SecApplicationProtocolNegotiationExt_*. */
typedef uint32_t SEC_APPLICATION_PROTOCOL_NEGOTIATION_EXT, *PSEC_APPLICATION_PROTOCOL_NEGOTIATION_EXT;

/* One of SecApplicationProtocolNegotiationStatus_*. */
typedef uint32_t SEC_APPLICATION_PROTOCOL_NEGOTIATION_STATUS, *PSEC_APPLICATION_PROTOCOL_NEGOTIATION_STATUS;

/* One of SecTrafficSecret_*. */
typedef uint32_t SEC_TRAFFIC_SECRET_TYPE, *PSEC_TRAFFIC_SECRET_TYPE;

typedef struct _SEC_APPLICATION_PROTOCOL_LIST {
    SEC_APPLICATION_PROTOCOL_NEGOTIATION_EXT ProtoNegoExt;
    uint16_t ProtocolListSize;
    uint8_t ProtocolList[1];
} SEC_APPLICATION_PROTOCOL_LIST, *PSEC_APPLICATION_PROTOCOL_LIST;

typedef struct _SEC_APPLICATION_PROTOCOLS {
    uint32_t ProtocolListsSize;
    SEC_APPLICATION_PROTOCOL_LIST ProtocolLists[1];
} SEC_APPLICATION_PROTOCOLS, *PSEC_APPLICATION_PROTOCOLS;

typedef struct _SEC_SRTP_PROTECTION_PROFILES {
    uint16_t ProfilesSize;
    uint16_t ProfilesList[1];
} SEC_SRTP_PROTECTION_PROFILES, *PSEC_SRTP_PROTECTION_PROFILES;

typedef struct _SEC_SRTP_MASTER_KEY_IDENTIFIER {
    uint8_t MasterKeyIdentifierSize;
    uint8_t MasterKeyIdentifier[1];
} SEC_SRTP_MASTER_KEY_IDENTIFIER, *PSEC_SRTP_MASTER_KEY_IDENTIFIER;

typedef struct _SEC_TOKEN_BINDING {
    uint8_t MajorVersion;
    uint8_t MinorVersion;
    uint16_t KeyParametersSize;
    uint8_t KeyParameters[1];
} SEC_TOKEN_BINDING, *PSEC_TOKEN_BINDING;

typedef struct _SEC_PRESHAREDKEY {
    uint16_t KeySize;
    uint8_t Key[1];
} SEC_PRESHAREDKEY, *PSEC_PRESHAREDKEY;

typedef struct _SEC_PRESHAREDKEY_IDENTITY {
    uint16_t KeyIdentitySize;
    uint8_t KeyIdentity[1];
} SEC_PRESHAREDKEY_IDENTITY, *PSEC_PRESHAREDKEY_IDENTITY;

typedef struct _SEC_DTLS_MTU {
    uint16_t PathMTU;
} SEC_DTLS_MTU, *PSEC_DTLS_MTU;

typedef struct _SEC_TRAFFIC_SECRETS {
    SEC_WCHAR SymmetricAlgId[64];
    SEC_WCHAR ChainingMode[64];
    SEC_WCHAR HashAlgId[64];
    uint16_t KeySize;
    uint16_t IvSize;
    uint16_t MsgSequenceStart;
    uint16_t MsgSequenceEnd;
    SEC_TRAFFIC_SECRET_TYPE TrafficSecretType;
    uint16_t TrafficSecretSize;
    uint8_t TrafficSecret[1];
} SEC_TRAFFIC_SECRETS, *PSEC_TRAFFIC_SECRETS;

/* ------------------------------------------------------------------------------------------------
 * What QueryContextAttributes and QueryCredentialsAttributes fill in, by attribute.
 */

/* One of SecPkgCredClass_*. */
typedef uint32_t SECPKG_CRED_CLASS, *PSECPKG_CRED_CLASS;

/* One of SecPkgAttrLastClientToken*. */
typedef uint32_t SECPKG_ATTR_LCT_STATUS, *PSECPKG_ATTR_LCT_STATUS;

/* SECPKG_CRED_ATTR_NAMES: the user of the credential; freed by FreeContextBuffer. */
typedef struct _SecPkgCredentials_NamesW {
    SEC_WCHAR *sUserName;
} SecPkgCredentials_NamesW, *PSecPkgCredentials_NamesW;

/* SECPKG_CRED_ATTR_NAMES: the user of the credential; freed by FreeContextBuffer. */
typedef struct _SecPkgCredentials_NamesA {
    SEC_CHAR *sUserName;
} SecPkgCredentials_NamesA, *PSecPkgCredentials_NamesA;

/* SECPKG_CRED_ATTR_SSI_PROVIDER. */
typedef struct _SecPkgCredentials_SSIProviderW {
    SEC_WCHAR *sProviderName;
    uint32_t ProviderInfoLength;
    char *ProviderInfo;
} SecPkgCredentials_SSIProviderW, *PSecPkgCredentials_SSIProviderW;

/* SECPKG_CRED_ATTR_SSI_PROVIDER. */
typedef struct _SecPkgCredentials_SSIProviderA {
    SEC_CHAR *sProviderName;
    uint32_t ProviderInfoLength;
    char *ProviderInfo;
} SecPkgCredentials_SSIProviderA, *PSecPkgCredentials_SSIProviderA;

/* SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS: head of a block; offsets count from its first byte, lengths are bytes. */
typedef struct _SecPkgCredentials_KdcProxySettingsW {
    uint32_t Version;
    uint32_t Flags;
    uint16_t ProxyServerOffset;
    uint16_t ProxyServerLength;
    uint16_t ClientTlsCredOffset;
    uint16_t ClientTlsCredLength;
} SecPkgCredentials_KdcProxySettingsW, *PSecPkgCredentials_KdcProxySettingsW;

/* SECPKG_CRED_ATTR_CERT. */
typedef struct _SecPkgCredentials_Cert {
    uint32_t EncodedCertSize;
    uint8_t *EncodedCert;
} SecPkgCredentials_Cert, *PSecPkgCredentials_Cert;

/* SECPKG_ATTR_SUBJECT_SECURITY_ATTRIBUTES. */
typedef struct _SecPkgContext_SubjectAttributes {
    void *AttributeInfo;
} SecPkgContext_SubjectAttributes, *PSecPkgContext_SubjectAttributes;

/* SECPKG_ATTR_PROMPTING_NEEDED. */
typedef struct _SecPkgContext_CredInfo {
    SECPKG_CRED_CLASS CredClass;
    uint32_t IsPromptingNeeded;
} SecPkgContext_CredInfo, *PSecPkgContext_CredInfo;

/* SECPKG_ATTR_NEGO_PKG_INFO. */
typedef struct _SecPkgContext_NegoPackageInfo {
    uint32_t PackageMask;
} SecPkgContext_NegoPackageInfo, *PSecPkgContext_NegoPackageInfo;

/* SECPKG_ATTR_NEGO_STATUS. */
typedef struct _SecPkgContext_NegoStatus {
    uint32_t LastStatus;
} SecPkgContext_NegoStatus, *PSecPkgContext_NegoStatus;

/* SECPKG_ATTR_SIZES: how large the parts of a protected message are at most. */
typedef struct _SecPkgContext_Sizes {
    uint32_t cbMaxToken;
    uint32_t cbMaxSignature;
    uint32_t cbBlockSize;
    uint32_t cbSecurityTrailer;
} SecPkgContext_Sizes, *PSecPkgContext_Sizes;

/* SECPKG_ATTR_STREAM_SIZES. */
typedef struct _SecPkgContext_StreamSizes {
    uint32_t cbHeader;
    uint32_t cbTrailer;
    uint32_t cbMaximumMessage;
    uint32_t cBuffers;
    uint32_t cbBlockSize;
} SecPkgContext_StreamSizes, *PSecPkgContext_StreamSizes;

/* SECPKG_ATTR_NAMES: the client, as "DOMAIN\user"; freed by FreeContextBuffer. */
typedef struct _SecPkgContext_NamesW {
    SEC_WCHAR *sUserName;
} SecPkgContext_NamesW, *PSecPkgContext_NamesW;

/* SECPKG_ATTR_LAST_CLIENT_TOKEN_STATUS. */
typedef struct _SecPkgContext_LastClientTokenStatus {
    SECPKG_ATTR_LCT_STATUS LastClientTokenStatus;
} SecPkgContext_LastClientTokenStatus, *PSecPkgContext_LastClientTokenStatus;

/* SECPKG_ATTR_NAMES: the client, as "DOMAIN\user"; freed by FreeContextBuffer. */
typedef struct _SecPkgContext_NamesA {
    SEC_CHAR *sUserName;
} SecPkgContext_NamesA, *PSecPkgContext_NamesA;

/* SECPKG_ATTR_LIFESPAN. */
typedef struct _SecPkgContext_Lifespan {
    TimeStamp tsStart;
    TimeStamp tsExpiry;
} SecPkgContext_Lifespan, *PSecPkgContext_Lifespan;

/* SECPKG_ATTR_DCE_INFO. */
typedef struct _SecPkgContext_DceInfo {
    uint32_t AuthzSvc;
    void *pPac;
} SecPkgContext_DceInfo, *PSecPkgContext_DceInfo;

/* SECPKG_ATTR_KEY_INFO: both names are freed by FreeContextBuffer, one by one; KeySize in bits. */
typedef struct _SecPkgContext_KeyInfoA {
    SEC_CHAR *sSignatureAlgorithmName;
    SEC_CHAR *sEncryptAlgorithmName;
    uint32_t KeySize;
    uint32_t SignatureAlgorithm;
    uint32_t EncryptAlgorithm;
} SecPkgContext_KeyInfoA, *PSecPkgContext_KeyInfoA;

/* SECPKG_ATTR_KEY_INFO: both names are freed by FreeContextBuffer, one by one; KeySize in bits. */
typedef struct _SecPkgContext_KeyInfoW {
    SEC_WCHAR *sSignatureAlgorithmName;
    SEC_WCHAR *sEncryptAlgorithmName;
    uint32_t KeySize;
    uint32_t SignatureAlgorithm;
    uint32_t EncryptAlgorithm;
} SecPkgContext_KeyInfoW, *PSecPkgContext_KeyInfoW;

/* SECPKG_ATTR_AUTHORITY: freed by FreeContextBuffer. */
typedef struct _SecPkgContext_AuthorityA {
    SEC_CHAR *sAuthorityName;
} SecPkgContext_AuthorityA, *PSecPkgContext_AuthorityA;

/* SECPKG_ATTR_AUTHORITY: freed by FreeContextBuffer. */
typedef struct _SecPkgContext_AuthorityW {
    SEC_WCHAR *sAuthorityName;
} SecPkgContext_AuthorityW, *PSecPkgContext_AuthorityW;

/* SECPKG_ATTR_PROTO_INFO. */
typedef struct _SecPkgContext_ProtoInfoA {
    SEC_CHAR *sProtocolName;
    uint32_t majorVersion;
    uint32_t minorVersion;
} SecPkgContext_ProtoInfoA, *PSecPkgContext_ProtoInfoA;

/* SECPKG_ATTR_PROTO_INFO. */
typedef struct _SecPkgContext_ProtoInfoW {
    SEC_WCHAR *sProtocolName;
    uint32_t majorVersion;
    uint32_t minorVersion;
} SecPkgContext_ProtoInfoW, *PSecPkgContext_ProtoInfoW;

/* SECPKG_ATTR_PASSWORD_EXPIRY. */
typedef struct _SecPkgContext_PasswordExpiry {
    TimeStamp tsPasswordExpires;
} SecPkgContext_PasswordExpiry, *PSecPkgContext_PasswordExpiry;

/* SECPKG_ATTR_LOGOFF_TIME. */
typedef struct _SecPkgContext_LogoffTime {
    TimeStamp tsLogoffTime;
} SecPkgContext_LogoffTime, *PSecPkgContext_LogoffTime;

/* SECPKG_ATTR_SESSION_KEY: freed by FreeContextBuffer. */
typedef struct _SecPkgContext_SessionKey {
    uint32_t SessionKeyLength;
    uint8_t *SessionKey;
} SecPkgContext_SessionKey, *PSecPkgContext_SessionKey;

/* SECPKG_ATTR_NEGO_KEYS. */
typedef struct _SecPkgContext_NegoKeys {
    uint32_t KeyType;
    uint16_t KeyLength;
    uint8_t *KeyValue;
    uint32_t VerifyKeyType;
    uint16_t VerifyKeyLength;
    uint8_t *VerifyKeyValue;
} SecPkgContext_NegoKeys, *PSecPkgContext_NegoKeys;

/* SECPKG_ATTR_PACKAGE_INFO: one block, freed by FreeContextBuffer. */
typedef struct _SecPkgContext_PackageInfoW {
    SecPkgInfoW *PackageInfo;
} SecPkgContext_PackageInfoW, *PSecPkgContext_PackageInfoW;

/* SECPKG_ATTR_PACKAGE_INFO: one block, freed by FreeContextBuffer. */
typedef struct _SecPkgContext_PackageInfoA {
    SecPkgInfoA *PackageInfo;
} SecPkgContext_PackageInfoA, *PSecPkgContext_PackageInfoA;

/* SECPKG_ATTR_USER_FLAGS. */
typedef struct _SecPkgContext_UserFlags {
    uint32_t UserFlags;
} SecPkgContext_UserFlags, *PSecPkgContext_UserFlags;

/* SECPKG_ATTR_FLAGS: ISC_RET_* of an initiator, ASC_RET_* of an acceptor. */
typedef struct _SecPkgContext_Flags {
    uint32_t Flags;
} SecPkgContext_Flags, *PSecPkgContext_Flags;

/* SECPKG_ATTR_NEGOTIATION_INFO: the package in use; freed by FreeContextBuffer. */
typedef struct _SecPkgContext_NegotiationInfoA {
    SecPkgInfoA *PackageInfo;
    uint32_t NegotiationState;
} SecPkgContext_NegotiationInfoA, *PSecPkgContext_NegotiationInfoA;

/* SECPKG_ATTR_NEGOTIATION_INFO: the package in use; freed by FreeContextBuffer. */
typedef struct _SecPkgContext_NegotiationInfoW {
    SecPkgInfoW *PackageInfo;
    uint32_t NegotiationState;
} SecPkgContext_NegotiationInfoW, *PSecPkgContext_NegotiationInfoW;

/* SECPKG_ATTR_NATIVE_NAMES: both freed by FreeContextBuffer, one by one. */
typedef struct _SecPkgContext_NativeNamesW {
    SEC_WCHAR *sClientName;
    SEC_WCHAR *sServerName;
} SecPkgContext_NativeNamesW, *PSecPkgContext_NativeNamesW;

/* SECPKG_ATTR_NATIVE_NAMES: both freed by FreeContextBuffer, one by one. */
typedef struct _SecPkgContext_NativeNamesA {
    SEC_CHAR *sClientName;
    SEC_CHAR *sServerName;
} SecPkgContext_NativeNamesA, *PSecPkgContext_NativeNamesA;

/* SECPKG_ATTR_CREDENTIAL_NAME: freed by FreeContextBuffer. */
typedef struct _SecPkgContext_CredentialNameW {
    uint32_t CredentialType;
    SEC_WCHAR *sCredentialName;
} SecPkgContext_CredentialNameW, *PSecPkgContext_CredentialNameW;

/* SECPKG_ATTR_CREDENTIAL_NAME: freed by FreeContextBuffer. */
typedef struct _SecPkgContext_CredentialNameA {
    uint32_t CredentialType;
    SEC_CHAR *sCredentialName;
} SecPkgContext_CredentialNameA, *PSecPkgContext_CredentialNameA;

/* SECPKG_ATTR_ACCESS_TOKEN. */
typedef struct _SecPkgContext_AccessToken {
    void *AccessToken;
} SecPkgContext_AccessToken, *PSecPkgContext_AccessToken;

/* SECPKG_ATTR_TARGET_INFORMATION. */
typedef struct _SecPkgContext_TargetInformation {
    uint32_t MarshalledTargetInfoLength;
    uint8_t *MarshalledTargetInfo;
} SecPkgContext_TargetInformation, *PSecPkgContext_TargetInformation;

/* SECPKG_ATTR_AUTHENTICATION_ID. */
typedef struct _SecPkgContext_AuthzID {
    uint32_t AuthzIDLength;
    char *AuthzID;
} SecPkgContext_AuthzID, *PSecPkgContext_AuthzID;

/* SECPKG_ATTR_TARGET. */
typedef struct _SecPkgContext_Target {
    uint32_t TargetLength;
    char *Target;
} SecPkgContext_Target, *PSecPkgContext_Target;

/* SECPKG_ATTR_CLIENT_SPECIFIED_TARGET: what the client believes to talk to; freed by FreeContextBuffer. */
typedef struct _SecPkgContext_ClientSpecifiedTarget {
    SEC_WCHAR *sTargetName;
} SecPkgContext_ClientSpecifiedTarget, *PSecPkgContext_ClientSpecifiedTarget;

/* SECPKG_ATTR_UNIQUE_BINDINGS and SECPKG_ATTR_ENDPOINT_BINDINGS. */
typedef struct _SecPkgContext_Bindings {
    uint32_t BindingsLength;
    SEC_CHANNEL_BINDINGS *Bindings;
} SecPkgContext_Bindings, *PSecPkgContext_Bindings;

/* SECPKG_ATTR_APPLICATION_PROTOCOL. */
typedef struct _SecPkgContext_ApplicationProtocol {
    SEC_APPLICATION_PROTOCOL_NEGOTIATION_STATUS ProtoNegoStatus;
    SEC_APPLICATION_PROTOCOL_NEGOTIATION_EXT ProtoNegoExt;
    uint8_t ProtocolIdSize;
    uint8_t ProtocolId[255];
} SecPkgContext_ApplicationProtocol, *PSecPkgContext_ApplicationProtocol;

/* SECPKG_ATTR_NEGOTIATED_TLS_EXTENSIONS. */
typedef struct _SecPkgContext_NegotiatedTlsExtensions {
    uint32_t ExtensionsCount;
    uint16_t *Extensions;
} SecPkgContext_NegotiatedTlsExtensions, *PSecPkgContext_NegotiatedTlsExtensions;

/* SECPKG_ATTR_DATAGRAM_SIZES. */
typedef SecPkgContext_StreamSizes SecPkgContext_DatagramSizes, *PSecPkgContext_DatagramSizes;

/* ------------------------------------------------------------------------------------------------
 * Identities: what a caller hands over as pAuthData.
 */

/* User, domain and password as UTF-16. */
#ifndef _AUTH_IDENTITY_DEFINED
typedef struct _SEC_WINNT_AUTH_IDENTITY_W {
    uint16_t *User;
    uint32_t UserLength;
    uint16_t *Domain;
    uint32_t DomainLength;
    uint16_t *Password;
    uint32_t PasswordLength;
    /* SEC_WINNT_AUTH_IDENTITY_UNICODE. */
    uint32_t Flags;
} SEC_WINNT_AUTH_IDENTITY_W, *PSEC_WINNT_AUTH_IDENTITY_W;
#endif

/* User, domain and password as UTF-8. */
#ifndef _AUTH_IDENTITY_DEFINED
typedef struct _SEC_WINNT_AUTH_IDENTITY_A {
    uint8_t *User;
    uint32_t UserLength;
    uint8_t *Domain;
    uint32_t DomainLength;
    uint8_t *Password;
    uint32_t PasswordLength;
    /* SEC_WINNT_AUTH_IDENTITY_ANSI. */
    uint32_t Flags;
} SEC_WINNT_AUTH_IDENTITY_A, *PSEC_WINNT_AUTH_IDENTITY_A;
#endif

/* The same with a list of packages ("Kerberos,!NTLM"). */
typedef struct _SEC_WINNT_AUTH_IDENTITY_EXW {
    /* SEC_WINNT_AUTH_IDENTITY_VERSION. */
    uint32_t Version;
    /* Size of this structure. */
    uint32_t Length;
    uint16_t *User;
    uint32_t UserLength;
    uint16_t *Domain;
    uint32_t DomainLength;
    uint16_t *Password;
    uint32_t PasswordLength;
    uint32_t Flags;
    uint16_t *PackageList;
    uint32_t PackageListLength;
} SEC_WINNT_AUTH_IDENTITY_EXW, *PSEC_WINNT_AUTH_IDENTITY_EXW;

/* The same with a list of packages ("Kerberos,!NTLM"). */
typedef struct _SEC_WINNT_AUTH_IDENTITY_EXA {
    /* SEC_WINNT_AUTH_IDENTITY_VERSION. */
    uint32_t Version;
    /* Size of this structure. */
    uint32_t Length;
    uint8_t *User;
    uint32_t UserLength;
    uint8_t *Domain;
    uint32_t DomainLength;
    uint8_t *Password;
    uint32_t PasswordLength;
    uint32_t Flags;
    uint8_t *PackageList;
    uint32_t PackageListLength;
} SEC_WINNT_AUTH_IDENTITY_EXA, *PSEC_WINNT_AUTH_IDENTITY_EXA;

/* Head of one block that holds all strings and packed credentials. */
typedef struct _SEC_WINNT_AUTH_IDENTITY_EX2 {
    /* SEC_WINNT_AUTH_IDENTITY_VERSION_2. */
    uint32_t Version;
    uint16_t cbHeaderLength;
    uint32_t cbStructureLength;
    uint32_t UserOffset;
    uint16_t UserLength;
    uint32_t DomainOffset;
    uint16_t DomainLength;
    uint32_t PackedCredentialsOffset;
    uint16_t PackedCredentialsLength;
    uint32_t Flags;
    uint32_t PackageListOffset;
    uint16_t PackageListLength;
} SEC_WINNT_AUTH_IDENTITY_EX2, *PSEC_WINNT_AUTH_IDENTITY_EX2;

/* Any identity; its first word or its flags tell which one. */
typedef union _SEC_WINNT_AUTH_IDENTITY_INFO {
    SEC_WINNT_AUTH_IDENTITY_EXW AuthIdExw;
    SEC_WINNT_AUTH_IDENTITY_EXA AuthIdExa;
    SEC_WINNT_AUTH_IDENTITY_A AuthId_a;
    SEC_WINNT_AUTH_IDENTITY_W AuthId_w;
    SEC_WINNT_AUTH_IDENTITY_EX2 AuthIdEx2;
} SEC_WINNT_AUTH_IDENTITY_INFO, *PSEC_WINNT_AUTH_IDENTITY_INFO;

/* An identity that only the Sspi* functions look into; SspiFreeAuthIdentity frees it. */
typedef void *PSEC_WINNT_AUTH_IDENTITY_OPAQUE;

/* Bytes somewhere in the block that holds this; the offset counts from the packed part's start. */
typedef struct _SEC_WINNT_AUTH_BYTE_VECTOR {
    uint32_t ByteArrayOffset;
    uint16_t ByteArrayLength;
} SEC_WINNT_AUTH_BYTE_VECTOR, *PSEC_WINNT_AUTH_BYTE_VECTOR;

/* 16-bit units somewhere in the block that holds this. */
typedef struct _SEC_WINNT_AUTH_SHORT_VECTOR {
    uint32_t ShortArrayOffset;
    uint16_t ShortArrayCount;
} SEC_WINNT_AUTH_SHORT_VECTOR, *PSEC_WINNT_AUTH_SHORT_VECTOR;

/* A credential of the kind CredType. */
typedef struct _SEC_WINNT_AUTH_DATA {
    GUID CredType;
    SEC_WINNT_AUTH_BYTE_VECTOR CredData;
} SEC_WINNT_AUTH_DATA, *PSEC_WINNT_AUTH_DATA;

/* The packed part of an EX2 identity. */
typedef struct _SEC_WINNT_AUTH_PACKED_CREDENTIALS {
    uint16_t cbHeaderLength;
    uint16_t cbStructureLength;
    SEC_WINNT_AUTH_DATA AuthData;
} SEC_WINNT_AUTH_PACKED_CREDENTIALS, *PSEC_WINNT_AUTH_PACKED_CREDENTIALS;

/* The packed part with a list of packages. */
typedef struct _SEC_WINNT_AUTH_PACKED_CREDENTIALS_EX {
    uint16_t cbHeaderLength;
    uint32_t Flags;
    SEC_WINNT_AUTH_BYTE_VECTOR PackedCredentials;
    SEC_WINNT_AUTH_SHORT_VECTOR PackageList;
} SEC_WINNT_AUTH_PACKED_CREDENTIALS_EX, *PSEC_WINNT_AUTH_PACKED_CREDENTIALS_EX;

/* CredData of SEC_WINNT_AUTH_DATA_TYPE_PASSWORD. */
typedef struct _SEC_WINNT_AUTH_DATA_PASSWORD {
    SEC_WINNT_AUTH_BYTE_VECTOR UnicodePassword;
} SEC_WINNT_AUTH_DATA_PASSWORD, *PSEC_WINNT_AUTH_DATA_PASSWORD;

/* CredData of SEC_WINNT_AUTH_DATA_TYPE_CERT. */
typedef struct _SEC_WINNT_AUTH_CERTIFICATE_DATA {
    uint16_t cbHeaderLength;
    uint16_t cbStructureLength;
    SEC_WINNT_AUTH_BYTE_VECTOR Certificate;
} SEC_WINNT_AUTH_CERTIFICATE_DATA, *PSEC_WINNT_AUTH_CERTIFICATE_DATA;

/* AddSecurityPackage. */
typedef struct _SECURITY_PACKAGE_OPTIONS {
    uint32_t Size;
    /* SECPKG_OPTIONS_TYPE_*. */
    uint32_t Type;
    /* SECPKG_OPTIONS_PERMANENT. */
    uint32_t Flags;
    uint32_t SignatureSize;
    void *Signature;
} SECURITY_PACKAGE_OPTIONS, *PSECURITY_PACKAGE_OPTIONS;

typedef struct _SECPKG_APP_MODE_INFO {
    uint32_t UserFunction;
    uintptr_t Argument1;
    uintptr_t Argument2;
    SecBuffer UserData;
    uint8_t ReturnToLsa;
} SECPKG_APP_MODE_INFO, *PSECPKG_APP_MODE_INFO;

/* ------------------------------------------------------------------------------------------------
 * The function table and the types of its members.
 */

/* Called for the key of a service principal; accepted and never called, as on Windows. */
typedef void (SEC_ENTRY *SEC_GET_KEY_FN)(void *Arg,
                                         void *Principal,
                                         uint32_t KeyVer,
                                         void **Key,
                                         SECURITY_STATUS *Status);

typedef SECURITY_STATUS (SEC_ENTRY *ENUMERATE_SECURITY_PACKAGES_FN_W)(uint32_t *pcPackages,
                                                                      SecPkgInfoW **ppPackageInfo);

typedef SECURITY_STATUS (SEC_ENTRY *ENUMERATE_SECURITY_PACKAGES_FN_A)(uint32_t *pcPackages,
                                                                      SecPkgInfoA **ppPackageInfo);

typedef SECURITY_STATUS (SEC_ENTRY *QUERY_SECURITY_PACKAGE_INFO_FN_W)(const SEC_WCHAR *pszPackageName,
                                                                      SecPkgInfoW **ppPackageInfo);

typedef SECURITY_STATUS (SEC_ENTRY *QUERY_SECURITY_PACKAGE_INFO_FN_A)(const SEC_CHAR *pszPackageName,
                                                                      SecPkgInfoA **ppPackageInfo);

typedef SECURITY_STATUS (SEC_ENTRY *ACQUIRE_CREDENTIALS_HANDLE_FN_W)(const SEC_WCHAR *pszPrincipal,
                                                                     const SEC_WCHAR *pszPackage,
                                                                     uint32_t fCredentialUse,
                                                                     void *pvLogonId,
                                                                     void *pAuthData,
                                                                     SEC_GET_KEY_FN pGetKeyFn,
                                                                     void *pvGetKeyArgument,
                                                                     CredHandle *phCredential,
                                                                     TimeStamp *ptsExpiry);

typedef SECURITY_STATUS (SEC_ENTRY *ACQUIRE_CREDENTIALS_HANDLE_FN_A)(const SEC_CHAR *pszPrincipal,
                                                                     const SEC_CHAR *pszPackage,
                                                                     uint32_t fCredentialUse,
                                                                     void *pvLogonId,
                                                                     void *pAuthData,
                                                                     SEC_GET_KEY_FN pGetKeyFn,
                                                                     void *pvGetKeyArgument,
                                                                     CredHandle *phCredential,
                                                                     TimeStamp *ptsExpiry);

typedef SECURITY_STATUS (SEC_ENTRY *ADD_CREDENTIALS_FN_W)(CredHandle *hCredentials,
                                                          const SEC_WCHAR *pszPrincipal,
                                                          const SEC_WCHAR *pszPackage,
                                                          uint32_t fCredentialUse,
                                                          void *pAuthData,
                                                          SEC_GET_KEY_FN pGetKeyFn,
                                                          void *pvGetKeyArgument,
                                                          TimeStamp *ptsExpiry);

typedef SECURITY_STATUS (SEC_ENTRY *ADD_CREDENTIALS_FN_A)(CredHandle *hCredentials,
                                                          const SEC_CHAR *pszPrincipal,
                                                          const SEC_CHAR *pszPackage,
                                                          uint32_t fCredentialUse,
                                                          void *pAuthData,
                                                          SEC_GET_KEY_FN pGetKeyFn,
                                                          void *pvGetKeyArgument,
                                                          TimeStamp *ptsExpiry);

typedef SECURITY_STATUS (SEC_ENTRY *FREE_CREDENTIALS_HANDLE_FN)(CredHandle *phCredential);

typedef SECURITY_STATUS (SEC_ENTRY *QUERY_CREDENTIALS_ATTRIBUTES_FN_W)(CredHandle *phCredential,
                                                                       uint32_t ulAttribute,
                                                                       void *pBuffer);

typedef SECURITY_STATUS (SEC_ENTRY *QUERY_CREDENTIALS_ATTRIBUTES_FN_A)(CredHandle *phCredential,
                                                                       uint32_t ulAttribute,
                                                                       void *pBuffer);

typedef SECURITY_STATUS (SEC_ENTRY *QUERY_CREDENTIALS_ATTRIBUTES_EX_FN_W)(CredHandle *phCredential,
                                                                          uint32_t ulAttribute,
                                                                          void *pBuffer,
                                                                          uint32_t cbBuffer);

typedef SECURITY_STATUS (SEC_ENTRY *QUERY_CREDENTIALS_ATTRIBUTES_EX_FN_A)(CredHandle *phCredential,
                                                                          uint32_t ulAttribute,
                                                                          void *pBuffer,
                                                                          uint32_t cbBuffer);

typedef SECURITY_STATUS (SEC_ENTRY *SET_CREDENTIALS_ATTRIBUTES_FN_W)(CredHandle *phCredential,
                                                                     uint32_t ulAttribute,
                                                                     void *pBuffer,
                                                                     uint32_t cbBuffer);

typedef SECURITY_STATUS (SEC_ENTRY *SET_CREDENTIALS_ATTRIBUTES_FN_A)(CredHandle *phCredential,
                                                                     uint32_t ulAttribute,
                                                                     void *pBuffer,
                                                                     uint32_t cbBuffer);

typedef SECURITY_STATUS (SEC_ENTRY *CHANGE_PASSWORD_FN_W)(const SEC_WCHAR *pszPackageName,
                                                          const SEC_WCHAR *pszDomainName,
                                                          const SEC_WCHAR *pszAccountName,
                                                          const SEC_WCHAR *pszOldPassword,
                                                          const SEC_WCHAR *pszNewPassword,
                                                          uint8_t bImpersonating,
                                                          uint32_t dwReserved,
                                                          SecBufferDesc *pOutput);

typedef SECURITY_STATUS (SEC_ENTRY *CHANGE_PASSWORD_FN_A)(const SEC_CHAR *pszPackageName,
                                                          const SEC_CHAR *pszDomainName,
                                                          const SEC_CHAR *pszAccountName,
                                                          const SEC_CHAR *pszOldPassword,
                                                          const SEC_CHAR *pszNewPassword,
                                                          uint8_t bImpersonating,
                                                          uint32_t dwReserved,
                                                          SecBufferDesc *pOutput);

typedef SECURITY_STATUS (SEC_ENTRY *INITIALIZE_SECURITY_CONTEXT_FN_W)(CredHandle *phCredential,
                                                                      CtxtHandle *phContext,
                                                                      const SEC_WCHAR *pszTargetName,
                                                                      uint32_t fContextReq,
                                                                      uint32_t Reserved1,
                                                                      uint32_t TargetDataRep,
                                                                      SecBufferDesc *pInput,
                                                                      uint32_t Reserved2,
                                                                      CtxtHandle *phNewContext,
                                                                      SecBufferDesc *pOutput,
                                                                      uint32_t *pfContextAttr,
                                                                      TimeStamp *ptsExpiry);

typedef SECURITY_STATUS (SEC_ENTRY *INITIALIZE_SECURITY_CONTEXT_FN_A)(CredHandle *phCredential,
                                                                      CtxtHandle *phContext,
                                                                      const SEC_CHAR *pszTargetName,
                                                                      uint32_t fContextReq,
                                                                      uint32_t Reserved1,
                                                                      uint32_t TargetDataRep,
                                                                      SecBufferDesc *pInput,
                                                                      uint32_t Reserved2,
                                                                      CtxtHandle *phNewContext,
                                                                      SecBufferDesc *pOutput,
                                                                      uint32_t *pfContextAttr,
                                                                      TimeStamp *ptsExpiry);

typedef SECURITY_STATUS (SEC_ENTRY *ACCEPT_SECURITY_CONTEXT_FN)(CredHandle *phCredential,
                                                                CtxtHandle *phContext,
                                                                SecBufferDesc *pInput,
                                                                uint32_t fContextReq,
                                                                uint32_t TargetDataRep,
                                                                CtxtHandle *phNewContext,
                                                                SecBufferDesc *pOutput,
                                                                uint32_t *pfContextAttr,
                                                                TimeStamp *ptsExpiry);

typedef SECURITY_STATUS (SEC_ENTRY *COMPLETE_AUTH_TOKEN_FN)(CtxtHandle *phContext, SecBufferDesc *pToken);

typedef SECURITY_STATUS (SEC_ENTRY *DELETE_SECURITY_CONTEXT_FN)(CtxtHandle *phContext);

typedef SECURITY_STATUS (SEC_ENTRY *APPLY_CONTROL_TOKEN_FN)(CtxtHandle *phContext, SecBufferDesc *pInput);

typedef SECURITY_STATUS (SEC_ENTRY *QUERY_CONTEXT_ATTRIBUTES_FN_W)(CtxtHandle *phContext,
                                                                   uint32_t ulAttribute,
                                                                   void *pBuffer);

typedef SECURITY_STATUS (SEC_ENTRY *QUERY_CONTEXT_ATTRIBUTES_FN_A)(CtxtHandle *phContext,
                                                                   uint32_t ulAttribute,
                                                                   void *pBuffer);

typedef SECURITY_STATUS (SEC_ENTRY *QUERY_CONTEXT_ATTRIBUTES_EX_FN_W)(CtxtHandle *phContext,
                                                                      uint32_t ulAttribute,
                                                                      void *pBuffer,
                                                                      uint32_t cbBuffer);

typedef SECURITY_STATUS (SEC_ENTRY *QUERY_CONTEXT_ATTRIBUTES_EX_FN_A)(CtxtHandle *phContext,
                                                                      uint32_t ulAttribute,
                                                                      void *pBuffer,
                                                                      uint32_t cbBuffer);

typedef SECURITY_STATUS (SEC_ENTRY *SET_CONTEXT_ATTRIBUTES_FN_W)(CtxtHandle *phContext,
                                                                 uint32_t ulAttribute,
                                                                 void *pBuffer,
                                                                 uint32_t cbBuffer);

typedef SECURITY_STATUS (SEC_ENTRY *SET_CONTEXT_ATTRIBUTES_FN_A)(CtxtHandle *phContext,
                                                                 uint32_t ulAttribute,
                                                                 void *pBuffer,
                                                                 uint32_t cbBuffer);

typedef SECURITY_STATUS (SEC_ENTRY *IMPERSONATE_SECURITY_CONTEXT_FN)(CtxtHandle *phContext);

typedef SECURITY_STATUS (SEC_ENTRY *REVERT_SECURITY_CONTEXT_FN)(CtxtHandle *phContext);

typedef SECURITY_STATUS (SEC_ENTRY *QUERY_SECURITY_CONTEXT_TOKEN_FN)(CtxtHandle *phContext, void **Token);

typedef SECURITY_STATUS (SEC_ENTRY *EXPORT_SECURITY_CONTEXT_FN)(CtxtHandle *phContext,
                                                                uint32_t fFlags,
                                                                SecBuffer *pPackedContext,
                                                                void **pToken);

typedef SECURITY_STATUS (SEC_ENTRY *IMPORT_SECURITY_CONTEXT_FN_W)(const SEC_WCHAR *pszPackage,
                                                                  SecBuffer *pPackedContext,
                                                                  void *Token,
                                                                  CtxtHandle *phContext);

typedef SECURITY_STATUS (SEC_ENTRY *IMPORT_SECURITY_CONTEXT_FN_A)(const SEC_CHAR *pszPackage,
                                                                  SecBuffer *pPackedContext,
                                                                  void *Token,
                                                                  CtxtHandle *phContext);

typedef SECURITY_STATUS (SEC_ENTRY *MAKE_SIGNATURE_FN)(CtxtHandle *phContext,
                                                       uint32_t fQOP,
                                                       SecBufferDesc *pMessage,
                                                       uint32_t MessageSeqNo);

typedef SECURITY_STATUS (SEC_ENTRY *VERIFY_SIGNATURE_FN)(CtxtHandle *phContext,
                                                         SecBufferDesc *pMessage,
                                                         uint32_t MessageSeqNo,
                                                         uint32_t *pfQOP);

typedef SECURITY_STATUS (SEC_ENTRY *ENCRYPT_MESSAGE_FN)(CtxtHandle *phContext,
                                                        uint32_t fQOP,
                                                        SecBufferDesc *pMessage,
                                                        uint32_t MessageSeqNo);

typedef SECURITY_STATUS (SEC_ENTRY *DECRYPT_MESSAGE_FN)(CtxtHandle *phContext,
                                                        SecBufferDesc *pMessage,
                                                        uint32_t MessageSeqNo,
                                                        uint32_t *pfQOP);

typedef SECURITY_STATUS (SEC_ENTRY *FREE_CONTEXT_BUFFER_FN)(void *pvContextBuffer);

/* The table of the W functions; slots behind dwVersion exist whatever it says, as on Windows. */
typedef struct _SECURITY_FUNCTION_TABLE_W {
    /* SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION. */
    uint32_t dwVersion;
    ENUMERATE_SECURITY_PACKAGES_FN_W EnumerateSecurityPackagesW;
    QUERY_CREDENTIALS_ATTRIBUTES_FN_W QueryCredentialsAttributesW;
    ACQUIRE_CREDENTIALS_HANDLE_FN_W AcquireCredentialsHandleW;
    FREE_CREDENTIALS_HANDLE_FN FreeCredentialsHandle;
    /* NULL. */
    void *Reserved2;
    INITIALIZE_SECURITY_CONTEXT_FN_W InitializeSecurityContextW;
    ACCEPT_SECURITY_CONTEXT_FN AcceptSecurityContext;
    COMPLETE_AUTH_TOKEN_FN CompleteAuthToken;
    DELETE_SECURITY_CONTEXT_FN DeleteSecurityContext;
    APPLY_CONTROL_TOKEN_FN ApplyControlToken;
    QUERY_CONTEXT_ATTRIBUTES_FN_W QueryContextAttributesW;
    IMPERSONATE_SECURITY_CONTEXT_FN ImpersonateSecurityContext;
    REVERT_SECURITY_CONTEXT_FN RevertSecurityContext;
    MAKE_SIGNATURE_FN MakeSignature;
    VERIFY_SIGNATURE_FN VerifySignature;
    FREE_CONTEXT_BUFFER_FN FreeContextBuffer;
    QUERY_SECURITY_PACKAGE_INFO_FN_W QuerySecurityPackageInfoW;
    /* SealMessage, which is EncryptMessage. */
    void *Reserved3;
    /* UnsealMessage, which is DecryptMessage. */
    void *Reserved4;
    EXPORT_SECURITY_CONTEXT_FN ExportSecurityContext;
    IMPORT_SECURITY_CONTEXT_FN_W ImportSecurityContextW;
    ADD_CREDENTIALS_FN_W AddCredentialsW;
    /* NULL. */
    void *Reserved8;
    QUERY_SECURITY_CONTEXT_TOKEN_FN QuerySecurityContextToken;
    ENCRYPT_MESSAGE_FN EncryptMessage;
    DECRYPT_MESSAGE_FN DecryptMessage;
    SET_CONTEXT_ATTRIBUTES_FN_W SetContextAttributesW;
    SET_CREDENTIALS_ATTRIBUTES_FN_W SetCredentialsAttributesW;
    CHANGE_PASSWORD_FN_W ChangeAccountPasswordW;
    QUERY_CONTEXT_ATTRIBUTES_EX_FN_W QueryContextAttributesExW;
    QUERY_CREDENTIALS_ATTRIBUTES_EX_FN_W QueryCredentialsAttributesExW;
} SecurityFunctionTableW, *PSecurityFunctionTableW;

/* The table of the A functions; slots behind dwVersion exist whatever it says, as on Windows. */
typedef struct _SECURITY_FUNCTION_TABLE_A {
    /* SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION. */
    uint32_t dwVersion;
    ENUMERATE_SECURITY_PACKAGES_FN_A EnumerateSecurityPackagesA;
    QUERY_CREDENTIALS_ATTRIBUTES_FN_A QueryCredentialsAttributesA;
    ACQUIRE_CREDENTIALS_HANDLE_FN_A AcquireCredentialsHandleA;
    FREE_CREDENTIALS_HANDLE_FN FreeCredentialHandle;
    /* NULL. */
    void *Reserved2;
    INITIALIZE_SECURITY_CONTEXT_FN_A InitializeSecurityContextA;
    ACCEPT_SECURITY_CONTEXT_FN AcceptSecurityContext;
    COMPLETE_AUTH_TOKEN_FN CompleteAuthToken;
    DELETE_SECURITY_CONTEXT_FN DeleteSecurityContext;
    APPLY_CONTROL_TOKEN_FN ApplyControlToken;
    QUERY_CONTEXT_ATTRIBUTES_FN_A QueryContextAttributesA;
    IMPERSONATE_SECURITY_CONTEXT_FN ImpersonateSecurityContext;
    REVERT_SECURITY_CONTEXT_FN RevertSecurityContext;
    MAKE_SIGNATURE_FN MakeSignature;
    VERIFY_SIGNATURE_FN VerifySignature;
    FREE_CONTEXT_BUFFER_FN FreeContextBuffer;
    QUERY_SECURITY_PACKAGE_INFO_FN_A QuerySecurityPackageInfoA;
    /* SealMessage, which is EncryptMessage. */
    void *Reserved3;
    /* UnsealMessage, which is DecryptMessage. */
    void *Reserved4;
    EXPORT_SECURITY_CONTEXT_FN ExportSecurityContext;
    IMPORT_SECURITY_CONTEXT_FN_A ImportSecurityContextA;
    ADD_CREDENTIALS_FN_A AddCredentialsA;
    /* NULL. */
    void *Reserved8;
    QUERY_SECURITY_CONTEXT_TOKEN_FN QuerySecurityContextToken;
    ENCRYPT_MESSAGE_FN EncryptMessage;
    DECRYPT_MESSAGE_FN DecryptMessage;
    SET_CONTEXT_ATTRIBUTES_FN_A SetContextAttributesA;
    SET_CREDENTIALS_ATTRIBUTES_FN_A SetCredentialsAttributesA;
    CHANGE_PASSWORD_FN_A ChangeAccountPasswordA;
    QUERY_CONTEXT_ATTRIBUTES_EX_FN_A QueryContextAttributesExA;
    QUERY_CREDENTIALS_ATTRIBUTES_EX_FN_A QueryCredentialsAttributesExA;
} SecurityFunctionTableA, *PSecurityFunctionTableA;

/* InitSecurityInterfaceW. */
typedef SecurityFunctionTableW *(SEC_ENTRY *INIT_SECURITY_INTERFACE_W)(void);

/* InitSecurityInterfaceA. */
typedef SecurityFunctionTableA *(SEC_ENTRY *INIT_SECURITY_INTERFACE_A)(void);

/* ------------------------------------------------------------------------------------------------
 * Status codes, the numbers of winerror.h. SEC_E_* are failures (negative), SEC_I_* are not.
 */

#if defined(_WIN32)
#undef SEC_E_OK
#undef SEC_E_INSUFFICIENT_MEMORY
#undef SEC_E_INVALID_HANDLE
#undef SEC_E_UNSUPPORTED_FUNCTION
#undef SEC_E_TARGET_UNKNOWN
#undef SEC_E_INTERNAL_ERROR
#undef SEC_E_SECPKG_NOT_FOUND
#undef SEC_E_NOT_OWNER
#undef SEC_E_CANNOT_INSTALL
#undef SEC_E_INVALID_TOKEN
#undef SEC_E_CANNOT_PACK
#undef SEC_E_QOP_NOT_SUPPORTED
#undef SEC_E_NO_IMPERSONATION
#undef SEC_E_LOGON_DENIED
#undef SEC_E_UNKNOWN_CREDENTIALS
#undef SEC_E_NO_CREDENTIALS
#undef SEC_E_MESSAGE_ALTERED
#undef SEC_E_OUT_OF_SEQUENCE
#undef SEC_E_NO_AUTHENTICATING_AUTHORITY
#undef SEC_I_CONTINUE_NEEDED
#undef SEC_I_COMPLETE_NEEDED
#undef SEC_I_COMPLETE_AND_CONTINUE
#undef SEC_I_LOCAL_LOGON
#undef SEC_I_GENERIC_EXTENSION_RECEIVED
#undef SEC_E_BAD_PKGID
#undef SEC_E_CONTEXT_EXPIRED
#undef SEC_I_CONTEXT_EXPIRED
#undef SEC_E_INCOMPLETE_MESSAGE
#undef SEC_E_INCOMPLETE_CREDENTIALS
#undef SEC_E_BUFFER_TOO_SMALL
#undef SEC_I_INCOMPLETE_CREDENTIALS
#undef SEC_I_RENEGOTIATE
#undef SEC_E_WRONG_PRINCIPAL
#undef SEC_I_NO_LSA_CONTEXT
#undef SEC_E_TIME_SKEW
#undef SEC_E_UNTRUSTED_ROOT
#undef SEC_E_ILLEGAL_MESSAGE
#undef SEC_E_CERT_UNKNOWN
#undef SEC_E_CERT_EXPIRED
#undef SEC_E_ENCRYPT_FAILURE
#undef SEC_E_DECRYPT_FAILURE
#undef SEC_E_ALGORITHM_MISMATCH
#undef SEC_E_SECURITY_QOS_FAILED
#undef SEC_E_UNFINISHED_CONTEXT_DELETED
#undef SEC_E_NO_TGT_REPLY
#undef SEC_E_NO_IP_ADDRESSES
#undef SEC_E_WRONG_CREDENTIAL_HANDLE
#undef SEC_E_CRYPTO_SYSTEM_INVALID
#undef SEC_E_MAX_REFERRALS_EXCEEDED
#undef SEC_E_MUST_BE_KDC
#undef SEC_E_STRONG_CRYPTO_NOT_SUPPORTED
#undef SEC_E_TOO_MANY_PRINCIPALS
#undef SEC_E_NO_PA_DATA
#undef SEC_E_PKINIT_NAME_MISMATCH
#undef SEC_E_SMARTCARD_LOGON_REQUIRED
#undef SEC_E_SHUTDOWN_IN_PROGRESS
#undef SEC_E_KDC_INVALID_REQUEST
#undef SEC_E_KDC_UNABLE_TO_REFER
#undef SEC_E_KDC_UNKNOWN_ETYPE
#undef SEC_E_UNSUPPORTED_PREAUTH
#undef SEC_E_DELEGATION_REQUIRED
#undef SEC_E_BAD_BINDINGS
#undef SEC_E_MULTIPLE_ACCOUNTS
#undef SEC_E_NO_KERB_KEY
#undef SEC_E_CERT_WRONG_USAGE
#undef SEC_E_DOWNGRADE_DETECTED
#undef SEC_E_SMARTCARD_CERT_REVOKED
#undef SEC_E_ISSUING_CA_UNTRUSTED
#undef SEC_E_REVOCATION_OFFLINE_C
#undef SEC_E_PKINIT_CLIENT_FAILURE
#undef SEC_E_SMARTCARD_CERT_EXPIRED
#undef SEC_E_NO_S4U_PROT_SUPPORT
#undef SEC_E_CROSSREALM_DELEGATION_FAILURE
#undef SEC_E_REVOCATION_OFFLINE_KDC
#undef SEC_E_ISSUING_CA_UNTRUSTED_KDC
#undef SEC_E_KDC_CERT_EXPIRED
#undef SEC_E_KDC_CERT_REVOKED
#undef SEC_I_SIGNATURE_NEEDED
#undef SEC_E_INVALID_PARAMETER
#undef SEC_E_DELEGATION_POLICY
#undef SEC_E_POLICY_NLTM_ONLY
#undef SEC_I_NO_RENEGOTIATION
#undef SEC_E_NO_CONTEXT
#undef SEC_E_PKU2U_CERT_FAILURE
#undef SEC_E_MUTUAL_AUTH_FAILED
#undef SEC_I_MESSAGE_FRAGMENT
#undef SEC_E_ONLY_HTTPS_ALLOWED
#undef SEC_I_CONTINUE_NEEDED_MESSAGE_OK
#undef SEC_E_APPLICATION_PROTOCOL_MISMATCH
#undef SEC_I_ASYNC_CALL_PENDING
#undef SEC_E_INVALID_UPN_NAME
#undef SEC_E_EXT_BUFFER_TOO_SMALL
#undef SEC_E_INSUFFICIENT_BUFFERS
#undef SEC_E_NO_SPM
#undef SEC_E_NOT_SUPPORTED
#endif

#define SEC_E_OK ((SECURITY_STATUS)0)
#define SEC_E_INSUFFICIENT_MEMORY ((SECURITY_STATUS)0x80090300)
#define SEC_E_INVALID_HANDLE ((SECURITY_STATUS)0x80090301)
#define SEC_E_UNSUPPORTED_FUNCTION ((SECURITY_STATUS)0x80090302)
#define SEC_E_TARGET_UNKNOWN ((SECURITY_STATUS)0x80090303)
#define SEC_E_INTERNAL_ERROR ((SECURITY_STATUS)0x80090304)
#define SEC_E_SECPKG_NOT_FOUND ((SECURITY_STATUS)0x80090305)
#define SEC_E_NOT_OWNER ((SECURITY_STATUS)0x80090306)
#define SEC_E_CANNOT_INSTALL ((SECURITY_STATUS)0x80090307)
#define SEC_E_INVALID_TOKEN ((SECURITY_STATUS)0x80090308)
#define SEC_E_CANNOT_PACK ((SECURITY_STATUS)0x80090309)
#define SEC_E_QOP_NOT_SUPPORTED ((SECURITY_STATUS)0x8009030A)
#define SEC_E_NO_IMPERSONATION ((SECURITY_STATUS)0x8009030B)
#define SEC_E_LOGON_DENIED ((SECURITY_STATUS)0x8009030C)
#define SEC_E_UNKNOWN_CREDENTIALS ((SECURITY_STATUS)0x8009030D)
#define SEC_E_NO_CREDENTIALS ((SECURITY_STATUS)0x8009030E)
#define SEC_E_MESSAGE_ALTERED ((SECURITY_STATUS)0x8009030F)
#define SEC_E_OUT_OF_SEQUENCE ((SECURITY_STATUS)0x80090310)
#define SEC_E_NO_AUTHENTICATING_AUTHORITY ((SECURITY_STATUS)0x80090311)
#define SEC_I_CONTINUE_NEEDED ((SECURITY_STATUS)0x00090312)
#define SEC_I_COMPLETE_NEEDED ((SECURITY_STATUS)0x00090313)
#define SEC_I_COMPLETE_AND_CONTINUE ((SECURITY_STATUS)0x00090314)
#define SEC_I_LOCAL_LOGON ((SECURITY_STATUS)0x00090315)
#define SEC_I_GENERIC_EXTENSION_RECEIVED ((SECURITY_STATUS)0x00090316)
#define SEC_E_BAD_PKGID ((SECURITY_STATUS)0x80090316)
#define SEC_E_CONTEXT_EXPIRED ((SECURITY_STATUS)0x80090317)
#define SEC_I_CONTEXT_EXPIRED ((SECURITY_STATUS)0x00090317)
#define SEC_E_INCOMPLETE_MESSAGE ((SECURITY_STATUS)0x80090318)
#define SEC_E_INCOMPLETE_CREDENTIALS ((SECURITY_STATUS)0x80090320)
#define SEC_E_BUFFER_TOO_SMALL ((SECURITY_STATUS)0x80090321)
#define SEC_I_INCOMPLETE_CREDENTIALS ((SECURITY_STATUS)0x00090320)
#define SEC_I_RENEGOTIATE ((SECURITY_STATUS)0x00090321)
#define SEC_E_WRONG_PRINCIPAL ((SECURITY_STATUS)0x80090322)
#define SEC_I_NO_LSA_CONTEXT ((SECURITY_STATUS)0x00090323)
#define SEC_E_TIME_SKEW ((SECURITY_STATUS)0x80090324)
#define SEC_E_UNTRUSTED_ROOT ((SECURITY_STATUS)0x80090325)
#define SEC_E_ILLEGAL_MESSAGE ((SECURITY_STATUS)0x80090326)
#define SEC_E_CERT_UNKNOWN ((SECURITY_STATUS)0x80090327)
#define SEC_E_CERT_EXPIRED ((SECURITY_STATUS)0x80090328)
#define SEC_E_ENCRYPT_FAILURE ((SECURITY_STATUS)0x80090329)
#define SEC_E_DECRYPT_FAILURE ((SECURITY_STATUS)0x80090330)
#define SEC_E_ALGORITHM_MISMATCH ((SECURITY_STATUS)0x80090331)
#define SEC_E_SECURITY_QOS_FAILED ((SECURITY_STATUS)0x80090332)
#define SEC_E_UNFINISHED_CONTEXT_DELETED ((SECURITY_STATUS)0x80090333)
#define SEC_E_NO_TGT_REPLY ((SECURITY_STATUS)0x80090334)
#define SEC_E_NO_IP_ADDRESSES ((SECURITY_STATUS)0x80090335)
#define SEC_E_WRONG_CREDENTIAL_HANDLE ((SECURITY_STATUS)0x80090336)
#define SEC_E_CRYPTO_SYSTEM_INVALID ((SECURITY_STATUS)0x80090337)
#define SEC_E_MAX_REFERRALS_EXCEEDED ((SECURITY_STATUS)0x80090338)
#define SEC_E_MUST_BE_KDC ((SECURITY_STATUS)0x80090339)
#define SEC_E_STRONG_CRYPTO_NOT_SUPPORTED ((SECURITY_STATUS)0x8009033A)
#define SEC_E_TOO_MANY_PRINCIPALS ((SECURITY_STATUS)0x8009033B)
#define SEC_E_NO_PA_DATA ((SECURITY_STATUS)0x8009033C)
#define SEC_E_PKINIT_NAME_MISMATCH ((SECURITY_STATUS)0x8009033D)
#define SEC_E_SMARTCARD_LOGON_REQUIRED ((SECURITY_STATUS)0x8009033E)
#define SEC_E_SHUTDOWN_IN_PROGRESS ((SECURITY_STATUS)0x8009033F)
#define SEC_E_KDC_INVALID_REQUEST ((SECURITY_STATUS)0x80090340)
#define SEC_E_KDC_UNABLE_TO_REFER ((SECURITY_STATUS)0x80090341)
#define SEC_E_KDC_UNKNOWN_ETYPE ((SECURITY_STATUS)0x80090342)
#define SEC_E_UNSUPPORTED_PREAUTH ((SECURITY_STATUS)0x80090343)
#define SEC_E_DELEGATION_REQUIRED ((SECURITY_STATUS)0x80090345)
#define SEC_E_BAD_BINDINGS ((SECURITY_STATUS)0x80090346)
#define SEC_E_MULTIPLE_ACCOUNTS ((SECURITY_STATUS)0x80090347)
#define SEC_E_NO_KERB_KEY ((SECURITY_STATUS)0x80090348)
#define SEC_E_CERT_WRONG_USAGE ((SECURITY_STATUS)0x80090349)
#define SEC_E_DOWNGRADE_DETECTED ((SECURITY_STATUS)0x80090350)
#define SEC_E_SMARTCARD_CERT_REVOKED ((SECURITY_STATUS)0x80090351)
#define SEC_E_ISSUING_CA_UNTRUSTED ((SECURITY_STATUS)0x80090352)
#define SEC_E_REVOCATION_OFFLINE_C ((SECURITY_STATUS)0x80090353)
#define SEC_E_PKINIT_CLIENT_FAILURE ((SECURITY_STATUS)0x80090354)
#define SEC_E_SMARTCARD_CERT_EXPIRED ((SECURITY_STATUS)0x80090355)
#define SEC_E_NO_S4U_PROT_SUPPORT ((SECURITY_STATUS)0x80090356)
#define SEC_E_CROSSREALM_DELEGATION_FAILURE ((SECURITY_STATUS)0x80090357)
#define SEC_E_REVOCATION_OFFLINE_KDC ((SECURITY_STATUS)0x80090358)
#define SEC_E_ISSUING_CA_UNTRUSTED_KDC ((SECURITY_STATUS)0x80090359)
#define SEC_E_KDC_CERT_EXPIRED ((SECURITY_STATUS)0x8009035A)
#define SEC_E_KDC_CERT_REVOKED ((SECURITY_STATUS)0x8009035B)
#define SEC_I_SIGNATURE_NEEDED ((SECURITY_STATUS)0x0009035C)
#define SEC_E_INVALID_PARAMETER ((SECURITY_STATUS)0x8009035D)
#define SEC_E_DELEGATION_POLICY ((SECURITY_STATUS)0x8009035E)
#define SEC_E_POLICY_NLTM_ONLY ((SECURITY_STATUS)0x8009035F)
#define SEC_I_NO_RENEGOTIATION ((SECURITY_STATUS)0x00090360)
#define SEC_E_NO_CONTEXT ((SECURITY_STATUS)0x80090361)
#define SEC_E_PKU2U_CERT_FAILURE ((SECURITY_STATUS)0x80090362)
#define SEC_E_MUTUAL_AUTH_FAILED ((SECURITY_STATUS)0x80090363)
#define SEC_I_MESSAGE_FRAGMENT ((SECURITY_STATUS)0x00090364)
#define SEC_E_ONLY_HTTPS_ALLOWED ((SECURITY_STATUS)0x80090365)
#define SEC_I_CONTINUE_NEEDED_MESSAGE_OK ((SECURITY_STATUS)0x00090366)
#define SEC_E_APPLICATION_PROTOCOL_MISMATCH ((SECURITY_STATUS)0x80090367)
#define SEC_I_ASYNC_CALL_PENDING ((SECURITY_STATUS)0x00090368)
#define SEC_E_INVALID_UPN_NAME ((SECURITY_STATUS)0x80090369)
#define SEC_E_EXT_BUFFER_TOO_SMALL ((SECURITY_STATUS)0x8009036A)
#define SEC_E_INSUFFICIENT_BUFFERS ((SECURITY_STATUS)0x8009036B)

/* Other names of the same numbers. */
#define SEC_E_NO_SPM SEC_E_INTERNAL_ERROR
#define SEC_E_NOT_SUPPORTED SEC_E_UNSUPPORTED_FUNCTION

/* ------------------------------------------------------------------------------------------------
 * Flags and small numbers, by the argument or field that they belong to.
 */


/* The last numbers are members of C enumerations. */

/* SecPkgInfo.fCapabilities */
#define SECPKG_FLAG_INTEGRITY 0x00000001
#define SECPKG_FLAG_PRIVACY 0x00000002
#define SECPKG_FLAG_TOKEN_ONLY 0x00000004
#define SECPKG_FLAG_DATAGRAM 0x00000008
#define SECPKG_FLAG_CONNECTION 0x00000010
#define SECPKG_FLAG_MULTI_REQUIRED 0x00000020
#define SECPKG_FLAG_CLIENT_ONLY 0x00000040
#define SECPKG_FLAG_EXTENDED_ERROR 0x00000080
#define SECPKG_FLAG_IMPERSONATION 0x00000100
#define SECPKG_FLAG_ACCEPT_WIN32_NAME 0x00000200
#define SECPKG_FLAG_STREAM 0x00000400
#define SECPKG_FLAG_NEGOTIABLE 0x00000800
#define SECPKG_FLAG_GSS_COMPATIBLE 0x00001000
#define SECPKG_FLAG_LOGON 0x00002000
#define SECPKG_FLAG_ASCII_BUFFERS 0x00004000
#define SECPKG_FLAG_FRAGMENT 0x00008000
#define SECPKG_FLAG_MUTUAL_AUTH 0x00010000
#define SECPKG_FLAG_DELEGATION 0x00020000
#define SECPKG_FLAG_READONLY_WITH_CHECKSUM 0x00040000
#define SECPKG_FLAG_RESTRICTED_TOKENS 0x00080000
#define SECPKG_FLAG_NEGO_EXTENDER 0x00100000
#define SECPKG_FLAG_NEGOTIABLE2 0x00200000
#define SECPKG_FLAG_APPCONTAINER_PASSTHROUGH 0x00400000
#define SECPKG_FLAG_APPCONTAINER_CHECKS 0x00800000
#define SECPKG_FLAG_CREDENTIAL_ISOLATION_ENABLED 0x01000000
#define SECPKG_FLAG_APPLY_LOOPBACK 0x02000000

/* SecPkgInfo.wRPCID */
#define SECPKG_ID_NONE 0xFFFF

/* SecBufferDesc.ulVersion */
#define SECBUFFER_VERSION 0

/* SecBuffer.BufferType: the purpose */
#define SECBUFFER_EMPTY 0
#define SECBUFFER_DATA 1
#define SECBUFFER_TOKEN 2
#define SECBUFFER_PKG_PARAMS 3
#define SECBUFFER_MISSING 4
#define SECBUFFER_EXTRA 5
#define SECBUFFER_STREAM_TRAILER 6
#define SECBUFFER_STREAM_HEADER 7
#define SECBUFFER_NEGOTIATION_INFO 8
#define SECBUFFER_PADDING 9
#define SECBUFFER_STREAM 10
#define SECBUFFER_MECHLIST 11
#define SECBUFFER_MECHLIST_SIGNATURE 12
#define SECBUFFER_TARGET 13
#define SECBUFFER_CHANNEL_BINDINGS 14
#define SECBUFFER_CHANGE_PASS_RESPONSE 15
#define SECBUFFER_TARGET_HOST 16
#define SECBUFFER_ALERT 17
#define SECBUFFER_APPLICATION_PROTOCOLS 18
#define SECBUFFER_SRTP_PROTECTION_PROFILES 19
#define SECBUFFER_SRTP_MASTER_KEY_IDENTIFIER 20
#define SECBUFFER_TOKEN_BINDING 21
#define SECBUFFER_PRESHARED_KEY 22
#define SECBUFFER_PRESHARED_KEY_IDENTITY 23
#define SECBUFFER_DTLS_MTU 24
#define SECBUFFER_SEND_GENERIC_TLS_EXTENSION 25
#define SECBUFFER_SUBSCRIBE_GENERIC_TLS_EXTENSION 26
#define SECBUFFER_FLAGS 27
#define SECBUFFER_TRAFFIC_SECRETS 28
#define SECBUFFER_CERTIFICATE_REQUEST_CONTEXT 29
#define SECBUFFER_CHANNEL_BINDINGS_RESULT 30
#define SECBUFFER_APP_SESSION_STATE 31
#define SECBUFFER_SESSION_TICKET 32

/* SecBuffer.BufferType: attributes */
#define SECBUFFER_ATTRMASK 0xF0000000
#define SECBUFFER_READONLY 0x80000000
#define SECBUFFER_READONLY_WITH_CHECKSUM 0x10000000
#define SECBUFFER_RESERVED 0x60000000

/* SEC_CHANNEL_BINDINGS_EX */
#define SEC_CHANNEL_BINDINGS_EX_MAGIC 0x58454243
#define SEC_CHANNEL_BINDINGS_AUDIT_BINDINGS 0x00000001

/* SEC_CHANNEL_BINDINGS_RESULT.flags */
#define SEC_CHANNEL_BINDINGS_RESULT_CLIENT_SUPPORT 0x00000001
#define SEC_CHANNEL_BINDINGS_RESULT_ABSENT 0x00000002
#define SEC_CHANNEL_BINDINGS_RESULT_NOTVALID_MISMATCH 0x00000004
#define SEC_CHANNEL_BINDINGS_RESULT_NOTVALID_MISSING 0x00000008
#define SEC_CHANNEL_BINDINGS_RESULT_VALID_MATCHED 0x00000010
#define SEC_CHANNEL_BINDINGS_RESULT_VALID_PROXY 0x00000020
#define SEC_CHANNEL_BINDINGS_RESULT_VALID_MISSING 0x00000040
#define SEC_CHANNEL_BINDINGS_RESULT_VALID 0x00000070
#define SEC_CHANNEL_BINDINGS_RESULT_NOTVALID 0x0000000C

/* TargetDataRep */
#define SECURITY_NATIVE_DREP 0x00000010
#define SECURITY_NETWORK_DREP 0x00000000

/* fCredentialUse */
#define SECPKG_CRED_INBOUND 0x00000001
#define SECPKG_CRED_OUTBOUND 0x00000002
#define SECPKG_CRED_BOTH 0x00000003
#define SECPKG_CRED_DEFAULT 0x00000004
#define SECPKG_CRED_RESERVED 0xF0000000
#define SECPKG_CRED_AUTOLOGON_RESTRICTED 0x00000010
#define SECPKG_CRED_PROCESS_POLICY_ONLY 0x00000020

/* SetCredentialsAttributes and QueryCredentialsAttributes */
#define SECPKG_CRED_ATTR_NAMES 1
#define SECPKG_CRED_ATTR_SSI_PROVIDER 2
#define SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS 3
#define SECPKG_CRED_ATTR_CERT 4
#define SECPKG_CRED_ATTR_PAC_BYPASS 5

/* SecPkgCredentials_KdcProxySettingsW */
#define KDC_PROXY_SETTINGS_V1 0x00000001
#define KDC_PROXY_SETTINGS_FLAGS_FORCEPROXY 0x00000001

/* InitializeSecurityContext: what is asked for */
#define ISC_REQ_DELEGATE 0x00000001
#define ISC_REQ_MUTUAL_AUTH 0x00000002
#define ISC_REQ_REPLAY_DETECT 0x00000004
#define ISC_REQ_SEQUENCE_DETECT 0x00000008
#define ISC_REQ_CONFIDENTIALITY 0x00000010
#define ISC_REQ_USE_SESSION_KEY 0x00000020
#define ISC_REQ_PROMPT_FOR_CREDS 0x00000040
#define ISC_REQ_USE_SUPPLIED_CREDS 0x00000080
#define ISC_REQ_ALLOCATE_MEMORY 0x00000100
#define ISC_REQ_USE_DCE_STYLE 0x00000200
#define ISC_REQ_DATAGRAM 0x00000400
#define ISC_REQ_CONNECTION 0x00000800
#define ISC_REQ_CALL_LEVEL 0x00001000
#define ISC_REQ_FRAGMENT_SUPPLIED 0x00002000
#define ISC_REQ_EXTENDED_ERROR 0x00004000
#define ISC_REQ_STREAM 0x00008000
#define ISC_REQ_INTEGRITY 0x00010000
#define ISC_REQ_IDENTIFY 0x00020000
#define ISC_REQ_NULL_SESSION 0x00040000
#define ISC_REQ_MANUAL_CRED_VALIDATION 0x00080000
#define ISC_REQ_RESERVED1 0x00100000
#define ISC_REQ_FRAGMENT_TO_FIT 0x00200000
#define ISC_REQ_FORWARD_CREDENTIALS 0x00400000
#define ISC_REQ_NO_INTEGRITY 0x00800000
#define ISC_REQ_USE_HTTP_STYLE 0x01000000
#define ISC_REQ_UNVERIFIED_TARGET_NAME 0x20000000
#define ISC_REQ_CONFIDENTIALITY_ONLY 0x40000000
#define ISC_REQ_MESSAGES 0x0000000100000000
#define ISC_REQ_DEFERRED_CRED_VALIDATION 0x0000000200000000
#define ISC_REQ_NO_POST_HANDSHAKE_AUTH 0x0000000400000000
#define ISC_REQ_REUSE_SESSION_TICKETS 0x0000000800000000
#define ISC_REQ_EXPLICIT_SESSION 0x0000001000000000

/* InitializeSecurityContext: what was granted */
#define ISC_RET_DELEGATE 0x00000001
#define ISC_RET_MUTUAL_AUTH 0x00000002
#define ISC_RET_REPLAY_DETECT 0x00000004
#define ISC_RET_SEQUENCE_DETECT 0x00000008
#define ISC_RET_CONFIDENTIALITY 0x00000010
#define ISC_RET_USE_SESSION_KEY 0x00000020
#define ISC_RET_USED_COLLECTED_CREDS 0x00000040
#define ISC_RET_USED_SUPPLIED_CREDS 0x00000080
#define ISC_RET_ALLOCATED_MEMORY 0x00000100
#define ISC_RET_USED_DCE_STYLE 0x00000200
#define ISC_RET_DATAGRAM 0x00000400
#define ISC_RET_CONNECTION 0x00000800
#define ISC_RET_INTERMEDIATE_RETURN 0x00001000
#define ISC_RET_CALL_LEVEL 0x00002000
#define ISC_RET_EXTENDED_ERROR 0x00004000
#define ISC_RET_STREAM 0x00008000
#define ISC_RET_INTEGRITY 0x00010000
#define ISC_RET_IDENTIFY 0x00020000
#define ISC_RET_NULL_SESSION 0x00040000
#define ISC_RET_MANUAL_CRED_VALIDATION 0x00080000
#define ISC_RET_RESERVED1 0x00100000
#define ISC_RET_FRAGMENT_ONLY 0x00200000
#define ISC_RET_FORWARD_CREDENTIALS 0x00400000
#define ISC_RET_USED_HTTP_STYLE 0x01000000
#define ISC_RET_NO_ADDITIONAL_TOKEN 0x02000000
#define ISC_RET_REAUTHENTICATION 0x08000000
#define ISC_RET_CONFIDENTIALITY_ONLY 0x40000000
#define ISC_RET_MESSAGES 0x0000000100000000

/* AcceptSecurityContext: what is asked for (other bits than ISC_REQ_ from 0x1000 up) */
#define ASC_REQ_DELEGATE 0x00000001
#define ASC_REQ_MUTUAL_AUTH 0x00000002
#define ASC_REQ_REPLAY_DETECT 0x00000004
#define ASC_REQ_SEQUENCE_DETECT 0x00000008
#define ASC_REQ_CONFIDENTIALITY 0x00000010
#define ASC_REQ_USE_SESSION_KEY 0x00000020
#define ASC_REQ_SESSION_TICKET 0x00000040
#define ASC_REQ_ALLOCATE_MEMORY 0x00000100
#define ASC_REQ_USE_DCE_STYLE 0x00000200
#define ASC_REQ_DATAGRAM 0x00000400
#define ASC_REQ_CONNECTION 0x00000800
#define ASC_REQ_CALL_LEVEL 0x00001000
#define ASC_REQ_FRAGMENT_SUPPLIED 0x00002000
#define ASC_REQ_EXTENDED_ERROR 0x00008000
#define ASC_REQ_STREAM 0x00010000
#define ASC_REQ_INTEGRITY 0x00020000
#define ASC_REQ_LICENSING 0x00040000
#define ASC_REQ_IDENTIFY 0x00080000
#define ASC_REQ_ALLOW_NULL_SESSION 0x00100000
#define ASC_REQ_ALLOW_NON_USER_LOGONS 0x00200000
#define ASC_REQ_ALLOW_CONTEXT_REPLAY 0x00400000
#define ASC_REQ_FRAGMENT_TO_FIT 0x00800000
#define ASC_REQ_NO_TOKEN 0x01000000
#define ASC_REQ_PROXY_BINDINGS 0x04000000
#define ASC_REQ_ALLOW_MISSING_BINDINGS 0x10000000
#define ASC_REQ_MESSAGES 0x0000000100000000

/* AcceptSecurityContext: what was granted */
#define ASC_RET_DELEGATE 0x00000001
#define ASC_RET_MUTUAL_AUTH 0x00000002
#define ASC_RET_REPLAY_DETECT 0x00000004
#define ASC_RET_SEQUENCE_DETECT 0x00000008
#define ASC_RET_CONFIDENTIALITY 0x00000010
#define ASC_RET_USE_SESSION_KEY 0x00000020
#define ASC_RET_SESSION_TICKET 0x00000040
#define ASC_RET_ALLOCATED_MEMORY 0x00000100
#define ASC_RET_USED_DCE_STYLE 0x00000200
#define ASC_RET_DATAGRAM 0x00000400
#define ASC_RET_CONNECTION 0x00000800
#define ASC_RET_CALL_LEVEL 0x00002000
#define ASC_RET_THIRD_LEG_FAILED 0x00004000
#define ASC_RET_EXTENDED_ERROR 0x00008000
#define ASC_RET_STREAM 0x00010000
#define ASC_RET_INTEGRITY 0x00020000
#define ASC_RET_LICENSING 0x00040000
#define ASC_RET_IDENTIFY 0x00080000
#define ASC_RET_NULL_SESSION 0x00100000
#define ASC_RET_ALLOW_NON_USER_LOGONS 0x00200000
#define ASC_RET_ALLOW_CONTEXT_REPLAY 0x00400000
#define ASC_RET_FRAGMENT_ONLY 0x00800000
#define ASC_RET_NO_TOKEN 0x01000000
#define ASC_RET_NO_ADDITIONAL_TOKEN 0x02000000
#define ASC_RET_MESSAGES 0x0000000100000000

/* QueryContextAttributes and SetContextAttributes */
#define SECPKG_ATTR_SIZES 0
#define SECPKG_ATTR_NAMES 1
#define SECPKG_ATTR_LIFESPAN 2
#define SECPKG_ATTR_DCE_INFO 3
#define SECPKG_ATTR_STREAM_SIZES 4
#define SECPKG_ATTR_KEY_INFO 5
#define SECPKG_ATTR_AUTHORITY 6
#define SECPKG_ATTR_PROTO_INFO 7
#define SECPKG_ATTR_PASSWORD_EXPIRY 8
#define SECPKG_ATTR_SESSION_KEY 9
#define SECPKG_ATTR_PACKAGE_INFO 10
#define SECPKG_ATTR_USER_FLAGS 11
#define SECPKG_ATTR_NEGOTIATION_INFO 12
#define SECPKG_ATTR_NATIVE_NAMES 13
#define SECPKG_ATTR_FLAGS 14
#define SECPKG_ATTR_USE_VALIDATED 15
#define SECPKG_ATTR_CREDENTIAL_NAME 16
#define SECPKG_ATTR_TARGET_INFORMATION 17
#define SECPKG_ATTR_ACCESS_TOKEN 18
#define SECPKG_ATTR_TARGET 19
#define SECPKG_ATTR_AUTHENTICATION_ID 20
#define SECPKG_ATTR_LOGOFF_TIME 21
#define SECPKG_ATTR_NEGO_KEYS 22
#define SECPKG_ATTR_PROMPTING_NEEDED 24
#define SECPKG_ATTR_UNIQUE_BINDINGS 25
#define SECPKG_ATTR_ENDPOINT_BINDINGS 26
#define SECPKG_ATTR_CLIENT_SPECIFIED_TARGET 27
#define SECPKG_ATTR_LAST_CLIENT_TOKEN_STATUS 30
#define SECPKG_ATTR_NEGO_PKG_INFO 31
#define SECPKG_ATTR_NEGO_STATUS 32
#define SECPKG_ATTR_CONTEXT_DELETED 33
#define SECPKG_ATTR_DTLS_MTU 34
#define SECPKG_ATTR_SUBJECT_SECURITY_ATTRIBUTES 128
#define SECPKG_ATTR_APPLICATION_PROTOCOL 35
#define SECPKG_ATTR_NEGOTIATED_TLS_EXTENSIONS 36
#define SECPKG_ATTR_IS_LOOPBACK 37
#define SECPKG_ATTR_DATAGRAM_SIZES 4

/* SecPkgContext_NegoPackageInfo.PackageMask */
#define SECPKG_ATTR_NEGO_INFO_FLAG_NO_KERBEROS 0x00000001
#define SECPKG_ATTR_NEGO_INFO_FLAG_NO_NTLM 0x00000002

/* SecPkgContext_NegotiationInfo.NegotiationState */
#define SECPKG_NEGOTIATION_COMPLETE 0
#define SECPKG_NEGOTIATION_OPTIMISTIC 1
#define SECPKG_NEGOTIATION_IN_PROGRESS 2
#define SECPKG_NEGOTIATION_DIRECT 3
#define SECPKG_NEGOTIATION_TRY_MULTICRED 4

/* ExportSecurityContext */
#define SECPKG_CONTEXT_EXPORT_RESET_NEW 0x00000001
#define SECPKG_CONTEXT_EXPORT_DELETE_OLD 0x00000002
#define SECPKG_CONTEXT_EXPORT_TO_KERNEL 0x00000004

/* fQOP */
#define SECQOP_WRAP_NO_ENCRYPT 0x80000001
#define SECQOP_WRAP_OOB_DATA 0x40000000
#define KERB_WRAP_NO_ENCRYPT 0x80000001

/* Version of an identity */
#define SEC_WINNT_AUTH_IDENTITY_VERSION_2 0x00000201
#define SEC_WINNT_AUTH_IDENTITY_VERSION 0x00000200

/* Flags of an identity */
#define SEC_WINNT_AUTH_IDENTITY_ANSI 0x00000001
#define SEC_WINNT_AUTH_IDENTITY_UNICODE 0x00000002
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_PROCESS_ENCRYPTED 0x00000010
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_SYSTEM_PROTECTED 0x00000020
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_USER_PROTECTED 0x00000040
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_SYSTEM_ENCRYPTED 0x00000080
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_RESERVED 0x00010000
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_NULL_USER 0x00020000
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_NULL_DOMAIN 0x00040000
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_ID_PROVIDER 0x00080000
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_SSPIPFC_USE_MASK 0xFF000000
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_SSPIPFC_CREDPROV_DO_NOT_SAVE 0x80000000
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_SSPIPFC_SAVE_CRED_CHECKED 0x40000000
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_SSPIPFC_NO_CHECKBOX 0x20000000
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_SSPIPFC_CREDPROV_DO_NOT_LOAD 0x10000000
#define SEC_WINNT_AUTH_IDENTITY_MARSHALLED 0x00000004
#define SEC_WINNT_AUTH_IDENTITY_ONLY 0x00000008
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_SSPIPFC_SAVE_CRED_BY_CALLER 0x80000000
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_VALID_SSPIPFC_FLAGS 0xF0000000

/* SspiEncryptAuthIdentityEx and SspiDecryptAuthIdentityEx */
#define SEC_WINNT_AUTH_IDENTITY_ENCRYPT_SAME_LOGON 0x00000001
#define SEC_WINNT_AUTH_IDENTITY_ENCRYPT_SAME_PROCESS 0x00000002
#define SEC_WINNT_AUTH_IDENTITY_ENCRYPT_FOR_SYSTEM 0x00000004

/* SspiPromptForCredentials */
#define SSPIPFC_CREDPROV_DO_NOT_SAVE 0x00000001
#define SSPIPFC_NO_CHECKBOX 0x00000002
#define SSPIPFC_CREDPROV_DO_NOT_LOAD 0x00000004
#define SSPIPFC_USE_CREDUIBROKER 0x00000008

/* SECURITY_PACKAGE_OPTIONS */
#define SECPKG_OPTIONS_TYPE_UNKNOWN 0
#define SECPKG_OPTIONS_TYPE_LSA 1
#define SECPKG_OPTIONS_TYPE_SSPI 2
#define SECPKG_OPTIONS_PERMANENT 1

/* dwVersion of the function table */
#define SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION 1
#define SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION_2 2
#define SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION_3 3
#define SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION_4 4
#define SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION_5 5

/* SECPKG_CRED_CLASS */
#define SecPkgCredClass_None 0
#define SecPkgCredClass_Ephemeral 10
#define SecPkgCredClass_PersistedGeneric 20
#define SecPkgCredClass_PersistedSpecific 30
#define SecPkgCredClass_Explicit 40

/* SECPKG_ATTR_LCT_STATUS */
#define SecPkgAttrLastClientTokenYes 0
#define SecPkgAttrLastClientTokenNo 1
#define SecPkgAttrLastClientTokenMaybe 2

/* SEC_APPLICATION_PROTOCOL_NEGOTIATION_EXT */
#define SecApplicationProtocolNegotiationExt_None 0
#define SecApplicationProtocolNegotiationExt_NPN 1
#define SecApplicationProtocolNegotiationExt_ALPN 2

/* SEC_APPLICATION_PROTOCOL_NEGOTIATION_STATUS */
#define SecApplicationProtocolNegotiationStatus_None 0
#define SecApplicationProtocolNegotiationStatus_Success 1
#define SecApplicationProtocolNegotiationStatus_SelectedClientOnly 2

/* SEC_TRAFFIC_SECRET_TYPE */
#define SecTrafficSecret_None 0
#define SecTrafficSecret_Client 1
#define SecTrafficSecret_Server 2

/* ------------------------------------------------------------------------------------------------
 * EnumerateSecurityPackages, QuerySecurityPackageInfo, Add/DeleteSecurityPackage, FreeContextBuffer.
 */

/*
 * Lists the security packages, as EnumerateSecurityPackagesW does; strings are UTF-8.
 *
 * pcPackages: receives the number of packages.
 *
 * ppPackageInfo: receives an array of that many descriptions, strings included, in one block, which
 * the caller frees with one call of FreeContextBuffer.
 *
 * Returns SEC_E_OK; SEC_E_INVALID_PARAMETER if a pointer is NULL; SEC_E_INSUFFICIENT_MEMORY.
 * On failure nothing is written.
 */
SECURITY_STATUS SEC_ENTRY EnumerateSecurityPackagesA(uint32_t *pcPackages, SecPkgInfoA **ppPackageInfo);

/*
 * Lists the security packages that the library has.
 *
 * pcPackages: receives the number of packages.
 *
 * ppPackageInfo: receives an array of that many descriptions, strings included, in one block, which
 * the caller frees with one call of FreeContextBuffer.
 *
 * Returns SEC_E_OK; SEC_E_INVALID_PARAMETER if a pointer is NULL; SEC_E_INSUFFICIENT_MEMORY.
 * On failure nothing is written.
 */
SECURITY_STATUS SEC_ENTRY EnumerateSecurityPackagesW(uint32_t *pcPackages, SecPkgInfoW **ppPackageInfo);

/*
 * Describes one security package, as QuerySecurityPackageInfoW does; strings are UTF-8.
 *
 * pszPackageName: its name, in any case.
 *
 * ppPackageInfo: receives the description and its strings in one block, which the caller frees with
 * FreeContextBuffer.
 *
 * Returns SEC_E_OK; SEC_E_SECPKG_NOT_FOUND if there is no such package or the name is NULL;
 * SEC_E_INVALID_PARAMETER if ppPackageInfo is NULL; SEC_E_INSUFFICIENT_MEMORY. On failure nothing is
 * written.
 */
SECURITY_STATUS SEC_ENTRY QuerySecurityPackageInfoA(const SEC_CHAR *pszPackageName,
                                                    SecPkgInfoA **ppPackageInfo);

/*
 * Describes one security package: what it can, and how large its tokens get.
 *
 * pszPackageName: its name, such as "NTLM", in any case.
 *
 * ppPackageInfo: receives the description and its strings in one block, which the caller frees with
 * FreeContextBuffer.
 *
 * Returns SEC_E_OK; SEC_E_SECPKG_NOT_FOUND if there is no such package or the name is NULL;
 * SEC_E_INVALID_PARAMETER if ppPackageInfo is NULL; SEC_E_INSUFFICIENT_MEMORY. On failure nothing is
 * written.
 */
SECURITY_STATUS SEC_ENTRY QuerySecurityPackageInfoW(const SEC_WCHAR *pszPackageName,
                                                    SecPkgInfoW **ppPackageInfo);

/*
 * Would add a security package to the system. The packages of this library are built in.
 *
 * pszPackageName, pOptions: not looked at.
 *
 * Returns SEC_E_UNSUPPORTED_FUNCTION, always.
 */
SECURITY_STATUS SEC_ENTRY AddSecurityPackageA(const SEC_CHAR *pszPackageName,
                                              SECURITY_PACKAGE_OPTIONS *pOptions);

/*
 * Would add a security package to the system. The packages of this library are built in.
 *
 * pszPackageName, pOptions: not looked at.
 *
 * Returns SEC_E_UNSUPPORTED_FUNCTION, always.
 */
SECURITY_STATUS SEC_ENTRY AddSecurityPackageW(const SEC_WCHAR *pszPackageName,
                                              SECURITY_PACKAGE_OPTIONS *pOptions);

/*
 * Would remove a security package from the system. The packages of this library are built in.
 *
 * pszPackageName: not looked at.
 *
 * Returns SEC_E_UNSUPPORTED_FUNCTION, always.
 */
SECURITY_STATUS SEC_ENTRY DeleteSecurityPackageA(const SEC_CHAR *pszPackageName);

/*
 * Would remove a security package from the system. The packages of this library are built in.
 *
 * pszPackageName: not looked at.
 *
 * Returns SEC_E_UNSUPPORTED_FUNCTION, always.
 */
SECURITY_STATUS SEC_ENTRY DeleteSecurityPackageW(const SEC_WCHAR *pszPackageName);

/*
 * Frees a block that the library gave to the caller: tokens of ISC_REQ_ALLOCATE_MEMORY and
 * ASC_REQ_ALLOCATE_MEMORY, package descriptions, strings and keys of attributes, exported contexts.
 *
 * pvContextBuffer: the block; NULL is fine. Its bytes are zeroed first.
 *
 * Returns SEC_E_OK; SEC_E_INVALID_HANDLE if the pointer is not a block of this library that is still
 * to be freed: it is then left alone, so that a second call or a pointer from elsewhere does no harm.
 */
SECURITY_STATUS SEC_ENTRY FreeContextBuffer(void *pvContextBuffer);

/* ------------------------------------------------------------------------------------------------
 * AcquireCredentialsHandle and what else is done with a CredHandle, but for queries.
 */

/*
 * Makes a credential, as AcquireCredentialsHandleW does; strings are UTF-8. The strings of the
 * identity are of the kind that its own Flags say, whichever of the two functions is called.
 *
 * Parameters and status codes are those of AcquireCredentialsHandleW; besides,
 * SEC_E_INVALID_PARAMETER if a string is not UTF-8.
 */
SECURITY_STATUS SEC_ENTRY AcquireCredentialsHandleA(const SEC_CHAR *pszPrincipal,
                                                    const SEC_CHAR *pszPackage,
                                                    uint32_t fCredentialUse,
                                                    void *pvLogonId,
                                                    void *pAuthData,
                                                    SEC_GET_KEY_FN pGetKeyFn,
                                                    void *pvGetKeyArgument,
                                                    CredHandle *phCredential,
                                                    TimeStamp *ptsExpiry);

/*
 * Makes a credential, with which contexts are begun. Nothing is sent; a wrong password shows when
 * a context is established.
 *
 * pszPrincipal: the principal's name, or NULL.
 *
 * pszPackage: the package, in any case.
 *
 * fCredentialUse: SECPKG_CRED_INBOUND, SECPKG_CRED_OUTBOUND or both.
 *
 * pvLogonId, pGetKeyFn, pvGetKeyArgument: ignored.
 *
 * pAuthData: NULL for the default identity, or a SEC_WINNT_AUTH_IDENTITY_A or _W, _EXA or _EXW, or
 * _EX2. Its Flags say what its strings are, and with WinPR's 0x100 and 0x200 that settings of NTLM and
 * Kerberos lie behind an _EX identity: these win over the environment. It is copied: the caller may zero
 * and free it after the call, but not what a hash callback uses.
 *
 * phCredential: receives the handle; the caller frees it with FreeCredentialsHandle.
 *
 * ptsExpiry: receives when the credential expires, UTC; may be NULL.
 *
 * Returns SEC_E_OK; SEC_E_SECPKG_NOT_FOUND if there is no such package or its name is NULL;
 * SEC_E_UNKNOWN_CREDENTIALS for an unknown fCredentialUse; SEC_E_NO_CREDENTIALS if there is no
 * default identity; SEC_E_INVALID_PARAMETER if phCredential is NULL, or pAuthData is malformed;
 * SEC_E_UNSUPPORTED_FUNCTION or SEC_E_DECRYPT_FAILURE for credentials that are no password, or are
 * encrypted by another process; SEC_E_INSUFFICIENT_MEMORY. On failure nothing is written.
 */
SECURITY_STATUS SEC_ENTRY AcquireCredentialsHandleW(const SEC_WCHAR *pszPrincipal,
                                                    const SEC_WCHAR *pszPackage,
                                                    uint32_t fCredentialUse,
                                                    void *pvLogonId,
                                                    void *pAuthData,
                                                    SEC_GET_KEY_FN pGetKeyFn,
                                                    void *pvGetKeyArgument,
                                                    CredHandle *phCredential,
                                                    TimeStamp *ptsExpiry);

/*
 * Frees a credential. Contexts that were made with it go on working.
 *
 * phCredential: the handle; it is not written.
 *
 * Returns SEC_E_OK; SEC_E_INVALID_HANDLE if it is not the handle of a credential, or was freed
 * before.
 */
SECURITY_STATUS SEC_ENTRY FreeCredentialsHandle(CredHandle *phCredential);

/*
 * Would add a second credential to a handle, as AddCredentialsW would.
 *
 * hCredentials: a credential. The other arguments are not looked at.
 *
 * Returns SEC_E_UNSUPPORTED_FUNCTION, or SEC_E_INVALID_HANDLE.
 */
SECURITY_STATUS SEC_ENTRY AddCredentialsA(CredHandle *hCredentials,
                                          const SEC_CHAR *pszPrincipal,
                                          const SEC_CHAR *pszPackage,
                                          uint32_t fCredentialUse,
                                          void *pAuthData,
                                          SEC_GET_KEY_FN pGetKeyFn,
                                          void *pvGetKeyArgument,
                                          TimeStamp *ptsExpiry);

/*
 * Would add a second credential to a handle. A handle of this library holds one.
 *
 * hCredentials: a credential. The other arguments are not looked at.
 *
 * Returns SEC_E_UNSUPPORTED_FUNCTION, or SEC_E_INVALID_HANDLE.
 */
SECURITY_STATUS SEC_ENTRY AddCredentialsW(CredHandle *hCredentials,
                                          const SEC_WCHAR *pszPrincipal,
                                          const SEC_WCHAR *pszPackage,
                                          uint32_t fCredentialUse,
                                          void *pAuthData,
                                          SEC_GET_KEY_FN pGetKeyFn,
                                          void *pvGetKeyArgument,
                                          TimeStamp *ptsExpiry);

/*
 * Sets an attribute of a credential: the same as SetCredentialsAttributesW, whose structures it
 * takes as well.
 *
 * Parameters and status codes are those of SetCredentialsAttributesW.
 */
SECURITY_STATUS SEC_ENTRY SetCredentialsAttributesA(CredHandle *phCredential,
                                                    uint32_t ulAttribute,
                                                    void *pBuffer,
                                                    uint32_t cbBuffer);

/*
 * Sets an attribute of a credential.
 *
 * phCredential: the credential.
 *
 * ulAttribute: SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS.
 *
 * pBuffer: a SecPkgCredentials_KdcProxySettingsW of version KDC_PROXY_SETTINGS_V1, followed by what its
 * offsets lead to. It is copied.
 *
 * cbBuffer: bytes of all that.
 *
 * Returns SEC_E_OK; SEC_E_INVALID_HANDLE; SEC_E_UNSUPPORTED_FUNCTION for another attribute, or a
 * package that has no use for it; SEC_E_INVALID_PARAMETER if pBuffer is NULL, of another version, or
 * says that something lies outside of it.
 */
SECURITY_STATUS SEC_ENTRY SetCredentialsAttributesW(CredHandle *phCredential,
                                                    uint32_t ulAttribute,
                                                    void *pBuffer,
                                                    uint32_t cbBuffer);

/*
 * Changes an account's password, as ChangeAccountPasswordW does; strings are UTF-8.
 *
 * Parameters and status codes are those of ChangeAccountPasswordW.
 */
SECURITY_STATUS SEC_ENTRY ChangeAccountPasswordA(const SEC_CHAR *pszPackageName,
                                                 const SEC_CHAR *pszDomainName,
                                                 const SEC_CHAR *pszAccountName,
                                                 const SEC_CHAR *pszOldPassword,
                                                 const SEC_CHAR *pszNewPassword,
                                                 uint8_t bImpersonating,
                                                 uint32_t dwReserved,
                                                 SecBufferDesc *pOutput);

/*
 * Changes an account's password: Kerberos and Negotiate ask the domain's password service (RFC 3244).
 *
 * pszPackageName: the package.
 *
 * pszDomainName: the account's domain or realm; NULL or empty for that of the account's name, or the
 * default realm.
 *
 * pszAccountName: the account: "user" or "user@realm".
 *
 * pszOldPassword, pszNewPassword: the passwords.
 *
 * bImpersonating, dwReserved, pOutput: ignored; nothing is written.
 *
 * Returns SEC_E_OK; SEC_E_LOGON_DENIED if the old password is wrong or the account unknown; 0x8007052D
 * (ERROR_PASSWORD_RESTRICTION) if the new one breaks the domain's rules;
 * SEC_E_NO_AUTHENTICATING_AUTHORITY if no service answers; SEC_E_UNSUPPORTED_FUNCTION for NTLM;
 * SEC_E_SECPKG_NOT_FOUND if there is no such package; SEC_E_INVALID_PARAMETER if pszAccountName is
 * NULL or empty.
 */
SECURITY_STATUS SEC_ENTRY ChangeAccountPasswordW(const SEC_WCHAR *pszPackageName,
                                                 const SEC_WCHAR *pszDomainName,
                                                 const SEC_WCHAR *pszAccountName,
                                                 const SEC_WCHAR *pszOldPassword,
                                                 const SEC_WCHAR *pszNewPassword,
                                                 uint8_t bImpersonating,
                                                 uint32_t dwReserved,
                                                 SecBufferDesc *pOutput);

/* ------------------------------------------------------------------------------------------------
 * InitializeSecurityContext, AcceptSecurityContext and what else is done with a CtxtHandle, but for
 * messages, queries and transfer.
 */

/*
 * Begins or continues the client's side, as InitializeSecurityContextW does; strings are UTF-8.
 *
 * Parameters and status codes are those of InitializeSecurityContextW; besides,
 * SEC_E_INVALID_PARAMETER if pszTargetName is not UTF-8.
 */
SECURITY_STATUS SEC_ENTRY InitializeSecurityContextA(CredHandle *phCredential,
                                                     CtxtHandle *phContext,
                                                     const SEC_CHAR *pszTargetName,
                                                     uint32_t fContextReq,
                                                     uint32_t Reserved1,
                                                     uint32_t TargetDataRep,
                                                     SecBufferDesc *pInput,
                                                     uint32_t Reserved2,
                                                     CtxtHandle *phNewContext,
                                                     SecBufferDesc *pOutput,
                                                     uint32_t *pfContextAttr,
                                                     TimeStamp *ptsExpiry);

/*
 * Begins or continues the client's side of an authentication: takes the server's token and makes the
 * next one for it.
 *
 * phCredential: an outbound credential; may be NULL from the second call on.
 *
 * phContext: NULL on the first call, then the context.
 *
 * pszTargetName: the service (SPN) or server that is meant; may be NULL with NTLM. Only the first call
 * looks at it.
 *
 * fContextReq: ISC_REQ_*; unknown bits are ignored.
 *
 * Reserved1, TargetDataRep, Reserved2: ignored.
 *
 * pInput: the server's token as SECBUFFER_TOKEN, and SECBUFFER_CHANNEL_BINDINGS; NULL on the first
 * call if there is neither. Other buffers are ignored. All memory is the caller's.
 *
 * phNewContext: receives the handle, which the caller frees with DeleteSecurityContext. It may be
 * phContext, and NULL where phContext is not.
 *
 * pOutput: a SECBUFFER_TOKEN of the caller's, which the token is written to and whose cbBuffer becomes
 * the token's length; with ISC_REQ_ALLOCATE_MEMORY pvBuffer is set to a block that the caller frees with
 * FreeContextBuffer, or to NULL if there is no token. Its memory may overlap the input.
 *
 * pfContextAttr: receives ISC_RET_*, what is granted; final with SEC_E_OK. May be NULL.
 *
 * ptsExpiry: receives when the context expires, UTC; may be NULL.
 *
 * Returns SEC_I_CONTINUE_NEEDED: send the token and call again with the answer. SEC_E_OK: done; a token,
 * if there is one, must still be sent. SEC_E_BUFFER_TOO_SMALL: call again with the same input and a
 * larger SECBUFFER_TOKEN. SEC_E_INVALID_TOKEN, SEC_E_LOGON_DENIED, SEC_E_NO_CREDENTIALS,
 * SEC_E_TARGET_UNKNOWN, SEC_E_BAD_BINDINGS, SEC_E_UNSUPPORTED_FUNCTION: refused.
 * SEC_E_OUT_OF_SEQUENCE: the context is complete already, or was refused. SEC_E_INVALID_HANDLE,
 * SEC_E_INVALID_PARAMETER, SEC_E_INTERNAL_ERROR (a token buffer with a size and no memory),
 * SEC_E_INSUFFICIENT_MEMORY. When the first call fails there is no context and phNewContext is not
 * written; when a later one fails the context still has to be deleted.
 */
SECURITY_STATUS SEC_ENTRY InitializeSecurityContextW(CredHandle *phCredential,
                                                     CtxtHandle *phContext,
                                                     const SEC_WCHAR *pszTargetName,
                                                     uint32_t fContextReq,
                                                     uint32_t Reserved1,
                                                     uint32_t TargetDataRep,
                                                     SecBufferDesc *pInput,
                                                     uint32_t Reserved2,
                                                     CtxtHandle *phNewContext,
                                                     SecBufferDesc *pOutput,
                                                     uint32_t *pfContextAttr,
                                                     TimeStamp *ptsExpiry);

/*
 * Begins or continues the server's side of an authentication: takes the client's token and makes the
 * answer to it.
 *
 * phCredential: an inbound credential; may be NULL from the second call on.
 *
 * phContext: NULL on the first call, then the context.
 *
 * pInput: the client's token as SECBUFFER_TOKEN, and SECBUFFER_CHANNEL_BINDINGS to have the client's
 * checked. Other buffers are ignored. All memory is the caller's.
 *
 * fContextReq: ASC_REQ_*; unknown bits are ignored. With channel bindings,
 * ASC_REQ_ALLOW_MISSING_BINDINGS accepts a client that has none, ASC_REQ_PROXY_BINDINGS one that has
 * others.
 *
 * TargetDataRep: ignored.
 *
 * phNewContext: receives the handle, which the caller frees with DeleteSecurityContext. It may be
 * phContext, and NULL where phContext is not.
 *
 * pOutput: a SECBUFFER_TOKEN of the caller's, which the token is written to and whose cbBuffer becomes
 * the token's length; with ASC_REQ_ALLOCATE_MEMORY pvBuffer is set to a block that the caller frees with
 * FreeContextBuffer, or to NULL if there is no token. A SECBUFFER_CHANNEL_BINDINGS_RESULT receives
 * SEC_CHANNEL_BINDINGS_RESULT_* once the context is established. NULL only if no token is to be returned.
 *
 * pfContextAttr: receives ASC_RET_*, what is granted; final with SEC_E_OK. May be NULL.
 *
 * ptsExpiry: receives when the context expires, UTC; may be NULL.
 *
 * Returns SEC_I_CONTINUE_NEEDED: send the token and call again with the answer. SEC_E_OK: the client is
 * who SECPKG_ATTR_NAMES says; a token, if there is one, must still be sent. SEC_I_COMPLETE_NEEDED: there
 * was no account source. SEC_E_LOGON_DENIED: unknown user or wrong password. SEC_E_INVALID_TOKEN,
 * SEC_E_BAD_BINDINGS, SEC_E_NO_CREDENTIALS, SEC_E_UNSUPPORTED_FUNCTION: refused.
 * SEC_E_BUFFER_TOO_SMALL: call again with the same input and a larger SECBUFFER_TOKEN.
 * SEC_E_OUT_OF_SEQUENCE: the context is complete already, or was refused. SEC_E_INVALID_HANDLE,
 * SEC_E_INVALID_PARAMETER, SEC_E_INTERNAL_ERROR (a token buffer with a size and no memory),
 * SEC_E_INSUFFICIENT_MEMORY. When the first call fails there is no context and phNewContext is not
 * written; when a later one fails the context still has to be deleted.
 */
SECURITY_STATUS SEC_ENTRY AcceptSecurityContext(CredHandle *phCredential,
                                                CtxtHandle *phContext,
                                                SecBufferDesc *pInput,
                                                uint32_t fContextReq,
                                                uint32_t TargetDataRep,
                                                CtxtHandle *phNewContext,
                                                SecBufferDesc *pOutput,
                                                uint32_t *pfContextAttr,
                                                TimeStamp *ptsExpiry);

/*
 * Completes a context for which AcceptSecurityContext answered SEC_I_COMPLETE_NEEDED: the client is
 * looked up among the accounts that WinPR's attributes named (SetContextAttributes), else among those
 * of libsspi_set_account_callback, else in /etc/winpr/SAM. The packages here complete all
 * others by themselves; calling it on an established context does no harm.
 *
 * phContext: the context.
 *
 * pToken: not looked at.
 *
 * Returns SEC_E_OK on an established context; SEC_E_LOGON_DENIED if the client is refused;
 * SEC_E_UNSUPPORTED_FUNCTION if there is nothing to complete, or no accounts; SEC_E_INVALID_HANDLE.
 */
SECURITY_STATUS SEC_ENTRY CompleteAuthToken(CtxtHandle *phContext,
                                            SecBufferDesc *pToken);

/*
 * Frees a context in any state and zeroes its keys; a call that is inside it on another thread ends
 * first.
 *
 * phContext: the handle; it is not written.
 *
 * Returns SEC_E_OK, also for a handle that was deleted a short while ago; SEC_E_INVALID_HANDLE if it is
 * not the handle of a context.
 */
SECURITY_STATUS SEC_ENTRY DeleteSecurityContext(CtxtHandle *phContext);

/*
 * Would apply a control token, such as a shutdown of TLS. No package here has any.
 *
 * phContext: a context.
 *
 * pInput: not looked at.
 *
 * Returns SEC_E_UNSUPPORTED_FUNCTION, or SEC_E_INVALID_HANDLE.
 */
SECURITY_STATUS SEC_ENTRY ApplyControlToken(CtxtHandle *phContext, SecBufferDesc *pInput);

/*
 * Makes the calling thread act as the context's client, as far as SSPI_IMPERSONATION lets it.
 *
 * phContext: an established context of a server.
 *
 * In a privileged process a client that is a local account gives this thread its user and group ids;
 * any other client gives it those of "nobody". In an unprivileged process nothing is switched: the
 * client is identified and no more. Other threads keep their ids, and threads that are started
 * meanwhile inherit this one's. Always call RevertSecurityContext, on the same thread, before the
 * context is deleted; and check the status, or the thread acts with its own rights.
 *
 * Returns SEC_E_OK; SEC_E_NO_IMPERSONATION if the environment refuses it, the ids cannot be switched,
 * or the context is a client's; SEC_E_INVALID_HANDLE also for a context that is not established.
 */
SECURITY_STATUS SEC_ENTRY ImpersonateSecurityContext(CtxtHandle *phContext);

/*
 * Gives the calling thread back the ids that it had before ImpersonateSecurityContext.
 *
 * phContext: the context that was impersonated, even if it was deleted meanwhile.
 *
 * Returns SEC_E_OK, also if the thread was not impersonating; SEC_E_NO_IMPERSONATION if the ids cannot be
 * switched back: the thread should then end; SEC_E_INVALID_HANDLE.
 */
SECURITY_STATUS SEC_ENTRY RevertSecurityContext(CtxtHandle *phContext);

/*
 * Would open the access token of the context's client. There are no such tokens off Windows.
 *
 * phContext: a context.
 *
 * Token: not written.
 *
 * Returns SEC_E_UNSUPPORTED_FUNCTION, or SEC_E_INVALID_HANDLE.
 */
SECURITY_STATUS SEC_ENTRY QuerySecurityContextToken(CtxtHandle *phContext, void **Token);

/*
 * Sets an attribute of a context, as SetContextAttributesW does; strings are UTF-8.
 *
 * Parameters and status codes are those of SetContextAttributesW.
 */
SECURITY_STATUS SEC_ENTRY SetContextAttributesA(CtxtHandle *phContext,
                                                uint32_t ulAttribute,
                                                void *pBuffer,
                                                uint32_t cbBuffer);

/*
 * Sets an attribute of a context: those of WinPR (FreeRDP). Windows' own packages have none.
 *
 * phContext: the context.
 *
 * ulAttribute: of an acceptor's context of NTLM that is not yet established, where its accounts come
 * from: 1003 (SecPkgContext_AuthNtlmHash: the client's NT hash or NTOWFv2), 1004 (a file), 1108 with a
 * cbBuffer of 0 (a function that computes NTOWFv2) and 1109 (its argument). They are asked by the call
 * of AcceptSecurityContext or CompleteAuthToken that decides. Of any context what the computer is
 * called: 1108 with a cbBuffer, 1111, 1113, 1115, 1117; the first goes out with NTLM's AUTHENTICATE.
 * 1100 to 1103 are for test vectors, and refused unless the environment has SSPI_WINPR_TEST_VECTORS=1.
 *
 * pBuffer: the attribute's structure or string, which is copied, or the function or its argument, which
 * have to stay valid until the context is deleted.
 *
 * cbBuffer: bytes of pBuffer.
 *
 * Returns SEC_E_OK; SEC_E_INVALID_HANDLE; SEC_E_UNSUPPORTED_FUNCTION for another attribute or package, or
 * the other role; SEC_E_OUT_OF_SEQUENCE if the context is established or was refused;
 * SEC_E_INVALID_PARAMETER if pBuffer is NULL, or cbBuffer too small.
 */
SECURITY_STATUS SEC_ENTRY SetContextAttributesW(CtxtHandle *phContext,
                                                uint32_t ulAttribute,
                                                void *pBuffer,
                                                uint32_t cbBuffer);

/* ------------------------------------------------------------------------------------------------
 * EncryptMessage, DecryptMessage, MakeSignature, VerifySignature, and the first two's other names.
 */

/*
 * Protects a message: signs it and, unless fQOP says otherwise, encrypts it in place.
 *
 * phContext: an established context.
 *
 * fQOP: 0, or SECQOP_WRAP_NO_ENCRYPT to sign only.
 *
 * pMessage: one SECBUFFER_TOKEN with room for cbSecurityTrailer bytes (SECPKG_ATTR_SIZES), whose
 * cbBuffer is set to what was used; any number of SECBUFFER_DATA, which are one message in their
 * order; perhaps a SECBUFFER_PADDING. Buffers are found by type, in any order. Data marked
 * SECBUFFER_READONLY or SECBUFFER_READONLY_WITH_CHECKSUM is signed and not changed. All memory is the
 * caller's; buffers may not overlap.
 *
 * MessageSeqNo: ignored; the context counts for itself.
 *
 * Returns SEC_E_OK; SEC_E_INVALID_HANDLE also for a context that is not established;
 * SEC_E_INVALID_TOKEN if buffers are missing, double, without memory or overlapping;
 * SEC_E_BUFFER_TOO_SMALL; SEC_E_QOP_NOT_SUPPORTED; SEC_E_CONTEXT_EXPIRED;
 * SEC_E_UNSUPPORTED_FUNCTION if the context has no such protection; SEC_E_INVALID_PARAMETER if
 * pMessage is NULL. On failure the message and the context are as before.
 *
 * One thread may encrypt while another decrypts with the same context.
 */
SECURITY_STATUS SEC_ENTRY EncryptMessage(CtxtHandle *phContext,
                                         uint32_t fQOP,
                                         SecBufferDesc *pMessage,
                                         uint32_t MessageSeqNo);

/*
 * Checks a message's signature and decrypts it in place.
 *
 * phContext: an established context.
 *
 * pMessage: either the SECBUFFER_TOKEN, SECBUFFER_DATA and SECBUFFER_PADDING buffers that
 * EncryptMessage made, in any order; or one SECBUFFER_STREAM with the whole protected message and one
 * SECBUFFER_DATA, which is then pointed at the plaintext inside the stream's memory. Data marked
 * SECBUFFER_READONLY or SECBUFFER_READONLY_WITH_CHECKSUM was signed only and is not changed.
 *
 * MessageSeqNo: ignored; the context counts for itself.
 *
 * pfQOP: receives 0, or SECQOP_WRAP_NO_ENCRYPT for a message that was signed only; may be NULL.
 *
 * Returns SEC_E_OK; SEC_E_MESSAGE_ALTERED if the message is not what the peer sent next: its data is
 * then zeroed and the context still waits for the right one; SEC_E_OUT_OF_SEQUENCE;
 * SEC_E_INVALID_HANDLE also for a context that is not established; SEC_E_INVALID_TOKEN if buffers are
 * missing, double, without memory or overlapping; SEC_E_CONTEXT_EXPIRED; SEC_E_UNSUPPORTED_FUNCTION;
 * SEC_E_INVALID_PARAMETER if pMessage is NULL.
 */
SECURITY_STATUS SEC_ENTRY DecryptMessage(CtxtHandle *phContext,
                                         SecBufferDesc *pMessage,
                                         uint32_t MessageSeqNo,
                                         uint32_t *pfQOP);

/*
 * The same function as EncryptMessage, under its older name.
 *
 * Parameters and status codes are those of EncryptMessage.
 */
SECURITY_STATUS SEC_ENTRY SealMessage(CtxtHandle *phContext,
                                      uint32_t fQOP,
                                      SecBufferDesc *pMessage,
                                      uint32_t MessageSeqNo);

/*
 * The same function as DecryptMessage, under its older name.
 *
 * Parameters and status codes are those of DecryptMessage.
 */
SECURITY_STATUS SEC_ENTRY UnsealMessage(CtxtHandle *phContext,
                                        SecBufferDesc *pMessage,
                                        uint32_t MessageSeqNo,
                                        uint32_t *pfQOP);

/*
 * Signs a message.
 *
 * phContext: an established context.
 *
 * fQOP: 0.
 *
 * pMessage: one SECBUFFER_TOKEN with room for cbMaxSignature bytes (SECPKG_ATTR_SIZES), whose
 * cbBuffer is set to the signature's length, and any number of SECBUFFER_DATA, which are one message
 * in their order and are only read. Buffers are found by type. All memory is the caller's.
 *
 * MessageSeqNo: ignored; the context counts for itself.
 *
 * Returns SEC_E_OK; SEC_E_INVALID_HANDLE also for a context that is not established;
 * SEC_E_INVALID_TOKEN if buffers are missing, double, without memory or overlapping;
 * SEC_E_BUFFER_TOO_SMALL; SEC_E_QOP_NOT_SUPPORTED; SEC_E_CONTEXT_EXPIRED;
 * SEC_E_UNSUPPORTED_FUNCTION; SEC_E_INVALID_PARAMETER if pMessage is NULL. On failure the context is
 * as before.
 */
SECURITY_STATUS SEC_ENTRY MakeSignature(CtxtHandle *phContext,
                                        uint32_t fQOP,
                                        SecBufferDesc *pMessage,
                                        uint32_t MessageSeqNo);

/*
 * Checks a signature that the peer made with MakeSignature.
 *
 * phContext: an established context.
 *
 * pMessage: the SECBUFFER_TOKEN with the signature and the SECBUFFER_DATA that it covers, in the order
 * in which the data was signed. Nothing is written.
 *
 * MessageSeqNo: ignored; the context counts for itself.
 *
 * pfQOP: receives 0; may be NULL.
 *
 * Returns SEC_E_OK; SEC_E_MESSAGE_ALTERED if the signature is not the peer's next one over this data:
 * the context still waits for the right one; SEC_E_OUT_OF_SEQUENCE; SEC_E_INVALID_HANDLE also for a
 * context that is not established; SEC_E_INVALID_TOKEN if buffers are missing, double, overlapping or without
 * memory; SEC_E_CONTEXT_EXPIRED; SEC_E_UNSUPPORTED_FUNCTION; SEC_E_INVALID_PARAMETER if pMessage is
 * NULL.
 */
SECURITY_STATUS SEC_ENTRY VerifySignature(CtxtHandle *phContext,
                                          SecBufferDesc *pMessage,
                                          uint32_t MessageSeqNo,
                                          uint32_t *pfQOP);

/* ------------------------------------------------------------------------------------------------
 * QueryContextAttributes and QueryCredentialsAttributes, with and without the structure's size.
 */

/*
 * Tells something about a security context; strings are UTF-8.
 *
 * phContext: the context, established or not.
 *
 * ulAttribute: SECPKG_ATTR_*. At any time: SIZES, PACKAGE_INFO, NEGOTIATION_INFO, FLAGS (ISC_RET_* of
 * an initiator, ASC_RET_* of an acceptor), LAST_CLIENT_TOKEN_STATUS; of Negotiate also NEGO_STATUS (the
 * status of the last step) and NEGO_PKG_INFO (which packages take no part). Once the
 * context is established also: NAMES ("DOMAIN\user", "NT AUTHORITY\ANONYMOUS LOGON" for a client that
 * gave no name), NATIVE_NAMES, AUTHORITY, CLIENT_SPECIFIED_TARGET and TARGET (bytes in UTF-8),
 * CREDENTIAL_NAME, LIFESPAN, LOGOFF_TIME, PASSWORD_EXPIRY, KEY_INFO, SESSION_KEY, USER_FLAGS.
 *
 * pBuffer: the caller's structure, SecPkgContext_* of the attribute. Each string, key and package
 * description that it then points at is a block of its own, which the caller frees with
 * FreeContextBuffer. No string is empty; one that is not known is NULL.
 *
 * Returns SEC_E_OK; SEC_E_INVALID_HANDLE if there is no such context, or if it is not established and
 * the attribute needs that; SEC_E_UNSUPPORTED_FUNCTION for any other attribute;
 * SEC_E_INVALID_PARAMETER if pBuffer is NULL; SEC_E_TARGET_UNKNOWN if the client named
 * no target; SEC_E_INSUFFICIENT_MEMORY. On failure nothing is written.
 */
SECURITY_STATUS SEC_ENTRY QueryContextAttributesA(CtxtHandle *phContext,
                                                  uint32_t ulAttribute,
                                                  void *pBuffer);

/*
 * Tells something about a security context.
 *
 * phContext: the context, established or not.
 *
 * ulAttribute: SECPKG_ATTR_*. At any time: SIZES, PACKAGE_INFO, NEGOTIATION_INFO, FLAGS (ISC_RET_* of
 * an initiator, ASC_RET_* of an acceptor), LAST_CLIENT_TOKEN_STATUS; of Negotiate also NEGO_STATUS (the
 * status of the last step) and NEGO_PKG_INFO (which packages take no part). Once the
 * context is established also: NAMES ("DOMAIN\user", "NT AUTHORITY\ANONYMOUS LOGON" for a client that
 * gave no name), NATIVE_NAMES, AUTHORITY, CLIENT_SPECIFIED_TARGET and TARGET (bytes in UTF-8),
 * CREDENTIAL_NAME, LIFESPAN, LOGOFF_TIME, PASSWORD_EXPIRY, KEY_INFO, SESSION_KEY, USER_FLAGS.
 *
 * pBuffer: the caller's structure, SecPkgContext_* of the attribute. Each string, key and package
 * description that it then points at is a block of its own, which the caller frees with
 * FreeContextBuffer. No string is empty; one that is not known is NULL.
 *
 * Returns SEC_E_OK; SEC_E_INVALID_HANDLE if there is no such context, or if it is not established and
 * the attribute needs that; SEC_E_UNSUPPORTED_FUNCTION for any other attribute;
 * SEC_E_INVALID_PARAMETER if pBuffer is NULL; SEC_E_TARGET_UNKNOWN if the client named
 * no target; SEC_E_INSUFFICIENT_MEMORY. On failure nothing is written.
 */
SECURITY_STATUS SEC_ENTRY QueryContextAttributesW(CtxtHandle *phContext,
                                                  uint32_t ulAttribute,
                                                  void *pBuffer);

/*
 * Tells something about a security context; strings are UTF-8.
 *
 * phContext: the context, established or not.
 *
 * ulAttribute: SECPKG_ATTR_*. At any time: SIZES, PACKAGE_INFO, NEGOTIATION_INFO, FLAGS (ISC_RET_* of
 * an initiator, ASC_RET_* of an acceptor), LAST_CLIENT_TOKEN_STATUS; of Negotiate also NEGO_STATUS (the
 * status of the last step) and NEGO_PKG_INFO (which packages take no part). Once the
 * context is established also: NAMES ("DOMAIN\user", "NT AUTHORITY\ANONYMOUS LOGON" for a client that
 * gave no name), NATIVE_NAMES, AUTHORITY, CLIENT_SPECIFIED_TARGET and TARGET (bytes in UTF-8),
 * CREDENTIAL_NAME, LIFESPAN, LOGOFF_TIME, PASSWORD_EXPIRY, KEY_INFO, SESSION_KEY, USER_FLAGS.
 *
 * pBuffer: the caller's structure, SecPkgContext_* of the attribute. Each string, key and package
 * description that it then points at is a block of its own, which the caller frees with
 * FreeContextBuffer. No string is empty; one that is not known is NULL.
 *
 * cbBuffer: the size of the structure in bytes; a larger one is fine.
 *
 * Returns SEC_E_OK; SEC_E_INVALID_HANDLE if there is no such context, or if it is not established and
 * the attribute needs that; SEC_E_UNSUPPORTED_FUNCTION for any other attribute;
 * SEC_E_INVALID_PARAMETER if pBuffer is NULL; SEC_E_BUFFER_TOO_SMALL if cbBuffer is less than
 * the structure's size; SEC_E_TARGET_UNKNOWN if the client named
 * no target; SEC_E_INSUFFICIENT_MEMORY. On failure nothing is written.
 */
SECURITY_STATUS SEC_ENTRY QueryContextAttributesExA(CtxtHandle *phContext,
                                                    uint32_t ulAttribute,
                                                    void *pBuffer,
                                                    uint32_t cbBuffer);

/*
 * Tells something about a security context.
 *
 * phContext: the context, established or not.
 *
 * ulAttribute: SECPKG_ATTR_*. At any time: SIZES, PACKAGE_INFO, NEGOTIATION_INFO, FLAGS (ISC_RET_* of
 * an initiator, ASC_RET_* of an acceptor), LAST_CLIENT_TOKEN_STATUS; of Negotiate also NEGO_STATUS (the
 * status of the last step) and NEGO_PKG_INFO (which packages take no part). Once the
 * context is established also: NAMES ("DOMAIN\user", "NT AUTHORITY\ANONYMOUS LOGON" for a client that
 * gave no name), NATIVE_NAMES, AUTHORITY, CLIENT_SPECIFIED_TARGET and TARGET (bytes in UTF-8),
 * CREDENTIAL_NAME, LIFESPAN, LOGOFF_TIME, PASSWORD_EXPIRY, KEY_INFO, SESSION_KEY, USER_FLAGS.
 *
 * pBuffer: the caller's structure, SecPkgContext_* of the attribute. Each string, key and package
 * description that it then points at is a block of its own, which the caller frees with
 * FreeContextBuffer. No string is empty; one that is not known is NULL.
 *
 * cbBuffer: the size of the structure in bytes; a larger one is fine.
 *
 * Returns SEC_E_OK; SEC_E_INVALID_HANDLE if there is no such context, or if it is not established and
 * the attribute needs that; SEC_E_UNSUPPORTED_FUNCTION for any other attribute;
 * SEC_E_INVALID_PARAMETER if pBuffer is NULL; SEC_E_BUFFER_TOO_SMALL if cbBuffer is less than
 * the structure's size; SEC_E_TARGET_UNKNOWN if the client named
 * no target; SEC_E_INSUFFICIENT_MEMORY. On failure nothing is written.
 */
SECURITY_STATUS SEC_ENTRY QueryContextAttributesExW(CtxtHandle *phContext,
                                                    uint32_t ulAttribute,
                                                    void *pBuffer,
                                                    uint32_t cbBuffer);

/*
 * Tells something about a credential; strings are UTF-8.
 *
 * phCredential: the credential.
 *
 * ulAttribute: SECPKG_CRED_ATTR_NAMES, for whom the credential is: "DOMAIN\user", or the user alone.
 *
 * pBuffer: the caller's SecPkgCredentials_Names. The caller frees the name with FreeContextBuffer.
 *
 * Returns SEC_E_OK; SEC_E_INVALID_HANDLE if there is no such credential; SEC_E_UNSUPPORTED_FUNCTION for
 * any other attribute; SEC_E_NO_CREDENTIALS if the credential has no name;
 * SEC_E_INVALID_PARAMETER if pBuffer is NULL; SEC_E_INSUFFICIENT_MEMORY. On failure
 * nothing is written.
 */
SECURITY_STATUS SEC_ENTRY QueryCredentialsAttributesA(CredHandle *phCredential,
                                                      uint32_t ulAttribute,
                                                      void *pBuffer);

/*
 * Tells something about a credential.
 *
 * phCredential: the credential.
 *
 * ulAttribute: SECPKG_CRED_ATTR_NAMES, for whom the credential is: "DOMAIN\user", or the user alone.
 *
 * pBuffer: the caller's SecPkgCredentials_Names. The caller frees the name with FreeContextBuffer.
 *
 * Returns SEC_E_OK; SEC_E_INVALID_HANDLE if there is no such credential; SEC_E_UNSUPPORTED_FUNCTION for
 * any other attribute; SEC_E_NO_CREDENTIALS if the credential has no name;
 * SEC_E_INVALID_PARAMETER if pBuffer is NULL; SEC_E_INSUFFICIENT_MEMORY. On failure
 * nothing is written.
 */
SECURITY_STATUS SEC_ENTRY QueryCredentialsAttributesW(CredHandle *phCredential,
                                                      uint32_t ulAttribute,
                                                      void *pBuffer);

/*
 * Tells something about a credential; strings are UTF-8.
 *
 * phCredential: the credential.
 *
 * ulAttribute: SECPKG_CRED_ATTR_NAMES, for whom the credential is: "DOMAIN\user", or the user alone.
 *
 * pBuffer: the caller's SecPkgCredentials_Names. The caller frees the name with FreeContextBuffer.
 *
 * cbBuffer: the size of the structure in bytes; a larger one is fine.
 *
 * Returns SEC_E_OK; SEC_E_INVALID_HANDLE if there is no such credential; SEC_E_UNSUPPORTED_FUNCTION for
 * any other attribute; SEC_E_NO_CREDENTIALS if the credential has no name;
 * SEC_E_INVALID_PARAMETER if pBuffer is NULL; SEC_E_BUFFER_TOO_SMALL if cbBuffer is less than
 * the structure's size; SEC_E_INSUFFICIENT_MEMORY. On failure
 * nothing is written.
 */
SECURITY_STATUS SEC_ENTRY QueryCredentialsAttributesExA(CredHandle *phCredential,
                                                        uint32_t ulAttribute,
                                                        void *pBuffer,
                                                        uint32_t cbBuffer);

/*
 * Tells something about a credential.
 *
 * phCredential: the credential.
 *
 * ulAttribute: SECPKG_CRED_ATTR_NAMES, for whom the credential is: "DOMAIN\user", or the user alone.
 *
 * pBuffer: the caller's SecPkgCredentials_Names. The caller frees the name with FreeContextBuffer.
 *
 * cbBuffer: the size of the structure in bytes; a larger one is fine.
 *
 * Returns SEC_E_OK; SEC_E_INVALID_HANDLE if there is no such credential; SEC_E_UNSUPPORTED_FUNCTION for
 * any other attribute; SEC_E_NO_CREDENTIALS if the credential has no name;
 * SEC_E_INVALID_PARAMETER if pBuffer is NULL; SEC_E_BUFFER_TOO_SMALL if cbBuffer is less than
 * the structure's size; SEC_E_INSUFFICIENT_MEMORY. On failure
 * nothing is written.
 */
SECURITY_STATUS SEC_ENTRY QueryCredentialsAttributesExW(CredHandle *phCredential,
                                                        uint32_t ulAttribute,
                                                        void *pBuffer,
                                                        uint32_t cbBuffer);

/* ------------------------------------------------------------------------------------------------
 * ExportSecurityContext and ImportSecurityContext.
 */

/*
 * Packs an established context, for ImportSecurityContext in another process of the same user.
 *
 * phContext: the context. It takes no more messages afterwards, whatever fFlags says: two copies would
 * share one key stream. It still has to be deleted.
 *
 * fFlags: SECPKG_CONTEXT_EXPORT_DELETE_OLD deletes it right away; SECPKG_CONTEXT_EXPORT_RESET_NEW
 * changes nothing.
 *
 * pPackedContext: one buffer, whose pvBuffer is set to a block that the caller frees with
 * FreeContextBuffer, and cbBuffer to its length. The block is sealed: only who has the key, see
 * SSPI_EXPORT_KEY, can read, change or import it. Import it once: two contexts made of one block would
 * share one key stream.
 *
 * pToken: receives NULL; may be NULL.
 *
 * Returns SEC_E_OK; SEC_E_INVALID_HANDLE also for a context that is not established;
 * SEC_E_UNSUPPORTED_FUNCTION if there is no place for a key, or for SECPKG_CONTEXT_EXPORT_TO_KERNEL;
 * SEC_E_NOT_OWNER if others can read the key; SEC_E_CONTEXT_EXPIRED; SEC_E_INVALID_PARAMETER if
 * pPackedContext is NULL; SEC_E_INSUFFICIENT_MEMORY, after which the context takes no messages either.
 */
SECURITY_STATUS SEC_ENTRY ExportSecurityContext(CtxtHandle *phContext,
                                                uint32_t fFlags,
                                                SecBuffer *pPackedContext,
                                                void **pToken);

/*
 * Makes a context from what ExportSecurityContext packed, as ImportSecurityContextW does; the name is
 * UTF-8.
 *
 * Parameters and status codes are those of ImportSecurityContextW.
 */
SECURITY_STATUS SEC_ENTRY ImportSecurityContextA(const SEC_CHAR *pszPackage,
                                                 SecBuffer *pPackedContext,
                                                 void *Token,
                                                 CtxtHandle *phContext);

/*
 * Makes a context from what ExportSecurityContext packed in a process of the same user.
 *
 * pszPackage: the package that the context was made with, in any case.
 *
 * pPackedContext: the packed context; the memory stays the caller's.
 *
 * Token: ignored.
 *
 * phContext: receives the handle, which the caller frees with DeleteSecurityContext.
 *
 * Returns SEC_E_OK; SEC_E_INVALID_TOKEN if the packed context was changed, sealed with another key, or
 * is of another package; SEC_E_SECPKG_NOT_FOUND; SEC_E_UNSUPPORTED_FUNCTION or SEC_E_NOT_OWNER if there
 * is no key; SEC_E_INVALID_PARAMETER if a pointer is NULL; SEC_E_INSUFFICIENT_MEMORY. On failure nothing
 * is written.
 */
SECURITY_STATUS SEC_ENTRY ImportSecurityContextW(const SEC_WCHAR *pszPackage,
                                                 SecBuffer *pPackedContext,
                                                 void *Token,
                                                 CtxtHandle *phContext);

/* ------------------------------------------------------------------------------------------------
 * The Sspi* functions: identities in one opaque block, from strings and back, compared, copied,
 * encrypted and carried to other processes.
 */

/*
 * Makes an identity of its parts. Each may be NULL, but not all of them.
 *
 * pszPackedCredentialsString is the password. The identity is freed by SspiFreeAuthIdentity.
 *
 * Returns SEC_E_OK; SEC_E_INVALID_TOKEN if all parts are NULL; SEC_E_INVALID_PARAMETER if
 * ppAuthIdentity is NULL or a part is too long; SEC_E_INSUFFICIENT_MEMORY. *ppAuthIdentity is
 * written on success only.
 */
SECURITY_STATUS SEC_ENTRY SspiEncodeStringsAsAuthIdentity(const SEC_WCHAR *pszUserName,
                                                          const SEC_WCHAR *pszDomainName,
                                                          const SEC_WCHAR *pszPackedCredentialsString,
                                                          PSEC_WINNT_AUTH_IDENTITY_OPAQUE *ppAuthIdentity);

/*
 * Takes an identity apart. An absent or empty part is NULL.
 *
 * The strings are freed by SspiLocalFree; *ppszPackedCredentialsString is the password, and
 * ppszPackedCredentialsString may be NULL. An encrypted identity is decrypted on the way.
 *
 * Returns SEC_E_OK; SEC_E_INVALID_PARAMETER if a pointer is NULL or the identity malformed;
 * SEC_E_UNSUPPORTED_FUNCTION if its credentials are no password; SEC_E_DECRYPT_FAILURE if it is
 * encrypted by another process; SEC_E_INSUFFICIENT_MEMORY. Nothing is written on failure.
 */
SECURITY_STATUS SEC_ENTRY SspiEncodeAuthIdentityAsStrings(PSEC_WINNT_AUTH_IDENTITY_OPAQUE pAuthIdentity,
                                                          const SEC_WCHAR **ppszUserName,
                                                          const SEC_WCHAR **ppszDomainName,
                                                          const SEC_WCHAR **ppszPackedCredentialsString);

/*
 * Checks that an identity is well formed.
 *
 * Returns SEC_E_OK, or SEC_E_INVALID_PARAMETER if it is not, or NULL.
 */
SECURITY_STATUS SEC_ENTRY SspiValidateAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData);

/*
 * Copies an identity into a new block, which has room for SspiEncryptAuthIdentity.
 *
 * The copy is freed by SspiFreeAuthIdentity. A copy of an encrypted identity is encrypted.
 *
 * Returns SEC_E_OK; SEC_E_INVALID_PARAMETER if a pointer is NULL or the identity malformed;
 * SEC_E_INSUFFICIENT_MEMORY.
 */
SECURITY_STATUS SEC_ENTRY SspiCopyAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData,
                                               PSEC_WINNT_AUTH_IDENTITY_OPAQUE *AuthDataCopy);

/*
 * Zeroes and frees an identity that this library made. NULL, and a pointer that is not one of this
 * library's blocks, are left alone.
 */
void SEC_ENTRY SspiFreeAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData);

/*
 * Zeroes and frees a string or byte array that an Sspi* function made. NULL, and a pointer that is
 * not one of this library's blocks, are left alone.
 */
void SEC_ENTRY SspiLocalFree(void *DataBuffer);

/*
 * Zeroes the password of an identity in place. Names stay, and the identity still has to be freed.
 *
 * NULL is left alone.
 */
void SEC_ENTRY SspiZeroAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData);

/*
 * Compares two identities.
 *
 * *SameSuppliedUser becomes TRUE if both name the same user and domain, without regard to case and
 * whether the domain stands apart or as "DOMAIN\user"; *SameSuppliedIdentity if the credentials are
 * equal as well. Either place may be NULL.
 *
 * Returns SEC_E_OK; SEC_E_INVALID_PARAMETER if an identity is NULL or malformed;
 * SEC_E_UNSUPPORTED_FUNCTION if credentials are no password; SEC_E_DECRYPT_FAILURE.
 */
SECURITY_STATUS SEC_ENTRY SspiCompareAuthIdentities(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthIdentity1,
                                                    PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthIdentity2,
                                                    uint8_t *SameSuppliedUser,
                                                    uint8_t *SameSuppliedIdentity);

/*
 * Makes a byte array of an identity, to be sent to another process.
 *
 * The array is freed by SspiLocalFree. It holds the password in the clear unless the identity was
 * encrypted with SEC_WINNT_AUTH_IDENTITY_ENCRYPT_SAME_LOGON.
 *
 * Returns SEC_E_OK; SEC_E_INVALID_PARAMETER if a pointer is NULL or the identity malformed;
 * SEC_E_INSUFFICIENT_MEMORY.
 */
SECURITY_STATUS SEC_ENTRY SspiMarshalAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthIdentity,
                                                  uint32_t *AuthIdentityLength,
                                                  char **AuthIdentityByteArray);

/*
 * Makes an identity of a byte array of SspiMarshalAuthIdentity, which is checked first.
 *
 * The identity is freed by SspiFreeAuthIdentity.
 *
 * Returns SEC_E_OK; SEC_E_INVALID_PARAMETER if a pointer is NULL or the array malformed;
 * SEC_E_INSUFFICIENT_MEMORY. *ppAuthIdentity is written on success only.
 */
SECURITY_STATUS SEC_ENTRY SspiUnmarshalAuthIdentity(uint32_t AuthIdentityLength,
                                                    char *AuthIdentityByteArray,
                                                    PSEC_WINNT_AUTH_IDENTITY_OPAQUE *ppAuthIdentity);

/*
 * SspiUnmarshalAuthIdentity, which also tells the length of the identity's block.
 *
 * Undocumented by Microsoft. *pAuthIdentityLength may be NULL.
 */
SECURITY_STATUS SEC_ENTRY SspiUnmarshalAuthIdentityInternal(uint32_t AuthIdentityLength,
                                                            char *AuthIdentityByteArray,
                                                            PSEC_WINNT_AUTH_IDENTITY_OPAQUE *ppAuthIdentity,
                                                            uint32_t *pAuthIdentityLength);

/*
 * Encrypts an identity in place for this process: SspiEncryptAuthIdentityEx with
 * SEC_WINNT_AUTH_IDENTITY_ENCRYPT_SAME_PROCESS.
 */
SECURITY_STATUS SEC_ENTRY SspiEncryptAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData);

/*
 * Encrypts the credentials of an identity in place; names stay readable.
 *
 * Options is SEC_WINNT_AUTH_IDENTITY_ENCRYPT_SAME_PROCESS, or
 * SEC_WINNT_AUTH_IDENTITY_ENCRYPT_SAME_LOGON for all processes of the user that share SSPI_EXPORT_KEY
 * or the key file in XDG_RUNTIME_DIR. AuthData must have been made by an Sspi* function
 * (SspiCopyAuthIdentity does it for any identity). AcquireCredentialsHandle takes it encrypted. An
 * identity that is encrypted this way already stays as it is.
 *
 * Returns SEC_E_OK; SEC_E_INVALID_PARAMETER if AuthData is NULL, malformed, without room or encrypted
 * otherwise, or if Options is not one option; SEC_E_UNSUPPORTED_FUNCTION for
 * SEC_WINNT_AUTH_IDENTITY_ENCRYPT_FOR_SYSTEM, for other forms of identity, and if there is no key that
 * the user's processes share; SEC_E_NOT_OWNER if the key file is not the user's alone.
 */
SECURITY_STATUS SEC_ENTRY SspiEncryptAuthIdentityEx(uint32_t Options,
                                                    PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData);

/*
 * Decrypts an identity in place that SspiEncryptAuthIdentity encrypted in this process. One that is
 * not encrypted stays as it is.
 *
 * Returns SEC_E_OK; SEC_E_INVALID_PARAMETER if it is NULL or malformed; SEC_E_DECRYPT_FAILURE if
 * another process encrypted it or it was changed since.
 */
SECURITY_STATUS SEC_ENTRY SspiDecryptAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE EncryptedAuthData);

/*
 * Decrypts an identity in place; Options as they were given to SspiEncryptAuthIdentityEx.
 *
 * Returns as SspiDecryptAuthIdentity, SEC_E_INVALID_PARAMETER also if Options are not those, and
 * SEC_E_UNSUPPORTED_FUNCTION or SEC_E_NOT_OWNER if there is no key that the user's processes share.
 */
SECURITY_STATUS SEC_ENTRY SspiDecryptAuthIdentityEx(uint32_t Options,
                                                    PSEC_WINNT_AUTH_IDENTITY_OPAQUE EncryptedAuthData);

/*
 * Whether an identity is encrypted: TRUE or FALSE, which is also the answer for NULL and for what is
 * no identity.
 */
uint8_t SEC_ENTRY SspiIsAuthIdentityEncrypted(PSEC_WINNT_AUTH_IDENTITY_OPAQUE EncryptedAuthData);

/*
 * What to call CredRead with for an identity and a target.
 *
 * *pCredmanCredentialType becomes CRED_TYPE_DOMAIN_PASSWORD (2), *ppszCredmanTargetName the target, which
 * is freed by SspiLocalFree.
 *
 * Returns SEC_E_OK; SEC_E_INVALID_PARAMETER if a pointer is NULL, the identity malformed, or the target
 * empty and the identity without a user; SEC_E_INSUFFICIENT_MEMORY. Nothing is written on failure.
 */
SECURITY_STATUS SEC_ENTRY SspiPrepareForCredRead(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthIdentity,
                                                 const SEC_WCHAR *pszTargetName,
                                                 uint32_t *pCredmanCredentialType,
                                                 const SEC_WCHAR **ppszCredmanTargetName);

/*
 * What to call CredWrite with for an identity and a target.
 *
 * pszTargetName NULL stands for the identity's "DOMAIN\user". *pCredmanCredentialType becomes
 * CRED_TYPE_DOMAIN_PASSWORD (2), *ppszCredmanTargetName the target, *ppszCredmanUserName the user (NULL if
 * there is none), *ppCredentialBlob the password as UTF-16 without an end (NULL and 0 bytes if there is
 * none). All are freed by SspiLocalFree.
 *
 * Returns SEC_E_OK; SEC_E_INVALID_PARAMETER if another pointer is NULL, the identity malformed, or there
 * is neither target nor user; SEC_E_UNSUPPORTED_FUNCTION if the credentials are no password;
 * SEC_E_INSUFFICIENT_MEMORY. Nothing is written on failure.
 */
SECURITY_STATUS SEC_ENTRY SspiPrepareForCredWrite(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthIdentity,
                                                  const SEC_WCHAR *pszTargetName,
                                                  uint32_t *pCredmanCredentialType,
                                                  const SEC_WCHAR **ppszCredmanTargetName,
                                                  const SEC_WCHAR **ppszCredmanUserName,
                                                  uint8_t **ppCredentialBlob,
                                                  uint32_t *pCredentialBlobSize);

/*
 * Copies an identity so that a package is not used for it.
 *
 * The package is taken from the identity's list of packages, or "!package" put there. AuthIdentity
 * NULL is the default identity. The copy is freed by SspiFreeAuthIdentity.
 *
 * Returns SEC_E_OK; SEC_E_SECPKG_NOT_FOUND if pszPackageName is NULL or no name;
 * SEC_E_INVALID_PARAMETER if ppNewAuthIdentity is NULL or the identity malformed;
 * SEC_E_INSUFFICIENT_MEMORY.
 */
SECURITY_STATUS SEC_ENTRY SspiExcludePackage(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthIdentity,
                                             const SEC_WCHAR *pszPackageName,
                                             PSEC_WINNT_AUTH_IDENTITY_OPAQUE *ppNewAuthIdentity);

/*
 * The host of a target name: of "class/host:port/name", or of a host's own name.
 *
 * *pszHostName is freed by SspiLocalFree.
 *
 * Returns SEC_E_OK; SEC_E_INVALID_PARAMETER if a pointer is NULL; SEC_E_TARGET_UNKNOWN if the name has
 * no host; SEC_E_INSUFFICIENT_MEMORY.
 */
SECURITY_STATUS SEC_ENTRY SspiGetTargetHostName(const SEC_WCHAR *pszTargetName,
                                                SEC_WCHAR **pszHostName);

/* The computer of a service principal name. Undocumented by Microsoft; as SspiGetTargetHostName. */
SECURITY_STATUS SEC_ENTRY SspiGetComputerNameForSPN(const SEC_WCHAR *pszServicePrincipalName,
                                                    SEC_WCHAR **ppszComputerName);

/*
 * Turns channel bindings into SEC_CHANNEL_BINDINGS_EX and sets their flags
 * (SEC_CHANNEL_BINDINGS_AUDIT_BINDINGS or 0).
 *
 * pBindings->Bindings is replaced by a block that FreeContextBuffer frees; what was there is freed if
 * it is a block of this library. Bindings that are extended already are only given the flags.
 *
 * Returns SEC_E_OK; SEC_E_INVALID_PARAMETER if pBindings is NULL, the bindings malformed or a flag
 * unknown; SEC_E_INSUFFICIENT_MEMORY. Nothing is changed on failure.
 */
SECURITY_STATUS SEC_ENTRY SspiSetChannelBindingFlags(SecPkgContext_Bindings *pBindings,
                                                     uint32_t flags);

/* ------------------------------------------------------------------------------------------------
 * The function tables and InitSecurityInterface.
 */

/*
 * Returns the table of this library's functions, those with two forms in their A form; their strings
 * are UTF-8.
 *
 * The table is static, the same at every call, and must not be written or freed. Its dwVersion is
 * SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION; all slots of a SecurityFunctionTableA are there whatever
 * that says. Reserved2 and Reserved8 are NULL; Reserved3 and Reserved4 are EncryptMessage and
 * DecryptMessage.
 *
 * Returns the table, never NULL.
 */
SecurityFunctionTableA *SEC_ENTRY InitSecurityInterfaceA(void);

/*
 * Returns the table of this library's functions, those with two forms in their W form.
 *
 * The table is static, the same at every call, and must not be written or freed. Its dwVersion is
 * SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION; all slots of a SecurityFunctionTableW are there whatever
 * that says. Reserved2 and Reserved8 are NULL; Reserved3 and Reserved4 are EncryptMessage and
 * DecryptMessage.
 *
 * Returns the table, never NULL.
 */
SecurityFunctionTableW *SEC_ENTRY InitSecurityInterfaceW(void);

/*
 * Returns the same table as InitSecurityInterfaceA; programs of FreeRDP's WinPR ask by this name.
 *
 * flags: ignored.
 *
 * Returns the table, never NULL.
 */
SecurityFunctionTableA *SEC_ENTRY InitSecurityInterfaceExA(uint32_t flags);

/*
 * Returns the same table as InitSecurityInterfaceW; programs of FreeRDP's WinPR ask by this name.
 *
 * flags: ignored.
 *
 * Returns the table, never NULL.
 */
SecurityFunctionTableW *SEC_ENTRY InitSecurityInterfaceExW(uint32_t flags);

/* ------------------------------------------------------------------------------------------------
 * Names that follow UNICODE
 */

#ifdef UNICODE
#define SecPkgInfo SecPkgInfoW
#define PSecPkgInfo PSecPkgInfoW
#define SecPkgCredentials_Names SecPkgCredentials_NamesW
#define PSecPkgCredentials_Names PSecPkgCredentials_NamesW
#define SecPkgCredentials_SSIProvider SecPkgCredentials_SSIProviderW
#define PSecPkgCredentials_SSIProvider PSecPkgCredentials_SSIProviderW
#define SecPkgContext_Names SecPkgContext_NamesW
#define PSecPkgContext_Names PSecPkgContext_NamesW
#define SecPkgContext_KeyInfo SecPkgContext_KeyInfoW
#define PSecPkgContext_KeyInfo PSecPkgContext_KeyInfoW
#define SecPkgContext_Authority SecPkgContext_AuthorityW
#define PSecPkgContext_Authority PSecPkgContext_AuthorityW
#define SecPkgContext_ProtoInfo SecPkgContext_ProtoInfoW
#define PSecPkgContext_ProtoInfo PSecPkgContext_ProtoInfoW
#define SecPkgContext_PackageInfo SecPkgContext_PackageInfoW
#define PSecPkgContext_PackageInfo PSecPkgContext_PackageInfoW
#define SecPkgContext_NegotiationInfo SecPkgContext_NegotiationInfoW
#define PSecPkgContext_NegotiationInfo PSecPkgContext_NegotiationInfoW
#define SecPkgContext_NativeNames SecPkgContext_NativeNamesW
#define PSecPkgContext_NativeNames PSecPkgContext_NativeNamesW
#define SecPkgContext_CredentialName SecPkgContext_CredentialNameW
#define PSecPkgContext_CredentialName PSecPkgContext_CredentialNameW
#define SEC_WINNT_AUTH_IDENTITY SEC_WINNT_AUTH_IDENTITY_W
#define PSEC_WINNT_AUTH_IDENTITY PSEC_WINNT_AUTH_IDENTITY_W
#define SEC_WINNT_AUTH_IDENTITY_EX SEC_WINNT_AUTH_IDENTITY_EXW
#define PSEC_WINNT_AUTH_IDENTITY_EX PSEC_WINNT_AUTH_IDENTITY_EXW
#define ENUMERATE_SECURITY_PACKAGES_FN ENUMERATE_SECURITY_PACKAGES_FN_W
#define QUERY_SECURITY_PACKAGE_INFO_FN QUERY_SECURITY_PACKAGE_INFO_FN_W
#define ACQUIRE_CREDENTIALS_HANDLE_FN ACQUIRE_CREDENTIALS_HANDLE_FN_W
#define ADD_CREDENTIALS_FN ADD_CREDENTIALS_FN_W
#define QUERY_CREDENTIALS_ATTRIBUTES_FN QUERY_CREDENTIALS_ATTRIBUTES_FN_W
#define QUERY_CREDENTIALS_ATTRIBUTES_EX_FN QUERY_CREDENTIALS_ATTRIBUTES_EX_FN_W
#define SET_CREDENTIALS_ATTRIBUTES_FN SET_CREDENTIALS_ATTRIBUTES_FN_W
#define CHANGE_PASSWORD_FN CHANGE_PASSWORD_FN_W
#define INITIALIZE_SECURITY_CONTEXT_FN INITIALIZE_SECURITY_CONTEXT_FN_W
#define QUERY_CONTEXT_ATTRIBUTES_FN QUERY_CONTEXT_ATTRIBUTES_FN_W
#define QUERY_CONTEXT_ATTRIBUTES_EX_FN QUERY_CONTEXT_ATTRIBUTES_EX_FN_W
#define SET_CONTEXT_ATTRIBUTES_FN SET_CONTEXT_ATTRIBUTES_FN_W
#define IMPORT_SECURITY_CONTEXT_FN IMPORT_SECURITY_CONTEXT_FN_W
#define SecurityFunctionTable SecurityFunctionTableW
#define PSecurityFunctionTable PSecurityFunctionTableW
#define INIT_SECURITY_INTERFACE INIT_SECURITY_INTERFACE_W
#define EnumerateSecurityPackages EnumerateSecurityPackagesW
#define QuerySecurityPackageInfo QuerySecurityPackageInfoW
#define AddSecurityPackage AddSecurityPackageW
#define DeleteSecurityPackage DeleteSecurityPackageW
#define AcquireCredentialsHandle AcquireCredentialsHandleW
#define AddCredentials AddCredentialsW
#define SetCredentialsAttributes SetCredentialsAttributesW
#define ChangeAccountPassword ChangeAccountPasswordW
#define InitializeSecurityContext InitializeSecurityContextW
#define SetContextAttributes SetContextAttributesW
#define QueryContextAttributes QueryContextAttributesW
#define QueryContextAttributesEx QueryContextAttributesExW
#define QueryCredentialsAttributes QueryCredentialsAttributesW
#define QueryCredentialsAttributesEx QueryCredentialsAttributesExW
#define ImportSecurityContext ImportSecurityContextW
#define InitSecurityInterface InitSecurityInterfaceW
#define InitSecurityInterfaceEx InitSecurityInterfaceExW
#else
#define SecPkgInfo SecPkgInfoA
#define PSecPkgInfo PSecPkgInfoA
#define SecPkgCredentials_Names SecPkgCredentials_NamesA
#define PSecPkgCredentials_Names PSecPkgCredentials_NamesA
#define SecPkgCredentials_SSIProvider SecPkgCredentials_SSIProviderA
#define PSecPkgCredentials_SSIProvider PSecPkgCredentials_SSIProviderA
#define SecPkgContext_Names SecPkgContext_NamesA
#define PSecPkgContext_Names PSecPkgContext_NamesA
#define SecPkgContext_KeyInfo SecPkgContext_KeyInfoA
#define PSecPkgContext_KeyInfo PSecPkgContext_KeyInfoA
#define SecPkgContext_Authority SecPkgContext_AuthorityA
#define PSecPkgContext_Authority PSecPkgContext_AuthorityA
#define SecPkgContext_ProtoInfo SecPkgContext_ProtoInfoA
#define PSecPkgContext_ProtoInfo PSecPkgContext_ProtoInfoA
#define SecPkgContext_PackageInfo SecPkgContext_PackageInfoA
#define PSecPkgContext_PackageInfo PSecPkgContext_PackageInfoA
#define SecPkgContext_NegotiationInfo SecPkgContext_NegotiationInfoA
#define PSecPkgContext_NegotiationInfo PSecPkgContext_NegotiationInfoA
#define SecPkgContext_NativeNames SecPkgContext_NativeNamesA
#define PSecPkgContext_NativeNames PSecPkgContext_NativeNamesA
#define SecPkgContext_CredentialName SecPkgContext_CredentialNameA
#define PSecPkgContext_CredentialName PSecPkgContext_CredentialNameA
#define SEC_WINNT_AUTH_IDENTITY SEC_WINNT_AUTH_IDENTITY_A
#define PSEC_WINNT_AUTH_IDENTITY PSEC_WINNT_AUTH_IDENTITY_A
#define SEC_WINNT_AUTH_IDENTITY_EX SEC_WINNT_AUTH_IDENTITY_EXA
#define PSEC_WINNT_AUTH_IDENTITY_EX PSEC_WINNT_AUTH_IDENTITY_EXA
#define ENUMERATE_SECURITY_PACKAGES_FN ENUMERATE_SECURITY_PACKAGES_FN_A
#define QUERY_SECURITY_PACKAGE_INFO_FN QUERY_SECURITY_PACKAGE_INFO_FN_A
#define ACQUIRE_CREDENTIALS_HANDLE_FN ACQUIRE_CREDENTIALS_HANDLE_FN_A
#define ADD_CREDENTIALS_FN ADD_CREDENTIALS_FN_A
#define QUERY_CREDENTIALS_ATTRIBUTES_FN QUERY_CREDENTIALS_ATTRIBUTES_FN_A
#define QUERY_CREDENTIALS_ATTRIBUTES_EX_FN QUERY_CREDENTIALS_ATTRIBUTES_EX_FN_A
#define SET_CREDENTIALS_ATTRIBUTES_FN SET_CREDENTIALS_ATTRIBUTES_FN_A
#define CHANGE_PASSWORD_FN CHANGE_PASSWORD_FN_A
#define INITIALIZE_SECURITY_CONTEXT_FN INITIALIZE_SECURITY_CONTEXT_FN_A
#define QUERY_CONTEXT_ATTRIBUTES_FN QUERY_CONTEXT_ATTRIBUTES_FN_A
#define QUERY_CONTEXT_ATTRIBUTES_EX_FN QUERY_CONTEXT_ATTRIBUTES_EX_FN_A
#define SET_CONTEXT_ATTRIBUTES_FN SET_CONTEXT_ATTRIBUTES_FN_A
#define IMPORT_SECURITY_CONTEXT_FN IMPORT_SECURITY_CONTEXT_FN_A
#define SecurityFunctionTable SecurityFunctionTableA
#define PSecurityFunctionTable PSecurityFunctionTableA
#define INIT_SECURITY_INTERFACE INIT_SECURITY_INTERFACE_A
#define EnumerateSecurityPackages EnumerateSecurityPackagesA
#define QuerySecurityPackageInfo QuerySecurityPackageInfoA
#define AddSecurityPackage AddSecurityPackageA
#define DeleteSecurityPackage DeleteSecurityPackageA
#define AcquireCredentialsHandle AcquireCredentialsHandleA
#define AddCredentials AddCredentialsA
#define SetCredentialsAttributes SetCredentialsAttributesA
#define ChangeAccountPassword ChangeAccountPasswordA
#define InitializeSecurityContext InitializeSecurityContextA
#define SetContextAttributes SetContextAttributesA
#define QueryContextAttributes QueryContextAttributesA
#define QueryContextAttributesEx QueryContextAttributesExA
#define QueryCredentialsAttributes QueryCredentialsAttributesA
#define QueryCredentialsAttributesEx QueryCredentialsAttributesExA
#define ImportSecurityContext ImportSecurityContextA
#define InitSecurityInterface InitSecurityInterfaceA
#define InitSecurityInterfaceEx InitSecurityInterfaceExA
#endif

/* Handles as values. */
#define SecInvalidateHandle(x) \
    ((void)(((PSecHandle)(x))->dwLower = ((PSecHandle)(x))->dwUpper = (uintptr_t)-1))
#define SecIsValidHandle(x) \
    (((PSecHandle)(x))->dwLower != (uintptr_t)-1 && ((PSecHandle)(x))->dwUpper != (uintptr_t)-1)
#define SEC_DELETED_HANDLE ((uintptr_t)-2)
#define SEC_SUCCESS(Status) ((Status) >= 0)

/* Wide literals: u"..." since C11 and C++11, nothing before; Windows has them in its own wchar_t. */
#if defined(_WIN32)
#define LIBSSPI_WIDE(text) L##text
#elif defined(__cplusplus)
#if __cplusplus >= 201103L
#define LIBSSPI_WIDE(text) ((SEC_WCHAR *)u##text)
#endif
#elif defined(__STDC_VERSION__)
#if __STDC_VERSION__ >= 201112L
#define LIBSSPI_WIDE(text) ((SEC_WCHAR *)u##text)
#endif
#endif

#ifdef UNICODE
#ifdef LIBSSPI_WIDE
#define SEC_TEXT(text) LIBSSPI_WIDE(text)
#endif
#else
#define SEC_TEXT(text) text
#endif

/* Names of packages, as Windows' headers have them: NEGOSSP_NAME follows UNICODE, two are wide. */
#define NTLMSP_NAME_A "NTLM"
#define MICROSOFT_KERBEROS_NAME_A "Kerberos"
#define NEGOSSP_NAME_A "Negotiate"
#ifdef LIBSSPI_WIDE
#define NTLMSP_NAME_W LIBSSPI_WIDE("NTLM")
#define NTLMSP_NAME NTLMSP_NAME_W
#ifndef MICROSOFT_KERBEROS_NAME_W
#define MICROSOFT_KERBEROS_NAME_W LIBSSPI_WIDE("Kerberos")
#endif
#define MICROSOFT_KERBEROS_NAME MICROSOFT_KERBEROS_NAME_W
#define NEGOSSP_NAME_W LIBSSPI_WIDE("Negotiate")
#endif
#ifndef UNICODE
#define NEGOSSP_NAME NEGOSSP_NAME_A
#elif defined(NEGOSSP_NAME_W)
#define NEGOSSP_NAME NEGOSSP_NAME_W
#endif

/* What dlsym is asked for. */
#define SECURITY_ENTRYPOINT_ANSIW "InitSecurityInterfaceW"
#define SECURITY_ENTRYPOINT_ANSIA "InitSecurityInterfaceA"
#ifdef SEC_TEXT
#define SECURITY_ENTRYPOINTW SEC_TEXT("InitSecurityInterfaceW")
#define SECURITY_ENTRYPOINTA SEC_TEXT("InitSecurityInterfaceA")
#endif
#ifdef UNICODE
#define SECURITY_ENTRYPOINT SECURITY_ENTRYPOINTW
#define SECURITY_ENTRYPOINT_ANSI SECURITY_ENTRYPOINT_ANSIW
typedef SEC_WCHAR *SECURITY_PSTR;
typedef const SEC_WCHAR *SECURITY_PCSTR;
#else
#define SECURITY_ENTRYPOINT SECURITY_ENTRYPOINTA
#define SECURITY_ENTRYPOINT_ANSI SECURITY_ENTRYPOINT_ANSIA
typedef SEC_CHAR *SECURITY_PSTR;
typedef const SEC_CHAR *SECURITY_PCSTR;
#endif

#ifdef UNICODE
#define SecPkgCredentials_KdcProxySettings SecPkgCredentials_KdcProxySettingsW
#define PSecPkgCredentials_KdcProxySettings PSecPkgCredentials_KdcProxySettingsW
#endif

/* CredType of packed credentials. */
static const GUID SEC_WINNT_AUTH_DATA_TYPE_PASSWORD = {
    0x28bfc32f, 0x10f6, 0x4738, { 0x98, 0xd1, 0x1a, 0xc0, 0x61, 0xdf, 0x71, 0x6a }
};
static const GUID SEC_WINNT_AUTH_DATA_TYPE_CERT = {
    0x235f69ad, 0x73fb, 0x4dbc, { 0x82, 0x03, 0x06, 0x29, 0xe7, 0x39, 0x33, 0x9b }
};
static const GUID SEC_WINNT_AUTH_DATA_TYPE_KEYTAB = {
    0xd587aae8, 0xf78f, 0x4455, { 0xa1, 0x12, 0xc9, 0x34, 0xbe, 0xee, 0x7c, 0xe1 }
};

#if defined(_WIN32)
/* Other headers of Windows have these too, unless they are told. */
#ifndef __SECSTATUS_DEFINED__
#define __SECSTATUS_DEFINED__
#endif
#ifndef __SECHANDLE_DEFINED__
#define __SECHANDLE_DEFINED__
#endif
#ifndef _AUTH_IDENTITY_DEFINED
#define _AUTH_IDENTITY_DEFINED
#endif
#endif

#elif defined(__cplusplus)
extern "C" {
#endif /* __SSPI_H__ */

/* ------------------------------------------------------------------------------------------------
 * What the functions under the prefix libsspi_ take: an application's own accounts.
 */

/* MD4 of the password's UTF-16LE bytes (NTOWFv1); libsspi_nt_hash makes it. */
#define LIBSSPI_KEY_NT_HASH 1

/* NTOWFv2 of exactly the user and domain that were asked for. */
#define LIBSSPI_KEY_NTOWF_V2 2

/* Characters of a name in LIBSSPI_ACCOUNT, its end included. */
#define LIBSSPI_NAME_LENGTH 257

/* An account, filled in by a LIBSSPI_ACCOUNT_CALLBACK. It comes zeroed but for cbSize. */
typedef struct _LIBSSPI_ACCOUNT {
    /* Size of this structure in bytes, set by the library. */
    uint32_t cbSize;
    /* LIBSSPI_KEY_NT_HASH or LIBSSPI_KEY_NTOWF_V2. */
    uint32_t Kind;
    /* The key that the logon is checked with. */
    uint8_t Key[16];
    /* The user as the account spells it, NUL-terminated; left empty: as the client spelled it. */
    uint16_t User[LIBSSPI_NAME_LENGTH];
    /* The account's domain, NUL-terminated; left empty: it has none, whatever the client said. */
    uint16_t Domain[LIBSSPI_NAME_LENGTH];
} LIBSSPI_ACCOUNT;

/*
 * Finds the account of a client that logs on.
 *
 * User and Domain are UTF-16 as they came over the wire, not NUL-terminated; their lengths are
 * characters, and an absent domain has length 0. The callback fills in Account and answers
 * SEC_E_OK, or SEC_E_NO_CREDENTIALS when there is no such account; any other answer denies the
 * logon. It may be called from any thread that calls AcceptSecurityContext, from several at once,
 * and must not call this library for the same context, which answers SEC_E_OUT_OF_SEQUENCE then. It
 * must return: no C++ exception and no longjmp may leave it.
 */
typedef int32_t (SEC_ENTRY *LIBSSPI_ACCOUNT_CALLBACK)(void *Argument,
                                                      const uint16_t *User,
                                                      uint32_t UserLength,
                                                      const uint16_t *Domain,
                                                      uint32_t DomainLength,
                                                      LIBSSPI_ACCOUNT *Account);

/* ------------------------------------------------------------------------------------------------
 * What SSPI has no function for: an application's own accounts, the services that a server answers
 * to, and the version.
 */

/*
 * Names the function that finds the accounts of clients, for applications that keep their own users.
 *
 * Callback: called by AcceptSecurityContext for each client that logs on, on the calling thread, from
 * several threads at once if the application has several; see LIBSSPI_ACCOUNT_CALLBACK. NULL: no
 * callback any more.
 *
 * Argument: handed to the callback; the library does not look at it.
 *
 * It is asked by inbound credentials that are acquired afterwards, and wins over NTLM_USER_FILE. It
 * and its argument have to stay valid until those credentials and the contexts made with them are
 * freed. It may be set from any thread.
 *
 * Returns SEC_E_OK.
 */
SECURITY_STATUS SEC_ENTRY libsspi_set_account_callback(LIBSSPI_ACCOUNT_CALLBACK Callback,
                                                       void *Argument);

/*
 * Names the function that finds the accounts of clients for one credential.
 *
 * phCredential: an inbound credential.
 *
 * Callback, Argument: as for libsspi_set_account_callback; they have to stay valid until the
 * credential and the contexts made with it are freed. Callback must not be NULL.
 *
 * Contexts that are begun afterwards ask it; set it before the credential is used.
 *
 * Returns SEC_E_OK; SEC_E_INVALID_HANDLE; SEC_E_INVALID_PARAMETER if Callback is NULL;
 * SEC_E_UNSUPPORTED_FUNCTION if the credential's package looks up no accounts.
 */
SECURITY_STATUS SEC_ENTRY libsspi_set_credential_account_callback(CredHandle *phCredential,
                                                                  LIBSSPI_ACCOUNT_CALLBACK Callback,
                                                                  void *Argument);

/*
 * Names the services that a server answers to: a client that says it meant another one is refused.
 *
 * phCredential: an inbound credential.
 *
 * Services: Count service names (SPNs such as "HTTP/server.example.test"), NUL-terminated UTF-8, compared
 * in any case. They are copied. An empty list, which is the default, takes any.
 *
 * Count: how many, at most 1024.
 *
 * Contexts that are begun afterwards use it.
 *
 * Returns SEC_E_OK; SEC_E_INVALID_HANDLE; SEC_E_INVALID_PARAMETER if there are too many names or one is
 * NULL or not UTF-8; SEC_E_UNSUPPORTED_FUNCTION if the credential's package has no use for it.
 */
SECURITY_STATUS SEC_ENTRY libsspi_set_credential_services(CredHandle *phCredential,
                                                          const char *const *Services,
                                                          uint32_t Count);

/*
 * Makes the NT hash of a password: MD4 of its UTF-16LE form, for LIBSSPI_ACCOUNT and account files.
 *
 * Password: NUL-terminated UTF-8.
 *
 * Hash: receives 16 bytes. They are worth as much as the password: zero them after use.
 *
 * Returns SEC_E_OK; SEC_E_INVALID_PARAMETER if a pointer is NULL or the password is not UTF-8.
 */
SECURITY_STATUS SEC_ENTRY libsspi_nt_hash(const char *Password, uint8_t *Hash);

/*
 * Tells the library's version, such as "0.1.0".
 *
 * Returns a static NUL-terminated string, never NULL; nobody frees it.
 */
const char *SEC_ENTRY libsspi_version(void);

/* ------------------------------------------------------------------------------------------------
 * What a logon brings besides the context, for which SSPI has no function: the credential that the
 * client delegated, its groups, and tickets for other programs.
 */

/*
 * Makes a credential of what the client delegated (Kerberos: its forwarded ticket), to act for it
 * towards other servers.
 *
 * phContext: an acceptor's established context, whose pfContextAttr has ASC_RET_DELEGATE.
 *
 * phCredential: receives an outbound credential, which the caller frees with FreeCredentialsHandle. It
 * outlives the context.
 *
 * ptsExpiry: receives when it expires, UTC; may be NULL.
 *
 * Returns SEC_E_OK; SEC_E_NO_CREDENTIALS if the client delegated nothing; SEC_E_INVALID_HANDLE;
 * SEC_E_INVALID_PARAMETER if phCredential is NULL; SEC_E_INSUFFICIENT_MEMORY. On failure nothing is
 * written.
 */
SECURITY_STATUS SEC_ENTRY libsspi_delegated_credential(CtxtHandle *phContext,
                                                       CredHandle *phCredential,
                                                       TimeStamp *ptsExpiry);

/*
 * Writes a credential's tickets to a credential cache, for programs that read KRB5CCNAME.
 *
 * phCredential: an outbound Kerberos or Negotiate credential, or one of libsspi_delegated_credential.
 *
 * CacheName: NUL-terminated UTF-8 as in KRB5CCNAME, e.g. "FILE:/run/user/1000/krb5cc_web". A cache that
 * is there is replaced; a file is made with mode 0600.
 *
 * Returns SEC_E_OK; SEC_E_NO_CREDENTIALS if it has no tickets and can get none;
 * SEC_E_UNSUPPORTED_FUNCTION for another package or kind of cache; SEC_E_INVALID_HANDLE;
 * SEC_E_INVALID_PARAMETER if CacheName is NULL, empty or not UTF-8; SEC_E_INTERNAL_ERROR if the cache
 * cannot be written.
 */
SECURITY_STATUS SEC_ENTRY libsspi_export_tickets(CredHandle *phCredential,
                                                 const char *CacheName);

/*
 * Tells the SIDs of a client and of its groups, as its domain vouches for them (Kerberos: a PAC whose
 * signature with the service's key was verified).
 *
 * phContext: an acceptor's established context.
 *
 * Sids: receives a block that the caller frees with FreeContextBuffer: NUL-terminated strings such as
 * "S-1-5-21-1-2-3-513" one after the other, the client's own first; an empty one ends them.
 *
 * Count: receives how many; may be NULL.
 *
 * Returns SEC_E_OK; SEC_E_TARGET_UNKNOWN if no domain vouched for any; SEC_E_INVALID_HANDLE;
 * SEC_E_INVALID_PARAMETER if Sids is NULL; SEC_E_INSUFFICIENT_MEMORY. On failure nothing is written.
 */
SECURITY_STATUS SEC_ENTRY libsspi_query_groups(CtxtHandle *phContext,
                                               char **Sids,
                                               uint32_t *Count);

/* ------------------------------------------------------------------------------------------------
 * What helps to find out why a logon fails.
 */

/*
 * Tells in words why the calling thread's last call that failed did so, such as
 * "SEC_E_LOGON_DENIED: EXAMPLE\\alice: unknown user name or bad password".
 *
 * Text: receives NUL-terminated UTF-8, which the caller frees with FreeContextBuffer; empty if none has
 * failed. It is for logs and people, changes from version to version and may name users: a server does not
 * send it to its clients.
 *
 * A success does not clear it. A program that moves its work between threads asks on the thread that
 * made the call.
 *
 * Returns SEC_E_OK; SEC_E_INVALID_PARAMETER if Text is NULL; SEC_E_INSUFFICIENT_MEMORY.
 */
SECURITY_STATUS SEC_ENTRY libsspi_last_error(char **Text);

/*
 * Tells the configuration in force, a line for each fact: packages, account file, names, krb5.conf, realm
 * and KDCs, credential cache, keytabs, settings; and of each file whether it can be used. No secret is in it.
 *
 * Text: receives NUL-terminated UTF-8, which the caller frees with FreeContextBuffer. It is for people and
 * changes from version to version.
 *
 * Files are read; nobody on the network is asked.
 *
 * Returns SEC_E_OK; SEC_E_INVALID_PARAMETER if Text is NULL; SEC_E_INSUFFICIENT_MEMORY.
 */
SECURITY_STATUS SEC_ENTRY libsspi_describe_configuration(char **Text);

#ifdef __cplusplus
}
#endif

#if defined(_WIN32)
#pragma pop_macro("uint32_t")
#pragma pop_macro("int32_t")
#pragma pop_macro("uintptr_t")
#endif

#endif /* LIBSSPI_SSPI_H */
