/* AcquireCredentialsHandle, FreeCredentialsHandle and what can be asked of a credential. */
#include "pair.h"

static int is_ordinary(const SecHandle *handle)
{
    uintptr_t words[2] = {handle->dwLower, handle->dwUpper};
    for (int i = 0; i < 2; i++)
        if (words[i] == 0 || words[i] == (uintptr_t)-1 || words[i] == (uintptr_t)-2)
            return 0;
    return 1;
}

static void uses(void)
{
    static const uint32_t good[] = {SECPKG_CRED_INBOUND, SECPKG_CRED_OUTBOUND, SECPKG_CRED_BOTH};
    SEC_WINNT_AUTH_IDENTITY_A identity = identity_of("DOMAIN", "user", "SecREt01");
    for (int i = 0; i < 3; i++) {
        CredHandle credential;
        TimeStamp expiry;
        memset(&expiry, 0xAA, sizeof expiry);
        TimeStamp filled = expiry;
        memset(&credential, 0, sizeof credential);
        SECURITY_STATUS status = AcquireCredentialsHandleA(NULL, "NTLM", good[i], NULL, &identity, NULL, NULL,
                                                           &credential, &expiry);
        expect(status, SEC_E_OK, "use %u", good[i]);
        check(is_ordinary(&credential), "use %u: no word of the handle is 0, -1 or -2", good[i]);
        check(memcmp(&expiry, &filled, sizeof expiry) != 0, "use %u: ptsExpiry is written", good[i]);
        expect(FreeCredentialsHandle(&credential), SEC_E_OK, "use %u: freed", good[i]);
        expect(FreeCredentialsHandle(&credential), SEC_E_INVALID_HANDLE, "use %u: freed again", good[i]);
        expect(AcquireCredentialsHandleW(NULL, wide("ntlm"), good[i], NULL, &identity, NULL, NULL, &credential, NULL),
               SEC_E_OK, "use %u: wide, no expiry wanted", good[i]);
        expect(FreeCredentialsHandle(&credential), SEC_E_OK, "use %u: wide, freed", good[i]);
    }
    static const uint32_t bad[] = {0, 0x40, 0x80, 0x100, 0x80000000u, SECPKG_CRED_OUTBOUND | 0x1000, 0xFFFFFFFFu};
    for (int i = 0; i < 7; i++) {
        CredHandle credential = {5, 6};
        SECURITY_STATUS status = AcquireCredentialsHandleA(NULL, "NTLM", bad[i], NULL, &identity, NULL, NULL,
                                                           &credential, NULL);
        expect(status, SEC_E_UNKNOWN_CREDENTIALS, "use 0x%X", bad[i]);
        check(credential.dwLower == 5 && credential.dwUpper == 6, "use 0x%X: handle untouched", bad[i]);
    }
    static char long_name[9000];
    memset(long_name, 'x', sizeof long_name - 1);
    char *names[] = {NULL, "", "unknown", long_name};
    for (int i = 0; i < 4; i++) {
        CredHandle credential = {5, 6};
        SECURITY_STATUS status = AcquireCredentialsHandleA(NULL, names[i], SECPKG_CRED_OUTBOUND, NULL, &identity,
                                                           NULL, NULL, &credential, NULL);
        expect(status, SEC_E_SECPKG_NOT_FOUND, "package %d", i);
        check(credential.dwLower == 5 && credential.dwUpper == 6, "package %d: handle untouched", i);
    }
    CredHandle credential;
    expect(AcquireCredentialsHandleW(NULL, NULL, SECPKG_CRED_OUTBOUND, NULL, &identity, NULL, NULL, &credential, NULL),
           SEC_E_SECPKG_NOT_FOUND, "wide package NULL");
}

/* Logs on with a credential that is freed afterwards. */
static SECURITY_STATUS logs_on(CredHandle *credential)
{
    struct pair pair;
    memset(&pair, 0, sizeof pair);
    SecInvalidateHandle(&pair.client);
    SecInvalidateHandle(&pair.server);
    pair.client_credential = *credential;
    acquire_server(&pair.server_credential);
    SECURITY_STATUS status = shake_hands(&pair, CLIENT_FLAGS, 0);
    if (status == SEC_E_OK)
        check(pair_talks(&pair), "an established pair talks");
    pair_close(&pair);
    return status;
}

/* The identity's own Flags say how its strings are written, whatever the entry point. */
static void charsets(void)
{
    CredHandle credential;
    SEC_WINNT_AUTH_IDENTITY_W wide_identity;
    memset(&wide_identity, 0, sizeof wide_identity);
    wide_identity.User = (void *)wide("user");
    wide_identity.UserLength = 4;
    wide_identity.Domain = (void *)wide("DOMAIN");
    wide_identity.DomainLength = 6;
    wide_identity.Password = (void *)wide("SecREt01");
    wide_identity.PasswordLength = 8;
    wide_identity.Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE;
    SEC_WINNT_AUTH_IDENTITY_A narrow = identity_of("DOMAIN", "user", "SecREt01");

    expect(AcquireCredentialsHandleA(NULL, "NTLM", SECPKG_CRED_OUTBOUND, NULL, &wide_identity, NULL, NULL, &credential,
                                     NULL), SEC_E_OK, "UNICODE identity through A");
    expect(logs_on(&credential), SEC_E_OK, "UNICODE identity through A logs on");
    expect(AcquireCredentialsHandleW(NULL, wide("NTLM"), SECPKG_CRED_OUTBOUND, NULL, &wide_identity, NULL, NULL,
                                     &credential, NULL), SEC_E_OK, "UNICODE identity through W");
    expect(logs_on(&credential), SEC_E_OK, "UNICODE identity through W logs on");
    expect(AcquireCredentialsHandleW(NULL, wide("NTLM"), SECPKG_CRED_OUTBOUND, NULL, &narrow, NULL, NULL, &credential,
                                     NULL), SEC_E_OK, "ANSI identity through W");
    expect(logs_on(&credential), SEC_E_OK, "ANSI identity through W logs on");
}

/* Data are copied: the caller may wipe them at once. */
static void copied(void)
{
    char user[] = "user", domain[] = "DOMAIN", password[] = "SecREt01";
    SEC_WINNT_AUTH_IDENTITY_A identity = identity_of(domain, user, password);
    CredHandle credential;
    expect(acquire(&identity, SECPKG_CRED_OUTBOUND, &credential), SEC_E_OK, "identity to be wiped");
    memset(user, 'x', sizeof user);
    memset(domain, 'x', sizeof domain);
    memset(password, 'x', sizeof password);
    memset(&identity, 0xFF, sizeof identity);
    expect(logs_on(&credential), SEC_E_OK, "a wiped identity logs on");
}

/* Counted strings need no NUL: what lies behind the count is not read. */
static void counted(void)
{
    SEC_WINNT_AUTH_IDENTITY_A identity = identity_of("DOMAINxxx", "useryyy", "SecREt01zzz");
    identity.DomainLength = 6;
    identity.UserLength = 4;
    identity.PasswordLength = 8;
    CredHandle credential;
    expect(acquire(&identity, SECPKG_CRED_OUTBOUND, &credential), SEC_E_OK, "counted strings");
    expect(logs_on(&credential), SEC_E_OK, "counted strings log on");
}

static void forms_of_a_name(void)
{
    static const struct { const char *domain, *user; int64_t wanted; } cases[] = {
        {"DOMAIN", "user", SEC_E_OK},
        {"domain", "USER", SEC_E_OK},
        {NULL, "DOMAIN\\user", SEC_E_OK},
        {"DOMAIN", "nobody", SEC_E_LOGON_DENIED},
        {"ELSEWHERE", "user", SEC_E_LOGON_DENIED},
    };
    for (int i = 0; i < 5; i++) {
        CredHandle credential;
        expect(acquire_client(cases[i].domain, cases[i].user, "SecREt01", &credential), SEC_E_OK, "name %d", i);
        expect(logs_on(&credential), cases[i].wanted, "name %d logs on", i);
    }
    static const char *wrong[] = {"secret01", "SecREt0", "SecREt011", " SecREt01", ""};
    for (int i = 0; i < 5; i++) {
        CredHandle credential;
        expect(acquire_client("DOMAIN", "user", wrong[i], &credential), SEC_E_OK, "wrong password %d", i);
        expect(logs_on(&credential), SEC_E_LOGON_DENIED, "wrong password %d logs on", i);
    }
}

/* NULL means the default identity: the first line with a password, here. */
static void default_identity(void)
{
    CredHandle credential;
    SECURITY_STATUS status = acquire(NULL, SECPKG_CRED_OUTBOUND, &credential);
    if (expect(status, SEC_E_OK, "default identity")) {
        SecPkgCredentials_NamesA names = {NULL};
        expect(QueryCredentialsAttributesA(&credential, SECPKG_CRED_ATTR_NAMES, &names), SEC_E_OK, "its name");
        check(names.sUserName && strcmp(names.sUserName, "DOMAIN\\user") == 0, "it is DOMAIN\\user: %s",
              names.sUserName ? names.sUserName : "NULL");
        FreeContextBuffer(names.sUserName);
        expect(logs_on(&credential), SEC_E_OK, "the default identity logs on");
    }
    SEC_WINNT_AUTH_IDENTITY_EXA empty;
    memset(&empty, 0, sizeof empty);
    empty.Version = SEC_WINNT_AUTH_IDENTITY_VERSION;
    empty.Length = sizeof empty;
    empty.Flags = SEC_WINNT_AUTH_IDENTITY_ANSI;
    if (expect(acquire(&empty, SECPKG_CRED_OUTBOUND, &credential), SEC_E_OK, "an identity of NULLs"))
        expect(logs_on(&credential), SEC_E_OK, "an identity of NULLs logs on");

    char *file = strdup(getenv("NTLM_USER_FILE"));
    unsetenv("NTLM_USER_FILE");
    status = acquire(NULL, SECPKG_CRED_OUTBOUND, &credential);
    if (status == SEC_E_OK) {
        CtxtHandle context;
        struct token token;
        uint32_t granted;
        status = initiate(&credential, NULL, 0, NULL, &context, &token, &granted);
        FreeCredentialsHandle(&credential);
    }
    expect(status, SEC_E_NO_CREDENTIALS, "no default identity without an account file");
    setenv("NTLM_USER_FILE", file, 1);
    free(file);
}

static void attributes(void)
{
    CredHandle credential;
    SecPkgCredentials_NamesA names = {NULL};
    SecPkgCredentials_NamesW wide_names = {NULL};
    expect(acquire_client("DOMAIN", "user", "SecREt01", &credential), SEC_E_OK, "credential");
    expect(QueryCredentialsAttributesA(&credential, SECPKG_CRED_ATTR_NAMES, &names), SEC_E_OK, "NAMES, A");
    check(names.sUserName && strcmp(names.sUserName, "DOMAIN\\user") == 0, "DOMAIN\\user, A");
    expect(FreeContextBuffer(names.sUserName), SEC_E_OK, "the name is freed");
    expect(QueryCredentialsAttributesW(&credential, SECPKG_CRED_ATTR_NAMES, &wide_names), SEC_E_OK, "NAMES, W");
    check(wide_names.sUserName && wide_equals(wide_names.sUserName, "DOMAIN\\user"), "DOMAIN\\user, W");
    expect(FreeContextBuffer(wide_names.sUserName), SEC_E_OK, "the wide name is freed");

    for (uint32_t size = 0; size < sizeof names; size++) {
        expect(QueryCredentialsAttributesExA(&credential, SECPKG_CRED_ATTR_NAMES, &names, size),
               SEC_E_BUFFER_TOO_SMALL, "NAMES, ExA, %u bytes", size);
        expect(QueryCredentialsAttributesExW(&credential, SECPKG_CRED_ATTR_NAMES, &wide_names, size),
               SEC_E_BUFFER_TOO_SMALL, "NAMES, ExW, %u bytes", size);
    }
    expect(QueryCredentialsAttributesExA(&credential, SECPKG_CRED_ATTR_NAMES, &names, sizeof names), SEC_E_OK,
           "NAMES, ExA");
    FreeContextBuffer(names.sUserName);
    expect(QueryCredentialsAttributesExW(&credential, SECPKG_CRED_ATTR_NAMES, &wide_names, sizeof wide_names),
           SEC_E_OK, "NAMES, ExW");
    FreeContextBuffer(wide_names.sUserName);
    unsigned char scratch[256];
    static const uint32_t unknown[] = {0, 2, 77, 0xFFFFFFFFu};
    for (int i = 0; i < 4; i++) {
        expect(QueryCredentialsAttributesA(&credential, unknown[i], scratch), SEC_E_UNSUPPORTED_FUNCTION,
               "attribute %u, A", unknown[i]);
        expect(QueryCredentialsAttributesW(&credential, unknown[i], scratch), SEC_E_UNSUPPORTED_FUNCTION,
               "attribute %u, W", unknown[i]);
    }
    expect(AddCredentialsA(&credential, NULL, "NTLM", SECPKG_CRED_OUTBOUND, NULL, NULL, NULL, NULL),
           SEC_E_UNSUPPORTED_FUNCTION, "AddCredentialsA");
    expect(AddCredentialsW(&credential, NULL, wide("NTLM"), SECPKG_CRED_OUTBOUND, NULL, NULL, NULL, NULL),
           SEC_E_UNSUPPORTED_FUNCTION, "AddCredentialsW");
    memset(scratch, 0xFF, sizeof scratch);
    for (uint32_t attribute = 0; attribute < 8; attribute++)
        check(is_error(SetCredentialsAttributesW(&credential, attribute, scratch, 16)),
              "SetCredentialsAttributesW %u of nonsense", attribute);
    expect(logs_on(&credential), SEC_E_OK, "the credential is as good as ever");
}

/* A credential knows its direction. */
static void directions(void)
{
    CredHandle inbound, outbound, both;
    CtxtHandle context;
    struct token token, answer;
    uint32_t granted;
    SEC_WINNT_AUTH_IDENTITY_A identity = identity_of("DOMAIN", "user", "SecREt01");
    acquire_server(&inbound);
    acquire(&identity, SECPKG_CRED_OUTBOUND, &outbound);
    acquire(&identity, SECPKG_CRED_BOTH, &both);
    check(is_error(initiate(&inbound, NULL, 0, NULL, &context, &token, &granted)), "inbound cannot initiate");
    expect(initiate(&both, NULL, 0, NULL, &context, &token, &granted), SEC_I_CONTINUE_NEEDED, "both can initiate");
    DeleteSecurityContext(&context);
    check(is_error(respond(&outbound, NULL, 0, &token, &context, &answer, &granted)), "outbound cannot accept");
    expect(respond(&both, NULL, 0, &token, &context, &answer, &granted), SEC_I_CONTINUE_NEEDED, "both can accept");
    DeleteSecurityContext(&context);
    FreeCredentialsHandle(&inbound);
    FreeCredentialsHandle(&outbound);
    FreeCredentialsHandle(&both);
}

int main(void)
{
    use_accounts(ACCOUNTS);
    uses();
    charsets();
    copied();
    counted();
    forms_of_a_name();
    default_identity();
    attributes();
    directions();
    return test_summary();
}
