/* sspi-info: the configuration in force, and whether one can log on with it.
 *
 *     sspi-info                                  what is configured
 *     sspi-info HTTP/web.example.test            a logon to that service with the default identity
 *     sspi-info HTTP/web.example.test DOM\user   the same as that user, whose password is read from stdin
 *     sspi-info --accept                         whether this machine can accept logons
 *
 * Ends with 0 if all that was asked for works, else with 1. */
#include <sspi.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const PACKAGES[] = {"Kerberos", "NTLM", "Negotiate"};
enum { PACKAGE_COUNT = sizeof PACKAGES / sizeof *PACKAGES };

static void print_and_free(char *text, const char *before)
{
    printf("%s%s", before, text);
    FreeContextBuffer(text);
}

/* Why the last call failed, as the library knows it. */
static int failed(const char *what)
{
    char *reason = NULL;
    if (libsspi_last_error(&reason) == SEC_E_OK) {
        printf("%s: ", what);
        print_and_free(reason, "");
        printf("\n");
    }
    return 0;
}

/* An explicit identity of "DOMAIN\user" or "user@domain" with a password; NULL: the default one. */
static SEC_WINNT_AUTH_IDENTITY_A *identity_of(char *name, char *password)
{
    static SEC_WINNT_AUTH_IDENTITY_A identity;
    if (!name)
        return NULL;
    char *slash = strchr(name, '\\'), *user = slash ? slash + 1 : name;
    identity.User = (unsigned char *)user;
    identity.UserLength = (uint32_t)strlen(user);
    identity.Domain = (unsigned char *)(slash ? name : NULL);
    identity.DomainLength = slash ? (uint32_t)(slash - name) : 0;
    identity.Password = (unsigned char *)password;
    identity.PasswordLength = (uint32_t)strlen(password);
    identity.Flags = SEC_WINNT_AUTH_IDENTITY_ANSI;
    return &identity;
}

static int acquire(const char *package, uint32_t use, void *identity, CredHandle *credential)
{
    return AcquireCredentialsHandleA(NULL, (char *)package, use, NULL, identity, NULL, NULL, credential, NULL)
        == SEC_E_OK;
}

/* Takes the first step of a logon: with Kerberos that gets the ticket, if one can be had. */
static int log_on(const char *package, char *service, void *identity)
{
    CredHandle credential;
    CtxtHandle context;
    ULONG granted;
    SecPkgContext_NegotiationInfoA info;
    SecBuffer buffer = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &buffer};
    if (!acquire(package, SECPKG_CRED_OUTBOUND, identity, &credential))
        return failed(package);
    SECURITY_STATUS status = InitializeSecurityContextA(
        &credential, NULL, service, ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_MUTUAL_AUTH | ISC_REQ_CONFIDENTIALITY, 0,
        SECURITY_NATIVE_DREP, NULL, 0, &context, &output, &granted, NULL);
    FreeCredentialsHandle(&credential);
    if (status < 0)
        return failed(package);
    printf("%s: a token of %u bytes for %s", package, (unsigned)buffer.cbBuffer, service);
    if (QueryContextAttributesA(&context, SECPKG_ATTR_NEGOTIATION_INFO, &info) == SEC_E_OK) {
        printf(", by %s", info.PackageInfo->Name);
        FreeContextBuffer(info.PackageInfo);
    }
    printf("\n");
    FreeContextBuffer(buffer.pvBuffer);
    DeleteSecurityContext(&context);
    return 1;
}

static int accept_logons(const char *package)
{
    CredHandle credential;
    if (!acquire(package, SECPKG_CRED_INBOUND, NULL, &credential))
        return failed(package);
    printf("%s: logons can be accepted\n", package);
    FreeCredentialsHandle(&credential);
    return 1;
}

static int read_password(char *password, size_t size)
{
    if (!fgets(password, (int)size, stdin))
        return 0;
    password[strcspn(password, "\n")] = 0;
    return 1;
}

int main(int count, char **arguments)
{
    char *text = NULL, password[1024] = "";
    int good = 0;
    if (count > 3 || (count > 1 && arguments[1][0] == '-' && strcmp(arguments[1], "--accept") != 0)) {
        fprintf(stderr, "usage: sspi-info [--accept | SERVICE [DOMAIN\\user < password]]\n");
        return 1;
    }
    if (count == 1) {
        if (libsspi_describe_configuration(&text) != SEC_E_OK)
            return 1;
        print_and_free(text, "");
        return 0;
    }
    if (count == 3 && !read_password(password, sizeof password)) {
        fprintf(stderr, "the password is read from stdin\n");
        return 1;
    }
    int accepting = !strcmp(arguments[1], "--accept");
    SEC_WINNT_AUTH_IDENTITY_A *identity = identity_of(count == 3 ? arguments[2] : NULL, password);
    for (int i = 0; i < PACKAGE_COUNT; i++)
        good |= accepting ? accept_logons(PACKAGES[i]) : log_on(PACKAGES[i], arguments[1], identity);
    memset(password, 0, sizeof password);
    return !good;
}
