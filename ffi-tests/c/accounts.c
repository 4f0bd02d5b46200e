/* Where an acceptor finds accounts: the file of NTLM_USER_FILE, and the callback of an application. */
#include "pair.h"

/* The verdict on a client, and the name that the server reports. */
static SECURITY_STATUS verdict(const char *domain, const char *user, const char *password, const char *wanted_name)
{
    struct pair pair;
    memset(&pair, 0, sizeof pair);
    SecInvalidateHandle(&pair.client);
    SecInvalidateHandle(&pair.server);
    acquire_client(domain, user, password, &pair.client_credential);
    SECURITY_STATUS status = acquire_server(&pair.server_credential);
    if (status == SEC_E_OK)
        status = shake_hands(&pair, CLIENT_FLAGS, 0);
    SecPkgContext_NamesA names = {NULL};
    if (status == SEC_E_OK && wanted_name != NULL) {
        QueryContextAttributesA(&pair.server, SECPKG_ATTR_NAMES, &names);
        check(names.sUserName && strcmp(names.sUserName, wanted_name) == 0, "%s is reported, not %s", wanted_name,
              names.sUserName ? names.sUserName : "NULL");
        FreeContextBuffer(names.sUserName);
    }
    pair_close(&pair);
    return status;
}

/* MD4 of "SecREt01" in UTF-16LE, as hex. */
static const char *nt_hash_hex(const char *password)
{
    static char hex[33];
    uint8_t hash[16];
    expect(libsspi_nt_hash(password, hash), SEC_E_OK, "NT hash");
    for (int i = 0; i < 16; i++)
        sprintf(hex + 2 * i, "%02x", hash[i]);
    return hex;
}

static void grammar(void)
{
    char text[1024];
    check(strcmp(nt_hash_hex("Password"), "a4f49c406510bdcab6824ee7c30fd852") == 0, "the NT hash of MS-NLMP 4.2.2.1.2");

    use_accounts("# a comment\n\nDOMAIN:user:SecREt01\nOTHER:user:second\n:anywhere:third\nDOMAIN:colons:a:b:c\n");
    expect(verdict("DOMAIN", "user", "SecREt01", "DOMAIN\\user"), SEC_E_OK, "a line");
    expect(verdict("domain", "USER", "SecREt01", "DOMAIN\\user"), SEC_E_OK, "names in any case, reported as the file spells them");
    expect(verdict("OTHER", "user", "second", "OTHER\\user"), SEC_E_OK, "the same user of another domain");
    expect(verdict("OTHER", "user", "SecREt01", NULL), SEC_E_LOGON_DENIED, "the other domain's password");
    expect(verdict("DOMAIN", "anywhere", "third", NULL), SEC_E_OK, "an empty domain matches any");
    expect(verdict("DOMAIN", "colons", "a:b:c", NULL), SEC_E_OK, "a password with colons");
    expect(verdict("DOMAIN", "nobody", "SecREt01", NULL), SEC_E_LOGON_DENIED, "no such user");
    expect(verdict("THIRD", "user", "SecREt01", NULL), SEC_E_LOGON_DENIED, "no such domain");

    snprintf(text, sizeof text, "user:DOMAIN:%032d:%s:::\n", 0, nt_hash_hex("SecREt01"));
    use_accounts(text);
    expect(verdict("DOMAIN", "user", "SecREt01", NULL), SEC_E_OK, "a hash line with a domain");
    snprintf(text, sizeof text, "user:1000:XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX:%s:::\n", nt_hash_hex("SecREt01"));
    use_accounts(text);
    expect(verdict("DOMAIN", "user", "SecREt01", NULL), SEC_E_OK, "a hash line with a uid");
    expect(verdict("DOMAIN", "user", "SecREt02", NULL), SEC_E_LOGON_DENIED, "a hash line and another password");
    snprintf(text, sizeof text, "user:::%s\n", nt_hash_hex("SecREt01"));
    use_accounts(text);
    expect(verdict("", "user", "SecREt01", NULL), SEC_E_OK, "the shortest hash line");

    use_accounts("DOMAIN:user:first\nDOMAIN:user:second\n");
    expect(verdict("DOMAIN", "user", "first", NULL), SEC_E_OK, "the first of two equal names");
    expect(verdict("DOMAIN", "user", "second", NULL), SEC_E_LOGON_DENIED, "the second of two equal names");
    use_accounts(":user:any\nDOMAIN:user:exact\n");
    expect(verdict("DOMAIN", "user", "exact", NULL), SEC_E_OK, "an exact domain wins over an empty one");
    use_accounts("DOMAIN:m\xc3\xbcller:gr\xc3\xbc\xc3\x9f Gott\n");
    expect(verdict("DOMAIN", "m\xc3\xbcller", "gr\xc3\xbc\xc3\x9f Gott", "DOMAIN\\m\xc3\xbcller"), SEC_E_OK, "letters beyond ASCII");
    expect(verdict("DOMAIN", "M\xc3\x9cLLER", "gr\xc3\xbc\xc3\x9f Gott", NULL), SEC_E_OK, "and their capitals");
    use_accounts("DOMAIN:user:\n");
    expect(verdict("DOMAIN", "user", "", NULL), SEC_E_LOGON_DENIED, "an empty password opens nothing");
    expect(verdict("DOMAIN", "user", "x", NULL), SEC_E_LOGON_DENIED, "nor does another one");
}

/* A file that is set but no good denies everyone (attacks A10). */
static void bad_files(void)
{
    static const struct { const char *text, *name; } cases[] = {
        {"", "an empty file"}, {"\n\n# nothing\n", "only comments"}, {"just words\n", "a line without fields"},
        {"DOMAIN:user\n", "a line of two fields"}, {"DOMAIN:user:SecREt01\nno line at all\n", "one bad line among good ones"},
        {"\xff\xfe\n", "no text"}, {"::\n", "empty names"},
    };
    for (int i = 0; i < 7; i++) {
        use_accounts(cases[i].text);
        check(is_error(verdict("DOMAIN", "user", "SecREt01", NULL)), "%s denies", cases[i].name);
        check(is_error(verdict("", "", "", NULL)), "%s denies nobody too", cases[i].name);
    }
    setenv("NTLM_USER_FILE", "/no/such/folder/accounts", 1);
    expect(verdict("DOMAIN", "user", "SecREt01", NULL), SEC_E_LOGON_DENIED, "a missing file denies");
    setenv("NTLM_USER_FILE", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp", 1);
    expect(verdict("DOMAIN", "user", "SecREt01", NULL), SEC_E_LOGON_DENIED, "a folder denies");
    setenv("NTLM_USER_FILE", "", 1);
    check(verdict("DOMAIN", "user", "SecREt01", NULL) != SEC_E_OK, "an empty name denies");
    setenv("NTLM_USER_FILE", "/dev/zero", 1);
    expect(verdict("DOMAIN", "user", "SecREt01", NULL), SEC_E_LOGON_DENIED, "an endless file denies");
    if (geteuid() != 0) {
        use_accounts(ACCOUNTS);
        chmod(getenv("NTLM_USER_FILE"), 0);
        expect(verdict("DOMAIN", "user", "SecREt01", NULL), SEC_E_LOGON_DENIED, "an unreadable file denies");
        chmod(getenv("NTLM_USER_FILE"), 0600);
    }
}

/* A file that changes is read again. */
static void changes(void)
{
    use_accounts("DOMAIN:user:before\n");
    expect(verdict("DOMAIN", "user", "before", NULL), SEC_E_OK, "before the change");
    use_accounts("DOMAIN:user:after it\n");
    expect(verdict("DOMAIN", "user", "before", NULL), SEC_E_LOGON_DENIED, "the old password after the change");
    expect(verdict("DOMAIN", "user", "after it", NULL), SEC_E_OK, "the new password after the change");
}

struct users {
    int calls;
    int kind;
    const char *password;
};

/* An application that knows one user, "kim". */
static int32_t find(void *argument, const uint16_t *user, uint32_t user_length, const uint16_t *domain,
                    uint32_t domain_length, LIBSSPI_ACCOUNT *account)
{
    struct users *users = argument;
    (void)domain;
    (void)domain_length;
    users->calls++;
    check(account->cbSize == sizeof *account, "the callback sees the size of the structure");
    if (user_length != 3 || user[0] != 'k' || user[1] != 'i' || user[2] != 'm')
        return SEC_E_NO_CREDENTIALS;
    account->Kind = (uint32_t)users->kind;
    libsspi_nt_hash(users->password, account->Key);
    memcpy(account->User, wide("Kim"), 8);
    return SEC_E_OK;
}

static void callbacks(void)
{
    struct users users = {0, LIBSSPI_KEY_NT_HASH, "hers alone"};
    use_accounts(ACCOUNTS);
    expect(libsspi_set_account_callback(find, &users), SEC_E_OK, "set a callback");
    expect(verdict("ANY", "kim", "hers alone", "Kim"), SEC_E_OK, "the application's user");
    check(users.calls == 1, "asked once, not %d times", users.calls);
    expect(verdict("ANY", "kim", "other", NULL), SEC_E_LOGON_DENIED, "her wrong password");
    expect(verdict("DOMAIN", "user", "SecREt01", NULL), SEC_E_LOGON_DENIED, "the callback wins over the file");
    users.kind = 77;
    expect(verdict("ANY", "kim", "hers alone", NULL), SEC_E_LOGON_DENIED, "an unknown kind of key denies");
    users.kind = LIBSSPI_KEY_NT_HASH;
    expect(libsspi_set_account_callback(NULL, NULL), SEC_E_OK, "take it away");
    expect(verdict("DOMAIN", "user", "SecREt01", NULL), SEC_E_OK, "the file again");

    struct pair pair;
    pair_credentials(&pair);
    users.calls = 0;
    expect(libsspi_set_credential_account_callback(&pair.server_credential, NULL, NULL), SEC_E_INVALID_PARAMETER, "no callback");
    expect(libsspi_set_credential_account_callback(&pair.server_credential, find, &users), SEC_E_OK, "a callback of one credential");
    expect(shake_hands(&pair, CLIENT_FLAGS, 0), SEC_E_LOGON_DENIED, "it does not know the file's user");
    check(users.calls == 1, "the credential's callback is asked once, not %d times", users.calls);
    pair_close(&pair);
    CredHandle none = {0, 0};
    expect(libsspi_set_credential_account_callback(&none, find, &users), SEC_E_INVALID_HANDLE, "no credential");
}

/* Without a file and a callback the acceptor waits to be told who its users are. */
static void completed_later(void)
{
    struct users users = {0, LIBSSPI_KEY_NT_HASH, "hers alone"};
    static const char *const passwords[] = {"hers alone", "another"};
    for (int i = 0; i < 2; i++) {
        struct pair pair;
        unsigned char signature[16], text[4] = "text";
        SecBuffer buffers[2] = {{16, SECBUFFER_TOKEN, signature}, {4, SECBUFFER_DATA, text}};
        SecBufferDesc message = {SECBUFFER_VERSION, 2, buffers};
        SecPkgContext_NamesA names;
        memset(&pair, 0, sizeof pair);
        SecInvalidateHandle(&pair.client);
        SecInvalidateHandle(&pair.server);
        unsetenv("NTLM_USER_FILE");
        acquire_client("ANY", "kim", passwords[i], &pair.client_credential);
        expect(acquire_server(&pair.server_credential), SEC_E_OK, "an acceptor without accounts");
        expect(shake_hands(&pair, CLIENT_FLAGS, 0), SEC_I_COMPLETE_NEEDED, "nobody is let in yet");
        expect(QueryContextAttributesA(&pair.server, SECPKG_ATTR_NAMES, &names), SEC_E_INVALID_HANDLE, "nobody has a name yet");
        expect(EncryptMessage(&pair.server, 0, &message, 0), SEC_E_INVALID_HANDLE, "nor a key");
        check(is_error(ImpersonateSecurityContext(&pair.server)), "nor rights");
        check(is_error(CompleteAuthToken(&pair.server, NULL)), "nor does completing help without accounts");
        libsspi_set_account_callback(find, &users);
        if (i == 0) {
            expect(CompleteAuthToken(&pair.server, NULL), SEC_E_OK, "completed with accounts");
            check(pair_talks(&pair), "a completed pair talks");
        } else {
            expect(CompleteAuthToken(&pair.server, NULL), SEC_E_LOGON_DENIED, "a wrong password, completed");
            check(is_error(EncryptMessage(&pair.server, 0, &message, 0)), "no key after a refusal");
            check(is_error(CompleteAuthToken(&pair.server, NULL)), "and no second try");
        }
        libsspi_set_account_callback(NULL, NULL);
        pair_close(&pair);
    }
    use_accounts(ACCOUNTS);
}

/* A server that says which services it is (attack A19). */
static void services(void)
{
    static const char *const right[] = {"HTTP/elsewhere", "HOST/SERVER"}, *const wrong[] = {"HTTP/elsewhere"};
    struct pair pair;
    use_accounts(ACCOUNTS);
    pair_credentials(&pair);
    expect(libsspi_set_credential_services(&pair.server_credential, right, 2), SEC_E_OK, "services");
    expect(shake_hands(&pair, CLIENT_FLAGS, 0), SEC_E_OK, "the client meant this server");
    pair_close(&pair);
    pair_credentials(&pair);
    expect(libsspi_set_credential_services(&pair.server_credential, wrong, 1), SEC_E_OK, "other services");
    check(is_error(shake_hands(&pair, CLIENT_FLAGS, 0)), "the client meant another server");
    pair_close(&pair);
}

int main(void)
{
    grammar();
    bad_files();
    changes();
    callbacks();
    completed_later();
    services();
    check(libsspi_version()[0] != 0, "a version");
    return test_summary();
}
