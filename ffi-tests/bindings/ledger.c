/* A libsspi.so that keeps accounts: it passes every call on to the library that SSPI_LEDGER_LIBRARY
 * names and counts, in the file that SSPI_LEDGER names, what was handed out and what came back.
 *
 * The file holds six numbers of 64 bits: credentials acquired and freed, contexts made and deleted,
 * blocks given and freed. It is a shared mapping, so that it is right however the process ends.
 */
#include <sspi.h>

#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { ACQUIRED, FREED, MADE, DELETED, GIVEN, TAKEN, COLUMNS };

static uint64_t *ledger;
static void *library;

static void fail(const char *what)
{
    fprintf(stderr, "ledger: %s\n", what);
    abort();
}

__attribute__((constructor)) static void open_ledger(void)
{
    const char *path = getenv("SSPI_LEDGER"), *real = getenv("SSPI_LEDGER_LIBRARY");
    if (path == NULL || real == NULL)
        fail("SSPI_LEDGER and SSPI_LEDGER_LIBRARY are not set");
    int fd = open(path, O_RDWR | O_CREAT, 0600);
    if (fd < 0 || ftruncate(fd, COLUMNS * sizeof *ledger) != 0)
        fail(path);
    ledger = mmap(NULL, COLUMNS * sizeof *ledger, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    library = dlopen(real, RTLD_NOW | RTLD_LOCAL);
    if (ledger == MAP_FAILED || library == NULL)
        fail(real);
}

static void count(int column, int amount)
{
    __atomic_fetch_add(&ledger[column], (uint64_t)amount, __ATOMIC_RELAXED);
}

/* The function of the real library by the name of the one that is being defined. */
#define REAL(name) __typeof__(&name) real = (__typeof__(&name))dlsym(library, #name)

static SECURITY_STATUS counted(SECURITY_STATUS status, int column, int amount)
{
    if (status >= 0)
        count(column, amount);
    return status;
}

static int blocks_in(const SecBufferDesc *output, uint32_t flags, uint32_t allocate)
{
    int blocks = 0;
    if (output != NULL && (flags & allocate) != 0)
        for (uint32_t i = 0; i < output->cBuffers; i++)
            blocks += output->pBuffers[i].pvBuffer != NULL;
    return blocks;
}

#define ACQUIRE(name, text)                                                                            \
    SECURITY_STATUS name(text principal, text package, uint32_t use, void *logon, void *auth,          \
                         SEC_GET_KEY_FN get_key, void *argument, CredHandle *handle, TimeStamp *expiry) \
    {                                                                                                  \
        REAL(name);                                                                                    \
        return counted(real(principal, package, use, logon, auth, get_key, argument, handle, expiry),  \
                       ACQUIRED, 1);                                                                   \
    }
#define INITIALIZE(name, text)                                                                        \
    SECURITY_STATUS name(CredHandle *credential, CtxtHandle *context, text target, uint32_t flags,     \
                         uint32_t reserved, uint32_t representation, SecBufferDesc *input,            \
                         uint32_t reserved2, CtxtHandle *made, SecBufferDesc *output,                  \
                         uint32_t *attributes, TimeStamp *expiry)                                      \
    {                                                                                                  \
        REAL(name);                                                                                    \
        SECURITY_STATUS status = real(credential, context, target, flags, reserved, representation,    \
                                      input, reserved2, made, output, attributes, expiry);             \
        counted(status, MADE, context == NULL);                                                       \
        return counted(status, GIVEN, blocks_in(output, flags, ISC_REQ_ALLOCATE_MEMORY));              \
    }
/* Of the attributes that come with memory, those that the examples ask for. */
#define QUERY(name)                                                                                   \
    SECURITY_STATUS name(CtxtHandle *context, uint32_t attribute, void *buffer)                        \
    {                                                                                                  \
        REAL(name);                                                                                    \
        int blocks = attribute == SECPKG_ATTR_NAMES || attribute == SECPKG_ATTR_PACKAGE_INFO           \
                  || attribute == SECPKG_ATTR_SESSION_KEY;                                             \
        return counted(real(context, attribute, buffer), GIVEN, blocks);                               \
    }
#define ENUMERATE(name, info)                                                                         \
    SECURITY_STATUS name(uint32_t *number, info *packages)                                             \
    {                                                                                                  \
        REAL(name);                                                                                    \
        return counted(real(number, packages), GIVEN, 1);                                              \
    }
#define QUERY_PACKAGE(name, text, info)                                                               \
    SECURITY_STATUS name(text package, info *packages)                                                 \
    {                                                                                                  \
        REAL(name);                                                                                    \
        return counted(real(package, packages), GIVEN, 1);                                             \
    }
#define PROTECT(name)                                                                                 \
    SECURITY_STATUS name(CtxtHandle *context, uint32_t quality, SecBufferDesc *message, uint32_t number) \
    {                                                                                                  \
        REAL(name);                                                                                    \
        return real(context, quality, message, number);                                                \
    }
#define UNPROTECT(name)                                                                               \
    SECURITY_STATUS name(CtxtHandle *context, SecBufferDesc *message, uint32_t number, uint32_t *quality) \
    {                                                                                                  \
        REAL(name);                                                                                    \
        return real(context, message, number, quality);                                                \
    }

ACQUIRE(AcquireCredentialsHandleA, const SEC_CHAR *)
ACQUIRE(AcquireCredentialsHandleW, const SEC_WCHAR *)
INITIALIZE(InitializeSecurityContextA, const SEC_CHAR *)
INITIALIZE(InitializeSecurityContextW, const SEC_WCHAR *)
QUERY(QueryContextAttributesA)
QUERY(QueryContextAttributesW)
ENUMERATE(EnumerateSecurityPackagesA, PSecPkgInfoA)
ENUMERATE(EnumerateSecurityPackagesW, PSecPkgInfoW)
QUERY_PACKAGE(QuerySecurityPackageInfoA, const SEC_CHAR *, PSecPkgInfoA)
QUERY_PACKAGE(QuerySecurityPackageInfoW, const SEC_WCHAR *, PSecPkgInfoW)
PROTECT(EncryptMessage)
PROTECT(MakeSignature)
UNPROTECT(DecryptMessage)
UNPROTECT(VerifySignature)

SECURITY_STATUS AcceptSecurityContext(CredHandle *credential, CtxtHandle *context, SecBufferDesc *input,
                                      uint32_t flags, uint32_t representation, CtxtHandle *made,
                                      SecBufferDesc *output, uint32_t *attributes, TimeStamp *expiry)
{
    REAL(AcceptSecurityContext);
    SECURITY_STATUS status =
        real(credential, context, input, flags, representation, made, output, attributes, expiry);
    counted(status, MADE, context == NULL);
    return counted(status, GIVEN, blocks_in(output, flags, ASC_REQ_ALLOCATE_MEMORY));
}

SECURITY_STATUS CompleteAuthToken(CtxtHandle *context, SecBufferDesc *token)
{
    REAL(CompleteAuthToken);
    return real(context, token);
}

SECURITY_STATUS FreeCredentialsHandle(CredHandle *handle)
{
    REAL(FreeCredentialsHandle);
    return counted(real(handle), FREED, 1);
}

SECURITY_STATUS DeleteSecurityContext(CtxtHandle *handle)
{
    REAL(DeleteSecurityContext);
    return counted(real(handle), DELETED, 1);
}

SECURITY_STATUS FreeContextBuffer(void *block)
{
    REAL(FreeContextBuffer);
    return counted(real(block), TAKEN, block != NULL);
}
