/* What Wine's tests of secur32 need of Windows, where there is none: types, and a few functions. */
#ifndef WINDOWS_TYPES_H
#define WINDOWS_TYPES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "../../../include/sspi.h"

#define WINAPI
#define CALLBACK
#define UNREFERENCED_PARAMETER(parameter) (void)(parameter)

#define CALG_RC4 0x6801
#define RPC_C_AUTHN_GSS_NEGOTIATE 9
#define RPC_C_AUTHN_WINNT 10

typedef HANDLE HMODULE;
typedef void *FARPROC;

HMODULE LoadLibraryA(const char *name);
FARPROC GetProcAddress(HMODULE module, const char *name);
BOOL FreeLibrary(HMODULE module);
DWORD GetLastError(void);

HANDLE GetProcessHeap(void);
void *HeapAlloc(HANDLE heap, DWORD flags, size_t size);
BOOL HeapFree(HANDLE heap, DWORD flags, void *block);
size_t HeapSize(HANDLE heap, DWORD flags, const void *block);

#define lstrlenA(text) ((int)strlen(text))
#define lstrcmpA(a, b) strcmp(a, b)
int lstrlenW(const WCHAR *text);

#endif
