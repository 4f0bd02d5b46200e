/* What a logon brings besides the context: nothing where the package is NTLM, and nothing is written then.
 * What Kerberos brings is tested in interop/kerberos. */
#include "pair.h"

static void refusals(void)
{
    struct pair pair;
    pair_open(&pair, CLIENT_FLAGS, 0);
    CtxtHandle bad = {1, 2};
    CredHandle credential = {7, 7};
    TimeStamp expiry;
    char *sids = (char *)&pair;
    uint32_t count = 77;
    memset(&expiry, 0x55, sizeof expiry);
    TimeStamp before = expiry;

    expect(libsspi_delegated_credential(&pair.server, &credential, &expiry), SEC_E_NO_CREDENTIALS,
           "NTLM delegates nothing");
    expect(libsspi_delegated_credential(&bad, &credential, &expiry), SEC_E_INVALID_HANDLE, "of a bad handle");
    expect(libsspi_delegated_credential(NULL, &credential, &expiry), SEC_E_INVALID_HANDLE, "of no handle");
    expect(libsspi_delegated_credential(&pair.server, NULL, &expiry), SEC_E_INVALID_PARAMETER, "to nowhere");
    check(credential.dwLower == 7 && memcmp(&before, &expiry, sizeof expiry) == 0, "and nothing is written");

    expect(libsspi_query_groups(&pair.server, &sids, &count), SEC_E_TARGET_UNKNOWN, "NTLM knows no groups");
    expect(libsspi_query_groups(&bad, &sids, &count), SEC_E_INVALID_HANDLE, "groups of a bad handle");
    expect(libsspi_query_groups(&pair.server, NULL, &count), SEC_E_INVALID_PARAMETER, "groups to nowhere");
    check(sids == (char *)&pair && count == 77, "and nothing is written");

    expect(libsspi_export_tickets(&pair.client_credential, "FILE:/nowhere"), SEC_E_UNSUPPORTED_FUNCTION,
           "NTLM has no tickets");
    expect(libsspi_export_tickets(&pair.client_credential, NULL), SEC_E_INVALID_PARAMETER, "to no cache");
    expect(libsspi_export_tickets(&pair.client_credential, ""), SEC_E_INVALID_PARAMETER, "to a cache without a name");
    expect(libsspi_export_tickets(&bad, "FILE:/nowhere"), SEC_E_INVALID_HANDLE, "of a bad handle");
    pair_close(&pair);
}

static void passwords(void)
{
    expect(ChangeAccountPasswordA("NTLM", "D", "u", "old", "new", 0, 0, NULL), SEC_E_UNSUPPORTED_FUNCTION,
           "NTLM changes no passwords");
    expect(ChangeAccountPasswordA("NTLM", "D", NULL, "old", "new", 0, 0, NULL), SEC_E_INVALID_PARAMETER,
           "of no account");
    expect(ChangeAccountPasswordA("NTLM", NULL, "", "old", "new", 0, 0, NULL), SEC_E_INVALID_PARAMETER,
           "of an account without a name");
    expect(ChangeAccountPasswordA("Unheard", "D", "u", "old", "new", 0, 0, NULL), SEC_E_SECPKG_NOT_FOUND,
           "of a package that is not there");
    expect(ChangeAccountPasswordA("NTLM", "D", "\xFF", "old", "new", 0, 0, NULL), SEC_E_INVALID_PARAMETER,
           "of an account that is no UTF-8");
}

int main(void)
{
    use_accounts(ACCOUNTS);
    refusals();
    passwords();
    return test_summary();
}
