/* Named checks and their counts. A program ends with `return test_summary();`. */
#ifndef TEST_H
#define TEST_H

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef _WIN32
/* Windows' own headers, as its compiler brings them. */
#define SECURITY_WIN32
#include <windows.h>
#include <sspi.h>
#define setenv(name, value, overwrite) _putenv_s(name, value)
#define unsetenv(name) _putenv_s(name, "")
/* Words of the time of 16 bits. */
#undef near
#undef far
typedef int uid_t;
static inline uid_t geteuid(void) { return 0; }

/* What the C library there lacks. */
static inline void *memmem(const void *bytes, size_t length, const void *wanted, size_t size)
{
    const char *at = bytes;
    for (; length >= size; at++, length--)
        if (memcmp(at, wanted, size) == 0)
            return (void *)at;
    return NULL;
}

static inline char *strcasestr(const char *text, const char *wanted)
{
    for (; *text; text++)
        if (_strnicmp(text, wanted, strlen(wanted)) == 0)
            return (char *)text;
    return NULL;
}

#define exported(name) ((void *)GetProcAddress(GetModuleHandleA("secur32.dll"), name))
#else
#include <dlfcn.h>
#include <sspi.h>
#include <sys/wait.h>
#define exported(name) dlsym(RTLD_DEFAULT, name)
#endif

static int test_passed, test_failed, test_skipped;

/* Counts one check; the name is printed when it fails. */
__attribute__((format(printf, 2, 3), unused))
static int check(int good, const char *name, ...)
{
    va_list arguments;
    if (good) {
        test_passed++;
        return 1;
    }
    test_failed++;
    printf("FAILED: ");
    va_start(arguments, name);
    vprintf(name, arguments);
    va_end(arguments);
    printf("\n");
    return 0;
}

/* Counts one check of a status. */
__attribute__((format(printf, 3, 4), unused))
static int expect(SECURITY_STATUS got, int64_t wanted, const char *name, ...)
{
    va_list arguments;
    if ((uint32_t)got == (uint32_t)wanted) {
        test_passed++;
        return 1;
    }
    test_failed++;
    printf("FAILED: ");
    va_start(arguments, name);
    vprintf(name, arguments);
    va_end(arguments);
    printf(": 0x%08X, not 0x%08X\n", (unsigned)(uint32_t)got, (unsigned)(uint32_t)wanted);
    return 0;
}

__attribute__((unused)) static void skip(const char *why)
{
    test_skipped++;
    printf("skipped: %s\n", why);
}

__attribute__((unused)) static int test_summary(void)
{
    printf("%d passed, %d failed, %d skipped\n", test_passed, test_failed, test_skipped);
    return test_failed > 0;
}

/* Whether the status is a failure. */
static inline int is_error(SECURITY_STATUS status)
{
    return status < 0;
}

/* A path in the scratch folder. */
static inline const char *scratch_path(const char *name)
{
    static char path[4096];
    const char *folder = getenv("TMPDIR");
    snprintf(path, sizeof path, "%s/%s-%d", folder ? folder : "/tmp", name, (int)getpid());
    return path;
}

static inline void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0) {
        perror(path);
        exit(2);
    }
}

/* Makes an account file of this text and points NTLM_USER_FILE at it. */
static inline void use_accounts(const char *text)
{
    const char *path = scratch_path("accounts");
    write_file(path, text);
    setenv("NTLM_USER_FILE", path, 1);
}

/* UTF-16 of an ASCII text, in one of a few static buffers. */
static inline SEC_WCHAR *wide(const char *text)
{
    static SEC_WCHAR buffers[16][300];
    static unsigned next;
    SEC_WCHAR *buffer = buffers[next++ % 16];
    size_t i = 0;
    for (; text[i] != 0 && i < 299; i++)
        buffer[i] = (unsigned char)text[i];
    buffer[i] = 0;
    return buffer;
}

/* Whether a UTF-16 text is this ASCII text. */
static inline int wide_equals(const SEC_WCHAR *text, const char *ascii)
{
    size_t i = 0;
    while (ascii[i] != 0 && text[i] == (unsigned char)ascii[i])
        i++;
    return ascii[i] == 0 && text[i] == 0;
}

#endif
