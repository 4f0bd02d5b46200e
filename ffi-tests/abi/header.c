/*
 * The header as programs use it: compiled in every standard of C and C++, with and without UNICODE.
 */
#if defined(OWN_TYPES)
typedef unsigned int ULONG, DWORD;
typedef void *PVOID;
#define LIBSSPI_NO_WINDOWS_TYPES
#endif

#define SECURITY_WIN32
#include "security.h"
#include "secext.h"
#include "sspi.h"

/* Names that follow UNICODE, pointer names, tags. */
SECURITY_STATUS sizes(PSecurityFunctionTable table, PCtxtHandle context, PSecPkgContext_Sizes sizes)
{
    return table->QueryContextAttributes(context, SECPKG_ATTR_SIZES, sizes);
}

SECURITY_STATUS leg(struct _SECURITY_FUNCTION_TABLE_A *table, PCredHandle credential, PSecBufferDesc out)
{
    struct _SecHandle context;
    ULONG attributes = 0;
    TimeStamp expiry;
    SECURITY_STATUS status;

    SecInvalidateHandle(&context);
    status = table->InitializeSecurityContextA(credential, NULL, "host/server",
                                               ISC_REQ_CONFIDENTIALITY | ISC_REQ_ALLOCATE_MEMORY, 0,
                                               SECURITY_NATIVE_DREP, NULL, 0, &context, out, &attributes,
                                               &expiry);
    switch (status) {
    case SEC_E_OK:
    case SEC_I_CONTINUE_NEEDED:
        return SecIsValidHandle(&context) ? status : SEC_E_INVALID_HANDLE;
    case SEC_E_LOGON_DENIED:
    default:
        return table->FreeCredentialHandle(credential);
    }
}

int later(const TimeStamp *a, const TimeStamp *b)
{
    return a->QuadPart > b->QuadPart || (a->HighPart == b->HighPart && a->LowPart > b->LowPart);
}

int is_password(const SEC_WINNT_AUTH_DATA *data)
{
    return data->CredType.Data1 == SEC_WINNT_AUTH_DATA_TYPE_PASSWORD.Data1;
}

uint32_t lengths(const SEC_WINNT_AUTH_IDENTITY *identity, const SEC_WINNT_AUTH_IDENTITY_EX *extended)
{
    return identity->UserLength + extended->PackageListLength;
}

#ifdef NEGOSSP_NAME
SECURITY_PCSTR package(void)
{
    return NEGOSSP_NAME;
}
#endif

#ifdef NTLMSP_NAME
const SEC_WCHAR *wide_package(void)
{
    return NTLMSP_NAME;
}
#endif

#ifndef OWN_TYPES
ULONG windows_types(LPCSTR narrow, LPCWSTR wide, const LUID *luid)
{
    BYTE first = (BYTE)*narrow;
    BOOL same = first == *wide ? TRUE : FALSE;
    return (ULONG)same + luid->LowPart;
}
#endif

int main(void)
{
    EXTENDED_NAME_FORMAT format = NameSamCompatible;
    int wide = 1;

#ifdef NTLMSP_NAME
    wide = wide_package()[3] == 'M' && wide_package()[4] == 0;
#endif
    return SEC_SUCCESS(SEC_I_RENEGOTIATE) && !SEC_SUCCESS(SEC_E_NOT_SUPPORTED) && wide && format ? 0 : 1;
}
