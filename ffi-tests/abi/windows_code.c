/*
 * Code as it is written for Windows, and as curl has it: security.h, names that follow UNICODE, the table of
 * InitSecurityInterface, and calls in curl's own order. Compiled in every standard of C and C++, and run.
 *
 * NTLM_USER_FILE has the line EXAMPLE:user:SecREt01; there is no Kerberos.
 */
#define SECURITY_WIN32
#include <security.h>
#include <sspi.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As curl says it, which loads the library by name. */
typedef PSecurityFunctionTable (APIENTRY *INITSECURITYINTERFACE_FN)(VOID);
HMODULE s_hSecDll;

static PSecurityFunctionTable s_pSecFn;
static int failures;

static void check(int holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "FAILED: %s\n", what);
        failures++;
    }
}

/* A text in the program's own characters, since C before C11 has no literals of UTF-16. */
static TCHAR *text(const char *ascii)
{
    static TCHAR texts[16][64];
    static unsigned next;
    TCHAR *made = texts[next++ % 16];
    size_t i;
    for (i = 0; i < 63 && ascii[i] != 0; i++)
        made[i] = (TCHAR)ascii[i];
    made[i] = 0;
    return made;
}

static ULONG length_of(const TCHAR *string)
{
    ULONG length = 0;
    while (string[length] != 0)
        length++;
    return length;
}

#ifdef UNICODE
typedef unsigned short *TEXT_OF_IDENTITY;
#else
typedef unsigned char *TEXT_OF_IDENTITY;
#endif

static void fill(SEC_WINNT_AUTH_IDENTITY_EX *identity, TCHAR *user, TCHAR *domain, TCHAR *password)
{
    memset(identity, 0, sizeof(*identity));
    identity->Version = SEC_WINNT_AUTH_IDENTITY_VERSION;
    identity->Length = sizeof(*identity);
    identity->User = (TEXT_OF_IDENTITY)user;
    identity->UserLength = user ? length_of(user) : 0;
    identity->Domain = (TEXT_OF_IDENTITY)domain;
    identity->DomainLength = domain ? length_of(domain) : 0;
    identity->Password = (TEXT_OF_IDENTITY)password;
    identity->PasswordLength = password ? length_of(password) : 0;
#ifdef UNICODE
    identity->Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE;
#else
    identity->Flags = SEC_WINNT_AUTH_IDENTITY_ANSI;
#endif
}

static void describe(SecBufferDesc *desc, SecBuffer *buffers, ULONG count)
{
    desc->ulVersion = SECBUFFER_VERSION;
    desc->cBuffers = count;
    desc->pBuffers = buffers;
}

static void set(SecBuffer *buffer, ULONG type, void *bytes, ULONG length)
{
    buffer->BufferType = type;
    buffer->pvBuffer = bytes;
    buffer->cbBuffer = length;
}

/* One side of a logon; what curl keeps for a connection. */
struct side {
    CredHandle *credentials;
    CtxtHandle *context;
    BYTE *output_token;
    ULONG token_max, output_token_length;
    SECURITY_STATUS status;
};

static void begin(struct side *side, const char *package)
{
    PSecPkgInfo SecurityPackage;
    memset(side, 0, sizeof(*side));
    side->status = s_pSecFn->QuerySecurityPackageInfo(text(package), &SecurityPackage);
    check(side->status == SEC_E_OK, "QuerySecurityPackageInfo");
    side->token_max = SecurityPackage->cbMaxToken;
    s_pSecFn->FreeContextBuffer(SecurityPackage);
    side->output_token = (BYTE *)malloc(side->token_max);
    side->credentials = (CredHandle *)calloc(1, sizeof(CredHandle));
    side->context = (CtxtHandle *)calloc(1, sizeof(CtxtHandle));
}

static void acquire(struct side *side, const char *package, ULONG use, void *identity)
{
    TimeStamp expiry;
    side->status = s_pSecFn->AcquireCredentialsHandle(NULL, text(package), use, NULL, identity, NULL, NULL,
                                                      side->credentials, &expiry);
}

/* As curl's cleanup: whatever became of the context, it is deleted. */
static void end(struct side *side)
{
    s_pSecFn->DeleteSecurityContext(side->context);
    s_pSecFn->FreeCredentialsHandle(side->credentials);
    free(side->context);
    free(side->credentials);
    free(side->output_token);
    memset(side, 0, sizeof(*side));
}

static void complete(struct side *side, SecBufferDesc *desc)
{
    if (side->status == SEC_I_COMPLETE_NEEDED || side->status == SEC_I_COMPLETE_AND_CONTINUE)
        side->status = s_pSecFn->CompleteAuthToken(side->context, desc);
}

/* curl's first message (`from` NULL) and its second. */
static void initiate(struct side *side, ULONG request, const struct side *from, SEC_CHANNEL_BINDINGS *bindings)
{
    SecBuffer type_2_bufs[2], resp_buf;
    SecBufferDesc type_2_desc, resp_desc;
    ULONG attrs;
    TimeStamp expiry;
    describe(&resp_desc, &resp_buf, 1);
    set(&resp_buf, SECBUFFER_TOKEN, side->output_token, side->token_max);
    if (from) {
        describe(&type_2_desc, type_2_bufs, bindings ? 2 : 1);
        set(&type_2_bufs[0], SECBUFFER_TOKEN, from->output_token, from->output_token_length);
        if (bindings)
            set(&type_2_bufs[1], SECBUFFER_CHANNEL_BINDINGS, bindings,
                (ULONG)sizeof(*bindings) + bindings->cbApplicationDataLength);
    }
    side->status = s_pSecFn->InitializeSecurityContext(
        side->credentials, from ? side->context : NULL, text("HTTP/server"), request, 0, SECURITY_NETWORK_DREP,
        from ? &type_2_desc : NULL, 0, side->context, &resp_desc, &attrs, &expiry);
    complete(side, &resp_desc);
    side->output_token_length = resp_buf.cbBuffer;
}

static void respond(struct side *side, const struct side *from, int first)
{
    SecBuffer in, out;
    SecBufferDesc in_desc, out_desc;
    ULONG attrs;
    TimeStamp expiry;
    describe(&in_desc, &in, 1);
    set(&in, SECBUFFER_TOKEN, from->output_token, from->output_token_length);
    describe(&out_desc, &out, 1);
    set(&out, SECBUFFER_TOKEN, side->output_token, side->token_max);
    side->status = s_pSecFn->AcceptSecurityContext(side->credentials, first ? NULL : side->context, &in_desc, 0,
                                                   SECURITY_NATIVE_DREP, side->context, &out_desc, &attrs, &expiry);
    complete(side, &out_desc);
    side->output_token_length = out.cbBuffer;
}

/* A logon with this request, of which both sides are left open. */
static void log_on(struct side *client, struct side *server, const char *package, ULONG request,
                   SEC_CHANNEL_BINDINGS *bindings)
{
    SEC_WINNT_AUTH_IDENTITY_EX identity;
    fill(&identity, text("user"), text("EXAMPLE"), text("SecREt01"));
    begin(client, package);
    begin(server, package);
    acquire(client, package, SECPKG_CRED_OUTBOUND, &identity);
    check(client->status == SEC_E_OK, "the client's credentials");
    acquire(server, package, SECPKG_CRED_INBOUND, NULL);
    check(server->status == SEC_E_OK, "the server's credentials");
    initiate(client, request, NULL, NULL);
    check(client->status == SEC_I_CONTINUE_NEEDED, "the first message");
    respond(server, client, 1);
    check(server->status == SEC_I_CONTINUE_NEEDED, "the challenge");
    initiate(client, request, server, bindings);
    check(client->status == SEC_E_OK, "the answer to the challenge");
    respond(server, client, 0);
    check(server->status == SEC_E_OK, "the logon");
}

static void end_both(struct side *client, struct side *server)
{
    end(client);
    end(server);
}

/* The table by dlsym's name, the type of whose function is there too. */
static void table(void)
{
    INIT_SECURITY_INTERFACE entry = InitSecurityInterface;
    INITSECURITYINTERFACE_FN same = entry;
    s_pSecFn = same();
    check(s_pSecFn->dwVersion >= SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION, "dwVersion");
    check(strcmp(SECURITY_ENTRYPOINT_ANSI, sizeof(TCHAR) == 1 ? "InitSecurityInterfaceA" : "InitSecurityInterfaceW")
          == 0, "SECURITY_ENTRYPOINT_ANSI");
#ifdef TEXT
#define SP_NAME "HTTP"
    check(length_of((TCHAR *)TEXT(SP_NAME)) == 4 && TEXT(SP_NAME)[0] == text("H")[0], "TEXT");
#elif !defined(UNICODE)
#error TEXT
#endif
}

/* curl's NTLM: no requirement at all. */
static void ntlm(void)
{
    struct side client, server;
    SecPkgContext_Bindings bindings;
    SecPkgContext_Names names;
    bindings.Bindings = NULL;
    log_on(&client, &server, "NTLM", 0, NULL);
    /* Asked of a TLS context by curl; of this one there are none. */
    check(s_pSecFn->QueryContextAttributes(client.context, SECPKG_ATTR_ENDPOINT_BINDINGS, &bindings)
          == SEC_E_UNSUPPORTED_FUNCTION && bindings.Bindings == NULL, "ENDPOINT_BINDINGS");
    check(s_pSecFn->QueryContextAttributes(server.context, SECPKG_ATTR_NAMES, &names) == SEC_E_OK, "NAMES");
    check(length_of(names.sUserName) == 12, "EXAMPLE\\user");
    s_pSecFn->FreeContextBuffer(names.sUserName);
    end_both(&client, &server);
}

/* Bindings of a TLS connection that curl does not terminate at this server: they are sent, and not checked. */
static void channel_bindings(void)
{
    struct { SEC_CHANNEL_BINDINGS head; char data[32]; } bindings;
    struct side client, server;
    memset(&bindings, 0, sizeof(bindings));
    strcpy(bindings.data, "tls-server-end-point:0123456789");
    bindings.head.cbApplicationDataLength = 31;
    bindings.head.dwApplicationDataOffset = sizeof(bindings.head);
    log_on(&client, &server, "NTLM", 0, &bindings.head);
    end_both(&client, &server);
}

/* curl's Negotiate always says "!ntlm", with a user and without one. */
static void without_ntlm(int with_user)
{
    SEC_WINNT_AUTH_IDENTITY_EX identity;
    struct side client;
    TCHAR *packages = text("!ntlm");
    fill(&identity, with_user ? text("user") : NULL, with_user ? text("EXAMPLE") : NULL,
         with_user ? text("SecREt01") : NULL);
    identity.PackageList = (TEXT_OF_IDENTITY)packages;
    identity.PackageListLength = length_of(packages);
    begin(&client, "Negotiate");
    acquire(&client, "Negotiate", SECPKG_CRED_OUTBOUND, &identity);
    if (client.status == SEC_E_OK) {
        initiate(&client, ISC_REQ_CONFIDENTIALITY, NULL, NULL);
        check(client.status < 0, "no Kerberos, and no NTLM instead");
        check(client.context->dwLower == 0 && client.context->dwUpper == 0, "a first call that fails makes no context");
        /* curl deletes it nevertheless. */
        check(s_pSecFn->DeleteSecurityContext(client.context) == SEC_E_INVALID_HANDLE, "there is nothing to delete");
    } else {
        check(client.status == SEC_E_NO_CREDENTIALS, "no credentials without Kerberos");
    }
    end(&client);
}

/* SASL's and SOCKS5's last message: [TOKEN, DATA, PADDING] in one piece, read as [STREAM, DATA]. */
static void wrapped(struct side *from, struct side *to)
{
    SecPkgContext_Sizes sizes;
    SecBuffer wrap_buf[3], input_buf[2];
    SecBufferDesc wrap_desc, input_desc;
    BYTE message[4], *appdata;
    ULONG qop = 0, length;
    message[0] = 1;
    message[1] = message[2] = message[3] = 0;
    check(s_pSecFn->QueryContextAttributes(from->context, SECPKG_ATTR_SIZES, &sizes) == SEC_E_OK, "SIZES");
    describe(&wrap_desc, wrap_buf, 3);
    set(&wrap_buf[0], SECBUFFER_TOKEN, malloc(sizes.cbSecurityTrailer), sizes.cbSecurityTrailer);
    set(&wrap_buf[1], SECBUFFER_DATA, message, sizeof(message));
    set(&wrap_buf[2], SECBUFFER_PADDING, malloc(sizes.cbBlockSize + 1), sizes.cbBlockSize);
    check(s_pSecFn->EncryptMessage(from->context, KERB_WRAP_NO_ENCRYPT, &wrap_desc, 0) == SEC_E_OK, "EncryptMessage");
    length = wrap_buf[0].cbBuffer + wrap_buf[1].cbBuffer + wrap_buf[2].cbBuffer;
    appdata = (BYTE *)malloc(length);
    memcpy(appdata, wrap_buf[0].pvBuffer, wrap_buf[0].cbBuffer);
    memcpy(appdata + wrap_buf[0].cbBuffer, wrap_buf[1].pvBuffer, wrap_buf[1].cbBuffer);
    memcpy(appdata + length - wrap_buf[2].cbBuffer, wrap_buf[2].pvBuffer, wrap_buf[2].cbBuffer);

    describe(&input_desc, input_buf, 2);
    set(&input_buf[0], SECBUFFER_STREAM, appdata, length);
    set(&input_buf[1], SECBUFFER_DATA, NULL, 0);
    check(s_pSecFn->DecryptMessage(to->context, &input_desc, 0, &qop) == SEC_E_OK, "DecryptMessage");
    check(qop == KERB_WRAP_NO_ENCRYPT, "what was not encrypted is known");
    check(input_buf[1].cbBuffer == 4 && memcmp(input_buf[1].pvBuffer, message, 4) == 0, "what was wrapped");
    /* It points into the stream: curl's attempt to free it must do no harm. */
    check(s_pSecFn->FreeContextBuffer(input_buf[1].pvBuffer) == SEC_E_INVALID_HANDLE, "the caller's own memory");
    free(appdata);
    free(wrap_buf[0].pvBuffer);
    free(wrap_buf[2].pvBuffer);
}

static void signed_apart(struct side *from, struct side *to)
{
    SecBuffer buffers[2];
    SecBufferDesc desc;
    BYTE signature[64], body[] = "GET / HTTP/1.1";
    ULONG qop = 0;
    describe(&desc, buffers, 2);
    set(&buffers[0], SECBUFFER_DATA, body, sizeof(body));
    set(&buffers[1], SECBUFFER_TOKEN, signature, sizeof(signature));
    check(s_pSecFn->MakeSignature(from->context, 0, &desc, 0) == SEC_E_OK, "MakeSignature");
    check(s_pSecFn->VerifySignature(to->context, &desc, 0, &qop) == SEC_E_OK, "VerifySignature");
}

static void messages(const char *package)
{
    struct side client, server;
    SecPkgContext_PackageInfo info;
    log_on(&client, &server, package, ISC_REQ_CONFIDENTIALITY | ISC_REQ_INTEGRITY, NULL);
    check(s_pSecFn->QueryContextAttributes(client.context, SECPKG_ATTR_PACKAGE_INFO, &info) == SEC_E_OK,
          "PACKAGE_INFO");
    check(length_of(info.PackageInfo->Name) == 4, "NTLM did it");
    s_pSecFn->FreeContextBuffer(info.PackageInfo);
    wrapped(&client, &server);
    wrapped(&server, &client);
    signed_apart(&client, &server);
    end_both(&client, &server);
}

/* socks_sspi.c asks who it is. */
static void credential_names(void)
{
    SEC_WINNT_AUTH_IDENTITY_EX identity;
    SecPkgCredentials_Names names;
    struct side client;
    fill(&identity, text("user"), text("EXAMPLE"), text("SecREt01"));
    begin(&client, "NTLM");
    acquire(&client, "NTLM", SECPKG_CRED_OUTBOUND, &identity);
    check(s_pSecFn->QueryCredentialsAttributes(client.credentials, SECPKG_CRED_ATTR_NAMES, &names) == SEC_E_OK,
          "the credential's name");
    check(length_of(names.sUserName) >= 4, "the user");
    s_pSecFn->FreeContextBuffer(names.sUserName);
    end(&client);
}

/* Packages of Windows that are not here: curl then says that it has none. */
static void unknown_packages(void)
{
    PSecPkgInfo info = NULL;
    check(s_pSecFn->QuerySecurityPackageInfo(text("WDigest"), &info) == SEC_E_SECPKG_NOT_FOUND && info == NULL,
          "WDigest");
    check(s_pSecFn->QuerySecurityPackageInfo(text("Negotiate"), &info) == SEC_E_OK, "Negotiate");
    s_pSecFn->FreeContextBuffer(info);
}

int main(void)
{
    table();
    unknown_packages();
    ntlm();
    channel_bindings();
    without_ntlm(1);
    without_ntlm(0);
    messages("NTLM");
    messages("Negotiate");
    credential_names();
    return failures == 0 ? 0 : 1;
}
