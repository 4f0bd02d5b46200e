/* The DLL under its own name, loaded and unloaded again and again, with threads that have used it and outlive it. */
#include "pair.h"

enum { ROUNDS = 25, THREADS = 4 };

static PSecurityFunctionTableA table;
static HANDLE unloaded;
static volatile LONG logons;

static SECURITY_STATUS leg(CredHandle *credential, CtxtHandle *context, int begun, struct token *in, struct token *out,
                           int accepts)
{
    SecBuffer in_buffer = {in->length, SECBUFFER_TOKEN, in->bytes};
    SecBuffer out_buffer = {sizeof out->bytes, SECBUFFER_TOKEN, out->bytes};
    SecBufferDesc input = {SECBUFFER_VERSION, 1, &in_buffer}, output = {SECBUFFER_VERSION, 1, &out_buffer};
    ULONG granted;
    CtxtHandle *old = begun ? context : NULL;
    SECURITY_STATUS status = accepts
        ? table->AcceptSecurityContext(credential, old, &input, 0, 0, context, &output, &granted, NULL)
        : table->InitializeSecurityContextA(credential, old, (char *)"host/server", CLIENT_FLAGS, 0, 0,
                                            begun ? &input : NULL, 0, context, &output, &granted, NULL);
    out->length = out_buffer.cbBuffer;
    return status;
}

/* One logon; gives back all that it took. */
static int log_on(void)
{
    SEC_WINNT_AUTH_IDENTITY_A identity = identity_of("DOMAIN", "user", "SecREt01");
    CredHandle client_credential, server_credential;
    CtxtHandle client, server;
    struct token to_server, to_client = {0};
    if (table->AcquireCredentialsHandleA(NULL, "NTLM", SECPKG_CRED_OUTBOUND, NULL, &identity, NULL, NULL,
                                         &client_credential, NULL) != SEC_E_OK
        || table->AcquireCredentialsHandleA(NULL, "NTLM", SECPKG_CRED_INBOUND, NULL, NULL, NULL, NULL,
                                            &server_credential, NULL) != SEC_E_OK)
        return 0;
    int good = leg(&client_credential, &client, 0, &to_client, &to_server, 0) == SEC_I_CONTINUE_NEEDED
        && leg(&server_credential, &server, 0, &to_server, &to_client, 1) == SEC_I_CONTINUE_NEEDED
        && leg(&client_credential, &client, 1, &to_client, &to_server, 0) == SEC_E_OK
        && leg(&server_credential, &server, 1, &to_server, &to_client, 1) == SEC_E_OK;
    table->DeleteSecurityContext(&client);
    table->DeleteSecurityContext(&server);
    table->FreeCredentialsHandle(&client_credential);
    table->FreeCredentialsHandle(&server_credential);
    return good;
}

/* Logs on, says so, and ends only when the DLL is gone. */
static DWORD WINAPI work(void *done)
{
    if (log_on())
        InterlockedIncrement(&logons);
    SetEvent(done);
    WaitForSingleObject(unloaded, INFINITE);
    return 0;
}

static void once(void)
{
    HANDLE threads[THREADS], done[THREADS];
    HMODULE module = LoadLibraryA("sspi.dll");
    if (!check(module != NULL, "sspi.dll is loaded"))
        return;
    INIT_SECURITY_INTERFACE_A entry = (INIT_SECURITY_INTERFACE_A)(void *)GetProcAddress(module, "InitSecurityInterfaceA");
    table = entry();
    unloaded = CreateEventA(NULL, TRUE, FALSE, NULL);
    for (int i = 0; i < THREADS; i++) {
        done[i] = CreateEventA(NULL, TRUE, FALSE, NULL);
        threads[i] = CreateThread(NULL, 0, work, done[i], 0, NULL);
    }
    WaitForMultipleObjects(THREADS, done, TRUE, INFINITE);
    check(FreeLibrary(module) && GetModuleHandleA("sspi.dll") == NULL, "it is unloaded");
    SetEvent(unloaded);
    WaitForMultipleObjects(THREADS, threads, TRUE, INFINITE);
    for (int i = 0; i < THREADS; i++) {
        CloseHandle(threads[i]);
        CloseHandle(done[i]);
    }
    CloseHandle(unloaded);
}

int main(void)
{
    use_accounts(ACCOUNTS);
    for (int i = 0; i < ROUNDS; i++)
        once();
    check(logons == ROUNDS * THREADS, "%ld of %d logons", (long)logons, ROUNDS * THREADS);
    return test_summary();
}
