/* D1: NULL in every pointer of every export, alone, in pairs and all at once.
 *
 * A row says what a function takes; each call has fresh objects, so that nothing
 * depends on what an earlier call did.
 */
#include "pair.h"

/* One argument: the letter before the colon says what a good value is. A small
 * letter may be NULL without harm, with a capital letter the call must fail. */
struct row {
    const char *function;
    /* s: status, p: pointer, v: nothing, b: a byte. */
    char result;
    const char *arguments;
};

static const struct row ROWS[] = {
    {"AcquireCredentialsHandleA", 's', "aP2xixxHt"},
    {"AcquireCredentialsHandleW", 's', "wQ2xixxHt"},
    {"AddCredentialsA", 's', "CaP2ixxt"},
    {"AddCredentialsW", 's', "CwQ2ixxt"},
    {"FreeCredentialsHandle", 's', "C"},
    {"QueryCredentialsAttributesA", 's', "C1O"},
    {"QueryCredentialsAttributesW", 's', "C1O"},
    {"QueryCredentialsAttributesExA", 's', "C1O8"},
    {"QueryCredentialsAttributesExW", 's', "C1O8"},
    {"SetCredentialsAttributesA", 's', "C3O8"},
    {"SetCredentialsAttributesW", 's', "C3O8"},
    {"ChangeAccountPasswordA", 's', "PAAAA00D"},
    {"ChangeAccountPasswordW", 's', "QWWWW00D"},
    {"InitializeSecurityContextA", 's', "Cza000n0HTft"},
    {"InitializeSecurityContextW", 's', "Czw000n0HTft"},
    {"AcceptSecurityContext", 's', "SzN00HTft"},
    {"CompleteAuthToken", 's', "Kd"},
    {"DeleteSecurityContext", 's', "K"},
    {"ApplyControlToken", 's', "KD"},
    {"QueryContextAttributesA", 's', "K0O"},
    {"QueryContextAttributesW", 's', "K0O"},
    {"QueryContextAttributesExA", 's', "K0OL"},
    {"QueryContextAttributesExW", 's', "K0OL"},
    {"SetContextAttributesA", 's', "K5O8"},
    {"SetContextAttributesW", 's', "K5O8"},
    {"ImpersonateSecurityContext", 's', "K"},
    {"RevertSecurityContext", 's', "K"},
    {"QuerySecurityContextToken", 's', "KO"},
    {"ExportSecurityContext", 's', "K0Bo"},
    {"ImportSecurityContextA", 's', "PBxH"},
    {"ImportSecurityContextW", 's', "QBxH"},
    {"MakeSignature", 's', "K0D0"},
    {"VerifySignature", 's', "KD0f"},
    {"EncryptMessage", 's', "K0D0"},
    {"DecryptMessage", 's', "KD0f"},
    {"SealMessage", 's', "K0D0"},
    {"UnsealMessage", 's', "KD0f"},
    {"EnumerateSecurityPackagesA", 's', "OO"},
    {"EnumerateSecurityPackagesW", 's', "OO"},
    {"QuerySecurityPackageInfoA", 's', "PO"},
    {"QuerySecurityPackageInfoW", 's', "QO"},
    {"FreeContextBuffer", 's', "o"},
    {"AddSecurityPackageA", 's', "AO"},
    {"AddSecurityPackageW", 's', "WO"},
    {"DeleteSecurityPackageA", 's', "A"},
    {"DeleteSecurityPackageW", 's', "W"},
    {"InitSecurityInterfaceA", 'p', ""},
    {"InitSecurityInterfaceW", 'p', ""},
    {"InitSecurityInterfaceExA", 'p', "0"},
    {"InitSecurityInterfaceExW", 'p', "0"},
    {"SspiSetChannelBindingFlags", 's', "O0"},
    {"SspiCompareAuthIdentities", 's', "eeoo"},
    {"SspiCopyAuthIdentity", 's', "EO"},
    {"SspiEncryptAuthIdentity", 's', "E"},
    {"SspiEncryptAuthIdentityEx", 's', "1E"},
    {"SspiDecryptAuthIdentity", 's', "E"},
    {"SspiDecryptAuthIdentityEx", 's', "1E"},
    {"SspiIsAuthIdentityEncrypted", 'b', "e"},
    {"SspiEncodeAuthIdentityAsStrings", 's', "eOOo"},
    {"SspiEncodeStringsAsAuthIdentity", 's', "wwwO"},
    {"SspiExcludePackage", 's', "eWO"},
    {"SspiFreeAuthIdentity", 'v', "e"},
    {"SspiZeroAuthIdentity", 'v', "e"},
    {"SspiLocalFree", 'v', "o"},
    {"SspiGetTargetHostName", 's', "WO"},
    {"SspiGetComputerNameForSPN", 's', "WO"},
    {"SspiMarshalAuthIdentity", 's', "EOO"},
    {"SspiUnmarshalAuthIdentity", 's', "9OO"},
    {"SspiUnmarshalAuthIdentityInternal", 's', "9OOo"},
    {"SspiPrepareForCredRead", 's', "ewOO"},
    {"SspiPrepareForCredWrite", 's', "ewOOOOO"},
    {"SspiValidateAuthIdentity", 's', "E"},
};
#define ROW_COUNT ((int)(sizeof ROWS / sizeof *ROWS))
#define MOST 13

/* What the good values point to. */
static struct objects {
    struct pair pair;
    /* Some functions write into the strings of an identity. */
    char domain[16], user[16], password[16];
    SEC_WINNT_AUTH_IDENTITY_A identity;
    SecHandle handle;
    uint64_t out[64];
    uint32_t flags;
    TimeStamp expiry;
    unsigned char signature[16], text[32], token[4096];
    SecBuffer message_buffers[2], token_buffer, in_buffer, packed;
    SecBufferDesc message, output, input;
} objects;

static void objects_open(void)
{
    memset(&objects, 0, sizeof objects);
    pair_open(&objects.pair, CLIENT_FLAGS, 0);
    strcpy(objects.domain, "DOMAIN");
    strcpy(objects.user, "user");
    strcpy(objects.password, "SecREt01");
    objects.identity = identity_of(objects.domain, objects.user, objects.password);
    objects.message_buffers[0] = (SecBuffer){16, SECBUFFER_TOKEN, objects.signature};
    objects.message_buffers[1] = (SecBuffer){32, SECBUFFER_DATA, objects.text};
    objects.message = (SecBufferDesc){SECBUFFER_VERSION, 2, objects.message_buffers};
    objects.token_buffer = (SecBuffer){sizeof objects.token, SECBUFFER_TOKEN, objects.token};
    objects.output = (SecBufferDesc){SECBUFFER_VERSION, 1, &objects.token_buffer};
    objects.in_buffer = (SecBuffer){objects.pair.negotiate.length, SECBUFFER_TOKEN, objects.pair.negotiate.bytes};
    objects.input = (SecBufferDesc){SECBUFFER_VERSION, 1, &objects.in_buffer};
}

static int is_pointer(char letter)
{
    return (letter < '0' || letter > '9') && letter != 'L' && letter != 'x';
}

static int is_mandatory(char letter)
{
    return letter >= 'A' && letter <= 'Z' && letter != 'L';
}

static uintptr_t value_of(char letter, const char *function)
{
    switch (letter) {
    case 'a': case 'A': return (uintptr_t)"text";
    case 'w': case 'W': return (uintptr_t)wide("text");
    case 'P': return (uintptr_t)"NTLM";
    case 'Q': return (uintptr_t)wide("NTLM");
    case 'i': case 'e': case 'E': return (uintptr_t)&objects.identity;
    case 'C': return (uintptr_t)&objects.pair.client_credential;
    case 'S': return (uintptr_t)&objects.pair.server_credential;
    case 'K': return (uintptr_t)&objects.pair.client;
    case 'H': return (uintptr_t)&objects.handle;
    case 't': return (uintptr_t)&objects.expiry;
    case 'f': return (uintptr_t)&objects.flags;
    case 'o': return strstr(function, "Free") ? 0 : (uintptr_t)&objects.out[8];
    case 'O': return (uintptr_t)&objects.out;
    case 'd': case 'D': return (uintptr_t)&objects.message;
    case 'n': case 'N': return (uintptr_t)&objects.input;
    case 'T': return (uintptr_t)&objects.output;
    case 'B': return (uintptr_t)&objects.packed;
    case 'L': return 16;
    case 'x': case 'z': return 0;
    default: return (uintptr_t)(letter - '0');
    }
}

typedef uintptr_t (*any_function)(uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t,
                                  uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t);

/* Calls a function with its good values, but NULL where a bit of `nulls` is set. */
static uintptr_t call(any_function function, const struct row *row, unsigned nulls)
{
    uintptr_t v[MOST] = {0};
    for (int i = 0; row->arguments[i] != 0; i++)
        v[i] = nulls >> i & 1 ? 0 : value_of(row->arguments[i], row->function);
    return function(v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9], v[10], v[11], v[12]);
}

/* Whether a mandatory pointer is among those that are NULL. */
static int lacks_something(const struct row *row, unsigned nulls)
{
    for (int i = 0; row->arguments[i] != 0; i++)
        if ((nulls >> i & 1) && is_mandatory(row->arguments[i]))
            return 1;
    return 0;
}

/* What a call made, if it made something, is given back. */
static void clean_up(void)
{
    if (DeleteSecurityContext(&objects.handle) == SEC_E_INVALID_HANDLE)
        FreeCredentialsHandle(&objects.handle);
    for (int i = 0; i < 64; i++)
        FreeContextBuffer((void *)(uintptr_t)objects.out[i]);
    FreeContextBuffer(objects.packed.pvBuffer);
    memset(objects.out, 0, sizeof objects.out);
    memset(&objects.handle, 0, sizeof objects.handle);
    memset(&objects.packed, 0, sizeof objects.packed);
}

static void call_once(any_function function, const struct row *row, unsigned nulls)
{
    uintptr_t answer = call(function, row, nulls);
    SECURITY_STATUS status = (SECURITY_STATUS)(uint32_t)answer;
    if (row->result == 's' && lacks_something(row, nulls))
        check(is_error(status), "%s with NULL in 0x%X answers 0x%08X", row->function, nulls, (unsigned)(uint32_t)status);
    else
        check(row->result != 'p' || answer != 0, "%s with NULL in 0x%X", row->function, nulls);
    clean_up();
}

/* The calls that end an object of the pair need a new pair each time. */
static int ends_an_object(const char *function)
{
    return strcmp(function, "DeleteSecurityContext") == 0 || strcmp(function, "FreeCredentialsHandle") == 0
        || strcmp(function, "ExportSecurityContext") == 0;
}

static void matrix(const struct row *row)
{
    any_function function;
    *(void **)&function = exported(row->function);
    if (!check(function != NULL, "%s is exported", row->function))
        return;
    unsigned pointers = 0;
    int count = (int)strlen(row->arguments);
    for (int i = 0; i < count; i++)
        if (is_pointer(row->arguments[i]))
            pointers |= 1u << i;
    objects_open();
    for (int i = 0; i < count; i++) {
        for (int j = i; j < count; j++) {
            unsigned nulls = (1u << i | 1u << j) & pointers;
            if (nulls == 0)
                continue;
            call_once(function, row, nulls);
            if (ends_an_object(row->function)) {
                pair_close(&objects.pair);
                objects_open();
            }
        }
    }
    call_once(function, row, pointers);
    check(ends_an_object(row->function) || pair_talks(&objects.pair), "the pair talks after %s", row->function);
    pair_close(&objects.pair);
}

int main(void)
{
    use_accounts(ACCOUNTS);
    setenv("SSPI_IMPERSONATION", "identify", 1);
    for (int i = 0; i < ROW_COUNT; i++)
        matrix(&ROWS[i]);
    return test_summary();
}
