/* Extended Protection: channel bindings of client and server in every combination. */
#include "pair.h"

/* A SEC_CHANNEL_BINDINGS structure with this application data. */
struct bindings {
    SEC_CHANNEL_BINDINGS head;
    char data[64];
    uint32_t length;
};

static void bindings_of(struct bindings *bindings, const char *text)
{
    memset(bindings, 0, sizeof *bindings);
    bindings->head.dwApplicationDataOffset = sizeof bindings->head;
    bindings->head.cbApplicationDataLength = (uint32_t)strlen(text);
    strcpy(bindings->data, text);
    bindings->length = (uint32_t)(sizeof bindings->head + strlen(text));
}

/* A handshake with what each side knows of the channel; the acceptor's verdict. */
static SECURITY_STATUS bound(const char *client_text, const char *server_text, uint32_t server_flags, uint32_t *result)
{
    struct pair pair;
    struct bindings client, server;
    struct token rest;
    TimeStamp expiry;
    pair_credentials(&pair);
    bindings_of(&client, client_text ? client_text : "");
    bindings_of(&server, server_text ? server_text : "");
    SecBuffer in[2] = {{client.length, SECBUFFER_CHANNEL_BINDINGS, &client}, {0, SECBUFFER_TOKEN, NULL}};
    SecBuffer out[2] = {{sizeof pair.negotiate.bytes, SECBUFFER_TOKEN, pair.negotiate.bytes}, {4, SECBUFFER_CHANNEL_BINDINGS_RESULT, result}};
    SecBufferDesc input = {SECBUFFER_VERSION, 1, in}, output = {SECBUFFER_VERSION, 1, out};
    SECURITY_STATUS status = InitializeSecurityContextA(
        &pair.client_credential, NULL, "HTTP/server", CLIENT_FLAGS, 0, 0, client_text ? &input : NULL, 0, &pair.client,
        &output, &pair.client_flags, &expiry);
    expect(status, SEC_I_CONTINUE_NEEDED, "the client begins");
    pair.negotiate.length = out[0].cbBuffer;

    SecBuffer server_in[2] = {{pair.negotiate.length, SECBUFFER_TOKEN, pair.negotiate.bytes}, {server.length, SECBUFFER_CHANNEL_BINDINGS, &server}};
    SecBufferDesc server_input = {SECBUFFER_VERSION, server_text ? 2 : 1, server_in};
    out[0] = (SecBuffer){sizeof pair.challenge.bytes, SECBUFFER_TOKEN, pair.challenge.bytes};
    status = AcceptSecurityContext(&pair.server_credential, NULL, &server_input, server_flags, 0, &pair.server, &output,
                                   &pair.server_flags, &expiry);
    expect(status, SEC_I_CONTINUE_NEEDED, "the server answers");
    pair.challenge.length = out[0].cbBuffer;

    in[1] = (SecBuffer){pair.challenge.length, SECBUFFER_TOKEN, pair.challenge.bytes};
    out[0] = (SecBuffer){sizeof pair.authenticate.bytes, SECBUFFER_TOKEN, pair.authenticate.bytes};
    input.cBuffers = client_text ? 2 : 1;
    input.pBuffers = client_text ? in : in + 1;
    status = InitializeSecurityContextA(NULL, &pair.client, "HTTP/server", CLIENT_FLAGS, 0, 0, &input, 0, &pair.client, &output,
                                        &pair.client_flags, &expiry);
    expect(status, SEC_E_OK, "the client is done");
    pair.authenticate.length = out[0].cbBuffer;

    server_in[0] = (SecBuffer){pair.authenticate.length, SECBUFFER_TOKEN, pair.authenticate.bytes};
    out[0] = (SecBuffer){sizeof rest.bytes, SECBUFFER_TOKEN, rest.bytes};
    output.cBuffers = result ? 2 : 1;
    status = AcceptSecurityContext(NULL, &pair.server, &server_input, server_flags, 0, &pair.server, &output, &pair.server_flags,
                                   &expiry);
    if (status == SEC_E_OK)
        check(pair_talks(&pair), "a bound pair talks");
    pair_close(&pair);
    return status;
}

static void table(void)
{
    const char *one = "tls-server-end-point:one", *two = "tls-server-end-point:two";
    const uint32_t missing = ASC_REQ_ALLOW_MISSING_BINDINGS, proxy = ASC_REQ_PROXY_BINDINGS;
    const struct { const char *client, *server; uint32_t flags; int64_t wanted; const char *name; } cases[] = {
        {NULL, NULL, 0, SEC_E_OK, "none on either side"},
        {one, NULL, 0, SEC_E_OK, "the server does not look"},
        {one, one, 0, SEC_E_OK, "the same"},
        {one, two, 0, SEC_E_BAD_BINDINGS, "another channel"},
        {NULL, one, 0, SEC_E_BAD_BINDINGS, "the client has none"},
        {NULL, one, missing, SEC_E_OK, "the client has none and may"},
        {one, two, missing, SEC_E_BAD_BINDINGS, "another channel, where none is allowed"},
        {one, one, missing, SEC_E_OK, "the same, where none is allowed"},
        {one, two, proxy, SEC_E_OK, "another channel behind a proxy"},
        {one, one, proxy, SEC_E_OK, "the same behind a proxy"},
        {NULL, one, proxy, SEC_E_BAD_BINDINGS, "none behind a proxy"},
        {NULL, one, proxy | missing, SEC_E_OK, "none behind a proxy, where none is allowed"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect(bound(cases[i].client, cases[i].server, cases[i].flags, NULL), cases[i].wanted, "%s", cases[i].name);
}

/* SECBUFFER_CHANNEL_BINDINGS_RESULT says which of it happened. */
static void verdicts(void)
{
    const char *one = "tls-server-end-point:one", *two = "tls-server-end-point:two";
    const uint32_t missing = ASC_REQ_ALLOW_MISSING_BINDINGS, proxy = ASC_REQ_PROXY_BINDINGS;
    const struct { const char *client, *server; uint32_t flags, wanted; const char *name; } cases[] = {
        {one, one, 0, SEC_CHANNEL_BINDINGS_RESULT_VALID_MATCHED, "matched"},
        {one, two, proxy, SEC_CHANNEL_BINDINGS_RESULT_VALID_PROXY, "proxy"},
        {NULL, one, missing, SEC_CHANNEL_BINDINGS_RESULT_VALID_MISSING, "missing"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint32_t result = 0;
        expect(bound(cases[i].client, cases[i].server, cases[i].flags, &result), SEC_E_OK, "verdict %s", cases[i].name);
        check(result & cases[i].wanted, "verdict %s: 0x%X", cases[i].name, (unsigned)result);
    }
}

/* The extended structure, told by its magic word, means the same. */
static void extended_structure(void)
{
    struct pair pair;
    struct { SEC_CHANNEL_BINDINGS_EX head; char data[24]; } server;
    struct bindings client;
    struct token rest;
    TimeStamp expiry;
    bindings_of(&client, "tls-server-end-point:one");
    memset(&server, 0, sizeof server);
    memcpy(server.data, "tls-server-end-point:one", 24);
    server.head.magicNumber = SEC_CHANNEL_BINDINGS_EX_MAGIC;
    server.head.flags = 0;
    server.head.cbHeaderLength = sizeof server.head;
    server.head.cbStructureLength = sizeof server;
    server.head.cbApplicationDataLength = 24;
    server.head.dwApplicationDataOffset = sizeof server.head;
    pair_credentials(&pair);
    initiate(&pair.client_credential, NULL, CLIENT_FLAGS, NULL, &pair.client, &pair.negotiate, &pair.client_flags);
    respond(&pair.server_credential, NULL, 0, &pair.negotiate, &pair.server, &pair.challenge, &pair.server_flags);
    SecBuffer in[2] = {{pair.challenge.length, SECBUFFER_TOKEN, pair.challenge.bytes}, {client.length, SECBUFFER_CHANNEL_BINDINGS, &client}};
    SecBuffer out = {sizeof pair.authenticate.bytes, SECBUFFER_TOKEN, pair.authenticate.bytes};
    SecBufferDesc input = {SECBUFFER_VERSION, 2, in}, output = {SECBUFFER_VERSION, 1, &out};
    expect(InitializeSecurityContextA(NULL, &pair.client, "HTTP/server", CLIENT_FLAGS, 0, 0, &input, 0, &pair.client, &output,
                                      &pair.client_flags, &expiry), SEC_E_OK, "bindings on the second leg alone");
    in[0] = (SecBuffer){out.cbBuffer, SECBUFFER_TOKEN, pair.authenticate.bytes};
    in[1] = (SecBuffer){sizeof server, SECBUFFER_CHANNEL_BINDINGS, &server};
    out = (SecBuffer){sizeof rest.bytes, SECBUFFER_TOKEN, rest.bytes};
    expect(AcceptSecurityContext(NULL, &pair.server, &input, 0, 0, &pair.server, &output, &pair.server_flags, &expiry), SEC_E_OK,
           "the extended structure");
    pair_close(&pair);
}

int main(void)
{
    use_accounts(ACCOUNTS);
    table();
    verdicts();
    extended_structure();
    return test_summary();
}
