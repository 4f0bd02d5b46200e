/* Contexts that go from one process to another.
 *
 *     export out FILE [WAIT]   exports an acceptor's context into a file, with a message for it; with WAIT not
 *                              before there is a file of that name, so that several begin at once
 *     export in FILE           imports it and opens the message
 *     export no                the export is refused: there is no key, and no place for one
 *
 * The key's folder is the user's own, or FOLDER: Wine gives each process that is not started by another of its
 * own the user's. */
#include "pair.h"

struct record {
    DWORD length, message_length;
    unsigned char bytes[8192], message[64];
};

static const char TEXT[] = "from one process to another";

static int transfer(const char *path, const char *mode, struct record *record)
{
    FILE *file = fopen(path, mode);
    if (file == NULL)
        return 0;
    size_t done = mode[0] == 'w' ? fwrite(record, sizeof *record, 1, file) : fread(record, sizeof *record, 1, file);
    return fclose(file) == 0 && done == 1;
}

static void out(const char *path, const char *wait)
{
    static struct record record;
    struct pair pair;
    SecBuffer packed = {0, SECBUFFER_EMPTY, NULL};
    void *token = NULL;
    use_accounts(ACCOUNTS);
    pair_open(&pair, CLIENT_FLAGS, 0);
    while (wait && GetFileAttributesA(wait) == INVALID_FILE_ATTRIBUTES)
        Sleep(1);
    unsigned char *message = record.message;
    SecBuffer buffers[2] = {{16, SECBUFFER_TOKEN, message}, {sizeof TEXT, SECBUFFER_DATA, message + 16}};
    SecBufferDesc sealed = {SECBUFFER_VERSION, 2, buffers};
    memcpy(message + 16, TEXT, sizeof TEXT);
    expect(EncryptMessage(&pair.client, 0, &sealed, 0), SEC_E_OK, "a message");
    if (!expect(ExportSecurityContext(&pair.server, SECPKG_CONTEXT_EXPORT_DELETE_OLD, &packed, &token), SEC_E_OK,
                "export"))
        return;
    SecInvalidateHandle(&pair.server);
    record.length = packed.cbBuffer;
    record.message_length = 16 + sizeof TEXT;
    memcpy(record.bytes, packed.pvBuffer, packed.cbBuffer < sizeof record.bytes ? packed.cbBuffer : 0);
    expect(FreeContextBuffer(packed.pvBuffer), SEC_E_OK, "its block is freed");
    check(transfer(path, "wb", &record), "it is written");
    pair_close(&pair);
}

static void in(const char *path)
{
    static struct record record;
    CtxtHandle context;
    ULONG qop;
    check(transfer(path, "rb", &record), "it is read");
    unsigned char *message = record.message;
    SecBuffer buffers[2] = {{16, SECBUFFER_TOKEN, message}, {sizeof TEXT, SECBUFFER_DATA, message + 16}};
    SecBufferDesc sealed = {SECBUFFER_VERSION, 2, buffers};
    SecBuffer packed = {record.length, SECBUFFER_EMPTY, record.bytes};
    if (!expect(ImportSecurityContextA("NTLM", &packed, NULL, &context), SEC_E_OK, "import"))
        return;
    expect(DecryptMessage(&context, &sealed, 0, &qop), SEC_E_OK, "the message is opened");
    check(memcmp(message + 16, TEXT, sizeof TEXT) == 0, "it says what it said");
    expect(DeleteSecurityContext(&context), SEC_E_OK, "deleted");
    record.bytes[record.length / 2] ^= 1;
    check(ImportSecurityContextA("NTLM", &packed, NULL, &context) != SEC_E_OK, "a changed one is refused");
}

static void refused(void)
{
    struct pair pair;
    SecBuffer packed = {0, SECBUFFER_EMPTY, NULL};
    void *token = NULL;
    use_accounts(ACCOUNTS);
    pair_open(&pair, CLIENT_FLAGS, 0);
    expect(ExportSecurityContext(&pair.server, 0, &packed, &token), SEC_E_UNSUPPORTED_FUNCTION, "no place for a key");
    check(packed.cbBuffer == 0 && packed.pvBuffer == NULL, "nothing is written");
    setenv("LOCALAPPDATA", "", 1);
    expect(ExportSecurityContext(&pair.server, 0, &packed, &token), SEC_E_UNSUPPORTED_FUNCTION, "no folder is set");
    setenv("SSPI_EXPORT_KEY", "too short", 1);
    expect(ExportSecurityContext(&pair.server, 0, &packed, &token), SEC_E_UNSUPPORTED_FUNCTION, "a short key");
    setenv("SSPI_EXPORT_KEY", "long enough to be a key", 1);
    expect(ExportSecurityContext(&pair.server, 0, &packed, &token), SEC_E_OK, "a key of the setting");
    FreeContextBuffer(packed.pvBuffer);
    pair_close(&pair);
}

int main(int argc, char **argv)
{
    if (getenv("FOLDER"))
        setenv("LOCALAPPDATA", getenv("FOLDER"), 1);
    if (argc > 2 && strcmp(argv[1], "out") == 0)
        out(argv[2], argc > 3 ? argv[3] : NULL);
    else if (argc > 2 && strcmp(argv[1], "in") == 0)
        in(argv[2]);
    else
        refused();
    return test_summary();
}
