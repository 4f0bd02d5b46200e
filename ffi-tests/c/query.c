/* QueryContextAttributes: every attribute that NTLM answers, A and W, with and without a size. */
#include "pair.h"

#include <stddef.h>

#define ATTRIBUTE(number, type, ...) {number, #type, sizeof(type##A), sizeof(type##W), {__VA_ARGS__, -1}}
#define PLAIN(number, type, ...) {number, #type, sizeof(type), sizeof(type), {__VA_ARGS__, -1}}
#define NO_POINTER -1

/* An attribute: its struct, and where the struct holds pointers to be freed. */
struct attribute {
    uint32_t number;
    const char *name;
    uint32_t narrow_size, wide_size;
    int pointers[4];
};

static const struct attribute ATTRIBUTES[] = {
    PLAIN(SECPKG_ATTR_SIZES, SecPkgContext_Sizes, NO_POINTER),
    ATTRIBUTE(SECPKG_ATTR_NAMES, SecPkgContext_Names, 0),
    PLAIN(SECPKG_ATTR_LIFESPAN, SecPkgContext_Lifespan, NO_POINTER),
    ATTRIBUTE(SECPKG_ATTR_KEY_INFO, SecPkgContext_KeyInfo, 0, 8),
    ATTRIBUTE(SECPKG_ATTR_AUTHORITY, SecPkgContext_Authority, 0),
    PLAIN(SECPKG_ATTR_SESSION_KEY, SecPkgContext_SessionKey, 8),
    ATTRIBUTE(SECPKG_ATTR_PACKAGE_INFO, SecPkgContext_PackageInfo, 0),
    PLAIN(SECPKG_ATTR_USER_FLAGS, SecPkgContext_UserFlags, NO_POINTER),
    ATTRIBUTE(SECPKG_ATTR_NEGOTIATION_INFO, SecPkgContext_NegotiationInfo, 0),
    ATTRIBUTE(SECPKG_ATTR_NATIVE_NAMES, SecPkgContext_NativeNames, 0, 8),
    PLAIN(SECPKG_ATTR_FLAGS, SecPkgContext_Flags, NO_POINTER),
    ATTRIBUTE(SECPKG_ATTR_CREDENTIAL_NAME, SecPkgContext_CredentialName, 8),
    PLAIN(SECPKG_ATTR_LOGOFF_TIME, SecPkgContext_LogoffTime, NO_POINTER),
    PLAIN(SECPKG_ATTR_PASSWORD_EXPIRY, SecPkgContext_PasswordExpiry, NO_POINTER),
};
static const struct attribute OF_THE_ACCEPTOR[] = {
    PLAIN(SECPKG_ATTR_TARGET, SecPkgContext_Target, 8),
    PLAIN(SECPKG_ATTR_CLIENT_SPECIFIED_TARGET, SecPkgContext_ClientSpecifiedTarget, 0),
    PLAIN(SECPKG_ATTR_LAST_CLIENT_TOKEN_STATUS, SecPkgContext_LastClientTokenStatus, NO_POINTER),
};

static void release(const struct attribute *attribute, const unsigned char *buffer)
{
    for (int i = 0; attribute->pointers[i] >= 0; i++) {
        void *block;
        memcpy(&block, buffer + attribute->pointers[i], sizeof block);
        expect(FreeContextBuffer(block), SEC_E_OK, "%s: pointer %d is freed", attribute->name, i);
    }
}

/* The attribute answers in all four forms, and only with room enough. */
static void all_forms(CtxtHandle *context, const struct attribute *attribute, const char *side)
{
    unsigned char buffer[128];
    const char *name = attribute->name;
    memset(buffer, 0xEE, sizeof buffer);
    if (expect(QueryContextAttributesA(context, attribute->number, buffer), SEC_E_OK, "%s of the %s, A", name, side)) {
        check(buffer[attribute->narrow_size] == 0xEE, "%s, A: nothing is written behind", name);
        release(attribute, buffer);
    }
    if (expect(QueryContextAttributesW(context, attribute->number, buffer), SEC_E_OK, "%s of the %s, W", name, side))
        release(attribute, buffer);
    if (expect(QueryContextAttributesExA(context, attribute->number, buffer, attribute->narrow_size), SEC_E_OK,
               "%s of the %s, ExA", name, side))
        release(attribute, buffer);
    if (expect(QueryContextAttributesExW(context, attribute->number, buffer, sizeof buffer), SEC_E_OK,
               "%s of the %s, ExW with more room", name, side))
        release(attribute, buffer);
    for (uint32_t size = 0; size < attribute->narrow_size; size++) {
        memset(buffer, 0xEE, sizeof buffer);
        expect(QueryContextAttributesExA(context, attribute->number, buffer, size), SEC_E_BUFFER_TOO_SMALL,
               "%s, ExA, %u bytes", name, size);
        expect(QueryContextAttributesExW(context, attribute->number, buffer, size), SEC_E_BUFFER_TOO_SMALL,
               "%s, ExW, %u bytes", name, size);
        check(buffer[0] == 0xEE && buffer[size] == 0xEE, "%s, %u bytes: nothing is written", name, size);
    }
}

static void every_attribute(struct pair *pair)
{
    for (size_t i = 0; i < sizeof ATTRIBUTES / sizeof *ATTRIBUTES; i++) {
        all_forms(&pair->client, &ATTRIBUTES[i], "client");
        all_forms(&pair->server, &ATTRIBUTES[i], "server");
    }
    for (size_t i = 0; i < sizeof OF_THE_ACCEPTOR / sizeof *OF_THE_ACCEPTOR; i++)
        all_forms(&pair->server, &OF_THE_ACCEPTOR[i], "server");
}

/* Queries of this file that have to succeed. */
static void ask(CtxtHandle *context, uint32_t attribute, void *answer)
{
    expect(QueryContextAttributesA(context, attribute, answer), SEC_E_OK, "attribute %u", attribute);
}

static void names(CtxtHandle *context, const char *side)
{
    SecPkgContext_NamesA narrow = {NULL};
    SecPkgContext_NamesW wide_names = {NULL};
    ask(context, SECPKG_ATTR_NAMES, &narrow);
    expect(QueryContextAttributesW(context, SECPKG_ATTR_NAMES, &wide_names), SEC_E_OK, "wide names");
    check(narrow.sUserName && strcmp(narrow.sUserName, "DOMAIN\\user") == 0, "%s: DOMAIN\\user: %s", side,
          narrow.sUserName ? narrow.sUserName : "NULL");
    check(wide_names.sUserName && wide_equals(wide_names.sUserName, "DOMAIN\\user"), "%s: DOMAIN\\user, wide", side);
    FreeContextBuffer(narrow.sUserName);
    FreeContextBuffer(wide_names.sUserName);
}

static void values(CtxtHandle *context, uint32_t granted, const char *side)
{
    names(context, side);

    SecPkgContext_Sizes sizes = {0};
    ask(context, SECPKG_ATTR_SIZES, &sizes);
    check(sizes.cbMaxToken == 2888 && sizes.cbMaxSignature == 16 && sizes.cbBlockSize == 0
              && sizes.cbSecurityTrailer == 16, "%s: sizes are 2888, 16, 0, 16", side);

    SecPkgContext_Flags flags = {0};
    ask(context, SECPKG_ATTR_FLAGS, &flags);
    check((flags.Flags & CLIENT_FLAGS & 0xFF) == (granted & CLIENT_FLAGS & 0xFF), "%s: flags 0x%X are those granted, 0x%X",
          side, (unsigned)flags.Flags, (unsigned)granted);

    SecPkgContext_PackageInfoA package = {NULL};
    ask(context, SECPKG_ATTR_PACKAGE_INFO, &package);
    check(package.PackageInfo && strcmp(package.PackageInfo->Name, "NTLM") == 0 && package.PackageInfo->Comment[0],
          "%s: the package is NTLM", side);
    check(package.PackageInfo && package.PackageInfo->wVersion == 1 && package.PackageInfo->fCapabilities != 0
              && package.PackageInfo->cbMaxToken == 2888, "%s: the package is described", side);
    FreeContextBuffer(package.PackageInfo);

    SecPkgContext_NegotiationInfoA negotiation = {NULL, 9};
    ask(context, SECPKG_ATTR_NEGOTIATION_INFO, &negotiation);
    check(negotiation.NegotiationState == SECPKG_NEGOTIATION_COMPLETE && negotiation.PackageInfo
              && strcmp(negotiation.PackageInfo->Name, "NTLM") == 0, "%s: negotiation is complete", side);
    FreeContextBuffer(negotiation.PackageInfo);

    SecPkgContext_KeyInfoA key = {NULL, NULL, 0, 0, 0};
    ask(context, SECPKG_ATTR_KEY_INFO, &key);
    check(key.KeySize == 128 && key.sSignatureAlgorithmName && key.sSignatureAlgorithmName[0]
              && key.sEncryptAlgorithmName && key.sEncryptAlgorithmName[0], "%s: keys of 128 bits with names", side);
    FreeContextBuffer(key.sSignatureAlgorithmName);
    FreeContextBuffer(key.sEncryptAlgorithmName);

    int64_t lifespan[2] = {0, 0};
    ask(context, SECPKG_ATTR_LIFESPAN, lifespan);
    check(lifespan[1] > lifespan[0] && lifespan[1] > 0, "%s: it ends after it began", side);

    SecPkgContext_NativeNamesA native = {NULL, NULL};
    ask(context, SECPKG_ATTR_NATIVE_NAMES, &native);
    check(native.sClientName && native.sClientName[0] && native.sServerName && native.sServerName[0],
          "%s: native names are not empty", side);
    FreeContextBuffer(native.sClientName);
    FreeContextBuffer(native.sServerName);

    SecPkgContext_AuthorityA authority = {NULL};
    ask(context, SECPKG_ATTR_AUTHORITY, &authority);
    check(authority.sAuthorityName && authority.sAuthorityName[0], "%s: an authority", side);
    FreeContextBuffer(authority.sAuthorityName);
}

static void session_keys(struct pair *pair)
{
    SecPkgContext_SessionKey client = {0, NULL}, server = {0, NULL};
    ask(&pair->client, SECPKG_ATTR_SESSION_KEY, &client);
    ask(&pair->server, SECPKG_ATTR_SESSION_KEY, &server);
    check(client.SessionKeyLength == 16 && server.SessionKeyLength == 16, "session keys have 16 bytes");
    check(client.SessionKey && server.SessionKey && memcmp(client.SessionKey, server.SessionKey, 16) == 0,
          "both sides have the same session key");
    FreeContextBuffer(client.SessionKey);
    FreeContextBuffer(server.SessionKey);
}

static void target(struct pair *pair)
{
    SecPkgContext_ClientSpecifiedTarget target = {NULL};
    expect(QueryContextAttributesW(&pair->server, SECPKG_ATTR_CLIENT_SPECIFIED_TARGET, &target), SEC_E_OK, "target");
    check(target.sTargetName && wide_equals((const SEC_WCHAR *)target.sTargetName, "host/server"),
          "the server knows the target that the client meant");
    FreeContextBuffer(target.sTargetName);
    SecPkgContext_LastClientTokenStatus status = {0};
    ask(&pair->server, SECPKG_ATTR_LAST_CLIENT_TOKEN_STATUS, &status);
}

static void unknown_attributes(struct pair *pair)
{
    static const uint32_t unknown[] = {3, 4, 7, 15, 18, 22, 23, 24, 25, 26, 35, 77, 128, 1000, 0x7FFFFFFF, 0xFFFFFFFF};
    unsigned char buffer[512];
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        memset(buffer, 0xEE, sizeof buffer);
        expect(QueryContextAttributesA(&pair->server, unknown[i], buffer), SEC_E_UNSUPPORTED_FUNCTION, "attribute %u, A", unknown[i]);
        expect(QueryContextAttributesW(&pair->client, unknown[i], buffer), SEC_E_UNSUPPORTED_FUNCTION, "attribute %u, W", unknown[i]);
        check(buffer[0] == 0xEE, "attribute %u writes nothing", unknown[i]);
    }
}

/* What a half-open context answers, and what it does not. */
static void half_open(void)
{
    static const uint32_t answered[] = {SECPKG_ATTR_SIZES, SECPKG_ATTR_FLAGS};
    static const uint32_t refused[] = {SECPKG_ATTR_NAMES, SECPKG_ATTR_SESSION_KEY, SECPKG_ATTR_LIFESPAN,
                                       SECPKG_ATTR_KEY_INFO, SECPKG_ATTR_NATIVE_NAMES};
    struct pair pair;
    unsigned char buffer[128];
    pair_credentials(&pair);
    initiate(&pair.client_credential, NULL, CLIENT_FLAGS, NULL, &pair.client, &pair.negotiate, &pair.client_flags);
    respond(&pair.server_credential, NULL, 0, &pair.negotiate, &pair.server, &pair.challenge, &pair.server_flags);
    CtxtHandle *open[2] = {&pair.client, &pair.server};
    for (int side = 0; side < 2; side++) {
        for (int i = 0; i < 2; i++)
            expect(QueryContextAttributesA(open[side], answered[i], buffer), SEC_E_OK, "half-open: attribute %u", answered[i]);
        for (int i = 0; i < 5; i++)
            expect(QueryContextAttributesA(open[side], refused[i], buffer), SEC_E_INVALID_HANDLE,
                   "half-open: attribute %u", refused[i]);
        SecPkgContext_PackageInfoA package = {NULL};
        ask(open[side], SECPKG_ATTR_PACKAGE_INFO, &package);
        check(package.PackageInfo && strcmp(package.PackageInfo->Name, "NTLM") == 0, "half-open: the package is known");
        FreeContextBuffer(package.PackageInfo);
        SecPkgContext_NegotiationInfoA negotiation = {NULL, 9};
        ask(open[side], SECPKG_ATTR_NEGOTIATION_INFO, &negotiation);
        check(negotiation.PackageInfo != NULL, "half-open: the negotiation is known");
        FreeContextBuffer(negotiation.PackageInfo);
    }
    struct token rest;
    expect(initiate(NULL, &pair.client, CLIENT_FLAGS, &pair.challenge, &pair.client, &pair.authenticate,
                    &pair.client_flags), SEC_E_OK, "questions do not disturb the client");
    expect(respond(NULL, &pair.server, 0, &pair.authenticate, &pair.server, &rest, &pair.server_flags), SEC_E_OK,
           "nor the server");
    pair_close(&pair);
}

int main(void)
{
    struct pair pair;
    use_accounts(ACCOUNTS);
    pair_open(&pair, CLIENT_FLAGS, 0);
    every_attribute(&pair);
    values(&pair.client, pair.client_flags, "client");
    values(&pair.server, pair.server_flags, "server");
    session_keys(&pair);
    target(&pair);
    unknown_attributes(&pair);
    check(pair_talks(&pair), "the pair talks after all questions");
    pair_close(&pair);
    half_open();
    return test_summary();
}
