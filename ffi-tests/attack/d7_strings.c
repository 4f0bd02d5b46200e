/* D7: strings and identities that are not what they say. */
#include "guard.h"
#include "pair.h"

static void no_utf8(void)
{
    static const char *const bad[] = {"\xff", "\xc3", "\xc3\x28", "a\xed\xa0\x80", "\xf8\x88\x80\x80\x80", "\xc0\xaf", "ok\x80"};
    for (int i = 0; i < 7; i++) {
        CredHandle credential = {3, 4};
        expect(acquire_client("DOMAIN", bad[i], "x", &credential), SEC_E_INVALID_PARAMETER, "user %d is no UTF-8", i);
        expect(acquire_client(bad[i], "user", "x", &credential), SEC_E_INVALID_PARAMETER, "domain %d is no UTF-8", i);
        expect(acquire_client("DOMAIN", "user", bad[i], &credential), SEC_E_INVALID_PARAMETER, "password %d is no UTF-8", i);
        check(credential.dwLower == 3 && credential.dwUpper == 4, "string %d: no handle is made", i);
        struct pair pair;
        unsigned char bytes[4096];
        SecBuffer out = {sizeof bytes, SECBUFFER_TOKEN, bytes};
        SecBufferDesc output = {SECBUFFER_VERSION, 1, &out};
        uint32_t granted;
        pair_credentials(&pair);
        expect(InitializeSecurityContextA(&pair.client_credential, NULL, (char *)bad[i], 0, 0, 0, NULL, 0, &pair.client, &output,
                                          &granted, NULL), SEC_E_INVALID_PARAMETER, "target %d is no UTF-8", i);
        pair_close(&pair);
    }
}

/* Lone surrogates are units like others: kept, never replaced, never a crash. */
static void surrogates(void)
{
    static const SEC_WCHAR odd[][4] = {{0xD800, 0}, {0xDC00, 0}, {'a', 0xDFFF, 'b', 0}, {0xDC00, 0xD800, 0}, {0xFFFF, 0xFFFE, 0}, {0xD800, 0xD800, 0}};
    static const uint32_t lengths[] = {1, 1, 3, 2, 2, 2};
    for (int i = 0; i < 6; i++) {
        SEC_WINNT_AUTH_IDENTITY_W identity;
        memset(&identity, 0, sizeof identity);
        identity.User = (void *)odd[i];
        identity.UserLength = lengths[i];
        identity.Password = (void *)odd[i];
        identity.PasswordLength = lengths[i];
        identity.Domain = (void *)odd[5 - i];
        identity.DomainLength = lengths[5 - i];
        identity.Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE;
        struct pair pair;
        memset(&pair, 0, sizeof pair);
        SecInvalidateHandle(&pair.client);
        SecInvalidateHandle(&pair.server);
        expect(acquire(&identity, SECPKG_CRED_OUTBOUND, &pair.client_credential), SEC_E_OK, "surrogates %d", i);
        acquire_server(&pair.server_credential);
        expect(shake_hands(&pair, CLIENT_FLAGS, 0), SEC_E_LOGON_DENIED, "surrogates %d are nobody here", i);
        pair_close(&pair);
    }
}

static SECURITY_STATUS try_identity(const void *identity)
{
    CredHandle credential;
    SECURITY_STATUS status = acquire(identity, SECPKG_CRED_OUTBOUND, &credential);
    if (!is_error(status))
        FreeCredentialsHandle(&credential);
    return status;
}

/* Lengths without strings, flags without sense, versions that are none. */
static void impossible_identities(void)
{
    SEC_WINNT_AUTH_IDENTITY_A identity = identity_of("DOMAIN", NULL, "password");
    identity.UserLength = 4;
    check(is_error(try_identity(&identity)), "four characters at NULL");
    /* Long enough to be read as UTF-16 too. */
    static const char user[16] = "user", domain[16] = "DOMAIN", password[32] = "password";
    identity = identity_of(domain, user, password);
    for (int bit = 0; bit < 32; bit++) {
        identity.Flags = 1u << bit;
        test_passed++;
        try_identity(&identity);
    }
    identity.Flags = 0;
    expect(try_identity(&identity), SEC_E_OK, "without a charset the entry point decides");
    identity.Flags = SEC_WINNT_AUTH_IDENTITY_ANSI;
    identity.PasswordLength = 0xFFFFFFFFu;
    check(is_error(try_identity(&identity)), "a password of 4 GiB");
    identity.PasswordLength = 0x7FFFFFFFu;
    check(is_error(try_identity(&identity)), "a password of 2 GiB");
    identity.PasswordLength = 8;
    identity.UserLength = 0x80000000u;
    check(is_error(try_identity(&identity)), "a user of 2 GiB");
    expect(try_identity(&(SEC_WINNT_AUTH_IDENTITY_A){.Flags = SEC_WINNT_AUTH_IDENTITY_ANSI}), SEC_E_OK, "nothing at all");

    SEC_WINNT_AUTH_IDENTITY_EXA ex;
    memset(&ex, 0, sizeof ex);
    ex.Version = SEC_WINNT_AUTH_IDENTITY_VERSION;
    ex.User = (unsigned char *)"user";
    ex.UserLength = 4;
    ex.Domain = (unsigned char *)"DOMAIN";
    ex.DomainLength = 6;
    ex.Password = (unsigned char *)"password";
    ex.PasswordLength = 8;
    ex.Flags = SEC_WINNT_AUTH_IDENTITY_ANSI;
    for (uint32_t length = 0; length < sizeof ex; length++) {
        ex.Length = length;
        check(is_error(try_identity(&ex)), "an EX identity of %u bytes", length);
    }
    ex.Length = sizeof ex;
    expect(try_identity(&ex), SEC_E_OK, "an EX identity");
    ex.PackageListLength = 4;
    check(is_error(try_identity(&ex)), "a package list at NULL");
    ex.PackageListLength = 0;
}

/* Offsets and lengths of EX2 that leave their structure: nothing outside is read. */
static void packed_identities(void)
{
    struct guarded room = guard_make(4096);
    static const uint32_t odd[] = {0, 1, 2, 47, 48, 49, 55, 56, 57, 64, 100, 101, 0x7FFFFFFF, 0x80000000u, 0xFFFFFFFEu, 0xFFFFFFFFu};
    SEC_WINNT_AUTH_IDENTITY_EX2 good;
    unsigned char bytes[64];
    memset(&good, 0, sizeof good);
    good.Version = SEC_WINNT_AUTH_IDENTITY_VERSION_2;
    good.cbHeaderLength = sizeof good;
    good.cbStructureLength = sizeof bytes;
    good.UserOffset = 48;
    good.UserLength = 8;
    good.DomainOffset = 56;
    good.DomainLength = 8;
    good.Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE;
    memset(bytes, 0, sizeof bytes);
    memcpy(bytes, &good, sizeof good);
    memcpy(bytes + 48, "u\0s\0e\0r\0D\0O\0M\0A\0", 16);
    expect(try_identity(guard_copy(&room, bytes, sizeof bytes)), SEC_E_OK, "an EX2 identity without a password");
    /* Each 32-bit word in turn is made strange. */
    for (uint32_t word = 1; word < 12; word++) {
        if (word == 9)
            continue;
        for (int i = 0; i < 16; i++) {
            unsigned char bad[64];
            memcpy(bad, bytes, sizeof bad);
            uint32_t value = odd[i];
            /* The structure's own length is the one thing that has to be believed. */
            if (word == 2 && value > sizeof bad)
                continue;
            memcpy(bad + 4 * word, &value, 4);
            test_passed++;
            try_identity(guard_copy(&room, bad, sizeof bad));
        }
    }
    for (uint32_t length = 0; length < sizeof good; length++) {
        unsigned char bad[64];
        memcpy(bad, bytes, sizeof bad);
        memcpy(bad + 8, &length, 4);
        check(is_error(try_identity(guard_copy(&room, bad, sizeof bad))), "an EX2 identity of %u bytes", length);
    }
    guard_free(&room);
}

/* Long strings, just as long as they say. */
static void long_strings(void)
{
    static char text[200001];
    memset(text, 'x', sizeof text - 1);
    for (size_t length = 1; length < sizeof text; length = length * 3 + 1) {
        char *copy = malloc(length + 1);
        memcpy(copy, text, length);
        copy[length] = 0;
        struct pair pair;
        memset(&pair, 0, sizeof pair);
        SecInvalidateHandle(&pair.client);
        SecInvalidateHandle(&pair.server);
        SEC_WINNT_AUTH_IDENTITY_A identity = identity_of(copy, copy, copy);
        SECURITY_STATUS status = acquire(&identity, SECPKG_CRED_OUTBOUND, &pair.client_credential);
        if (!is_error(status)) {
            acquire_server(&pair.server_credential);
            status = shake_hands(&pair, CLIENT_FLAGS, 0);
        }
        check(is_error(status), "strings of %zu characters", length);
        pair_close(&pair);
        struct token token;
        uint32_t granted;
        pair_credentials(&pair);
        SecBuffer out = {sizeof token.bytes, SECBUFFER_TOKEN, token.bytes};
        SecBufferDesc output = {SECBUFFER_VERSION, 1, &out};
        status = InitializeSecurityContextA(&pair.client_credential, NULL, copy, 0, 0, 0, NULL, 0, &pair.client, &output, &granted, NULL);
        check(status == SEC_I_CONTINUE_NEEDED || is_error(status), "a target of %zu characters", length);
        pair_close(&pair);
        free(copy);
    }
}

int main(void)
{
    use_accounts(ACCOUNTS);
    no_utf8();
    surrogates();
    impossible_identities();
    packed_identities();
    long_strings();
    return test_summary();
}
