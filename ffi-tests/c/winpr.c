/* What WinPR (FreeRDP) adds to SSPI: where the accounts of an acceptor come from, and the names of a computer. */
#include "winpr.h"
#include "winpr_recorded.h"

/* Both sides up to the server's verdict; the server was given nothing. */
static SECURITY_STATUS come_to_verdict(struct pair *pair, const char *user, const char *password)
{
    pair_start(pair);
    expect(acquire_client(WINPR_DOMAIN, user, password, &pair->client_credential), SEC_E_OK, "the client");
    expect(acquire_server(&pair->server_credential), SEC_E_OK, "a server without accounts");
    return shake_hands(pair, CLIENT_FLAGS, 0);
}

static SECURITY_STATUS set_hash(CtxtHandle *context, int version, const unsigned char *hash)
{
    struct ntlm_hash value = {version, {0}};
    memcpy(value.hash, hash, 16);
    return SetContextAttributesA(context, ATTR_NTLM_HASH, &value, sizeof value);
}

/* WinPR 2: the server learns who asks, names the accounts, and completes. */
static void completed(void)
{
    static const struct { int version; const unsigned char *hash; int64_t verdict; const char *name; } cases[] = {
        {1, winpr_nt_hash, SEC_E_OK, "the NT hash"},
        {2, winpr_ntowfv2, SEC_E_OK, "NTOWFv2"},
        {1, winpr_ntowfv2, SEC_E_LOGON_DENIED, "NTOWFv2 as an NT hash"},
        {2, winpr_nt_hash, SEC_E_LOGON_DENIED, "an NT hash as NTOWFv2"},
        {2, winpr_empty_ntowfv2, SEC_E_LOGON_DENIED, "another password's"},
        {1, winpr_empty_nt_hash, SEC_E_LOGON_DENIED, "that of no password"},
    };
    for (int i = 0; i < 6; i++) {
        struct pair pair;
        struct auth_identity identity;
        SecPkgContext_NamesA names = {NULL};
        expect(come_to_verdict(&pair, WINPR_USER, WINPR_PASSWORD), SEC_I_COMPLETE_NEEDED, "%s is awaited", cases[i].name);
        expect(QueryContextAttributesA(&pair.server, ATTR_IDENTITY, &identity), SEC_E_OK, "who asks");
        check(strcmp(identity.user, WINPR_USER) == 0 && strcmp(identity.domain, WINPR_DOMAIN) == 0, "%s\\%s asks", identity.domain, identity.user);
        expect(QueryContextAttributesA(&pair.server, SECPKG_ATTR_NAMES, &names), SEC_E_INVALID_HANDLE, "nothing is proven yet");
        expect(set_hash(&pair.server, cases[i].version, cases[i].hash), SEC_E_OK, "set %s", cases[i].name);
        expect(CompleteAuthToken(&pair.server, NULL), cases[i].verdict, "%s", cases[i].name);
        if (cases[i].verdict == SEC_E_OK) {
            check(pair_talks(&pair), "and both talk");
            expect(QueryContextAttributesA(&pair.server, SECPKG_ATTR_NAMES, &names), SEC_E_OK, "and the client has a name");
            check(names.sUserName && strcmp(names.sUserName, "Domain\\Username") == 0, "which is its own");
            FreeContextBuffer(names.sUserName);
            expect(QueryContextAttributesA(&pair.server, ATTR_IDENTITY, &identity), SEC_E_OK, "also WinPR's way");
            check(strcmp(identity.user, WINPR_USER) == 0 && strcmp(identity.domain, WINPR_DOMAIN) == 0, "the same");
            expect(QueryContextAttributesA(&pair.client, ATTR_IDENTITY, &identity), SEC_E_OK, "and on the client");
            check(strcmp(identity.user, WINPR_USER) == 0, "the same again");
            expect(set_hash(&pair.server, 2, winpr_ntowfv2), SEC_E_OUT_OF_SEQUENCE, "too late for accounts");
        } else {
            check(is_error(CompleteAuthToken(&pair.server, NULL)), "no second try after %s", cases[i].name);
            check(is_error(set_hash(&pair.server, 2, winpr_ntowfv2)), "with another hash either");
            check(!pair_talks(&pair), "no messages after a refusal");
            check(is_error(QueryContextAttributesA(&pair.server, ATTR_IDENTITY, &identity)), "no name either");
        }
        pair_close(&pair);
    }
}

/* WinPR 2's SAM file (attack A10: a bad one lets nobody in). */
static void sam_file(void)
{
    static const struct { const char *text; int64_t verdict; const char *name; } cases[] = {
        {WINPR_SAM_LINE, SEC_E_OK, "the line of the user"},
        {"Username:::d5922a65c4d5c082ca444af1be0001db:::\n", SEC_E_OK, "a line of any domain"},
        {"Username:Other::00000000000000000000000000000001:::\n" WINPR_SAM_LINE, SEC_E_OK, "another domain's line first"},
        {"Username:Other::d5922a65c4d5c082ca444af1be0001db:::\n", SEC_E_LOGON_DENIED, "another domain's line"},
        {"other:Domain::d5922a65c4d5c082ca444af1be0001db:::\n", SEC_E_LOGON_DENIED, "another user's line"},
        {"Username:Domain::::::\n", SEC_E_LOGON_DENIED, "a line without a hash"},
        {"", SEC_E_LOGON_DENIED, "an empty file"},
        {"nonsense\n", SEC_E_LOGON_DENIED, "no SAM file"},
        {NULL, SEC_E_LOGON_DENIED, "a missing file"},
    };
    for (int i = 0; i < 9; i++) {
        struct pair pair;
        char path[4096];
        snprintf(path, sizeof path, "%s", cases[i].text ? scratch_path("SAM") : "/no/such/SAM");
        if (cases[i].text)
            write_file(path, cases[i].text);
        expect(come_to_verdict(&pair, WINPR_USER, WINPR_PASSWORD), SEC_I_COMPLETE_NEEDED, "%s is awaited", cases[i].name);
        expect(SetContextAttributesA(&pair.server, ATTR_SAM_FILE, path, (uint32_t)strlen(path) + 1), SEC_E_OK, "a SAM file");
        expect(CompleteAuthToken(&pair.server, NULL), cases[i].verdict, "%s", cases[i].name);
        pair_close(&pair);
    }
    struct pair pair;
    write_file(scratch_path("SAM"), WINPR_SAM_LINE);
    expect(come_to_verdict(&pair, WINPR_USER, "wrong"), SEC_I_COMPLETE_NEEDED, "a wrong password is awaited too");
    expect(SetContextAttributesA(&pair.server, ATTR_SAM_FILE, (void *)scratch_path("SAM"), (uint32_t)strlen(scratch_path("SAM")) + 1), SEC_E_OK, "a SAM file");
    expect(CompleteAuthToken(&pair.server, NULL), SEC_E_LOGON_DENIED, "a wrong password");
    pair_close(&pair);
}

/* WinPR 2's callback: above zero is yes, zero and what is below are no. */
static void hash_callbacks(void)
{
    static const struct { int32_t answer; const unsigned char *hash; int64_t verdict; const char *name; } cases[] = {
        {1, winpr_ntowfv2, SEC_E_OK, "yes with the key"},
        {0, winpr_ntowfv2, SEC_E_LOGON_DENIED, "no with the key"},
        {-1, winpr_ntowfv2, SEC_E_LOGON_DENIED, "an error with the key"},
        {1, NULL, SEC_E_LOGON_DENIED, "yes without a key"},
        {1, winpr_empty_ntowfv2, SEC_E_LOGON_DENIED, "yes with another key"},
    };
    for (int i = 0; i < 5; i++) {
        struct pair pair;
        struct callback callback = {cases[i].answer, cases[i].hash, 0};
        expect(come_to_verdict(&pair, WINPR_USER, WINPR_PASSWORD), SEC_I_COMPLETE_NEEDED, "%s is awaited", cases[i].name);
        expect(SetContextAttributesA(&pair.server, ATTR_HASH_CB_DATA, &callback, 0), SEC_E_OUT_OF_SEQUENCE, "an argument before its function");
        expect(SetContextAttributesA(&pair.server, ATTR_HASH_CB, (void *)answer_with, 0), SEC_E_OK, "the function");
        expect(SetContextAttributesA(&pair.server, ATTR_HASH_CB_DATA, &callback, 0), SEC_E_OK, "its argument");
        expect(CompleteAuthToken(&pair.server, NULL), cases[i].verdict, "%s", cases[i].name);
        check(callback.calls == 1, "asked once, not %d times", callback.calls);
        if (cases[i].verdict == SEC_E_OK)
            check(pair_talks(&pair), "and both talk");
        pair_close(&pair);
    }
}

/* WinPR 3: the key is set before the client has answered, and the answer is judged at once. */
static void judged_at_once(void)
{
    for (int i = 0; i < 2; i++) {
        struct pair pair;
        struct token rest;
        struct auth_identity identity;
        pair_start(&pair);
        expect(acquire_client(WINPR_DOMAIN, WINPR_USER, i ? "wrong" : WINPR_PASSWORD, &pair.client_credential), SEC_E_OK, "the client");
        expect(acquire_server(&pair.server_credential), SEC_E_OK, "a server without accounts");
        initiate(&pair.client_credential, NULL, CLIENT_FLAGS, NULL, &pair.client, &pair.negotiate, &pair.client_flags);
        expect(respond(&pair.server_credential, NULL, 0, &pair.negotiate, &pair.server, &pair.challenge, &pair.server_flags), SEC_I_CONTINUE_NEEDED, "the challenge");
        check(is_error(QueryContextAttributesA(&pair.server, ATTR_IDENTITY, &identity)), "nobody has a name yet");
        expect(set_hash(&pair.server, 2, winpr_ntowfv2), SEC_E_OK, "the key beforehand");
        expect(set_hash(&pair.client, 2, winpr_ntowfv2), SEC_E_UNSUPPORTED_FUNCTION, "a client looks nobody up");
        initiate(&pair.client_credential, &pair.client, CLIENT_FLAGS, &pair.challenge, &pair.client, &pair.authenticate, &pair.client_flags);
        expect(respond(&pair.server_credential, &pair.server, 0, &pair.authenticate, &pair.server, &rest, &pair.server_flags),
               i ? SEC_E_LOGON_DENIED : SEC_E_OK, i ? "another password" : "judged at once");
        if (i == 0)
            check(pair_talks(&pair), "and both talk");
        pair_close(&pair);
    }
}

/* The verdict of a server that was acquired with this identity. */
static SECURITY_STATUS verdict_with(void *identity, const char *password)
{
    struct pair pair;
    pair_start(&pair);
    acquire_client(WINPR_DOMAIN, WINPR_USER, password, &pair.client_credential);
    SECURITY_STATUS status = acquire(identity, SECPKG_CRED_INBOUND, &pair.server_credential);
    if (status == SEC_E_OK)
        status = shake_hands(&pair, CLIENT_FLAGS, 0);
    if (status == SEC_E_OK)
        check(pair_talks(&pair), "both talk");
    pair_close(&pair);
    return status;
}

/* WinPR 3's settings behind the identity. */
static void extended_identities(void)
{
    struct callback yes = {SEC_E_OK, winpr_ntowfv2, 0}, count = {1, winpr_ntowfv2, 0}, no = {SEC_E_DECRYPT_FAILURE, winpr_ntowfv2, 0}, silent = {SEC_E_OK, NULL, 0};
    struct ntlm_settings ntlm = {NULL, NULL, NULL};
    struct extended_identity first;
    memset(&first, 0, sizeof first);
    first.identity.Version = SEC_WINNT_AUTH_IDENTITY_VERSION;
    first.identity.Length = sizeof first.identity;
    first.identity.Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE | IDENTITY_EXTENDED;
    first.ntlm = &ntlm;
    write_file(scratch_path("SAM"), WINPR_SAM_LINE);

    ntlm.sam_file = scratch_path("SAM");
    expect(verdict_with(&first, WINPR_PASSWORD), SEC_E_OK, "a SAM file");
    expect(verdict_with(&first, "wrong"), SEC_E_LOGON_DENIED, "a SAM file and a wrong password");
    ntlm.sam_file = "/no/such/SAM";
    expect(verdict_with(&first, WINPR_PASSWORD), SEC_E_LOGON_DENIED, "a missing SAM file");
    ntlm.sam_file = NULL;
    if (access("/etc/winpr/SAM", F_OK) != 0)
        expect(verdict_with(&first, WINPR_PASSWORD), SEC_E_LOGON_DENIED, "settings that name no accounts: decided all the same");
    ntlm.callback = answer_with;
    ntlm.argument = &yes;
    expect(verdict_with(&first, WINPR_PASSWORD), SEC_E_OK, "a callback");
    expect(verdict_with(&first, "wrong"), SEC_E_LOGON_DENIED, "a callback and a wrong password");
    check(yes.calls == 2, "asked twice, not %d times", yes.calls);
    ntlm.argument = &count;
    expect(verdict_with(&first, WINPR_PASSWORD), SEC_E_OK, "a callback of before 3.24");
    ntlm.argument = &no;
    expect(verdict_with(&first, WINPR_PASSWORD), SEC_E_LOGON_DENIED, "a callback that refuses");
    ntlm.argument = &silent;
    expect(verdict_with(&first, WINPR_PASSWORD), SEC_E_LOGON_DENIED, "a callback that says yes and no key");
    first.ntlm = (void *)(uintptr_t)0xDEAD0000;
    first.identity.Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE;
    use_accounts("Domain:Username:P4ss123!\n");
    expect(verdict_with(&first, WINPR_PASSWORD), SEC_E_OK, "without the flag nothing behind the identity is read");
    unsetenv("NTLM_USER_FILE");

    struct ntlm_settings_v2 ntlm_v2 = {sizeof ntlm_v2, NULL, answer_with, &yes, NULL, "FRONT", "HALL", "front.example.test", "example.test"};
    struct kerberos_settings_v2 kerberos_v2 = {.size = sizeof kerberos_v2, .settings = {.keytab = "/no/such/keytab"}};
    struct extended_identity_v2 second;
    memset(&second, 0, sizeof second);
    second.identity = first.identity;
    second.identity.Flags |= IDENTITY_EXTENDED_V2;
    second.version = 1;
    second.ntlm = &ntlm_v2;
    second.kerberos = &kerberos_v2;
    expect(verdict_with(&second, WINPR_PASSWORD), SEC_E_OK, "a callback of 3.31");
    ntlm_v2.argument = &count;
    expect(verdict_with(&second, WINPR_PASSWORD), SEC_E_LOGON_DENIED, "3.31 takes no count for yes");
    ntlm_v2.callback = NULL;
    ntlm_v2.sam_file = scratch_path("SAM");
    expect(verdict_with(&second, WINPR_PASSWORD), SEC_E_OK, "a SAM file of 3.31");
    ntlm_v2.size = 8;
    ntlm_v2.sam_file = (void *)(uintptr_t)0xDEAD0000;
    if (access("/etc/winpr/SAM", F_OK) != 0)
        expect(verdict_with(&second, WINPR_PASSWORD), SEC_E_LOGON_DENIED, "settings end where their size says");

    struct pair pair;
    ntlm_v2 = (struct ntlm_settings_v2){sizeof ntlm_v2, scratch_path("SAM"), NULL, NULL, NULL, "FRONT", "HALL", "front.example.test", "example.test"};
    pair_start(&pair);
    acquire_client(WINPR_DOMAIN, WINPR_USER, WINPR_PASSWORD, &pair.client_credential);
    expect(acquire(&second, SECPKG_CRED_INBOUND, &pair.server_credential), SEC_E_OK, "a server with names");
    expect(shake_hands(&pair, CLIENT_FLAGS, 0), SEC_E_OK, "and its client");
    SecPkgContext_NativeNamesW names = {NULL, NULL};
    check(memmem(pair.challenge.bytes, pair.challenge.length, wide("front.example.test"), 36) != NULL, "the DNS name is in the challenge");
    check(memmem(pair.challenge.bytes, pair.challenge.length, wide("HALL"), 8) != NULL, "and the NetBIOS domain");
    check(memmem(pair.challenge.bytes, pair.challenge.length, wide("FRONT"), 10) != NULL, "and the NetBIOS name");
    expect(QueryContextAttributesW(&pair.client, SECPKG_ATTR_NATIVE_NAMES, &names), SEC_E_OK, "names");
    FreeContextBuffer(names.sClientName);
    FreeContextBuffer(names.sServerName);
    pair_close(&pair);
}

/* The names of a computer, on a context of either side. */
static void names_of(CtxtHandle *context)
{
    static const char *const values[] = {"foobar", "gaga", "gag", "ga", "a"};
    static const uint32_t attributes[] = {ATTR_HOSTNAME, 1111, 1113, 1115, 1117};
    for (int i = 0; i < 5; i++) {
        uint32_t length = (uint32_t)strlen(values[i]);
        for (int j = 0; j < 5; j++) {
            uint32_t told = 0, length_attribute = j == 0 ? ATTR_HOSTNAME_LEN : attributes[j] + 1;
            char buffer[16] = {0};
            memset(buffer, '.', 15);
            expect(SetContextAttributesA(context, attributes[j], (void *)values[i], length), SEC_E_OK, "set %u", attributes[j]);
            expect(QueryContextAttributesA(context, length_attribute, &told), SEC_E_OK, "its length");
            check(told == length, "is %u, not %u", length, told);
            expect(QueryContextAttributesA(context, attributes[j], buffer), SEC_E_OK, "get %u", attributes[j]);
            check(memcmp(buffer, values[i], length) == 0 && buffer[length] == '.', "%u comes back as it went", attributes[j]);
            expect(QueryContextAttributesExA(context, attributes[j], buffer, length - 1), SEC_E_BUFFER_TOO_SMALL, "too small a place");
        }
    }
    SEC_WCHAR units[8];
    expect(SetContextAttributesW(context, ATTR_HOSTNAME, wide("wide"), 8), SEC_E_OK, "a name in UTF-16");
    expect(QueryContextAttributesW(context, ATTR_HOSTNAME, units), SEC_E_OK, "and back");
    check(memcmp(units, wide("wide"), 8) == 0, "the same");
    expect(SetContextAttributesA(context, 1113, "", 1), SEC_E_INVALID_PARAMETER, "an empty name");
    expect(SetContextAttributesA(context, 1113, NULL, 4), SEC_E_INVALID_PARAMETER, "no name");
    expect(SetContextAttributesA(context, 1113, "\xff\xfe", 2), SEC_E_INVALID_PARAMETER, "no UTF-8");
    expect(SetContextAttributesW(context, 1113, "abc", 3), SEC_E_INVALID_PARAMETER, "half a unit");
    expect(SetContextAttributesA(context, 1002, "x", 1), SEC_E_UNSUPPORTED_FUNCTION, "a password");
    expect(SetContextAttributesA(context, 1119, "x", 1), SEC_E_UNSUPPORTED_FUNCTION, "an unknown attribute");
    expect(QueryContextAttributesA(context, 1119, units), SEC_E_UNSUPPORTED_FUNCTION, "also to be told");
    expect(SetContextAttributesA(context, ATTR_NTLM_HASH, units, 19), SEC_E_INVALID_PARAMETER, "a short structure");
    expect(SetContextAttributesA(context, ATTR_HASH_CB, NULL, 0), SEC_E_INVALID_PARAMETER, "no function");
}

static void names(void)
{
    struct pair pair;
    struct token rest;
    use_accounts(ACCOUNTS);
    pair_credentials(&pair);
    initiate(&pair.client_credential, NULL, CLIENT_FLAGS, NULL, &pair.client, &pair.negotiate, &pair.client_flags);
    char buffer[32];
    expect(QueryContextAttributesA(&pair.client, ATTR_HOSTNAME, buffer), SEC_E_UNSUPPORTED_FUNCTION, "a name that was not set");
    names_of(&pair.client);
    expect(SetContextAttributesA(&pair.client, ATTR_HOSTNAME, "MYDESK", 6), SEC_E_OK, "the client's name");
    respond(&pair.server_credential, NULL, 0, &pair.negotiate, &pair.server, &pair.challenge, &pair.server_flags);
    names_of(&pair.server);
    initiate(&pair.client_credential, &pair.client, CLIENT_FLAGS, &pair.challenge, &pair.client, &pair.authenticate, &pair.client_flags);
    check(memmem(pair.authenticate.bytes, pair.authenticate.length, wide("MYDESK"), 12) != NULL, "AUTHENTICATE has it");
    expect(respond(&pair.server_credential, &pair.server, 0, &pair.authenticate, &pair.server, &rest, &pair.server_flags), SEC_E_OK, "and is taken");
    expect(SetContextAttributesA(&pair.client, ATTR_HOSTNAME, "LATER", 5), SEC_E_OK, "a name on an established context");
    check(pair_talks(&pair), "both talk");
    pair_close(&pair);
    unsetenv("NTLM_USER_FILE");
}

/* WinPR 3's TestSspiNTLM: four inputs, each with a hash, a callback and a callback that fails. An empty
   password lets in there, and nobody here (attack A9). */
static void sspi_ntlm(void)
{
    static const struct { const char *password; const unsigned char *hash; int64_t verdict; } inputs[] = {
        {WINPR_PASSWORD, winpr_ntowfv2, SEC_E_OK}, {"", winpr_empty_ntowfv2, SEC_E_LOGON_DENIED}, {NULL, winpr_empty_ntowfv2, SEC_E_LOGON_DENIED},
    };
    for (int input = 0; input < 3; input++) {
        for (int way = 0; way < 3; way++) {
            struct pair pair;
            struct token rest;
            struct callback callback = {way == 2 ? SEC_E_DECRYPT_FAILURE : SEC_E_OK, inputs[input].hash, 0};
            struct ntlm_settings ntlm = {NULL, answer_with, &callback};
            struct extended_identity identity = {.ntlm = &ntlm};
            identity.identity.Version = SEC_WINNT_AUTH_IDENTITY_VERSION;
            identity.identity.Length = sizeof identity.identity;
            identity.identity.Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE | IDENTITY_EXTENDED;
            pair_start(&pair);
            expect(acquire_client(WINPR_DOMAIN, WINPR_USER, inputs[input].password, &pair.client_credential), SEC_E_OK, "the client");
            expect(acquire(way ? &identity : NULL, SECPKG_CRED_INBOUND, &pair.server_credential), SEC_E_OK, "the server");
            initiate(&pair.client_credential, NULL, 0x32, NULL, &pair.client, &pair.negotiate, &pair.client_flags);
            names_of(&pair.client);
            respond(&pair.server_credential, NULL, 0x883e, &pair.negotiate, &pair.server, &pair.challenge, &pair.server_flags);
            names_of(&pair.server);
            if (way == 0)
                expect(set_hash(&pair.server, 2, inputs[input].hash), SEC_E_OK, "the hash");
            initiate(&pair.client_credential, &pair.client, 0x32, &pair.challenge, &pair.client, &pair.authenticate, &pair.client_flags);
            SECURITY_STATUS verdict = respond(&pair.server_credential, &pair.server, 0x883e, &pair.authenticate, &pair.server, &rest, &pair.server_flags);
            expect(verdict, way == 2 ? SEC_E_LOGON_DENIED : inputs[input].verdict, "input %d, way %d", input, way);
            unsigned char text[16] = {0}, *signature = malloc(1);
            SecBuffer buffers[2] = {{16, SECBUFFER_DATA, text}, {1, SECBUFFER_TOKEN, signature}};
            SecBufferDesc message = {SECBUFFER_VERSION, 2, buffers};
            uint32_t qop;
            check(is_error(MakeSignature(&pair.server, 0, &message, 0)), "a signature has no room in one byte");
            check(is_error(VerifySignature(&pair.server, &message, 0, &qop)), "nor is one byte a signature");
            free(signature);
            pair_close(&pair);
        }
    }
}

static SECURITY_STATUS set_eight(CtxtHandle *context, uint32_t attribute, const unsigned char *value)
{
    struct ntlm_timestamp place = {{0}, 0};
    memcpy(place.time, value, 8);
    return SetContextAttributesA(context, attribute, &place, attribute == ATTR_TIMESTAMP ? sizeof place : 8);
}

static void take(struct token *token, const unsigned char *bytes, uint32_t length)
{
    memcpy(token->bytes, bytes, length);
    token->length = length;
}

/* WinPR 3's TestSspiNTLM again: a recorded handshake, which a context repeats only where the environment says so. */
static void recorded(void)
{
    for (int allowed = 0; allowed < 3; allowed++) {
        struct pair pair;
        struct token rest;
        struct ntlm_message challenge = {2, sizeof recorded_challenge, (unsigned char *)recorded_challenge};
        int64_t wanted = allowed ? SEC_E_OK : SEC_E_UNSUPPORTED_FUNCTION;
        setenv("SSPI_WINPR_TEST_VECTORS", allowed ? "1" : "0", 1);
        pair_start(&pair);
        expect(acquire_client(WINPR_DOMAIN, WINPR_USER, WINPR_PASSWORD, &pair.client_credential), SEC_E_OK, "the client");
        expect(acquire_server(&pair.server_credential), SEC_E_OK, "the server");
        initiate(&pair.client_credential, NULL, 0, NULL, &pair.client, &pair.negotiate, &pair.client_flags);
        take(&pair.negotiate, recorded_negotiate, sizeof recorded_negotiate);
        expect(respond(&pair.server_credential, NULL, 0, &pair.negotiate, &pair.server, &pair.challenge, &pair.server_flags), SEC_I_CONTINUE_NEEDED, "a challenge");
        expect(set_hash(&pair.server, 2, winpr_ntowfv2), SEC_E_OK, "the hash");
        CtxtHandle *sides[2] = {&pair.client, &pair.server};
        for (int side = 0; side < 2; side++) {
            expect(set_eight(sides[side], ATTR_TIMESTAMP, recorded_time), wanted, "a time");
            expect(set_eight(sides[side], ATTR_CLIENT_CHALLENGE, recorded_client_challenge), wanted, "a client's challenge");
            expect(set_eight(sides[side], ATTR_SERVER_CHALLENGE, recorded_server_challenge), wanted, "a server's challenge");
        }
        expect(SetContextAttributesA(&pair.server, ATTR_MESSAGE, &challenge, sizeof challenge), wanted, "the whole challenge");
        expect(SetContextAttributesA(&pair.server, ATTR_MESSAGE, &challenge, 15), allowed ? SEC_E_INVALID_PARAMETER : SEC_E_UNSUPPORTED_FUNCTION, "half a structure");
        take(&pair.challenge, recorded_challenge, sizeof recorded_challenge);
        expect(initiate(&pair.client_credential, &pair.client, 0, &pair.challenge, &pair.client, &pair.authenticate, &pair.client_flags), SEC_E_OK, "the client answers the recorded challenge");
        if (allowed == 1)
            check(memmem(pair.authenticate.bytes, pair.authenticate.length, recorded_client_challenge, 8) != NULL, "with the recorded challenge of its own");
        /* The recorded answer, or our client's, whose MIC covers the NEGOTIATE that it sent itself. */
        if (allowed == 1)
            take(&pair.authenticate, recorded_authenticate, sizeof recorded_authenticate);
        expect(respond(&pair.server_credential, &pair.server, 0, &pair.authenticate, &pair.server, &rest, &pair.server_flags),
               allowed == 0 ? SEC_E_LOGON_DENIED : allowed == 1 ? SEC_E_OK : SEC_E_MESSAGE_ALTERED,
               allowed == 1 ? "the recorded answer" : "our client's answer");
        pair_close(&pair);
    }
    unsetenv("SSPI_WINPR_TEST_VECTORS");
}

/* WinPR 3's TestSspiPasswordHash: a long password is no hash, and the flag says that 32 digits are one. */
static void password_hash(void)
{
    static char password[1025];
    memset(password, 'A', 1024);
    for (int i = 0; i < 2; i++) {
        struct pair pair;
        SEC_WINNT_AUTH_IDENTITY_A identity = identity_of(WINPR_DOMAIN, WINPR_USER, i ? "d5922a65c4d5c082ca444af1be0001db" : password);
        identity.Flags |= i ? IDENTITY_PASSWORD_HASH : 0;
        pair_start(&pair);
        expect(acquire(&identity, SECPKG_CRED_OUTBOUND, &pair.client_credential), SEC_E_OK, "the client");
        expect(acquire_server(&pair.server_credential), SEC_E_OK, "the server");
        expect(shake_hands(&pair, 0x32, 0x812), SEC_I_COMPLETE_NEEDED, "it answers");
        expect(set_hash(&pair.server, 1, winpr_nt_hash), SEC_E_OK, "the hash");
        expect(CompleteAuthToken(&pair.server, NULL), i ? SEC_E_OK : SEC_E_LOGON_DENIED, i ? "the hash lets in" : "another password does not");
        pair_close(&pair);
    }
}

int main(void)
{
    sspi_ntlm();
    recorded();
    password_hash();
    completed();
    sam_file();
    hash_callbacks();
    judged_at_once();
    extended_identities();
    names();
    return test_summary();
}
