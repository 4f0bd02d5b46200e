/* Names and passwords beyond ASCII in the active code page, which the system's language decides: 1252, 932 or
 * 65001. What they are in it is written down here, not asked of the system. */
#include "pair.h"

SECURITY_STATUS SEC_ENTRY libsspi_last_error(char **text);
SECURITY_STATUS SEC_ENTRY libsspi_nt_hash(const char *password, unsigned char *hash);

/* A text in UTF-16, and in the code page. */
struct text {
    const WCHAR *wide;
    const char *bytes;
};

struct page {
    UINT number;
    struct text domain, user, password, target;
    /* Of the password. */
    unsigned char hash[16];
    /* Who has no name in it: '?', or another letter that looks alike, would be somebody else. */
    const WCHAR *foreign[2];
    /* What the reason of a refusal calls the first of these. */
    const char *escaped;
    /* No text in it; NULL where every byte is one. */
    const char *broken;
};

static const struct page PAGES[] = {
    {1252,
     {L"K\x00D6LN", "K\xD6LN"},
     {L"J\x00FCrgen\x20AC", "J\xFCrgen\x80"},
     {L"p\x00E4ssw\x00F6rd \x00DF\x20AC", "p\xE4ssw\xF6rd \xDF\x80"},
     {L"HTTP/b\x00FCro", "HTTP/b\xFCro"},
     {0x60, 0xF2, 0x5D, 0xCC, 0x20, 0x19, 0x4B, 0xEF, 0x3F, 0x09, 0x50, 0x7B, 0xB4, 0x52, 0x25, 0x97},
     {L"\x5C71\x7530", L"\x0100lice"},
     "\\u{5c71}\\u{7530}",
     NULL},
    /* The second byte of the domain is a backslash's, and so would be what looks most like a yen sign. */
    {932,
     {L"\x8868", "\x95\x5C"},
     {L"\x5C71\x7530", "\x8E\x52\x93\x63"},
     {L"\x8868\xFF71\x8868", "\x95\x5C\xB1\x95\x5C"},
     {L"HTTP/\x8868\x793A", "HTTP/\x95\x5C\x8E\xA6"},
     {0xE2, 0x87, 0x46, 0x2C, 0x49, 0xD5, 0xFD, 0x16, 0xFF, 0x53, 0xD7, 0xEA, 0xE1, 0x4D, 0x0C, 0xED},
     {L"M\x00FCller", L"A\x00A5" L"B"},
     "M\\u{fc}ller",
     "user\x81"},
    {65001,
     {L"K\x00D6LN", "K\xC3\x96LN"},
     {L"J\x00FC\x5C71", "J\xC3\xBC\xE5\xB1\xB1"},
     {L"\xD83D\xDD11 \x00DF", "\xF0\x9F\x94\x91 \xC3\x9F"},
     {L"HTTP/b\x00FCro\x5C71", "HTTP/b\xC3\xBCro\xE5\xB1\xB1"},
     {0xB6, 0x9F, 0xBA, 0xCF, 0x3C, 0xF8, 0x3E, 0xBB, 0xC9, 0x03, 0x63, 0xBC, 0xD4, 0xED, 0x8A, 0x58},
     {L"\xD800x", L"x\xDC00"},
     NULL,
     "J\xFCrgen"},
};

static const struct page *page;

static SEC_WINNT_AUTH_IDENTITY_W wide_identity(const WCHAR *domain, const WCHAR *user, const WCHAR *password)
{
    SEC_WINNT_AUTH_IDENTITY_W identity = {0};
    identity.User = (void *)user;
    identity.UserLength = (ULONG)wcslen(user);
    identity.Domain = (void *)domain;
    identity.DomainLength = (ULONG)wcslen(domain);
    identity.Password = (void *)password;
    identity.PasswordLength = (ULONG)wcslen(password);
    identity.Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE;
    return identity;
}

static SECURITY_STATUS acquire_wide(void *identity, CredHandle *credential)
{
    return AcquireCredentialsHandleW(NULL, L"NTLM", SECPKG_CRED_OUTBOUND, NULL, identity, NULL, NULL, credential, NULL);
}

/* One leg of the client, to a target in the character set of the function. */
static SECURITY_STATUS leg(struct pair *pair, int wide, struct token *in, struct token *out)
{
    SecBuffer in_buffer = {in ? in->length : 0, SECBUFFER_TOKEN, in ? in->bytes : NULL};
    SecBuffer out_buffer = {sizeof out->bytes, SECBUFFER_TOKEN, out->bytes};
    SecBufferDesc input = {SECBUFFER_VERSION, 1, &in_buffer}, output = {SECBUFFER_VERSION, 1, &out_buffer};
    CtxtHandle *old = in ? &pair->client : NULL;
    SecBufferDesc *given = in ? &input : NULL;
    ULONG granted;
    SECURITY_STATUS status = wide
        ? InitializeSecurityContextW(&pair->client_credential, old, (SEC_WCHAR *)page->target.wide, CLIENT_FLAGS, 0, 0,
                                     given, 0, &pair->client, &output, &granted, NULL)
        : InitializeSecurityContextA(&pair->client_credential, old, (SEC_CHAR *)page->target.bytes, CLIENT_FLAGS, 0, 0,
                                     given, 0, &pair->client, &output, &granted, NULL);
    out->length = out_buffer.cbBuffer;
    return status;
}

/* A logon with the pair's client credential, which is given back. */
static SECURITY_STATUS log_on(struct pair *pair, int wide)
{
    struct token rest;
    ULONG granted;
    SecInvalidateHandle(&pair->client);
    SecInvalidateHandle(&pair->server);
    expect(acquire_server(&pair->server_credential), SEC_E_OK, "a server");
    SECURITY_STATUS status = leg(pair, wide, NULL, &pair->negotiate);
    if (status == SEC_I_CONTINUE_NEEDED)
        status = respond(&pair->server_credential, NULL, 0, &pair->negotiate, &pair->server, &pair->challenge, &granted);
    if (status == SEC_I_CONTINUE_NEEDED)
        status = leg(pair, wide, &pair->challenge, &pair->authenticate);
    if (status == SEC_E_OK)
        status = respond(&pair->server_credential, &pair->server, 0, &pair->authenticate, &pair->server, &rest, &granted);
    return status;
}

static void check_names(struct pair *pair, const char *who)
{
    SecPkgContext_NamesA narrow = {NULL};
    SecPkgContext_NamesW wide = {NULL};
    SecPkgContext_NativeNamesA native = {NULL, NULL};
    SecPkgContext_ClientSpecifiedTarget target = {NULL};
    SecPkgCredentials_NamesA own = {NULL};
    char name[256];
    WCHAR wide_name[256];
    snprintf(name, sizeof name, "%s\\%s", page->domain.bytes, page->user.bytes);
    swprintf(wide_name, 256, L"%ls\\%ls", page->domain.wide, page->user.wide);

    expect(QueryContextAttributesA(&pair->server, SECPKG_ATTR_NAMES, &narrow), SEC_E_OK, "%s: NAMES, A", who);
    check(narrow.sUserName && strcmp(narrow.sUserName, name) == 0, "%s: the name in the code page", who);
    expect(QueryContextAttributesW(&pair->server, SECPKG_ATTR_NAMES, &wide), SEC_E_OK, "%s: NAMES, W", who);
    check(wide.sUserName && wcscmp(wide.sUserName, wide_name) == 0, "%s: the name in UTF-16", who);
    expect(QueryContextAttributesA(&pair->server, SECPKG_ATTR_NATIVE_NAMES, &native), SEC_E_OK, "%s: NATIVE_NAMES", who);
    check(native.sClientName && strcmp(native.sClientName, name) == 0, "%s: the client's name", who);
    expect(QueryContextAttributesW(&pair->server, SECPKG_ATTR_CLIENT_SPECIFIED_TARGET, &target), SEC_E_OK,
           "%s: CLIENT_SPECIFIED_TARGET", who);
    check(target.sTargetName && wcscmp(target.sTargetName, page->target.wide) == 0, "%s: the target", who);
    expect(QueryCredentialsAttributesA(&pair->client_credential, SECPKG_CRED_ATTR_NAMES, &own), SEC_E_OK,
           "%s: NAMES of the credential", who);
    check(own.sUserName && strcmp(own.sUserName, name) == 0, "%s: the credential's name", who);
    FreeContextBuffer(narrow.sUserName);
    FreeContextBuffer(wide.sUserName);
    FreeContextBuffer(native.sClientName);
    FreeContextBuffer(native.sServerName);
    FreeContextBuffer(target.sTargetName);
    FreeContextBuffer(own.sUserName);
}

/* The same identity by either function and in either character set. */
static void logons(void)
{
    struct pair pair;
    SEC_WINNT_AUTH_IDENTITY_A narrow = identity_of(page->domain.bytes, page->user.bytes, page->password.bytes);
    SEC_WINNT_AUTH_IDENTITY_W wide = wide_identity(page->domain.wide, page->user.wide, page->password.wide);
    memset(&pair, 0, sizeof pair);
    expect(acquire(&narrow, SECPKG_CRED_OUTBOUND, &pair.client_credential), SEC_E_OK, "A");
    expect(log_on(&pair, 0), SEC_E_OK, "A: a logon");
    check_names(&pair, "A");
    check(pair_talks(&pair), "A: they talk");
    pair_close(&pair);

    expect(acquire_wide(&wide, &pair.client_credential), SEC_E_OK, "W");
    expect(log_on(&pair, 1), SEC_E_OK, "W: a logon");
    check_names(&pair, "W");
    pair_close(&pair);

    expect(acquire_wide(&narrow, &pair.client_credential), SEC_E_OK, "W with an identity in the code page");
    expect(log_on(&pair, 1), SEC_E_OK, "W with an identity in the code page: a logon");
    pair_close(&pair);

    /* DOMAIN\user in one field: a backslash that is half of a character is none. */
    char name[256];
    snprintf(name, sizeof name, "%s\\%s", page->domain.bytes, page->user.bytes);
    narrow = identity_of(NULL, name, page->password.bytes);
    expect(acquire(&narrow, SECPKG_CRED_OUTBOUND, &pair.client_credential), SEC_E_OK, "DOMAIN\\user");
    expect(log_on(&pair, 0), SEC_E_OK, "DOMAIN\\user: a logon");
    check_names(&pair, "DOMAIN\\user");
    pair_close(&pair);

    narrow = identity_of(page->domain.bytes, page->user.bytes, "pass");
    expect(acquire(&narrow, SECPKG_CRED_OUTBOUND, &pair.client_credential), SEC_E_OK, "a wrong password");
    expect(log_on(&pair, 0), SEC_E_LOGON_DENIED, "a wrong password is refused");
    pair_close(&pair);

    /* No identity: the line of the account file. */
    expect(acquire(NULL, SECPKG_CRED_OUTBOUND, &pair.client_credential), SEC_E_OK, "the default identity");
    expect(log_on(&pair, 0), SEC_E_OK, "the default identity: a logon");
    check_names(&pair, "the default identity");
    pair_close(&pair);

    unsigned char hash[16];
    expect(libsspi_nt_hash(page->password.bytes, hash), SEC_E_OK, "libsspi_nt_hash");
    check(memcmp(hash, page->hash, sizeof hash) == 0, "the hash is that of the UTF-16 text");
}

/* Who has no name in the code page logs on as anybody; only A functions cannot say who it is. */
static void names_that_it_lacks(void)
{
    struct pair pair;
    memset(&pair, 0, sizeof pair);
    for (int i = 0; i < 2; i++) {
        SEC_WINNT_AUTH_IDENTITY_W wide = wide_identity(L"", page->foreign[i], L"secret");
        SecPkgCredentials_NamesA own = {(char *)"as before"};
        expect(acquire_wide(&wide, &pair.client_credential), SEC_E_OK, "a name that the page lacks");
        expect(QueryCredentialsAttributesA(&pair.client_credential, SECPKG_CRED_ATTR_NAMES, &own),
               SEC_E_INVALID_PARAMETER, "the credential's name has no 8-bit form");
        check(strcmp(own.sUserName, "as before") == 0, "nothing is written");
        if (page->escaped == NULL) {
            FreeCredentialsHandle(&pair.client_credential);
            continue;
        }
        expect(log_on(&pair, 1), SEC_E_OK, "it logs on");
        SecPkgContext_NamesA narrow = {(char *)"as before"};
        SecPkgContext_NamesW names = {NULL};
        expect(QueryContextAttributesA(&pair.server, SECPKG_ATTR_NAMES, &narrow), SEC_E_INVALID_PARAMETER, "NAMES, A");
        check(strcmp(narrow.sUserName, "as before") == 0, "nothing is written");
        expect(QueryContextAttributesW(&pair.server, SECPKG_ATTR_NAMES, &names), SEC_E_OK, "NAMES, W");
        check(names.sUserName && wcscmp(names.sUserName, page->foreign[i]) == 0, "its name in UTF-16");
        FreeContextBuffer(names.sUserName);
        pair_close(&pair);
    }
    if (page->escaped != NULL) {
        /* The reason of a refusal is for people: it is told, as far as the page goes. */
        char *reason = NULL;
        SEC_WINNT_AUTH_IDENTITY_W wide = wide_identity(L"", page->foreign[0], L"wrong");
        expect(acquire_wide(&wide, &pair.client_credential), SEC_E_OK, "its name with a wrong password");
        expect(log_on(&pair, 1), SEC_E_LOGON_DENIED, "it is refused");
        expect(libsspi_last_error(&reason), SEC_E_OK, "why it is refused");
        check(reason && strstr(reason, page->escaped), "the reason names it: %s", reason);
        FreeContextBuffer(reason);
        pair_close(&pair);
    }
}

static void broken_bytes(void)
{
    CredHandle credential;
    if (page->broken == NULL)
        return;
    SEC_WINNT_AUTH_IDENTITY_A users = identity_of("DOMAIN", page->broken, "password");
    SEC_WINNT_AUTH_IDENTITY_A passwords = identity_of("DOMAIN", "user", page->broken);
    expect(acquire(&users, SECPKG_CRED_OUTBOUND, &credential), SEC_E_INVALID_PARAMETER, "a broken user name");
    expect(acquire(&passwords, SECPKG_CRED_OUTBOUND, &credential), SEC_E_INVALID_PARAMETER, "a broken password");
    expect(AcquireCredentialsHandleA((char *)page->broken, "NTLM", SECPKG_CRED_OUTBOUND, NULL, NULL, NULL, NULL,
                                     &credential, NULL), SEC_E_INVALID_PARAMETER, "a broken principal");
}

/* UTF-8 whatever the code page, in a file whose name the code page may lack. */
static void write_accounts(void)
{
    static const WCHAR path[] = L"kont\x00F6-\x5C71.txt";
    const struct {
        const WCHAR *domain, *user, *password;
    } lines[] = {
        {page->domain.wide, page->user.wide, page->password.wide},
        {L"", page->foreign[0], L"secret"},
        {L"", page->foreign[1], L"secret"},
    };
    FILE *file = _wfopen(path, L"wb");
    for (int i = 0; i < (page->escaped ? 3 : 1); i++) {
        WCHAR line[256];
        char bytes[1024];
        swprintf(line, 256, L"%ls:%ls:%ls\n", lines[i].domain, lines[i].user, lines[i].password);
        WideCharToMultiByte(CP_UTF8, 0, line, -1, bytes, sizeof bytes, NULL, NULL);
        fputs(bytes, file);
    }
    fclose(file);
    _wputenv_s(L"NTLM_USER_FILE", path);
}

int main(int argc, char **argv)
{
    unsigned wanted = argc > 1 ? (unsigned)atoi(argv[1]) : 0;
    for (size_t i = 0; i < sizeof PAGES / sizeof *PAGES; i++)
        if (PAGES[i].number == wanted)
            page = &PAGES[i];
    if (!check(page != NULL && GetACP() == wanted, "the code page is %u, not %u", GetACP(), wanted))
        return test_summary();
    write_accounts();
    logons();
    names_that_it_lacks();
    broken_bytes();
    return test_summary();
}
