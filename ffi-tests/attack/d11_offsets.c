/* D11: structures whose offsets and lengths point outside of them. */
#include "guard.h"
#include "pair.h"

static const uint32_t ODD[] = {0, 1, 31, 32, 33, 47, 48, 49, 1000, 0x7FFFFFFF, 0x80000000u, 0xFFFFFFE0u, 0xFFFFFFFEu, 0xFFFFFFFFu};
#define ODD_COUNT (sizeof ODD / sizeof *ODD)

/* Gives these bytes as channel bindings to both sides; the statuses. */
static void bindings_to_both(struct pair *pair, void *bytes, uint32_t length, SECURITY_STATUS statuses[2])
{
    struct token out_token;
    uint32_t granted;
    CtxtHandle context;
    SecBuffer out = {sizeof out_token.bytes, SECBUFFER_TOKEN, out_token.bytes};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &out};
    SecBuffer in[2] = {{length, SECBUFFER_CHANNEL_BINDINGS, bytes}, {pair->negotiate.length, SECBUFFER_TOKEN, pair->negotiate.bytes}};
    SecBufferDesc first = {SECBUFFER_VERSION, 1, in}, both = {SECBUFFER_VERSION, 2, in};
    statuses[0] = InitializeSecurityContextA(&pair->client_credential, NULL, NULL, 0, 0, 0, &first, 0, &context, &output, &granted, NULL);
    if (!is_error(statuses[0]))
        DeleteSecurityContext(&context);
    out.cbBuffer = sizeof out_token.bytes;
    statuses[1] = AcceptSecurityContext(&pair->server_credential, NULL, &both, 0, 0, &context, &output, &granted, NULL);
    if (!is_error(statuses[1]))
        DeleteSecurityContext(&context);
}

static int leaves(uint32_t offset, uint32_t length, uint32_t size)
{
    return length != 0 && (uint64_t)offset + length > size;
}

static void channel_bindings(struct pair *pair, struct guarded *room)
{
    SECURITY_STATUS statuses[2];
    unsigned char bytes[48];
    for (uint32_t length = 0; length < 32; length++) {
        memset(bytes, 0, sizeof bytes);
        bindings_to_both(pair, guard_copy(room, bytes, length), length, statuses);
        if (length > 0)
            check(is_error(statuses[0]) && is_error(statuses[1]), "bindings of %u bytes", length);
        else
            test_passed++;
    }
    /* Pairs of length and offset: initiator, acceptor, application data. */
    static const int fields[3][2] = {{1, 2}, {4, 5}, {6, 7}};
    for (int field = 0; field < 3; field++) {
        for (size_t i = 0; i < ODD_COUNT; i++) {
            for (size_t j = 0; j < ODD_COUNT; j++) {
                memset(bytes, 0, sizeof bytes);
                memcpy(bytes + 4 * fields[field][0], &ODD[i], 4);
                memcpy(bytes + 4 * fields[field][1], &ODD[j], 4);
                bindings_to_both(pair, guard_copy(room, bytes, sizeof bytes), sizeof bytes, statuses);
                if (leaves(ODD[j], ODD[i], sizeof bytes))
                    check(is_error(statuses[0]) && is_error(statuses[1]), "%u bytes at %u", ODD[i], ODD[j]);
                else
                    test_passed++;
            }
        }
    }
}

/* The extended head: its own lengths too. */
static void extended_bindings(struct pair *pair, struct guarded *room)
{
    SECURITY_STATUS statuses[2];
    for (int word = 2; word < 12; word++) {
        for (size_t i = 0; i < ODD_COUNT; i++) {
            SEC_CHANNEL_BINDINGS_EX head;
            memset(&head, 0, sizeof head);
            head.magicNumber = SEC_CHANNEL_BINDINGS_EX_MAGIC;
            head.cbHeaderLength = sizeof head;
            head.cbStructureLength = sizeof head;
            memcpy((unsigned char *)&head + 4 * word, &ODD[i], 4);
            bindings_to_both(pair, guard_copy(room, &head, sizeof head), sizeof head, statuses);
            test_passed++;
        }
    }
    for (uint32_t length = 4; length < sizeof(SEC_CHANNEL_BINDINGS_EX); length++) {
        uint32_t bytes[12] = {SEC_CHANNEL_BINDINGS_EX_MAGIC, 0, 48, 48};
        bindings_to_both(pair, guard_copy(room, bytes, length), length, statuses);
        check(is_error(statuses[0]) && is_error(statuses[1]), "an extended head of %u bytes", length);
    }
}

/* A proxy server outside of its structure. */
static void kdc_proxy(struct pair *pair, struct guarded *room)
{
    for (size_t i = 0; i < ODD_COUNT; i++) {
        for (size_t j = 0; j < ODD_COUNT; j++) {
            SecPkgCredentials_KdcProxySettingsW settings;
            memset(&settings, 0, sizeof settings);
            settings.Version = KDC_PROXY_SETTINGS_V1;
            settings.ProxyServerOffset = (uint16_t)ODD[i];
            settings.ProxyServerLength = (uint16_t)ODD[j];
            settings.ClientTlsCredOffset = (uint16_t)ODD[j];
            settings.ClientTlsCredLength = (uint16_t)ODD[i];
            SetCredentialsAttributesW(&pair->client_credential, SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS,
                                      guard_copy(room, &settings, sizeof settings), sizeof settings);
            SetCredentialsAttributesA(&pair->client_credential, SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS,
                                      guard_copy(room, &settings, sizeof settings), sizeof settings);
            test_passed++;
        }
    }
    for (uint32_t size = 0; size < sizeof(SecPkgCredentials_KdcProxySettingsW); size++)
        check(is_error(SetCredentialsAttributesW(&pair->client_credential, SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS,
                                                 guard_end(room, size), size)), "settings of %u bytes", size);
}

/* Bindings of a query that are said to be longer than they are are the caller's word; shorter ones are not read. */
static void binding_flags(struct guarded *room)
{
    for (uint32_t length = 0; length < 48; length++) {
        SecPkgContext_Bindings bindings = {length, guard_end(room, length)};
        memset(bindings.Bindings, 0, length);
        check(is_error(SspiSetChannelBindingFlags(&bindings, 1)) || length >= 32, "flags of %u bytes of bindings", length);
    }
}

int main(void)
{
    struct guarded room = guard_make(4096);
    struct pair pair;
    use_accounts(ACCOUNTS);
    pair_open(&pair, CLIENT_FLAGS, 0);
    channel_bindings(&pair, &room);
    extended_bindings(&pair, &room);
    kdc_proxy(&pair, &room);
    binding_flags(&room);
    check(pair_talks(&pair), "the pair talks after all of it");
    pair_close(&pair);
    guard_free(&room);
    return test_summary();
}
