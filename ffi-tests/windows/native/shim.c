/* Runs Wine's tests of secur32 on a system without Windows, against the library that it is linked with.
 *
 *     shim ntlm|negotiate
 *
 * The functions behind Wine's test.h, and the few of Windows that the tests call. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "wine/test.h"
#include <secext.h>

void func_ntlm(void);
void func_negotiate(void);

const char *winetest_platform = "windows";
int winetest_debug = 1;

static const char *current_file;
static int current_line, todo_level;
static int executed, failures, skips;

/* Windows' long has 32 bits: `%lx` of the tests prints a number of that size. */
static void print(const char *format, va_list arguments)
{
    char own[2000];
    size_t length = 0;
    for (; *format != 0 && length < sizeof own - 1; format++)
        if (!(*format == 'l' && strchr("uxXd", format[1]) != NULL && strchr("%0123456789", format[-1]) != NULL))
            own[length++] = *format;
    own[length] = 0;
    vprintf(own, arguments);
}

static void line(const char *kind, const char *format, va_list arguments)
{
    printf("%s:%d: %s: ", current_file, current_line, kind);
    print(format, arguments);
}

void winetest_set_location(const char *file, int at)
{
    const char *slash = strrchr(file, '/');
    current_file = slash ? slash + 1 : file;
    current_line = at;
}

int winetest_vok(int condition, const char *format, va_list arguments)
{
    executed++;
    if (!condition && todo_level == 0) {
        failures++;
        line("Test failed", format, arguments);
    }
    return condition;
}

void winetest_ok(int condition, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    winetest_vok(condition, format, arguments);
    va_end(arguments);
}

void winetest_skip(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    skips++;
    line("Tests skipped", format, arguments);
    va_end(arguments);
}

void winetest_win_skip(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    skips++;
    line("Tests skipped", format, arguments);
    va_end(arguments);
}

void winetest_trace(const char *format, ...)
{
    (void)format;
}

int broken(int condition)
{
    (void)condition;
    return 0;
}

void winetest_start_todo(int is_todo)
{
    todo_level = is_todo ? 1 : 0;
}

int winetest_loop_todo(void)
{
    static int looped;
    looped = !looped;
    return looped;
}

void winetest_end_todo(void)
{
    todo_level = 0;
}

HMODULE LoadLibraryA(const char *name)
{
    (void)name;
    return dlopen(NULL, RTLD_NOW);
}

BOOL FreeLibrary(HMODULE module)
{
    return dlclose(module) == 0;
}

DWORD GetLastError(void)
{
    return 0;
}

/* The name of an account is the one thing that the tests ask secur32 for and that is not SSPI. */
static BOOLEAN get_user_name(EXTENDED_NAME_FORMAT format, char *name, ULONG *size)
{
    int length = snprintf(name, *size, "DOMAIN\\user");
    (void)format;
    *size = (ULONG)length;
    return 1;
}

FARPROC GetProcAddress(HMODULE module, const char *name)
{
    return strcmp(name, "GetUserNameExA") == 0 ? (FARPROC)get_user_name : dlsym(module, name);
}

HANDLE GetProcessHeap(void)
{
    return NULL;
}

void *HeapAlloc(HANDLE heap, DWORD flags, size_t size)
{
    (void)heap;
    (void)flags;
    return malloc(size);
}

BOOL HeapFree(HANDLE heap, DWORD flags, void *block)
{
    (void)heap;
    (void)flags;
    free(block);
    return 1;
}

/* What the library allocates goes through here, since the program comes before the C library: so the
 * size that was asked for is known, which malloc_usable_size does not tell. */
static struct {
    void *block;
    size_t size;
} allocated[512];
static unsigned next;

void *__libc_calloc(size_t count, size_t size);

void *calloc(size_t count, size_t size)
{
    void *block = __libc_calloc(count, size);
    unsigned at = next++ % (sizeof allocated / sizeof *allocated);
    allocated[at].block = block;
    allocated[at].size = count * size;
    return block;
}

size_t HeapSize(HANDLE heap, DWORD flags, const void *block)
{
    unsigned count = sizeof allocated / sizeof *allocated, i;
    (void)heap;
    (void)flags;
    for (i = 1; i <= count; i++)
        if (allocated[(next - i) % count].block == block)
            return allocated[(next - i) % count].size;
    return (size_t)-1;
}

int lstrlenW(const WCHAR *text)
{
    int length = 0;
    while (text[length] != 0)
        length++;
    return length;
}

int main(int count, char **arguments)
{
    const char *name = count > 1 ? arguments[1] : "";
    if (strcmp(name, "ntlm") == 0)
        func_ntlm();
    else if (strcmp(name, "negotiate") == 0)
        func_negotiate();
    else
        return 2;
    printf("%s: %d tests executed (0 marked as todo, %d failures), %d skipped.\n", name, executed, failures, skips);
    return failures > 0;
}
