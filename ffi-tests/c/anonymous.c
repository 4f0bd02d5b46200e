/* Anonymous logons: only where both sides say so. */
#include "pair.h"

static SECURITY_STATUS anonymous(uint32_t client_flags, uint32_t server_flags, const void *identity, struct pair *pair)
{
    memset(pair, 0, sizeof *pair);
    SecInvalidateHandle(&pair->client);
    SecInvalidateHandle(&pair->server);
    expect(acquire(identity, SECPKG_CRED_OUTBOUND, &pair->client_credential), SEC_E_OK, "an identity");
    acquire_server(&pair->server_credential);
    return shake_hands(pair, client_flags, server_flags);
}

int main(void)
{
    struct pair pair;
    /* Empty strings, not absent ones: NULL would be the default identity. */
    SEC_WINNT_AUTH_IDENTITY_A nobody = identity_of("", "", ""), user = identity_of("DOMAIN", "user", "SecREt01");
    use_accounts(ACCOUNTS);

    expect(anonymous(ISC_REQ_NULL_SESSION, ASC_REQ_ALLOW_NULL_SESSION, &user, &pair), SEC_E_OK, "a null session");
    check(pair.client_flags & ISC_RET_NULL_SESSION, "the client knows that it is nobody: 0x%X", (unsigned)pair.client_flags);
    check(pair.server_flags & ASC_RET_NULL_SESSION, "the server knows that nobody came: 0x%X", (unsigned)pair.server_flags);
    SecPkgContext_NamesA names = {NULL};
    SECURITY_STATUS status = QueryContextAttributesA(&pair.server, SECPKG_ATTR_NAMES, &names);
    check(is_error(status) || (names.sUserName && strstr(names.sUserName, "user") == NULL), "nobody is not called user");
    if (!is_error(status))
        FreeContextBuffer(names.sUserName);
    pair_close(&pair);

    expect(anonymous(ISC_REQ_NULL_SESSION, 0, &user, &pair), SEC_E_LOGON_DENIED, "a null session that is not allowed");
    pair_close(&pair);
    expect(anonymous(CLIENT_FLAGS | ISC_REQ_NULL_SESSION, ASC_REQ_ALLOW_NULL_SESSION, &user, &pair), SEC_E_UNSUPPORTED_FUNCTION,
           "nobody has no key to protect messages with");
    pair_close(&pair);
    expect(anonymous(CLIENT_FLAGS, ASC_REQ_ALLOW_NULL_SESSION, &user, &pair), SEC_E_OK, "a user where nobody would do");
    check(!(pair.server_flags & ASC_RET_NULL_SESSION), "a user is not nobody");
    check(pair_talks(&pair), "a user talks");
    pair_close(&pair);
    expect(anonymous(0, 0, &nobody, &pair), SEC_E_LOGON_DENIED, "empty names and password");
    pair_close(&pair);
    return test_summary();
}
