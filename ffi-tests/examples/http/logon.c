#include "logon.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Why the last call failed, in the library's words, which may name a user: nothing for the client. */
static void add_last_error(struct text *reason)
{
    char *words = NULL;
    if (libsspi_last_error(&words) == SEC_E_OK && words != NULL)
        text_add_plain(reason, words);
    FreeContextBuffer(words);
}

static int acquire(struct scheme *scheme, const char *const *services, uint32_t count)
{
    TimeStamp expiry;
    SECURITY_STATUS status = AcquireCredentialsHandleA(
        NULL, (SEC_CHAR *)scheme->name, SECPKG_CRED_INBOUND, NULL, NULL, NULL, NULL, &scheme->credential, &expiry);
    if (status == SEC_E_OK) {
        scheme->acquired = 1;
        status = count == 0 ? SEC_E_OK : libsspi_set_credential_services(&scheme->credential, services, count);
    }
    if (status == SEC_E_OK)
        return 1;
    struct text reason = {0};
    add_last_error(&reason);
    fprintf(stderr, "%s: %s\n", scheme->name, reason.length == 0 ? "failed" : reason.bytes);
    text_free(&reason);
    return 0;
}

int realm_open(struct realm *realm, const char *const *services, uint32_t service_count)
{
    realm->schemes[0].name = "Negotiate";
    realm->schemes[1].name = "NTLM";
    for (int i = 0; i < SCHEME_COUNT; i++)
        if (!acquire(&realm->schemes[i], services, service_count))
            return 0;
    return 1;
}

int realm_bind(struct realm *realm, const unsigned char *data, size_t length)
{
    SEC_CHANNEL_BINDINGS head = {0};
    head.cbApplicationDataLength = (uint32_t)length;
    head.dwApplicationDataOffset = sizeof head;
    realm->bindings = malloc(sizeof head + length);
    if (realm->bindings == NULL)
        return 0;
    memcpy(realm->bindings, &head, sizeof head);
    memcpy(realm->bindings + sizeof head, data, length);
    realm->bindings_length = (uint32_t)(sizeof head + length);
    return 1;
}

void realm_close(struct realm *realm)
{
    for (int i = 0; i < SCHEME_COUNT; i++)
        if (realm->schemes[i].acquired)
            FreeCredentialsHandle(&realm->schemes[i].credential);
    free(realm->bindings);
}

void logon_forget(struct logon *logon)
{
    struct client *client = &logon->client;
    if (logon->state != LOGON_NOBODY)
        DeleteSecurityContext(&logon->context);
    free(client->name);
    free(client->package);
    free(client->description);
    free(client->target);
    free(client->sealing);
    memset(logon, 0, sizeof *logon);
}

int logon_is_valid(struct logon *logon)
{
    if (logon->state == LOGON_KNOWN && logon->client.until != 0 && logon->client.until <= time(NULL))
        logon_forget(logon);
    return logon->state == LOGON_KNOWN;
}

/* Makes a string of the library's one of ours. */
static char *take(SEC_CHAR *text)
{
    char *copy = text == NULL ? NULL : strdup(text);
    FreeContextBuffer(text);
    return copy;
}

/* Asks what there is to know of an established context; 0 when not even a name is. */
static int describe(CtxtHandle *context, struct client *client)
{
    SecPkgContext_NamesA names;
    SecPkgContext_PackageInfoA package;
    SecPkgContext_ClientSpecifiedTarget target;
    SecPkgContext_KeyInfoA keys;
    SecPkgContext_Lifespan life;
    if (QueryContextAttributesA(context, SECPKG_ATTR_NAMES, &names) == SEC_E_OK)
        client->name = take(names.sUserName);
    if (QueryContextAttributesA(context, SECPKG_ATTR_PACKAGE_INFO, &package) == SEC_E_OK) {
        /* One block, with its strings inside. */
        client->package = strdup(package.PackageInfo->Name);
        client->description = strdup(package.PackageInfo->Comment);
        FreeContextBuffer(package.PackageInfo);
    }
    if (QueryContextAttributesA(context, SECPKG_ATTR_CLIENT_SPECIFIED_TARGET, &target) == SEC_E_OK)
        client->target = take((SEC_CHAR *)target.sTargetName);
    if (QueryContextAttributesA(context, SECPKG_ATTR_KEY_INFO, &keys) == SEC_E_OK) {
        client->sealing = take(keys.sEncryptAlgorithmName);
        client->key_bits = keys.KeySize;
        FreeContextBuffer(keys.sSignatureAlgorithmName);
    }
    client->since = time(NULL);
    if (QueryContextAttributesA(context, SECPKG_ATTR_LIFESPAN, &life) == SEC_E_OK
        && life.tsExpiry.QuadPart != INT64_MAX)
        client->until = seconds_of(life.tsExpiry.QuadPart);
    return client->name != NULL && client->package != NULL;
}

/* Hands one token to the acceptor; its answer goes to `out`, a block for FreeContextBuffer. */
static SECURITY_STATUS accept_token(struct logon *logon, const struct realm *realm, void *token, size_t length,
                                    SecBuffer *out)
{
    uint32_t requirements = ASC_REQ_ALLOCATE_MEMORY;
    if (!realm->bindings_required)
        requirements |= ASC_REQ_ALLOW_MISSING_BINDINGS;
    SecBuffer in[2] = {
        {(uint32_t)length, SECBUFFER_TOKEN, token},
        {realm->bindings_length, SECBUFFER_CHANNEL_BINDINGS, realm->bindings},
    };
    SecBuffer outputs[2] = {
        {0, SECBUFFER_TOKEN, NULL},
        {sizeof logon->client.binding, SECBUFFER_CHANNEL_BINDINGS_RESULT, &logon->client.binding},
    };
    SecBufferDesc input = {SECBUFFER_VERSION, realm->bindings_length > 0 ? 2 : 1, in};
    SecBufferDesc output = {SECBUFFER_VERSION, 2, outputs};
    TimeStamp expiry;
    int begun = logon->state == LOGON_BEGUN;
    SECURITY_STATUS status = AcceptSecurityContext(
        (CredHandle *)&logon->scheme->credential, begun ? &logon->context : NULL, &input, requirements,
        SECURITY_NATIVE_DREP, &logon->context, &output, &logon->client.protections, &expiry);
    /* Only a context that was begun is there to be deleted. */
    if (status >= 0 && !begun)
        logon->state = LOGON_BEGUN;
    *out = outputs[0];
    return status;
}

/* The scheme of "NTLM TlRM...", with the rest in `token`; NULL for any other. */
static const struct scheme *scheme_of(const struct realm *realm, const char *authorization, const char **token)
{
    size_t length = strcspn(authorization, " ");
    *token = authorization + length + strspn(authorization + length, " ");
    for (int i = 0; i < SCHEME_COUNT; i++) {
        const struct scheme *scheme = &realm->schemes[i];
        if (strlen(scheme->name) == length && strncasecmp(scheme->name, authorization, length) == 0)
            return scheme;
    }
    return NULL;
}

/* `words` say why, or NULL: the library does. */
static enum verdict refuse(struct logon *logon, struct text *reason, const char *words)
{
    text_print(reason, "%s: %s", logon->scheme->name, words == NULL ? "" : words);
    if (words == NULL)
        add_last_error(reason);
    logon_forget(logon);
    return VERDICT_REFUSED;
}

static enum verdict judge(struct logon *logon, SECURITY_STATUS status, struct text *reason)
{
    if (status == SEC_I_CONTINUE_NEEDED)
        return VERDICT_CONTINUE;
    /* The application could supply the account now. This one has none: nobody has been checked. */
    if (status == SEC_I_COMPLETE_NEEDED)
        return refuse(logon, reason, "there are no accounts: NTLM_USER_FILE is not set");
    if (status != SEC_E_OK || !describe(&logon->context, &logon->client))
        return refuse(logon, reason, NULL);
    logon->state = LOGON_KNOWN;
    return VERDICT_WELCOME;
}

enum verdict logon_step(struct logon *logon, const struct realm *realm, const char *authorization,
                        struct text *challenge, struct text *reason)
{
    const char *text;
    const struct scheme *scheme = scheme_of(realm, authorization, &text);
    /* Whoever starts again, in the middle or when all is done, is nobody until it is done. */
    int goes_on = logon->state == LOGON_BEGUN && logon->scheme == scheme && *text != 0;
    if (!goes_on)
        logon_forget(logon);
    if (scheme == NULL || *text == 0)
        return VERDICT_ASK;
    logon->scheme = scheme;
    size_t length = 0;
    unsigned char *token = base64_decode(text, &length);
    if (token == NULL)
        return refuse(logon, reason, "what came is not base64");
    SecBuffer answer;
    SECURITY_STATUS status = accept_token(logon, realm, token, length, &answer);
    free(token);
    enum verdict verdict = judge(logon, status, reason);
    if (verdict != VERDICT_REFUSED) {
        text_print(challenge, "%s", scheme->name);
        if (answer.cbBuffer > 0)
            text_print(challenge, " ");
        text_add_base64(challenge, answer.pvBuffer, answer.cbBuffer);
        if (verdict == VERDICT_WELCOME && answer.cbBuffer == 0)
            text_free(challenge);
    }
    if (answer.pvBuffer != NULL)
        FreeContextBuffer(answer.pvBuffer);
    return verdict;
}
