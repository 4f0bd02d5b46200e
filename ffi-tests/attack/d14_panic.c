/* D14: a panic inside every export answers SEC_E_INTERNAL_ERROR, and nothing else suffers.
 *
 * Needs a library that is built with the feature test-panic.
 */
#include "uses.h"

#include <dlfcn.h>

static void (*make_panic)(const char *name);

static void contexts_and_credentials(void)
{
    struct pair pair;
    pair_open(&pair, CLIENT_FLAGS, 0);
    for (size_t i = 0; i < CONTEXT_USE_COUNT; i++) {
        make_panic(CONTEXT_USES[i].name);
        expect(CONTEXT_USES[i].call(&pair.client), SEC_E_INTERNAL_ERROR, "%s", CONTEXT_USES[i].name);
        make_panic(NULL);
        still_good(&pair, CONTEXT_USES[i].name);
    }
    for (size_t i = 0; i < CREDENTIAL_USE_COUNT; i++) {
        make_panic(CREDENTIAL_USES[i].name);
        expect(CREDENTIAL_USES[i].call(&pair.client_credential), SEC_E_INTERNAL_ERROR, "%s", CREDENTIAL_USES[i].name);
        make_panic(NULL);
    }
    SecPkgCredentials_NamesA names = {NULL};
    expect(QueryCredentialsAttributesA(&pair.client_credential, 1, &names), SEC_E_OK, "the credential is as good as ever");
    FreeContextBuffer(names.sUserName);
    pair_close(&pair);
}

typedef uintptr_t (*any_function)(uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t,
                                  uintptr_t, uintptr_t, uintptr_t, uintptr_t);

/* Those that take no handle: NULL everywhere is never looked at. */
static void the_others(void)
{
    static const char *const names[] = {
        "AcquireCredentialsHandleA", "AcquireCredentialsHandleW", "AddSecurityPackageA", "AddSecurityPackageW",
        "ChangeAccountPasswordA", "ChangeAccountPasswordW", "DeleteSecurityPackageA", "DeleteSecurityPackageW",
        "EnumerateSecurityPackagesA", "EnumerateSecurityPackagesW", "FreeContextBuffer", "ImportSecurityContextA",
        "ImportSecurityContextW", "QuerySecurityPackageInfoA", "QuerySecurityPackageInfoW", "SspiCompareAuthIdentities",
        "SspiCopyAuthIdentity", "SspiDecryptAuthIdentity", "SspiDecryptAuthIdentityEx", "SspiEncodeAuthIdentityAsStrings",
        "SspiEncodeStringsAsAuthIdentity", "SspiEncryptAuthIdentity", "SspiEncryptAuthIdentityEx", "SspiExcludePackage",
        "SspiGetComputerNameForSPN", "SspiGetTargetHostName", "SspiMarshalAuthIdentity", "SspiPrepareForCredRead",
        "SspiPrepareForCredWrite", "SspiSetChannelBindingFlags", "SspiUnmarshalAuthIdentity",
        "SspiUnmarshalAuthIdentityInternal", "SspiValidateAuthIdentity",
    };
    static const char *const without_status[] = {
        "SspiFreeAuthIdentity", "SspiIsAuthIdentityEncrypted", "SspiLocalFree", "SspiZeroAuthIdentity",
    };
    any_function function;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        *(void **)&function = dlsym(RTLD_DEFAULT, names[i]);
        make_panic(names[i]);
        expect((SECURITY_STATUS)(uint32_t)function(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), SEC_E_INTERNAL_ERROR, "%s", names[i]);
        make_panic(NULL);
    }
    for (size_t i = 0; i < sizeof without_status / sizeof *without_status; i++) {
        *(void **)&function = dlsym(RTLD_DEFAULT, without_status[i]);
        make_panic(without_status[i]);
        function(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        make_panic(NULL);
        check(1, "%s comes back", without_status[i]);
    }
    check(InitSecurityInterfaceA() != NULL, "the table is there");
}

int main(void)
{
    *(void **)&make_panic = dlsym(RTLD_DEFAULT, "libsspi_test_panic");
    if (!check(make_panic != NULL, "the library is built with test-panic"))
        return test_summary();
    use_accounts(ACCOUNTS);
    setenv("SSPI_IMPERSONATION", "identify", 1);
    contexts_and_credentials();
    the_others();
    return test_summary();
}
