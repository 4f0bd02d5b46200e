/* What the library takes from Windows: the user's and the computer's name, the process heap; and what it leaves to
 * Windows: acting as a client. */
#include "pair.h"

SECURITY_STATUS SEC_ENTRY libsspi_last_error(char **text);
SECURITY_STATUS SEC_ENTRY libsspi_describe_configuration(char **text);

/* The line of the account file that is called like the current user, wherever it stands. */
static void default_identity(void)
{
    char name[256], accounts[1024];
    DWORD size = sizeof name;
    SecPkgCredentials_NamesA own = {NULL};
    CredHandle credential;
    check(GetUserNameA(name, &size), "the user has a name");
    snprintf(accounts, sizeof accounts, "DOMAIN:first:one\nDOMAIN:%s:two\nDOMAIN:third:three\n", name);
    use_accounts(accounts);
    expect(acquire(NULL, SECPKG_CRED_OUTBOUND, &credential), SEC_E_OK, "the default identity");
    expect(QueryCredentialsAttributesA(&credential, SECPKG_CRED_ATTR_NAMES, &own), SEC_E_OK, "its name");
    snprintf(accounts, sizeof accounts, "DOMAIN\\%s", name);
    check(own.sUserName && strcmp(own.sUserName, accounts) == 0, "it is the current user's line: %s", own.sUserName);
    FreeContextBuffer(own.sUserName);
    FreeCredentialsHandle(&credential);

    use_accounts("DOMAIN:first:one\nDOMAIN:other:two\n");
    expect(acquire(NULL, SECPKG_CRED_OUTBOUND, &credential), SEC_E_OK, "the default identity");
    expect(QueryCredentialsAttributesA(&credential, SECPKG_CRED_ATTR_NAMES, &own), SEC_E_OK, "its name");
    check(own.sUserName && strcmp(own.sUserName, "DOMAIN\\first") == 0, "else the first line: %s", own.sUserName);
    FreeContextBuffer(own.sUserName);
    FreeCredentialsHandle(&credential);

    unsetenv("NTLM_USER_FILE");
    struct token out;
    CtxtHandle context;
    ULONG granted;
    expect(acquire(NULL, SECPKG_CRED_OUTBOUND, &credential), SEC_E_OK, "the default identity, without a file");
    expect(initiate(&credential, NULL, 0, NULL, &context, &out, &granted), SEC_E_NO_CREDENTIALS,
           "the logged-on user's own credentials are LSA's");
    FreeCredentialsHandle(&credential);
}

/* Whether `text` has the line `name: value`. */
static int says(const char *text, const char *name, const char *value)
{
    char line[1024];
    snprintf(line, sizeof line, "  %s: %s\n", name, value);
    return text && strstr(text, line) != NULL;
}

static void computer_names(void)
{
    char full[256] = "", label[256] = "", user[256] = "", *text = NULL;
    DWORD size = sizeof full;
    unsetenv("NETBIOS_COMPUTER_NAME");
    unsetenv("NETBIOS_DOMAIN_NAME");
    if (!GetComputerNameExA(ComputerNameDnsFullyQualified, full, &size) || full[0] == 0) {
        size = sizeof full;
        check(GetComputerNameExA(ComputerNameDnsHostname, full, &size), "the computer has a name");
    }
    size = sizeof user;
    GetUserNameA(user, &size);
    expect(libsspi_describe_configuration(&text), SEC_E_OK, "libsspi_describe_configuration");
    check(says(text, "host", full), "the host is %s", full);
    check(says(text, "user", user), "the user is %s", user);
    /* The challenge names the computer by its first label, in capitals. */
    for (size_t i = 0; full[i] != 0 && full[i] != '.' && i < 15; i++)
        label[i] = (char)toupper((unsigned char)full[i]);
    check(says(text, "name of an acceptor", label), "the acceptor is %s: %s", label, text);
    FreeContextBuffer(text);
}

/* Nobody is acted for: a server would go on with its own rights. */
static void impersonation(void)
{
    struct pair pair;
    char *reason = NULL;
    void *token = (void *)&pair;
    HANDLE thread_token = NULL;
    use_accounts(ACCOUNTS);
    setenv("SSPI_LOCAL_DOMAINS", "DOMAIN", 1);
    pair_open(&pair, CLIENT_FLAGS, 0);
    for (int i = 0; i < 3; i++) {
        static const char *const settings[] = {"", "auto", "refuse"};
        setenv("SSPI_IMPERSONATION", settings[i], 1);
        expect(ImpersonateSecurityContext(&pair.server), SEC_E_NO_IMPERSONATION, "'%s': refused", settings[i]);
        expect(libsspi_last_error(&reason), SEC_E_OK, "why");
        check(reason && strncmp(reason, "SEC_E_NO_IMPERSONATION: ", 24) == 0, "the reason: %s", reason);
        FreeContextBuffer(reason);
        expect(RevertSecurityContext(&pair.server), SEC_E_OK, "'%s': back from nothing", settings[i]);
    }
    setenv("SSPI_IMPERSONATION", "identify", 1);
    expect(ImpersonateSecurityContext(&pair.server), SEC_E_OK, "identify: known, not acted for");
    check(!OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, TRUE, &thread_token) && GetLastError() == ERROR_NO_TOKEN,
          "identify: the thread is as before");
    expect(RevertSecurityContext(&pair.server), SEC_E_OK, "identify: back");
    unsetenv("SSPI_IMPERSONATION");
    expect(QuerySecurityContextToken(&pair.server, &token), SEC_E_UNSUPPORTED_FUNCTION, "there are no access tokens");
    check(token == (void *)&pair, "nothing is written");
    expect(QueryContextAttributesA(&pair.server, SECPKG_ATTR_ACCESS_TOKEN, &token), SEC_E_UNSUPPORTED_FUNCTION,
           "nor as an attribute");
    check(token == (void *)&pair, "nothing is written");
    check(pair_talks(&pair), "the pair talks");
    pair_close(&pair);
}

/* Whether the system's own DLL, or the one that it has of late, has the function. */
static int system_has(const char *name)
{
    char path[MAX_PATH];
    static const char *const files[] = {"secur32.dll", "sspicli.dll"};
    for (int i = 0; i < 2; i++) {
        UINT length = GetSystemDirectoryA(path, sizeof path - 16);
        snprintf(path + length, 16, "\\%s", files[i]);
        HMODULE module = LoadLibraryExA(path, NULL, LOAD_WITH_ALTERED_SEARCH_PATH);
        if (module != NULL && GetProcAddress(module, name) != NULL)
            return 1;
    }
    return 0;
}

/* Functions that are not SSPI's: the system's, or refused in their own manner where it has none. */
static void passed_on(void)
{
    char user[256], full[256] = "";
    DWORD size = sizeof user;
    ULONG length = sizeof full;
    BOOLEAN (WINAPI *name_of)(int, char *, ULONG *) = exported("GetUserNameExA");
    LONG (WINAPI *address)(void *, ULONG) = exported("SecpSetIPAddress");
    DWORD (WINAPI *performance)(void *) = exported("OpenLsaPerformanceData");
    GetUserNameA(user, &size);
    check(name_of(2 /* NameSamCompatible */, full, &length), "GetUserNameExA");
    check(strchr(full, '\\') && strcmp(strchr(full, '\\') + 1, user) == 0, "it is the system's: %s", full);
    if (!system_has("SecpSetIPAddress"))
        check(address(NULL, 0) == (LONG)0xC0000002, "STATUS_NOT_IMPLEMENTED");
    if (!system_has("OpenLsaPerformanceData")) {
        SetLastError(0);
        check(performance(NULL) == 0 && GetLastError() == ERROR_CALL_NOT_IMPLEMENTED, "ERROR_CALL_NOT_IMPLEMENTED");
    }
}

/* What is the system's own, and stays there: its packages, and the tickets of its user. */
static void left_to_the_system(void)
{
    static const char *const packages[] = {"Microsoft Unified Security Protocol Provider", "Schannel", "WDigest", "TSSSP"};
    static const char *const caches[] = {"MSLSA:", "API:krb5cc", "CCAPI:krb5cc"};
    CredHandle credential;
    CtxtHandle context;
    struct token out;
    ULONG granted;
    for (int i = 0; i < 4; i++)
        expect(AcquireCredentialsHandleA(NULL, (SEC_CHAR *)packages[i], SECPKG_CRED_OUTBOUND, NULL, NULL, NULL, NULL,
                                         &credential, NULL), SEC_E_SECPKG_NOT_FOUND, "%s", packages[i]);
    for (int i = 0; i < 3; i++) {
        setenv("KRB5CCNAME", caches[i], 1);
        SECURITY_STATUS status = AcquireCredentialsHandleA(NULL, "Kerberos", SECPKG_CRED_OUTBOUND, NULL, NULL, NULL, NULL,
                                                           &credential, NULL);
        if (status == SEC_E_OK)
            status = initiate(&credential, NULL, 0, NULL, &context, &out, &granted);
        expect(status, SEC_E_NO_CREDENTIALS, "tickets in %s", caches[i]);
    }
    unsetenv("KRB5CCNAME");
}

/* Whether the process heap says that the block has exactly that size, or that it is one at all. */
static void is_block(void *block, size_t size, const char *what)
{
    SIZE_T got = HeapSize(GetProcessHeap(), 0, block);
    check(HeapValidate(GetProcessHeap(), 0, block), "%s: a block of the process heap", what);
    check(got != (SIZE_T)-1 && (size == 0 || got == size), "%s: %u bytes, not %u", what, (unsigned)got, (unsigned)size);
    expect(FreeContextBuffer(block), SEC_E_OK, "%s: freed", what);
}

static void blocks(void)
{
    struct pair pair;
    PSecPkgInfoA info = NULL;
    SecPkgContext_NamesA names = {NULL};
    SecPkgContext_NamesW wide_names = {NULL};
    SecPkgContext_SessionKey key = {0, NULL};
    SecPkgContext_NegotiationInfoA negotiation = {NULL, 0};
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE identity = NULL;
    ULONG count = 0, granted;
    char *text = NULL;
    use_accounts(ACCOUNTS);
    pair_open(&pair, CLIENT_FLAGS, 0);
    expect(QueryContextAttributesA(&pair.server, SECPKG_ATTR_NAMES, &names), SEC_E_OK, "NAMES, A");
    is_block(names.sUserName, sizeof "DOMAIN\\user", "a name");
    expect(QueryContextAttributesW(&pair.server, SECPKG_ATTR_NAMES, &wide_names), SEC_E_OK, "NAMES, W");
    is_block(wide_names.sUserName, sizeof L"DOMAIN\\user", "a name in UTF-16");
    expect(QueryContextAttributesA(&pair.server, SECPKG_ATTR_SESSION_KEY, &key), SEC_E_OK, "SESSION_KEY");
    is_block(key.SessionKey, key.SessionKeyLength, "a session key");
    expect(QueryContextAttributesA(&pair.server, SECPKG_ATTR_NEGOTIATION_INFO, &negotiation), SEC_E_OK, "NEGOTIATION_INFO");
    is_block(negotiation.PackageInfo, 0, "a package of a context");
    expect(EnumerateSecurityPackagesA(&count, &info), SEC_E_OK, "EnumerateSecurityPackagesA");
    is_block(info, 0, "the packages");
    expect(SspiEncodeStringsAsAuthIdentity(L"user", L"DOMAIN", L"password", &identity), SEC_E_OK, "an identity");
    check(HeapValidate(GetProcessHeap(), 0, identity), "an identity: a block of the process heap");
    SspiFreeAuthIdentity(identity);
    expect(libsspi_describe_configuration(&text), SEC_E_OK, "a text");
    is_block(text, strlen(text) + 1, "a text");

    SecBuffer buffer = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &buffer};
    CtxtHandle context;
    expect(InitializeSecurityContextA(&pair.client_credential, NULL, NULL, ISC_REQ_ALLOCATE_MEMORY, 0, 0, NULL, 0,
                                      &context, &output, &granted, NULL), SEC_I_CONTINUE_NEEDED, "a token");
    is_block(buffer.pvBuffer, buffer.cbBuffer, "a token");
    DeleteSecurityContext(&context);
    pair_close(&pair);
}

/* Blocks of the heap that ours come from, and of others of Windows. */
static void foreign_blocks(void)
{
    HANDLE own_heap = HeapCreate(0, 0, 0);
    void *blocks[] = {HeapAlloc(GetProcessHeap(), 0, 64), LocalAlloc(LPTR, 64), HeapAlloc(own_heap, 0, 64),
                      VirtualAlloc(NULL, 4096, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE), GetModuleHandleA(NULL)};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        expect(FreeContextBuffer(blocks[i]), SEC_E_INVALID_HANDLE, "foreign block %u", (unsigned)i);
        SspiLocalFree(blocks[i]);
        SspiFreeAuthIdentity(blocks[i]);
    }
    check(HeapSize(GetProcessHeap(), 0, blocks[0]) == 64, "a block of the same heap is left alone");
    check(LocalFree(blocks[1]) == NULL && HeapFree(own_heap, 0, blocks[2]), "and so are the others");
    HeapFree(GetProcessHeap(), 0, blocks[0]);
    VirtualFree(blocks[3], 0, MEM_RELEASE);
    HeapDestroy(own_heap);
}

int main(void)
{
    default_identity();
    computer_names();
    impersonation();
    passed_on();
    left_to_the_system();
    blocks();
    foreign_blocks();
    return test_summary();
}
