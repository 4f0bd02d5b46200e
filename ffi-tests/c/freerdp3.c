/* FreeRDP 3's calls, as its credssp_auth.c and rpc_client.c make them: through a table that was loaded by
   dlopen, with the identities of WinPR 3. Kerberos' part needs a KDC: interop/kerberos/test_winpr.py. */
#include "winpr.h"

#include <dlfcn.h>

static PSecurityFunctionTableA table;

/* /sspi-module: RTLD_LOCAL and RTLD_LAZY, and then nothing but the table. */
static void load(void)
{
    Dl_info where;
    void *entry = NULL;
    if (check(dladdr((void *)(uintptr_t)&InitSecurityInterfaceA, &where) != 0, "the library has a file")) {
        void *module = dlopen(where.dli_fname, RTLD_LOCAL | RTLD_LAZY);
        check(module != NULL, "it is loaded again");
        entry = dlsym(module, "InitSecurityInterfaceA");
    }
    if (!check(entry != NULL, "and has its entry point"))
        exit(test_summary());
    table = ((INIT_SECURITY_INTERFACE_A)(uintptr_t)entry)();
    check(table->SetContextAttributesA != NULL && table->SetCredentialsAttributesA != NULL, "no slot is NULL that it uses");
}

/* One end, as rdpCredsspAuth is. */
struct end {
    CredHandle credential;
    CtxtHandle context;
    uint32_t flags, max_token;
    int server, have_context;
    unsigned char token[48256];
    uint32_t length;
};

static SECURITY_STATUS start(struct end *end, int server, void *identity)
{
    PSecPkgInfoA info = NULL;
    memset(end, 0, sizeof *end);
    end->server = server;
    /* The request and what is granted are one variable. */
    end->flags = server ? 0x883a : 0x12;
    expect(table->QuerySecurityPackageInfoA("Negotiate", &info), SEC_E_OK, "the package");
    end->max_token = info->cbMaxToken;
    expect(table->FreeContextBuffer(info), SEC_E_OK, "is freed");
    return table->AcquireCredentialsHandleA(NULL, "Negotiate", server ? SECPKG_CRED_INBOUND : SECPKG_CRED_OUTBOUND, NULL,
                                            identity, NULL, NULL, &end->credential, NULL);
}

static SECURITY_STATUS step(struct end *end, const struct end *peer)
{
    /* The first call of a client has an input as well: one buffer of nothing. */
    SecBuffer in = {peer ? peer->length : 0, peer ? SECBUFFER_TOKEN : 0, peer ? (void *)peer->token : NULL};
    SecBuffer out = {end->max_token, SECBUFFER_TOKEN, end->token};
    SecBufferDesc input = {SECBUFFER_VERSION, 1, &in}, output = {SECBUFFER_VERSION, 1, &out};
    CtxtHandle *old = end->have_context ? &end->context : NULL;
    SECURITY_STATUS status = end->server
        ? table->AcceptSecurityContext(&end->credential, old, &input, end->flags, SECURITY_NATIVE_DREP, &end->context, &output, &end->flags, NULL)
        : table->InitializeSecurityContextA(&end->credential, old, "TERMSRV/server.example.test", end->flags, 0, SECURITY_NATIVE_DREP,
                                            &input, 0, &end->context, &output, &end->flags, NULL);
    end->length = is_error(status) ? 0 : out.cbBuffer;
    if (status == SEC_E_OK || status == SEC_I_CONTINUE_NEEDED) {
        check(end->context.dwLower != 0 || end->context.dwUpper != 0, "a handle is never (0,0)");
        if (!end->have_context && !end->server)
            expect(table->SetContextAttributesA(&end->context, ATTR_HOSTNAME, "DESK", 4), SEC_E_OK, "its host's name");
        end->have_context = 1;
    }
    return status;
}

static void stop(struct end *end)
{
    if (end->have_context)
        expect(table->DeleteSecurityContext(&end->context), SEC_E_OK, "the context is deleted");
    expect(table->FreeCredentialsHandle(&end->credential), SEC_E_OK, "and then the credential");
}

/* The server's last status; it may say nothing but SEC_E_OK and SEC_I_CONTINUE_NEEDED before it refuses. */
static SECURITY_STATUS log_on(struct end *client, struct end *server)
{
    SECURITY_STATUS status, verdict = SEC_I_CONTINUE_NEEDED;
    const struct end *said = NULL;
    for (int leg = 0; leg < 8; leg++) {
        status = step(client, said);
        check(status == SEC_E_OK || status == SEC_I_CONTINUE_NEEDED, "the client goes on");
        if (verdict == SEC_E_OK || client->length == 0 || is_error(status))
            break;
        if (leg == 0)
            check(memcmp(client->token, "NTLMSSP", 8) == 0, "NTLM alone is spoken bare");
        verdict = step(server, client);
        if (is_error(verdict) || (verdict == SEC_E_OK && server->length == 0))
            break;
        check(verdict == SEC_E_OK || verdict == SEC_I_CONTINUE_NEEDED, "the server decides at once");
        said = server;
    }
    return verdict;
}

/* CredSSP seals [TOKEN][DATA]; the RPC gateway signs DATA that it must not touch. */
static void messages(struct end *from, struct end *to)
{
    SecPkgContext_Sizes sizes;
    uint32_t qop;
    expect(table->QueryContextAttributesA(&from->context, SECPKG_ATTR_SIZES, &sizes), SEC_E_OK, "sizes");
    for (uint32_t number = 0; number < 3; number++) {
        unsigned char wire[128];
        SecBuffer out[2] = {{sizes.cbSecurityTrailer, SECBUFFER_TOKEN, wire}, {16, SECBUFFER_DATA, wire + sizes.cbSecurityTrailer}};
        SecBufferDesc sealed = {SECBUFFER_VERSION, 2, out};
        memcpy(out[1].pvBuffer, "public key hash", 16);
        expect(table->EncryptMessage(&from->context, 0, &sealed, number), SEC_E_OK, "seal %u", number);
        check(out[0].cbBuffer == sizes.cbSecurityTrailer && memcmp(out[1].pvBuffer, "public key hash", 16) != 0, "it is sealed");
        expect(table->DecryptMessage(&to->context, &sealed, number, &qop), SEC_E_OK, "open %u", number);
        check(memcmp(out[1].pvBuffer, "public key hash", 16) == 0, "it is what it was");
    }
    char header[] = "header", body[] = "body";
    unsigned char signature[64];
    SecBuffer out[3] = {{6, SECBUFFER_DATA | SECBUFFER_READONLY, header}, {4, SECBUFFER_DATA, body}, {sizes.cbSecurityTrailer, SECBUFFER_TOKEN, signature}};
    SecBufferDesc rpc = {SECBUFFER_VERSION, 3, out};
    expect(table->EncryptMessage(&from->context, 0, &rpc, 3), SEC_E_OK, "an RPC fragment");
    check(strcmp(header, "header") == 0 && strcmp(body, "body") != 0, "what is read-only stays");
    expect(table->DecryptMessage(&to->context, &rpc, 3, &qop), SEC_E_OK, "and its other end");
    check(strcmp(body, "body") == 0, "the body is back");
    expect(table->EncryptMessage(&from->context, 0, &rpc, 4), SEC_E_OK, "another fragment");
    header[0] = 'H';
    expect(table->DecryptMessage(&to->context, &rpc, 4, &qop), SEC_E_MESSAGE_ALTERED, "the header is signed");
}

/* SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS: a structure of the W kind through the slot of the A kind. */
static void kdc_proxy(struct end *end)
{
    struct { SecPkgCredentials_KdcProxySettingsW settings; SEC_WCHAR server[32]; } proxy;
    memset(&proxy, 0, sizeof proxy);
    proxy.settings.Version = KDC_PROXY_SETTINGS_V1;
    proxy.settings.Flags = KDC_PROXY_SETTINGS_FLAGS_FORCEPROXY;
    proxy.settings.ProxyServerOffset = sizeof proxy.settings;
    proxy.settings.ProxyServerLength = 2 * 19;
    memcpy(proxy.server, wide("gateway.example.test"), 2 * 20);
    expect(table->SetCredentialsAttributesA(&end->credential, SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS, &proxy, sizeof proxy), SEC_E_OK, "a KDC proxy");
    proxy.settings.ProxyServerLength = 400;
    expect(table->SetCredentialsAttributesA(&end->credential, SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS, &proxy, sizeof proxy), SEC_E_INVALID_PARAMETER, "one that leaves its buffer");
}

static void one_logon(const char *user, const char *password, uint32_t flags, int second_layout, int64_t wanted, const char *name)
{
    struct end client, server;
    struct ntlm_settings ntlm = {scratch_path("SAM"), NULL, NULL};
    struct ntlm_settings_v2 ntlm_v2 = {.size = sizeof ntlm_v2, .sam_file = ntlm.sam_file};
    struct kerberos_settings kerberos = {.keytab = "/no/such/keytab", .cache = "FILE:/no/such/cache"};
    struct kerberos_settings_v2 kerberos_v2 = {.size = sizeof kerberos_v2, .settings = kerberos};
    union { struct extended_identity first; struct extended_identity_v2 second; } identity;
    memset(&identity, 0, sizeof identity);
    SEC_WINNT_AUTH_IDENTITY_EXW *ex = &identity.first.identity;
    ex->Version = SEC_WINNT_AUTH_IDENTITY_VERSION;
    ex->Length = sizeof *ex;
    ex->Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE | (second_layout ? IDENTITY_EXTENDED_V2 : IDENTITY_EXTENDED);
    if (second_layout) {
        identity.second.version = 1;
        identity.second.ntlm = &ntlm_v2;
        identity.second.kerberos = &kerberos_v2;
    } else {
        identity.first.ntlm = &ntlm;
        identity.first.kerberos = &kerberos;
    }
    expect(start(&server, 1, &identity), SEC_E_OK, "%s: the server", name);
    ex->User = wide(user);
    ex->UserLength = (uint32_t)strlen(user);
    ex->Domain = wide(WINPR_DOMAIN);
    ex->DomainLength = (uint32_t)strlen(WINPR_DOMAIN);
    ex->Password = wide(password);
    ex->PasswordLength = (uint32_t)strlen(password);
    ex->Flags |= flags;
    expect(start(&client, 0, &identity), SEC_E_OK, "%s: the client", name);
    kdc_proxy(&client);
    expect(log_on(&client, &server), wanted, "%s", name);
    if (wanted == SEC_E_OK) {
        check((client.flags & ISC_RET_CONFIDENTIALITY) != 0 && (server.flags & ASC_RET_CONFIDENTIALITY) != 0, "sealed");
        messages(&client, &server);
        messages(&server, &client);
        expect(table->ImpersonateSecurityContext(&server.context), SEC_E_OK, "the server acts for the client");
        expect(table->RevertSecurityContext(&server.context), SEC_E_OK, "and no more");
    }
    stop(&client);
    stop(&server);
}

int main(void)
{
    setenv("SSPI_IMPERSONATION", "identify", 1);
    unsetenv("NTLM_USER_FILE");
    write_file(scratch_path("SAM"), WINPR_SAM_LINE);
    load();
    for (int layout = 0; layout < 2; layout++) {
        one_logon(WINPR_USER, WINPR_PASSWORD, 0, layout, SEC_E_OK, "a password");
        one_logon(WINPR_USER, "d5922a65c4d5c082ca444af1be0001db", IDENTITY_PASSWORD_HASH, layout, SEC_E_OK, "a hash");
        one_logon(WINPR_USER, "d5922a65c4d5c082ca444af1be0001db", 0, layout, SEC_E_LOGON_DENIED, "a hash as a password");
        one_logon(WINPR_USER, "wrong", 0, layout, SEC_E_LOGON_DENIED, "a wrong password");
        one_logon("nobody", WINPR_PASSWORD, 0, layout, SEC_E_LOGON_DENIED, "an unknown user");
    }
    return test_summary();
}
