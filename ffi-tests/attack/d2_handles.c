/* D2: forged, stale, foreign, zero and copied handles, and those of the other kind. */
#include "uses.h"

static unsigned long long state = 0x9E3779B97F4A7C15;

static uintptr_t noise(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uintptr_t)state;
}

/* No function takes this for a handle. Only a deleted context may be deleted again. */
static void refused_everywhere(SecHandle bad, const char *what)
{
    for (size_t i = 0; i < CONTEXT_USE_COUNT; i++) {
        SecHandle copy = bad;
        expect(CONTEXT_USES[i].call(&copy), SEC_E_INVALID_HANDLE, "%s as context: %s", what, CONTEXT_USES[i].name);
        check(memcmp(&copy, &bad, sizeof bad) == 0, "%s: %s leaves the handle", what, CONTEXT_USES[i].name);
    }
    for (size_t i = 0; i < CREDENTIAL_USE_COUNT; i++) {
        SecHandle copy = bad;
        expect(CREDENTIAL_USES[i].call(&copy), SEC_E_INVALID_HANDLE, "%s as credential: %s", what, CREDENTIAL_USES[i].name);
        check(memcmp(&copy, &bad, sizeof bad) == 0, "%s: %s leaves the handle", what, CREDENTIAL_USES[i].name);
    }
}

static void forged(struct pair *pair)
{
    static const uintptr_t words[] = {0, 1, (uintptr_t)-1, (uintptr_t)-2, (uintptr_t)-3, 0x7FFFFFFF, 0xFFFFFFFF,
                                      (uintptr_t)1 << 32, (uintptr_t)1 << 63};
    SecHandle good = pair->client;
    for (size_t i = 0; i < 9; i++) {
        for (size_t j = 0; j < 9; j++)
            refused_everywhere((SecHandle){words[i], words[j]}, "a made-up handle");
        refused_everywhere((SecHandle){words[i], good.dwUpper}, "a made-up lower word");
        refused_everywhere((SecHandle){good.dwLower, words[i]}, "a made-up upper word");
    }
    for (int bit = 0; bit < 64; bit++) {
        refused_everywhere((SecHandle){good.dwLower, good.dwUpper ^ (uintptr_t)1 << bit}, "a bit of the upper word");
        /* The other half may by chance name another live object only if its generation fits too. */
        refused_everywhere((SecHandle){good.dwLower ^ (uintptr_t)1 << bit, good.dwUpper}, "a bit of the lower word");
    }
    refused_everywhere((SecHandle){good.dwUpper, good.dwLower}, "the words swapped");
    refused_everywhere((SecHandle){(uintptr_t)&good, (uintptr_t)&state}, "pointers of the caller's");
    still_good(pair, "forged handles");
}

static void random_handles(struct pair *pair)
{
    for (int i = 0; i < 20000; i++) {
        SecHandle bad = {noise(), noise()};
        if (i % 2)
            bad.dwLower = pair->client.dwLower;
        const struct use *use = &CONTEXT_USES[(size_t)i % CONTEXT_USE_COUNT];
        expect(use->call(&bad), SEC_E_INVALID_HANDLE, "a random handle: %s", use->name);
    }
    still_good(pair, "random handles");
}

/* A context is no credential, and the other way round. */
static void other_kind(struct pair *pair)
{
    for (size_t i = 0; i < CREDENTIAL_USE_COUNT; i++)
        expect(CREDENTIAL_USES[i].call(&pair->client), SEC_E_INVALID_HANDLE, "a context in %s", CREDENTIAL_USES[i].name);
    for (size_t i = 0; i < CONTEXT_USE_COUNT; i++)
        expect(CONTEXT_USES[i].call(&pair->client_credential), SEC_E_INVALID_HANDLE, "a credential in %s", CONTEXT_USES[i].name);
    still_good(pair, "handles of the other kind");
    SecPkgCredentials_NamesA names = {NULL};
    expect(QueryCredentialsAttributesA(&pair->client_credential, 1, &names), SEC_E_OK, "the credential is as good as ever");
    FreeContextBuffer(names.sUserName);
}

/* A copy is the handle; when one is deleted, all are. */
static void stale(void)
{
    struct pair pair;
    pair_open(&pair, CLIENT_FLAGS, 0);
    CtxtHandle context = pair.client;
    CredHandle credential = pair.client_credential;
    SecPkgContext_Sizes sizes;
    expect(QueryContextAttributesA(&context, SECPKG_ATTR_SIZES, &sizes), SEC_E_OK, "a copied handle");
    pair_close(&pair);
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < CONTEXT_USE_COUNT; i++) {
            SECURITY_STATUS status = CONTEXT_USES[i].call(&context);
            if (CONTEXT_USES[i].call == use_delete)
                check(status == SEC_E_OK || status == SEC_E_INVALID_HANDLE, "a stale context deleted");
            else
                expect(status, SEC_E_INVALID_HANDLE, "a stale context: %s", CONTEXT_USES[i].name);
        }
        for (size_t i = 0; i < CREDENTIAL_USE_COUNT; i++)
            expect(CREDENTIAL_USES[i].call(&credential), SEC_E_INVALID_HANDLE, "a stale credential: %s", CREDENTIAL_USES[i].name);
        /* Its slot may have been given to others since. */
        struct pair next;
        for (int i = 0; i < 50; i++) {
            pair_open(&next, CLIENT_FLAGS, 0);
            check(memcmp(&next.client, &context, sizeof context) != 0, "a handle is never given out twice");
            pair_close(&next);
        }
    }
}

/* Handles of two logons in each other's place. */
static void crossed(void)
{
    struct pair first, second;
    struct token rest;
    pair_credentials(&first);
    pair_credentials(&second);
    struct pair *pairs[2] = {&first, &second};
    for (int i = 0; i < 2; i++) {
        struct pair *pair = pairs[i];
        initiate(&pair->client_credential, NULL, CLIENT_FLAGS, NULL, &pair->client, &pair->negotiate, &pair->client_flags);
        respond(&pair->server_credential, NULL, 0, &pair->negotiate, &pair->server, &pair->challenge, &pair->server_flags);
        initiate(NULL, &pair->client, CLIENT_FLAGS, &pair->challenge, &pair->client, &pair->authenticate, &pair->client_flags);
    }
    expect(respond(NULL, &second.server, 0, &first.authenticate, &second.server, &rest, &second.server_flags),
           SEC_E_LOGON_DENIED, "the answer to another challenge");
    check(is_error(initiate(NULL, &first.server, CLIENT_FLAGS, &first.challenge, &first.server, &rest, &first.client_flags)),
          "a server's context in InitializeSecurityContext");
    check(is_error(respond(NULL, &first.client, 0, &first.authenticate, &first.client, &rest, &first.server_flags)),
          "a client's context in AcceptSecurityContext");
    expect(respond(NULL, &first.server, 0, &first.authenticate, &first.server, &rest, &first.server_flags), SEC_E_OK,
           "the right answer after all");
    still_good(&first, "crossed handles");
    pair_close(&first);
    pair_close(&second);
}

int main(void)
{
    struct pair pair;
    use_accounts(ACCOUNTS);
    pair_open(&pair, CLIENT_FLAGS, 0);
    forged(&pair);
    random_handles(&pair);
    other_kind(&pair);
    stale();
    crossed();
    pair_close(&pair);
    return test_summary();
}
