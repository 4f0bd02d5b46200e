/* A logon by Kerberos, both sides in this process, with what the system's own places say.
 *
 *     places SERVICE [USER PASSWORD [NEW]]     to the service's keytab, as that user or as alice, the default one;
 *                                              NEW: once more with that password, after which it is the old one again
 *
 * KDCS and PASSWORD_SERVERS, lists with blanks, are registered as ksetup does it for as long as this runs.
 * FOLDER is in the place of %TEMP% and %LOCALAPPDATA%: Wine gives each process that is not started by another of
 * its own the user's. */
#include "pair.h"

SECURITY_STATUS SEC_ENTRY libsspi_last_error(char **text);
SECURITY_STATUS SEC_ENTRY libsspi_describe_configuration(char **text);

static const char REALM[] = "EXAMPLE.TEST";

static SECURITY_STATUS told(SECURITY_STATUS status, const char *what)
{
    char *reason = NULL;
    if (is_error(status) && libsspi_last_error(&reason) == SEC_E_OK) {
        printf("%s: %s\n", what, reason);
        FreeContextBuffer(reason);
    }
    return status;
}

/* Logs on and compares the client's name with `user` of the realm. */
static int log_on(char *service, void *identity, const char *user)
{
    static unsigned char bytes[2][16384];
    CredHandle client_credential, server_credential;
    CtxtHandle client, server, *known_client = NULL, *known_server = NULL;
    SecBuffer to_server = {0, SECBUFFER_TOKEN, bytes[0]}, to_client = {0, SECBUFFER_TOKEN, bytes[1]};
    SecBufferDesc for_server = {SECBUFFER_VERSION, 1, &to_server}, for_client = {SECBUFFER_VERSION, 1, &to_client};
    ULONG granted, flags = CLIENT_FLAGS | ISC_REQ_MUTUAL_AUTH;
    SecPkgContext_NamesA names = {NULL};
    if (!expect(told(AcquireCredentialsHandleA(NULL, "Kerberos", SECPKG_CRED_OUTBOUND, NULL, identity, NULL, NULL,
                                               &client_credential, NULL), "client"), SEC_E_OK, "a client")
        || !expect(told(AcquireCredentialsHandleA(NULL, "Kerberos", SECPKG_CRED_INBOUND, NULL, NULL, NULL, NULL,
                                                  &server_credential, NULL), "server"), SEC_E_OK, "a server"))
        return 0;
    to_server.cbBuffer = sizeof bytes[0];
    SECURITY_STATUS status = InitializeSecurityContextA(&client_credential, NULL, service, flags, 0, 0, NULL, 0, &client,
                                                        &for_server, &granted, NULL);
    if (!expect(told(status, "client"), SEC_I_CONTINUE_NEEDED, "the client's token"))
        return 0;
    known_client = &client;
    to_client.cbBuffer = sizeof bytes[1];
    status = AcceptSecurityContext(&server_credential, NULL, &for_server, 0, 0, &server, &for_client, &granted, NULL);
    if (!expect(told(status, "server"), SEC_E_OK, "the server takes it"))
        return 0;
    known_server = &server;
    to_server.cbBuffer = sizeof bytes[0];
    status = InitializeSecurityContextA(&client_credential, known_client, service, flags, 0, 0, &for_client, 0, &client,
                                        &for_server, &granted, NULL);
    expect(told(status, "client"), SEC_E_OK, "the client knows the server");
    expect(QueryContextAttributesA(known_server, SECPKG_ATTR_NAMES, &names), SEC_E_OK, "NAMES");
    char name[256];
    snprintf(name, sizeof name, "%s@%s", user, REALM);
    check(names.sUserName && strcmp(names.sUserName, name) == 0, "the client is %s, not %s", names.sUserName, name);
    FreeContextBuffer(names.sUserName);
    DeleteSecurityContext(known_client);
    DeleteSecurityContext(known_server);
    FreeCredentialsHandle(&client_credential);
    FreeCredentialsHandle(&server_credential);
    return 1;
}

static const char REALMS[] = "SYSTEM\\CurrentControlSet\\Control\\Lsa\\Kerberos\\Domains\\EXAMPLE.TEST";

static void register_servers(const char *value, const char *list)
{
    char names[1024];
    if (list == NULL)
        return;
    size_t length = strlen(list);
    memcpy(names, list, length + 1);
    names[length + 1] = 0;
    for (size_t i = 0; i < length; i++)
        if (names[i] == ' ')
            names[i] = 0;
    check(RegSetKeyValueA(HKEY_LOCAL_MACHINE, REALMS, value, REG_MULTI_SZ, names, (DWORD)length + 2) == 0, "%s", value);
}

static void change_password(const char *user, const char *old, const char *new)
{
    SecBuffer buffer = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &buffer};
    SECURITY_STATUS status = ChangeAccountPasswordA("Kerberos", (SEC_CHAR *)REALM, (SEC_CHAR *)user, (SEC_CHAR *)old,
                                                    (SEC_CHAR *)new, FALSE, 0, &output);
    expect(told(status, "password"), SEC_E_OK, "the password is changed");
}

int main(int argc, char **argv)
{
    char *text = NULL;
    register_servers("KdcNames", getenv("KDCS"));
    register_servers("KpasswdNames", getenv("PASSWORD_SERVERS"));
    if (getenv("FOLDER")) {
        setenv("TEMP", getenv("FOLDER"), 1);
        setenv("LOCALAPPDATA", getenv("FOLDER"), 1);
    }
    expect(libsspi_describe_configuration(&text), SEC_E_OK, "the configuration");
    printf("%s", text);
    FreeContextBuffer(text);
    SEC_WINNT_AUTH_IDENTITY_A identity = identity_of(NULL, argc > 3 ? argv[2] : NULL, argc > 3 ? argv[3] : NULL);
    log_on(argv[1], argc > 3 ? &identity : NULL, argc > 3 ? argv[2] : "alice");
    if (argc > 4) {
        change_password(argv[2], argv[3], argv[4]);
        identity = identity_of(NULL, argv[2], argv[4]);
        log_on(argv[1], &identity, argv[2]);
        change_password(argv[2], argv[4], argv[3]);
    }
    if (getenv("KDCS") || getenv("PASSWORD_SERVERS"))
        check(RegDeleteKeyA(HKEY_LOCAL_MACHINE, REALMS) == 0, "the registry is as before");
    return test_summary();
}
