/* ExportSecurityContext and ImportSecurityContext: into this process and into another one. */
#include "pair.h"

#include <fcntl.h>

#define KEY "a key of the tests that is long enough"

static void write_blob(const char *path, const void *bytes, size_t length)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(bytes, 1, length, file) != length || fclose(file) != 0)
        exit(2);
}

static size_t read_blob(const char *path, void *bytes, size_t room)
{
    FILE *file = fopen(path, "rb");
    size_t length = file ? fread(bytes, 1, room, file) : 0;
    if (file)
        fclose(file);
    return length;
}

/* The other process: takes over the server's context and answers one message. */
static int other_process(const char *blob_path, const char *message_path)
{
    unsigned char blob[4096], message[64];
    CtxtHandle context;
    SecBuffer packed = {(uint32_t)read_blob(blob_path, blob, sizeof blob), SECBUFFER_EMPTY, blob};
    if (ImportSecurityContextA("NTLM", &packed, NULL, &context) != SEC_E_OK)
        return 10;
    if (read_blob(message_path, message, 16 + 5) != 21)
        return 11;
    SecBuffer buffers[2] = {{16, SECBUFFER_TOKEN, message}, {5, SECBUFFER_DATA, message + 16}};
    SecBufferDesc description = {SECBUFFER_VERSION, 2, buffers};
    if (DecryptMessage(&context, &description, 0, NULL) != SEC_E_OK || memcmp(message + 16, "there", 5) != 0)
        return 12;
    SecPkgContext_NamesA names;
    if (QueryContextAttributesA(&context, SECPKG_ATTR_NAMES, &names) != SEC_E_OK
        || strcmp(names.sUserName, "DOMAIN\\user") != 0)
        return 13;
    FreeContextBuffer(names.sUserName);
    memcpy(message + 16, "again", 5);
    if (EncryptMessage(&context, 0, &description, 0) != SEC_E_OK)
        return 14;
    write_blob(message_path, message, 21);
    return DeleteSecurityContext(&context) == SEC_E_OK ? 0 : 15;
}

static SECURITY_STATUS export_it(CtxtHandle *context, uint32_t flags, SecBuffer *packed)
{
    void *token = NULL;
    *packed = (SecBuffer){0, SECBUFFER_EMPTY, NULL};
    return ExportSecurityContext(context, flags, packed, &token);
}

static void into_another_process(const char *program)
{
    struct pair pair;
    SecBuffer packed;
    char blob_path[4096], message_path[4096];
    unsigned char message[21];
    strcpy(blob_path, scratch_path("blob"));
    strcpy(message_path, scratch_path("message"));
    pair_open(&pair, CLIENT_FLAGS, 0);
    check(pair_talks(&pair), "some messages before the export");
    if (!expect(export_it(&pair.server, 0, &packed), SEC_E_OK, "export")) {
        pair_close(&pair);
        return;
    }
    check(packed.cbBuffer > 0 && packed.pvBuffer != NULL, "there is a blob");
    write_blob(blob_path, packed.pvBuffer, packed.cbBuffer);
    expect(FreeContextBuffer(packed.pvBuffer), SEC_E_OK, "the blob is freed");

    SecBuffer buffers[2] = {{16, SECBUFFER_TOKEN, message}, {5, SECBUFFER_DATA, memcpy(message + 16, "there", 5)}};
    SecBufferDesc description = {SECBUFFER_VERSION, 2, buffers};
    check(is_error(EncryptMessage(&pair.server, 0, &description, 0)), "the exported context takes no message any more");
    memcpy(message + 16, "there", 5);
    expect(EncryptMessage(&pair.client, 0, &description, 0), SEC_E_OK, "a message to whoever has it");
    write_blob(message_path, message, sizeof message);

    pid_t child = fork();
    if (child == 0) {
        execl(program, program, "import", blob_path, message_path, (char *)NULL);
        _exit(20);
    }
    int status = 0;
    waitpid(child, &status, 0);
    check(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the other process took over: %d",
          WIFEXITED(status) ? WEXITSTATUS(status) : -1);
    read_blob(message_path, message, sizeof message);
    expect(DecryptMessage(&pair.client, &description, 0, NULL), SEC_E_OK, "its answer");
    check(memcmp(message + 16, "again", 5) == 0, "says what it said");
    pair_close(&pair);
}

/* A changed blob, a cut one, one of another key: refused. */
static void changed_blobs(void)
{
    struct pair pair;
    SecBuffer packed;
    CtxtHandle context = {5, 6};
    pair_open(&pair, CLIENT_FLAGS, 0);
    if (!expect(export_it(&pair.client, 0, &packed), SEC_E_OK, "export")) {
        pair_close(&pair);
        return;
    }
    unsigned char *bytes = malloc(packed.cbBuffer);
    for (uint32_t i = 0; i < packed.cbBuffer; i++) {
        memcpy(bytes, packed.pvBuffer, packed.cbBuffer);
        bytes[i] ^= (unsigned char)(1u << i % 8);
        SecBuffer bad = {packed.cbBuffer, SECBUFFER_EMPTY, bytes};
        expect(ImportSecurityContextA("NTLM", &bad, NULL, &context), SEC_E_INVALID_TOKEN, "byte %u changed", i);
        bad = (SecBuffer){i, SECBUFFER_EMPTY, packed.pvBuffer};
        expect(ImportSecurityContextA("NTLM", &bad, NULL, &context), SEC_E_INVALID_TOKEN, "%u bytes of it", i);
    }
    memcpy(bytes, packed.pvBuffer, packed.cbBuffer);
    SecBuffer good = {packed.cbBuffer, SECBUFFER_EMPTY, bytes};
    check(context.dwLower == 5 && context.dwUpper == 6, "no context was made");
    setenv("SSPI_EXPORT_KEY", "another key that is as long as the first", 1);
    expect(ImportSecurityContextA("NTLM", &good, NULL, &context), SEC_E_INVALID_TOKEN, "another key");
    setenv("SSPI_EXPORT_KEY", KEY, 1);
    expect(ImportSecurityContextA("no package", &good, NULL, &context), SEC_E_SECPKG_NOT_FOUND, "another package");
    expect(ImportSecurityContextW(wide("ntlm"), &good, NULL, &context), SEC_E_OK, "as it was, wide");
    check(can_talk(&context, &pair.server) && can_talk(&pair.server, &context), "what was imported talks");
    DeleteSecurityContext(&context);
    free(bytes);
    FreeContextBuffer(packed.pvBuffer);
    pair_close(&pair);
}

static void flags(void)
{
    struct pair pair;
    SecBuffer packed;
    pair_open(&pair, CLIENT_FLAGS, 0);
    check(is_error(export_it(&pair.client, SECPKG_CONTEXT_EXPORT_TO_KERNEL, &packed)), "there is no kernel to export to");
    check(packed.pvBuffer == NULL, "nothing is made");
    check(pair_talks(&pair), "the pair talks");
    if (expect(export_it(&pair.client, SECPKG_CONTEXT_EXPORT_DELETE_OLD, &packed), SEC_E_OK, "export and delete")) {
        SecPkgContext_Sizes sizes;
        expect(QueryContextAttributesA(&pair.client, SECPKG_ATTR_SIZES, &sizes), SEC_E_INVALID_HANDLE, "the old one is gone");
        FreeContextBuffer(packed.pvBuffer);
    }
    pair_close(&pair);
}

int main(int argc, char **argv)
{
    setenv("SSPI_EXPORT_KEY", KEY, 1);
    if (argc == 4 && strcmp(argv[1], "import") == 0)
        return other_process(argv[2], argv[3]);
    use_accounts(ACCOUNTS);
    into_another_process(argv[0]);
    changed_blobs();
    flags();
    return test_summary();
}
