/* What tells why a logon fails: SSPI_LOG, libsspi_last_error, libsspi_describe_configuration. No secrets. */
#include "pair.h"

#ifdef _WIN32
#define NO_SUCH_FILE
#else
#define NO_SUCH_FILE "No such file"
#endif

#define LOG_SIZE (1 << 20)

static const char *const SECRETS[] = {"SecREt01", "OtherPass", "wrong one", "exporting with this key"};

static char *slurp(const char *path)
{
    static char text[LOG_SIZE];
    FILE *file = fopen(path, "r");
    size_t length = file ? fread(text, 1, sizeof text - 1, file) : 0;
    text[length] = 0;
    if (file)
        fclose(file);
    return text;
}

static void no_secrets(const char *text, const char *what)
{
    for (size_t i = 0; i < sizeof SECRETS / sizeof *SECRETS; i++)
        check(!strstr(text, SECRETS[i]), "%s: no secret %zu", what, i);
    /* MD4 of SecREt01 in hex, as account files have it. */
    check(!strcasestr(text, "cd06ca7c7e10c99b1d33b7485a2ed808"), "%s: no hash", what);
}

static void says(const char *text, const char *wanted)
{
    check(strstr(text, wanted) != NULL, "it says: %s", wanted);
}

static void last_error(const char *wanted)
{
    char *text = NULL;
    if (expect(libsspi_last_error(&text), SEC_E_OK, "libsspi_last_error"))
        check(strstr(text, wanted) != NULL, "\"%s\" tells: %s", text, wanted);
    no_secrets(text, "last error");
    FreeContextBuffer(text);
}

static void refused(const char *user, const char *password, const char *wanted)
{
    struct pair pair;
    pair_credentials(&pair);
    FreeCredentialsHandle(&pair.client_credential);
    acquire_client("DOMAIN", user, password, &pair.client_credential);
    expect(shake_hands(&pair, CLIENT_FLAGS, 0), SEC_E_LOGON_DENIED, "a logon that is refused");
    last_error(wanted);
    pair_close(&pair);
}

static void without_accounts(void)
{
    char file[4096];
    struct pair pair;
    snprintf(file, sizeof file, "%s", getenv("NTLM_USER_FILE"));
    unsetenv("NTLM_USER_FILE");
    pair_credentials(&pair);
    expect(shake_hands(&pair, CLIENT_FLAGS, 0), SEC_I_COMPLETE_NEEDED, "nobody has accounts");
    pair_close(&pair);
    setenv("NTLM_USER_FILE", file, 1);
}

static void configuration(void)
{
    char *text = NULL;
    expect(libsspi_describe_configuration(NULL), SEC_E_INVALID_PARAMETER, "nowhere to write");
    if (!expect(libsspi_describe_configuration(&text), SEC_E_OK, "libsspi_describe_configuration"))
        return;
    says(text, "libsspi\n  version: ");
    says(text, "\nNTLM\n");
    says(text, "\nKerberos\n");
    says(text, "\nNegotiate\n");
    says(text, "2 accounts, 2 of them may log on");
    says(text, "default identity: DOMAIN\\user");
    says(text, "SSPI_EXPORT_KEY: set\n");
    says(text, "default realm: WONDERLAND.TEST");
    says(text, "KDCs: udp://127.0.0.1:4711 (SSPI_KDC_URL)");
    says(text, "no-such-cache: " NO_SUCH_FILE);
    no_secrets(text, "configuration");
    FreeContextBuffer(text);

    setenv("NTLM_USER_FILE", "/no/such/file", 1);
    setenv("KRB5_CONFIG", "/no/such/krb5.conf", 1);
    if (expect(libsspi_describe_configuration(&text), SEC_E_OK, "with nothing that can be used")) {
        says(text, "accounts: account file /no/such/file: " NO_SUCH_FILE);
        says(text, "krb5.conf: /no/such/krb5.conf: not there");
        says(text, "default realm: none");
        FreeContextBuffer(text);
    }
}

static void set_up(const char *log)
{
    char path[4096];
    snprintf(path, sizeof path, "%s", scratch_path("accounts"));
    FILE *file = fopen(path, "w");
    fputs(ACCOUNTS, file);
    fclose(file);
    setenv("NTLM_USER_FILE", path, 1);
    snprintf(path, sizeof path, "%s", scratch_path("krb5.conf"));
    file = fopen(path, "w");
    fputs("[libdefaults]\ndefault_realm = WONDERLAND.TEST\n", file);
    fclose(file);
    setenv("KRB5_CONFIG", path, 1);
    setenv("KRB5CCNAME", "FILE:/no-such-cache", 1);
    setenv("SSPI_KDC_URL", "udp://127.0.0.1:4711", 1);
    setenv("SSPI_EXPORT_KEY", "exporting with this key", 1);
    setenv("SSPI_LOG", "trace", 1);
    setenv("SSPI_LOG_FILE", log, 1);
    unsetenv("SSPI_NEGOTIATE_NTLM");
}

int main(void)
{
    char log[4096];
    struct pair pair;
    snprintf(log, sizeof log, "%s", scratch_path("log"));
    set_up(log);

    char *text = NULL;
    if (expect(libsspi_last_error(&text), SEC_E_OK, "before anything failed"))
        check(!strcmp(text, ""), "nothing has failed yet");
    FreeContextBuffer(text);

    pair_open(&pair, CLIENT_FLAGS, 0);
    check(can_talk(&pair.client, &pair.server), "a message");
    pair_close(&pair);
    refused("user", "wrong one", "SEC_E_LOGON_DENIED: DOMAIN\\user: unknown user name or bad password");
    refused("nobody", "wrong one", "SEC_E_LOGON_DENIED: DOMAIN\\nobody: unknown user name or bad password");
    refused("a\n9 libsspi[1] info: b", "wrong one", "a\n9 libsspi");
    CredHandle none;
    expect(AcquireCredentialsHandleA(NULL, "Nonsense", SECPKG_CRED_BOTH, NULL, NULL, NULL, NULL, &none, NULL),
           SEC_E_SECPKG_NOT_FOUND, "no such package");
    last_error("SEC_E_SECPKG_NOT_FOUND: no such package");
    without_accounts();
    configuration();

    text = slurp(log);
    no_secrets(text, "log");
    says(text, "libsspi[");
    says(text, "trace: AcquireCredentialsHandleA(package=NTLM use=OUTBOUND principal=none identity=\"DOMAIN\\\\user\" with password");
    says(text, "trace: InitializeSecurityContextA(");
    says(text, "target=\"host/server\" req=REPLAY_DETECT|SEQUENCE_DETECT|CONFIDENTIALITY|INTEGRITY in=[] context=");
    check(!strstr(text, "target=none"), "a name that a call does not look at is not said to be missing");
    says(text, "out=[TOKEN ");
    says(text, ") = SEC_I_CONTINUE_NEEDED, ");
    says(text, "info: Acceptor: DOMAIN\\user logs on to host/server by NTLM, sealed\n");
    says(text, "warn: Acceptor: LogonDenied: DOMAIN\\user: unknown user name or bad password\n");
    says(text, "debug: DOMAIN\\user is known\n");
    says(text, "debug: DOMAIN\\nobody is unknown\n");
    says(text, " = SEC_E_SECPKG_NOT_FOUND: no such package, ");
    says(text, "EncryptMessage(");
    says(text, "warn: NTLM_USER_FILE is not set: the application has to name the account");
    check(!strstr(text, "\n9 libsspi"), "a name of two lines stays on one");
#ifndef _WIN32
    struct stat status;
    check(stat(log, &status) == 0 && (status.st_mode & 0777) == 0600, "the log is its owner's");
#endif
    unlink(log);
    return test_summary();
}
