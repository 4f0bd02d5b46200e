/* A program in the manner of Microsoft's compiler, linked by lld-link: lists the packages, with no C library. */
#include "security.h"

#ifdef __cplusplus
extern "C" {
#endif
HANDLE WINAPI GetStdHandle(DWORD which);
BOOL WINAPI WriteFile(HANDLE file, const void *bytes, DWORD count, DWORD *written, void *overlapped);
__declspec(noreturn) void WINAPI ExitProcess(DWORD code);

#define STDOUT ((DWORD)-11)

static void say(const char *text)
{
    DWORD length = 0;
    while (text[length])
        length++;
    WriteFile(GetStdHandle(STDOUT), text, length, &length, NULL);
}

void start(void)
{
    ULONG count = 0;
    PSecPkgInfoA packages = NULL;
    PSecPkgInfoW one = NULL;

    if (EnumerateSecurityPackagesA(&count, &packages) != SEC_E_OK || count == 0)
        ExitProcess(1);
    for (ULONG i = 0; i < count; i++) {
        say(packages[i].Name);
        say("\n");
    }
    FreeContextBuffer(packages);
    if (QuerySecurityPackageInfoW((SEC_WCHAR *)NTLMSP_NAME, &one) != SEC_E_OK || one->Name[0] != L'N')
        ExitProcess(2);
    FreeContextBuffer(one);
    say(libsspi_version());
    say("\n");
    ExitProcess(0);
}
#ifdef __cplusplus
}
#endif
