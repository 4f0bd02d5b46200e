/* D10: memory that runs out at the boundary.
 *
 * Blocks for the caller come from calloc, which this program replaces: the calls
 * that need one answer SEC_E_INSUFFICIENT_MEMORY and lose nothing.
 */
#include "pair.h"

extern void *__libc_calloc(size_t count, size_t size);

static _Thread_local int refuse;
static _Thread_local int refused_count;

void *calloc(size_t count, size_t size)
{
    if (refuse) {
        refused_count++;
        return NULL;
    }
    return __libc_calloc(count, size);
}

/* Runs a call without memory, then with it. */
#define STARVED(call, name)                                                          \
    do {                                                                             \
        refused_count = 0;                                                           \
        refuse = 1;                                                                  \
        SECURITY_STATUS starved = (call);                                            \
        refuse = 0;                                                                  \
        expect(starved, SEC_E_INSUFFICIENT_MEMORY, "%s without memory", name);       \
        check(refused_count > 0, "%s asked for memory", name);                       \
    } while (0)

static void packages(void)
{
    uint32_t count = 77;
    PSecPkgInfoA list = (PSecPkgInfoA)(uintptr_t)0x1234;
    STARVED(EnumerateSecurityPackagesA(&count, &list), "EnumerateSecurityPackagesA");
    STARVED(QuerySecurityPackageInfoA("NTLM", &list), "QuerySecurityPackageInfoA");
    check(list == (PSecPkgInfoA)(uintptr_t)0x1234, "outputs are untouched");
    expect(QuerySecurityPackageInfoA("NTLM", &list), SEC_E_OK, "with memory");
    FreeContextBuffer(list);
}

static void queries(struct pair *pair)
{
    static const struct { uint32_t attribute; const char *name; } cases[] = {
        {SECPKG_ATTR_NAMES, "NAMES"}, {SECPKG_ATTR_KEY_INFO, "KEY_INFO"}, {SECPKG_ATTR_SESSION_KEY, "SESSION_KEY"},
        {SECPKG_ATTR_PACKAGE_INFO, "PACKAGE_INFO"}, {SECPKG_ATTR_NEGOTIATION_INFO, "NEGOTIATION_INFO"},
        {SECPKG_ATTR_NATIVE_NAMES, "NATIVE_NAMES"}, {SECPKG_ATTR_AUTHORITY, "AUTHORITY"},
    };
    void *answer[8] = {NULL};
    for (int i = 0; i < 7; i++) {
        STARVED(QueryContextAttributesA(&pair->server, cases[i].attribute, answer), cases[i].name);
        STARVED(QueryContextAttributesW(&pair->server, cases[i].attribute, answer), cases[i].name);
    }
    SecPkgCredentials_NamesA names = {NULL};
    STARVED(QueryCredentialsAttributesA(&pair->client_credential, SECPKG_CRED_ATTR_NAMES, &names), "NAMES of a credential");
    check(pair_talks(pair), "the pair talks after hungry questions");
}

/* A token that could not be allocated is not lost: the same call gets it. */
static void tokens(void)
{
    struct pair pair;
    struct token rest;
    uint32_t granted;
    pair_credentials(&pair);
    SecBuffer out = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &out};
    STARVED(InitializeSecurityContextA(&pair.client_credential, NULL, NULL, CLIENT_FLAGS | ISC_REQ_ALLOCATE_MEMORY, 0, 0, NULL, 0,
                                       &pair.client, &output, &granted, NULL), "a first token");
    check(!SecIsValidHandle(&pair.client), "no context is made");
    initiate(&pair.client_credential, NULL, CLIENT_FLAGS, NULL, &pair.client, &pair.negotiate, &granted);
    respond(&pair.server_credential, NULL, 0, &pair.negotiate, &pair.server, &pair.challenge, &granted);
    SecBuffer in = {pair.challenge.length, SECBUFFER_TOKEN, pair.challenge.bytes};
    SecBufferDesc input = {SECBUFFER_VERSION, 1, &in};
    out = (SecBuffer){0, SECBUFFER_TOKEN, NULL};
    STARVED(InitializeSecurityContextA(NULL, &pair.client, NULL, CLIENT_FLAGS | ISC_REQ_ALLOCATE_MEMORY, 0, 0, &input, 0,
                                       &pair.client, &output, &granted, NULL), "a later token");
    out = (SecBuffer){0, SECBUFFER_TOKEN, NULL};
    expect(InitializeSecurityContextA(NULL, &pair.client, NULL, CLIENT_FLAGS | ISC_REQ_ALLOCATE_MEMORY, 0, 0, &input, 0, &pair.client,
                                      &output, &granted, NULL), SEC_E_OK, "the same call with memory");
    pair.authenticate.length = out.cbBuffer;
    if (out.pvBuffer != NULL && out.cbBuffer <= sizeof pair.authenticate.bytes)
        memcpy(pair.authenticate.bytes, out.pvBuffer, out.cbBuffer);
    FreeContextBuffer(out.pvBuffer);
    expect(respond(NULL, &pair.server, 0, &pair.authenticate, &pair.server, &rest, &granted), SEC_E_OK, "the token is right");
    check(pair_talks(&pair), "the pair talks");
    pair_close(&pair);
}

static void identities(void)
{
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE identity = NULL, copy = NULL;
    STARVED(SspiEncodeStringsAsAuthIdentity(wide("user"), wide("DOMAIN"), wide("x"), &identity), "SspiEncodeStringsAsAuthIdentity");
    expect(SspiEncodeStringsAsAuthIdentity(wide("user"), wide("DOMAIN"), wide("x"), &identity), SEC_E_OK, "with memory");
    STARVED(SspiCopyAuthIdentity(identity, &copy), "SspiCopyAuthIdentity");
    uint32_t length;
    char *bytes = NULL;
    STARVED(SspiMarshalAuthIdentity(identity, &length, &bytes), "SspiMarshalAuthIdentity");
    check(copy == NULL && bytes == NULL, "nothing was made");
    SspiFreeAuthIdentity(identity);
}

/* Messages need no memory at all. */
static void messages(struct pair *pair)
{
    refuse = 1;
    int good = pair_talks(pair);
    refuse = 0;
    check(good, "messages are signed and sealed without memory");
}

int main(void)
{
    struct pair pair;
    use_accounts(ACCOUNTS);
    pair_open(&pair, CLIENT_FLAGS, 0);
    packages();
    queries(&pair);
    tokens();
    identities();
    messages(&pair);
    pair_close(&pair);
    return test_summary();
}
