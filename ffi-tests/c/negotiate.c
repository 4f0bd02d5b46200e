/* Negotiate with NTLM in it: package lists, bare and SPNEGO tokens, hint, refusal, what can be asked. */
#include "pair.h"

#define KEY "a key of the tests that is long enough"
#define LEGS 8

/* The tokens of the last conversation. */
static struct token tokens[LEGS];
static int legs;

static SECURITY_STATUS acquire_package(const char *package, uint32_t use, void *identity, CredHandle *credential)
{
    TimeStamp expiry;
    return AcquireCredentialsHandleA(NULL, (char *)package, use, NULL, identity, NULL, NULL, credential, &expiry);
}

/* DOMAIN\user with a package list, which may be NULL. */
static SECURITY_STATUS acquire_listed(const char *password, const char *list, CredHandle *credential)
{
    SEC_WINNT_AUTH_IDENTITY_EXA identity;
    memset(&identity, 0, sizeof identity);
    identity.Version = SEC_WINNT_AUTH_IDENTITY_VERSION;
    identity.Length = sizeof identity;
    identity.User = (unsigned char *)"user";
    identity.UserLength = 4;
    identity.Domain = (unsigned char *)"DOMAIN";
    identity.DomainLength = 6;
    identity.Password = (unsigned char *)password;
    identity.PasswordLength = (uint32_t)strlen(password);
    identity.Flags = SEC_WINNT_AUTH_IDENTITY_ANSI;
    identity.PackageList = (unsigned char *)list;
    identity.PackageListLength = list ? (uint32_t)strlen(list) : 0;
    return acquire_package("Negotiate", SECPKG_CRED_OUTBOUND, &identity, credential);
}

static void negotiating_pair(struct pair *pair, const char *list)
{
    memset(pair, 0, sizeof *pair);
    SecInvalidateHandle(&pair->client);
    SecInvalidateHandle(&pair->server);
    if (acquire_listed("SecREt01", list, &pair->client_credential) != SEC_E_OK
        || acquire_package("Negotiate", SECPKG_CRED_INBOUND, NULL, &pair->server_credential) != SEC_E_OK) {
        check(0, "credentials of a negotiating pair");
        exit(test_summary());
    }
}

/* Carries tokens to and fro from where the pair stands; `next` holds the token that is on its way. */
static SECURITY_STATUS carry_on(struct pair *pair, struct token *next, int to_server)
{
    SECURITY_STATUS status = SEC_I_CONTINUE_NEEDED;
    while (next->length > 0 && legs < LEGS) {
        struct token *out = &tokens[legs++];
        if (to_server) {
            CtxtHandle *old = SecIsValidHandle(&pair->server) ? &pair->server : NULL;
            status = respond(&pair->server_credential, old, 0, next, &pair->server, out, &pair->server_flags);
        } else {
            CtxtHandle *old = SecIsValidHandle(&pair->client) ? &pair->client : NULL;
            status = initiate(&pair->client_credential, old, CLIENT_FLAGS, next, &pair->client, out, &pair->client_flags);
        }
        if (is_error(status))
            return status;
        next = out;
        to_server = !to_server;
    }
    return status;
}

/* A whole handshake: the last status, or the first failure. */
static SECURITY_STATUS converse(struct pair *pair)
{
    legs = 1;
    SECURITY_STATUS status = initiate(&pair->client_credential, NULL, CLIENT_FLAGS, NULL, &pair->client, &tokens[0],
                                      &pair->client_flags);
    return is_error(status) ? status : carry_on(pair, &tokens[0], 1);
}

static int is_bare(const struct token *token)
{
    return token->length > 8 && memcmp(token->bytes, "NTLMSSP", 8) == 0;
}

static int is_spnego(const struct token *token, unsigned char tag)
{
    return token->length > 8 && token->bytes[0] == tag;
}

static void package(void)
{
    const char *spellings[] = {"Negotiate", "negotiate", "NEGOTIATE"};
    uint32_t confinement = 0x80000u | 0x800000u, count = 0, seen = 0;
    for (int i = 0; i < 3; i++) {
        PSecPkgInfoA info = NULL;
        if (!expect(QuerySecurityPackageInfoA((char *)spellings[i], &info), SEC_E_OK, "query %s", spellings[i]))
            continue;
        check(strcmp(info->Name, "Negotiate") == 0, "%s is called Negotiate", spellings[i]);
        check(strcmp(info->Comment, "Microsoft Package Negotiator") == 0, "its comment");
        check((info->fCapabilities & ~confinement) == (0x883BB3u & ~confinement), "capabilities 0x%X",
              (unsigned)info->fCapabilities);
        check(info->wVersion == 1 && info->wRPCID == 9 && info->cbMaxToken == 48256, "version, id and token size");
        FreeContextBuffer(info);
    }
    PSecPkgInfoA list = NULL;
    expect(EnumerateSecurityPackagesA(&count, &list), SEC_E_OK, "the packages");
    for (uint32_t i = 0; i < count; i++)
        seen += strcmp(list[i].Name, "Negotiate") == 0;
    check(seen == 1, "Negotiate is listed once");
    FreeContextBuffer(list);
}

static void package_lists(void)
{
    static const struct {
        const char *list;
        int is_offered, is_bare;
    } cases[] = {
        {"NTLM", 1, 1},          {"ntlm", 1, 1},          {"!Kerberos", 1, 0},       {"!kerberos,!NegoExtender", 1, 0},
        {"NegoExtender", 0, 0},  {"!Kerberos,!NTLM", 0, 0}, {"!ntlm:!kerberos", 0, 0}, {"Schannel", 0, 0},
    };
    /* Kerberos is there, but nobody knows a KDC of the realm. */
    static const char *const kerberos_alone[] = {"Kerberos", "!NTLM", "kerberos,!ntlm"};
    unsetenv("SSPI_NEGOTIATE_NTLM");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pair pair;
        negotiating_pair(&pair, cases[i].list);
        SECURITY_STATUS status = converse(&pair);
        expect(status, cases[i].is_offered ? SEC_E_OK : SEC_E_NO_CREDENTIALS, "package list %s", cases[i].list);
        if (cases[i].is_offered)
            check(is_bare(&tokens[0]) == cases[i].is_bare, "package list %s: form of the first token", cases[i].list);
        pair_close(&pair);
    }
    for (size_t i = 0; i < sizeof kerberos_alone / sizeof *kerberos_alone; i++) {
        struct pair pair;
        negotiating_pair(&pair, kerberos_alone[i]);
        expect(converse(&pair), SEC_E_NO_AUTHENTICATING_AUTHORITY, "package list %s", kerberos_alone[i]);
        pair_close(&pair);
    }
    const char *both[] = {"Kerberos,NTLM", "Kerberos:NTLM", "NTLM,Kerberos", "kerberos, ntlm", NULL};
    for (int i = 0; i < 5; i++) {
        struct pair pair;
        negotiating_pair(&pair, both[i]);
        if (expect(converse(&pair), SEC_E_OK, "package list %s", both[i] ? both[i] : "of nobody"))
            check(pair_talks(&pair), "the pair talks");
        pair_close(&pair);
    }
}

/* The name of the chosen package, and the state of the negotiation. */
static uint32_t negotiation(CtxtHandle *context, const char *name, const char *when)
{
    SecPkgContext_NegotiationInfoA negotiation = {NULL, 99};
    expect(QueryContextAttributesA(context, SECPKG_ATTR_NEGOTIATION_INFO, &negotiation), SEC_E_OK, "%s: negotiation", when);
    if (name && negotiation.PackageInfo)
        check(strcmp(negotiation.PackageInfo->Name, name) == 0, "%s: %s was chosen", when, negotiation.PackageInfo->Name);
    FreeContextBuffer(negotiation.PackageInfo);
    return negotiation.NegotiationState;
}

/* What only contexts of Negotiate tell: the status of the last step, and who takes no part. */
static void status(CtxtHandle *context, SECURITY_STATUS last, const char *when)
{
    SecPkgContext_NegoStatus status = {99};
    SecPkgContext_NegoPackageInfo packages = {99};
    expect(QueryContextAttributesA(context, SECPKG_ATTR_NEGO_STATUS, &status), SEC_E_OK, "%s: status", when);
    check((SECURITY_STATUS)status.LastStatus == last, "%s: last status %08x", when, (unsigned)status.LastStatus);
    expect(QueryContextAttributesExW(context, SECPKG_ATTR_NEGO_PKG_INFO, &packages, sizeof packages), SEC_E_OK,
           "%s: packages", when);
    check(!(packages.PackageMask & SECPKG_ATTR_NEGO_INFO_FLAG_NO_NTLM), "%s: NTLM takes part", when);
    check((packages.PackageMask & ~SECPKG_ATTR_NEGO_INFO_FLAG_NO_KERBEROS) == 0, "%s: nothing else is said", when);
}

/* A caller sets the proxy without knowing what will be negotiated. */
static void kdc_proxy(void)
{
    struct pair pair;
    SecPkgCredentials_KdcProxySettingsW settings = {KDC_PROXY_SETTINGS_V1, 0, 0, 0, 0, 0};
    negotiating_pair(&pair, NULL);
    expect(SetCredentialsAttributesW(&pair.client_credential, SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS, &settings,
                                     sizeof settings), SEC_E_OK, "a KDC proxy");
    settings.Version = 9;
    check(is_error(SetCredentialsAttributesW(&pair.client_credential, SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS, &settings,
                                             sizeof settings)), "settings of another version");
    expect(converse(&pair), SEC_E_OK, "which NTLM does without");
    SecPkgContext_NegoStatus status;
    CtxtHandle ntlm;
    CredHandle client;
    struct token token;
    uint32_t granted;
    acquire_client("DOMAIN", "user", "SecREt01", &client);
    initiate(&client, NULL, CLIENT_FLAGS, NULL, &ntlm, &token, &granted);
    expect(QueryContextAttributesA(&ntlm, SECPKG_ATTR_NEGO_STATUS, &status), SEC_E_UNSUPPORTED_FUNCTION,
           "NTLM by its name negotiates nothing");
    DeleteSecurityContext(&ntlm);
    FreeCredentialsHandle(&client);
    pair_close(&pair);
}

static void finished(CtxtHandle *context, const char *side)
{
    SecPkgContext_Sizes sizes;
    SecPkgContext_NamesA names = {NULL};
    SecPkgContext_PackageInfoA info = {NULL};
    check(negotiation(context, "NTLM", side) == SECPKG_NEGOTIATION_COMPLETE, "%s: the negotiation is complete", side);
    expect(QueryContextAttributesA(context, SECPKG_ATTR_SIZES, &sizes), SEC_E_OK, "%s: sizes", side);
    check(sizes.cbMaxSignature == 16 && sizes.cbSecurityTrailer == 16 && sizes.cbBlockSize == 0, "%s: NTLM's sizes", side);
    expect(QueryContextAttributesA(context, SECPKG_ATTR_NAMES, &names), SEC_E_OK, "%s: names", side);
    check(names.sUserName && strcmp(names.sUserName, "DOMAIN\\user") == 0, "%s: the client's name", side);
    expect(QueryContextAttributesA(context, SECPKG_ATTR_PACKAGE_INFO, &info), SEC_E_OK, "%s: package", side);
    check(info.PackageInfo && strcmp(info.PackageInfo->Name, "NTLM") == 0, "%s: NTLM did the work", side);
    FreeContextBuffer(names.sUserName);
    FreeContextBuffer(info.PackageInfo);
}

static void both_forms(void)
{
    static const char *const forms[] = {"raw", "spnego"};
    for (int is_wrapped = 0; is_wrapped < 2; is_wrapped++) {
        struct pair pair;
        setenv("SSPI_NEGOTIATE_NTLM", forms[is_wrapped], 1);
        negotiating_pair(&pair, NULL);
        if (!expect(converse(&pair), SEC_E_OK, "a handshake, %s", forms[is_wrapped]))
            continue;
        check(legs == (is_wrapped ? 5 : 4), "%s: %d legs", forms[is_wrapped], legs);
        check(is_wrapped ? is_spnego(&tokens[0], 0x60) : is_bare(&tokens[0]), "%s: the first token", forms[is_wrapped]);
        check(is_wrapped ? is_spnego(&tokens[1], 0xA1) : is_bare(&tokens[1]), "%s: the answer", forms[is_wrapped]);
        check(is_wrapped ? is_spnego(&tokens[2], 0xA1) : is_bare(&tokens[2]), "%s: the third token", forms[is_wrapped]);
        finished(&pair.client, "client");
        finished(&pair.server, "server");
        status(&pair.client, SEC_E_OK, "client");
        status(&pair.server, SEC_E_OK, "server");
        SecPkgContext_SessionKey client = {0, NULL}, server = {0, NULL};
        expect(QueryContextAttributesA(&pair.client, SECPKG_ATTR_SESSION_KEY, &client), SEC_E_OK, "the client's key");
        expect(QueryContextAttributesA(&pair.server, SECPKG_ATTR_SESSION_KEY, &server), SEC_E_OK, "the server's key");
        check(client.SessionKeyLength == 16 && server.SessionKeyLength == 16
                  && memcmp(client.SessionKey, server.SessionKey, 16) == 0, "both have the same session key");
        FreeContextBuffer(client.SessionKey);
        FreeContextBuffer(server.SessionKey);
        for (int i = 0; i < 5; i++)
            check(pair_talks(&pair), "%s: the pair talks", forms[is_wrapped]);
        struct token rest;
        check(is_error(respond(NULL, &pair.server, 0, &tokens[2], &pair.server, &rest, &pair.server_flags)),
              "%s: a finished context takes no token", forms[is_wrapped]);
        check(pair_talks(&pair), "%s: and talks on", forms[is_wrapped]);
        pair_close(&pair);
    }
}

/* What is known before the end, and that questions and small buffers disturb nothing. */
static void half_open(void)
{
    struct pair pair;
    struct token small;
    setenv("SSPI_NEGOTIATE_NTLM", "spnego", 1);
    negotiating_pair(&pair, NULL);
    legs = 2;
    expect(initiate(&pair.client_credential, NULL, CLIENT_FLAGS, NULL, &pair.client, &tokens[0], &pair.client_flags),
           SEC_I_CONTINUE_NEEDED, "first token");
    check(negotiation(&pair.client, NULL, "client, half-open") != SECPKG_NEGOTIATION_COMPLETE, "the client is not complete");
    expect(respond(&pair.server_credential, NULL, 0, &tokens[0], &pair.server, &tokens[1], &pair.server_flags),
           SEC_I_CONTINUE_NEEDED, "the answer");
    check(negotiation(&pair.server, NULL, "server, half-open") != SECPKG_NEGOTIATION_COMPLETE, "the server is not complete");
    SecPkgContext_NamesA names;
    expect(QueryContextAttributesA(&pair.server, SECPKG_ATTR_NAMES, &names), SEC_E_INVALID_HANDLE, "names, half-open");
    check(!can_talk(&pair.client, &pair.server), "no messages, half-open");
    status(&pair.client, SEC_I_CONTINUE_NEEDED, "client, half-open");
    status(&pair.server, SEC_I_CONTINUE_NEEDED, "server, half-open");

    SecBuffer in = {tokens[1].length, SECBUFFER_TOKEN, tokens[1].bytes}, out = {10, SECBUFFER_TOKEN, small.bytes};
    SecBufferDesc input = {SECBUFFER_VERSION, 1, &in}, output = {SECBUFFER_VERSION, 1, &out};
    TimeStamp expiry;
    expect(InitializeSecurityContextA(NULL, &pair.client, NULL, CLIENT_FLAGS, 0, SECURITY_NATIVE_DREP, &input, 0,
                                      &pair.client, &output, &pair.client_flags, &expiry),
           SEC_E_BUFFER_TOO_SMALL, "a small buffer");
    expect(carry_on(&pair, &tokens[1], 0), SEC_E_OK, "a larger one");
    finished(&pair.server, "server");
    check(pair_talks(&pair), "the pair talks");
    pair_close(&pair);
}

/* An acceptor that is asked with an empty token says what it knows; the client answers with SPNEGO. */
static void acceptor_first(void)
{
    struct pair pair;
    struct token nothing = {0, {0}};
    unsetenv("SSPI_NEGOTIATE_NTLM");
    negotiating_pair(&pair, NULL);
    legs = 2;
    expect(respond(&pair.server_credential, NULL, 0, &nothing, &pair.server, &tokens[0], &pair.server_flags),
           SEC_I_CONTINUE_NEEDED, "an empty first token");
    check(is_spnego(&tokens[0], 0x60), "is answered by a hint");
    expect(initiate(&pair.client_credential, NULL, CLIENT_FLAGS, &tokens[0], &pair.client, &tokens[1], &pair.client_flags),
           SEC_I_CONTINUE_NEEDED, "a client that is given the hint");
    check(is_spnego(&tokens[1], 0x60), "answers with SPNEGO");
    expect(carry_on(&pair, &tokens[1], 1), SEC_E_OK, "and logs on");
    check(pair_talks(&pair), "the pair talks");
    check(is_error(respond(&pair.server_credential, NULL, 0, &nothing, &pair.server, &tokens[0], &pair.server_flags)) == 0,
          "another hint");
    DeleteSecurityContext(&pair.server);
    SecInvalidateHandle(&pair.server);
    CredHandle ntlm;
    expect(acquire_server(&ntlm), SEC_E_OK, "an NTLM acceptor");
    expect(respond(&ntlm, NULL, 0, &nothing, &pair.server, &tokens[0], &pair.server_flags), SEC_E_INVALID_TOKEN,
           "NTLM has no hint");
    FreeCredentialsHandle(&ntlm);
    pair_close(&pair);
}

/* A refused client is told so, in both kinds of buffers. */
static void refused(void)
{
    for (int allocates = 0; allocates < 2; allocates++) {
        struct pair pair;
        setenv("SSPI_NEGOTIATE_NTLM", "spnego", 1);
        negotiating_pair(&pair, NULL);
        FreeCredentialsHandle(&pair.client_credential);
        acquire_listed("wrong", NULL, &pair.client_credential);
        initiate(&pair.client_credential, NULL, CLIENT_FLAGS, NULL, &pair.client, &tokens[0], &pair.client_flags);
        respond(&pair.server_credential, NULL, 0, &tokens[0], &pair.server, &tokens[1], &pair.server_flags);
        initiate(NULL, &pair.client, CLIENT_FLAGS, &tokens[1], &pair.client, &tokens[2], &pair.client_flags);
        SecBuffer in = {tokens[2].length, SECBUFFER_TOKEN, tokens[2].bytes};
        SecBuffer out = {allocates ? 0 : sizeof tokens[3].bytes, SECBUFFER_TOKEN, allocates ? NULL : tokens[3].bytes};
        SecBufferDesc input = {SECBUFFER_VERSION, 1, &in}, output = {SECBUFFER_VERSION, 1, &out};
        TimeStamp expiry;
        expect(AcceptSecurityContext(NULL, &pair.server, &input, allocates ? ASC_REQ_ALLOCATE_MEMORY : 0,
                                     SECURITY_NATIVE_DREP, &pair.server, &output, &pair.server_flags, &expiry),
               SEC_E_LOGON_DENIED, "a wrong password");
        static const unsigned char reject[] = {0xA0, 3, 0x0A, 1, 2};
        const unsigned char *said = out.pvBuffer;
        if (check(said && out.cbBuffer >= 9 && said[0] == 0xA1 && memcmp(said + 4, reject, 5) == 0, "is answered by reject")) {
            struct token told = {out.cbBuffer, {0}}, rest;
            memcpy(told.bytes, said, told.length);
            expect(initiate(NULL, &pair.client, CLIENT_FLAGS, &told, &pair.client, &rest, &pair.client_flags),
                   SEC_E_LOGON_DENIED, "which the client understands");
        }
        if (allocates)
            expect(FreeContextBuffer(out.pvBuffer), SEC_E_OK, "the token is freed");
        check(!can_talk(&pair.client, &pair.server) && !can_talk(&pair.server, &pair.client), "neither side talks");
        status(&pair.server, SEC_E_LOGON_DENIED, "server, refused");
        pair_close(&pair);
    }
}

/* Negotiate on one side, NTLM by its name on the other. */
static void with_ntlm(void)
{
    struct pair pair;
    setenv("SSPI_NEGOTIATE_NTLM", "raw", 1);
    negotiating_pair(&pair, NULL);
    FreeCredentialsHandle(&pair.server_credential);
    acquire_server(&pair.server_credential);
    expect(converse(&pair), SEC_E_OK, "a bare client meets an NTLM acceptor");
    check(pair_talks(&pair), "and talks");
    pair_close(&pair);

    negotiating_pair(&pair, NULL);
    FreeCredentialsHandle(&pair.client_credential);
    acquire_client("DOMAIN", "user", "SecREt01", &pair.client_credential);
    expect(converse(&pair), SEC_E_OK, "an NTLM client meets a negotiating acceptor");
    check(pair_talks(&pair), "and talks");
    pair_close(&pair);

    setenv("SSPI_NEGOTIATE_NTLM", "spnego", 1);
    negotiating_pair(&pair, NULL);
    FreeCredentialsHandle(&pair.server_credential);
    acquire_server(&pair.server_credential);
    expect(converse(&pair), SEC_E_INVALID_TOKEN, "an NTLM acceptor does not know SPNEGO");
    pair_close(&pair);
}

static void export_and_import(void)
{
    setenv("SSPI_EXPORT_KEY", KEY, 1);
    setenv("SSPI_NEGOTIATE_NTLM", "spnego", 1);
    for (int side = 0; side < 2; side++) {
        struct pair pair;
        SecBuffer packed = {0, SECBUFFER_EMPTY, NULL};
        void *token = NULL;
        negotiating_pair(&pair, NULL);
        expect(converse(&pair), SEC_E_OK, "a handshake");
        check(pair_talks(&pair), "the pair talks");
        CtxtHandle *old = side ? &pair.server : &pair.client;
        if (expect(ExportSecurityContext(old, SECPKG_CONTEXT_EXPORT_DELETE_OLD, &packed, &token), SEC_E_OK, "export")) {
            SecInvalidateHandle(old);
            expect(ImportSecurityContextA("Negotiate", &packed, NULL, old), SEC_E_OK, "import");
            finished(old, "imported");
            check(pair_talks(&pair), "the pair talks on");
            FreeContextBuffer(packed.pvBuffer);
        }
        pair_close(&pair);
    }
}

int main(void)
{
    use_accounts(ACCOUNTS);
    package();
    package_lists();
    both_forms();
    half_open();
    acceptor_first();
    refused();
    kdc_proxy();
    with_ntlm();
    export_and_import();
    return test_summary();
}
