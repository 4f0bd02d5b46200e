/* Of Microsoft's windef.h what sspi.h asks for, so that it can be tried in their compiler's manner without it. */
#ifndef _WINDEF_
#define _WINDEF_

#if !defined(_AMD64_)
#error "no target architecture"
#endif

#define CONST const
#define VOID void
#define WINAPI __stdcall

#if defined(__cplusplus)
typedef wchar_t WCHAR;
#else
typedef unsigned short WCHAR;
#endif
typedef char CHAR;
typedef unsigned char BYTE, UCHAR, BOOLEAN;
typedef int BOOL;
typedef long LONG;
typedef unsigned long ULONG, DWORD, *PULONG;
typedef unsigned __int64 ULONG_PTR;
typedef void *HANDLE;
typedef WCHAR *LPWSTR;
typedef const WCHAR *LPCWSTR;
typedef CHAR *LPSTR;
typedef const CHAR *LPCSTR;

typedef union _LARGE_INTEGER {
    struct {
        DWORD LowPart;
        LONG HighPart;
    };
    __int64 QuadPart;
} LARGE_INTEGER;

typedef struct _LUID {
    DWORD LowPart;
    LONG HighPart;
} LUID;

typedef struct _GUID {
    unsigned long Data1;
    unsigned short Data2;
    unsigned short Data3;
    unsigned char Data4[8];
} GUID;

#endif
