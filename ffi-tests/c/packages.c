/* EnumerateSecurityPackages, QuerySecurityPackageInfo and the function table. */
#include "test.h"


/* Bits that Windows sets for its own confinement of applications. */
#define CONFINEMENT (0x80000u | 0x800000u)

static void check_ntlm(uint32_t capabilities, unsigned version, unsigned rpc_id, uint32_t max_token,
                       const char *how)
{
    check((capabilities & ~CONFINEMENT) == (0x882B37u & ~CONFINEMENT), "%s: capabilities 0x%X", how,
          (unsigned)capabilities);
    check(version == 1, "%s: wVersion %u", how, version);
    check(rpc_id == 10, "%s: wRPCID %u", how, rpc_id);
    check(max_token == 2888, "%s: cbMaxToken %u", how, (unsigned)max_token);
}

static void enumerate(void)
{
    uint32_t count = 0, seen = 0;
    PSecPkgInfoA narrow = NULL;
    expect(EnumerateSecurityPackagesA(&count, &narrow), SEC_E_OK, "EnumerateSecurityPackagesA");
    check(count >= 1, "there are packages");
    for (uint32_t i = 0; i < count; i++) {
        check(narrow[i].Name[0] != 0 && narrow[i].Comment[0] != 0, "package %u has a name and a comment", i);
        if (strcmp(narrow[i].Name, "NTLM") == 0) {
            seen++;
            check_ntlm(narrow[i].fCapabilities, narrow[i].wVersion, narrow[i].wRPCID, narrow[i].cbMaxToken, "A");
            check(strcmp(narrow[i].Comment, "NTLM Security Package") == 0, "NTLM's comment");
        }
    }
    check(seen == 1, "NTLM is listed once");
    expect(FreeContextBuffer(narrow), SEC_E_OK, "the list is one block");

    PSecPkgInfoW wide_list = NULL;
    uint32_t wide_count = 0;
    seen = 0;
    expect(EnumerateSecurityPackagesW(&wide_count, &wide_list), SEC_E_OK, "EnumerateSecurityPackagesW");
    check(wide_count == count, "A and W list as many packages");
    for (uint32_t i = 0; i < wide_count; i++) {
        check(wide_list[i].Name[0] != 0 && wide_list[i].Comment[0] != 0, "package %u has a wide name", i);
        if (wide_equals(wide_list[i].Name, "NTLM")) {
            seen++;
            check_ntlm(wide_list[i].fCapabilities, wide_list[i].wVersion, wide_list[i].wRPCID,
                       wide_list[i].cbMaxToken, "W");
        }
    }
    check(seen == 1, "NTLM is listed once, wide");
    expect(FreeContextBuffer(wide_list), SEC_E_OK, "the wide list is one block");
}

static void query(void)
{
    const char *spellings[] = {"NTLM", "ntlm", "Ntlm", "nTLM"};
    for (int i = 0; i < 4; i++) {
        PSecPkgInfoA info = NULL;
        if (expect(QuerySecurityPackageInfoA((char *)spellings[i], &info), SEC_E_OK, "query %s", spellings[i])) {
            check(strcmp(info->Name, "NTLM") == 0, "%s is called NTLM", spellings[i]);
            check_ntlm(info->fCapabilities, info->wVersion, info->wRPCID, info->cbMaxToken, spellings[i]);
            expect(FreeContextBuffer(info), SEC_E_OK, "free %s", spellings[i]);
        }
        PSecPkgInfoW winfo = NULL;
        if (expect(QuerySecurityPackageInfoW(wide(spellings[i]), &winfo), SEC_E_OK, "wide %s", spellings[i])) {
            check(wide_equals(winfo->Name, "NTLM"), "%s is called NTLM, wide", spellings[i]);
            expect(FreeContextBuffer(winfo), SEC_E_OK, "free wide %s", spellings[i]);
        }
    }
    static char long_name[20000];
    memset(long_name, 'N', sizeof long_name - 1);
    char *unknown[] = {NULL, "", "NTLM ", "NTL", "NTLMX", "Schannel", "\xff\xfe", long_name};
    for (int i = 0; i < 8; i++) {
        PSecPkgInfoA info = (PSecPkgInfoA)(uintptr_t)0x1234;
        SECURITY_STATUS status = QuerySecurityPackageInfoA(unknown[i], &info);
        if (i == 6)
            check(status == SEC_E_SECPKG_NOT_FOUND || status == SEC_E_INVALID_PARAMETER, "a name that is no UTF-8");
        else
            expect(status, SEC_E_SECPKG_NOT_FOUND, "unknown package %d", i);
        check(info == (PSecPkgInfoA)(uintptr_t)0x1234, "unknown package %d: output untouched", i);
    }
    static SEC_WCHAR long_wide[20000];
    for (int i = 0; i < 19999; i++)
        long_wide[i] = 0xD800;
    PSecPkgInfoW winfo = (PSecPkgInfoW)(uintptr_t)0x1234;
    expect(QuerySecurityPackageInfoW(NULL, &winfo), SEC_E_SECPKG_NOT_FOUND, "wide NULL name");
    expect(QuerySecurityPackageInfoW(long_wide, &winfo), SEC_E_SECPKG_NOT_FOUND, "wide long name of surrogates");
    check(winfo == (PSecPkgInfoW)(uintptr_t)0x1234, "wide output untouched");
}

static const char *const SLOTS_A[] = {
    "EnumerateSecurityPackagesA", "QueryCredentialsAttributesA", "AcquireCredentialsHandleA",
    "FreeCredentialsHandle", NULL, "InitializeSecurityContextA", "AcceptSecurityContext",
    "CompleteAuthToken", "DeleteSecurityContext", "ApplyControlToken", "QueryContextAttributesA",
    "ImpersonateSecurityContext", "RevertSecurityContext", "MakeSignature", "VerifySignature",
    "FreeContextBuffer", "QuerySecurityPackageInfoA", "EncryptMessage", "DecryptMessage",
    "ExportSecurityContext", "ImportSecurityContextA", "AddCredentialsA", NULL,
    "QuerySecurityContextToken", "EncryptMessage", "DecryptMessage", "SetContextAttributesA",
    "SetCredentialsAttributesA", "ChangeAccountPasswordA", "QueryContextAttributesExA",
    "QueryCredentialsAttributesExA",
};

/* Each slot is the exported function of this library, wide where there are two. */
static void check_slots(const void *table, int is_wide)
{
    void *const *slots = (void *const *)((const char *)table + 8);
    for (int i = 0; i < 31; i++) {
        char name[64] = "";
        if (SLOTS_A[i] == NULL) {
            check(slots[i] == NULL, "reserved slot %d is NULL", i);
            continue;
        }
        strcpy(name, SLOTS_A[i]);
        size_t last = strlen(name) - 1;
        if (is_wide && name[last] == 'A')
            name[last] = 'W';
        check(slots[i] != NULL && slots[i] == exported(name), "slot %d is %s", i, name);
    }
}

static void table(void)
{
    PSecurityFunctionTableA narrow = InitSecurityInterfaceA();
    PSecurityFunctionTableW wide_table = InitSecurityInterfaceW();
    if (!check(narrow != NULL && wide_table != NULL, "there are tables"))
        return;
    check(sizeof *narrow == 256 && sizeof *wide_table == 256, "a table has 256 bytes");
    check(narrow->dwVersion == 1 && wide_table->dwVersion == 1, "dwVersion is 1");
    check(InitSecurityInterfaceA() == narrow, "the A table is always the same");
    check(InitSecurityInterfaceW() == wide_table, "the W table is always the same");
    void *(SEC_ENTRY *extended_a)(uint32_t), *(SEC_ENTRY *extended_w)(uint32_t);
    *(void **)&extended_a = exported("InitSecurityInterfaceExA");
    *(void **)&extended_w = exported("InitSecurityInterfaceExW");
    check(extended_a(0) == narrow && extended_a(1) == narrow, "the ExA table is the A table");
    check(extended_w(0) == wide_table && extended_w(1) == wide_table, "the ExW table is the W table");
    check_slots(narrow, 0);
    check_slots(wide_table, 1);

    PSecPkgInfoA info = NULL;
    expect(narrow->QuerySecurityPackageInfoA("NTLM", &info), SEC_E_OK, "a call through the table");
    expect(narrow->FreeContextBuffer(info), SEC_E_OK, "freed through the table");
}

/* Functions whose whole answer here is that they cannot. */
static void refused(void)
{
    check(is_error(AddSecurityPackageA("x", NULL)), "AddSecurityPackageA");
    check(is_error(AddSecurityPackageW(wide("x"), NULL)), "AddSecurityPackageW");
    check(is_error(DeleteSecurityPackageA("NTLM")), "DeleteSecurityPackageA");
    check(is_error(DeleteSecurityPackageW(wide("NTLM"))), "DeleteSecurityPackageW");
    SecBuffer response = {0, SECBUFFER_CHANGE_PASS_RESPONSE, NULL};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &response};
    check(is_error(ChangeAccountPasswordA("NTLM", "D", "u", "old", "new", 0, 0, &output)), "ChangeAccountPasswordA");
    check(is_error(ChangeAccountPasswordW(wide("NTLM"), wide("D"), wide("u"), wide("old"), wide("new"), 0, 0, &output)),
          "ChangeAccountPasswordW");
    PSecPkgInfoA info = NULL;
    expect(QuerySecurityPackageInfoA("NTLM", &info), SEC_E_OK, "NTLM is still there");
    FreeContextBuffer(info);
}

int main(void)
{
    enumerate();
    query();
    table();
    refused();
    return test_summary();
}
