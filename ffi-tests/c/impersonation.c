/* ImpersonateSecurityContext and RevertSecurityContext: whose rights a server works with. */
#include "pair.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <pwd.h>

/* Opens the private file of this process as whoever the thread is. */
static int can_open(const char *path)
{
    int fd = open(path, O_RDONLY);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

/* A server whose client is this user of no domain or of DOMAIN. */
static void open_for(struct pair *pair, const char *domain, const char *user)
{
    pair_credentials(pair);
    FreeCredentialsHandle(&pair->client_credential);
    acquire_client(domain, user, "SecREt01", &pair->client_credential);
    if (!expect(shake_hands(pair, CLIENT_FLAGS, 0), SEC_E_OK, "a logon of %s", user))
        exit(test_summary());
}

static void settings(void)
{
    struct pair pair;
    uid_t own = geteuid();
    open_for(&pair, "DOMAIN", "user");
    setenv("SSPI_IMPERSONATION", "refuse", 1);
    expect(ImpersonateSecurityContext(&pair.server), SEC_E_NO_IMPERSONATION, "refuse");
    setenv("SSPI_IMPERSONATION", "nonsense", 1);
    expect(ImpersonateSecurityContext(&pair.server), SEC_E_NO_IMPERSONATION, "an unknown setting");
    setenv("SSPI_IMPERSONATION", "identify", 1);
    expect(ImpersonateSecurityContext(&pair.server), SEC_E_OK, "identify");
    check(geteuid() == own, "identify changes nothing");
    expect(RevertSecurityContext(&pair.server), SEC_E_OK, "revert");
    expect(ImpersonateSecurityContext(&pair.client), SEC_E_NO_IMPERSONATION, "a client has nobody to act as");
    unsetenv("SSPI_IMPERSONATION");
    pair_close(&pair);
}

static void unprivileged(void)
{
    struct pair pair;
    uid_t own = geteuid();
    open_for(&pair, "DOMAIN", "user");
    expect(ImpersonateSecurityContext(&pair.server), SEC_E_OK, "impersonate");
    check(geteuid() == own, "nothing changes without privilege");
    expect(RevertSecurityContext(&pair.server), SEC_E_OK, "revert");
    pair_close(&pair);
}

/* As root: the thread, and it alone, has the client's rights and no more. */
static void acts_as(const char *domain, const char *user, uid_t wanted, const char *secret_file)
{
    struct pair pair;
    open_for(&pair, domain, user);
    expect(ImpersonateSecurityContext(&pair.server), SEC_E_OK, "impersonate %s", user);
    check(geteuid() == wanted, "%s acts as user %u, not %u", user, (unsigned)wanted, (unsigned)geteuid());
    check(getuid() == 0, "the client's own processes may not signal the thread of %s", user);
    check(!can_open(secret_file), "%s cannot read root's file", user);
    expect(ImpersonateSecurityContext(&pair.server), SEC_E_OK, "impersonate %s again", user);
    expect(RevertSecurityContext(&pair.server), SEC_E_OK, "revert %s", user);
    check(geteuid() == 0 && getuid() == 0, "root again");
    check(can_open(secret_file), "root reads its file again");
    check(pair_talks(&pair), "the pair talks");
    pair_close(&pair);
}

/* A thread that ends as somebody else. */
static void *one_thread(void *argument)
{
    struct pair *pair = argument;
    expect(ImpersonateSecurityContext(&pair->server), SEC_E_OK, "impersonate in a thread");
    check(geteuid() != 0, "the thread is not root");
    return NULL;
}

static void privileged(void)
{
    const char *secret_file = strdup(scratch_path("secret"));
    struct passwd *nobody = getpwnam("nobody"), *daemon;
    uid_t nobody_id = nobody ? nobody->pw_uid : 65534;
    write_file(secret_file, "root's own\n");
    chmod(secret_file, 0600);
    acts_as("DOMAIN", "user", nobody_id, secret_file);
    acts_as("DOMAIN", "daemon", nobody_id, secret_file);
    acts_as("", "root", nobody_id, secret_file);
    if ((daemon = getpwnam("daemon")) != NULL) {
        acts_as("", "daemon", daemon->pw_uid, secret_file);
        setenv("SSPI_LOCAL_DOMAINS", "OTHER,DOMAIN", 1);
        acts_as("DOMAIN", "daemon", daemon->pw_uid, secret_file);
        unsetenv("SSPI_LOCAL_DOMAINS");
    }
    struct pair pair;
    pthread_t thread;
    open_for(&pair, "DOMAIN", "user");
    expect(ImpersonateSecurityContext(&pair.server), SEC_E_OK, "impersonate before it is deleted");
    CtxtHandle deleted = pair.server;
    expect(DeleteSecurityContext(&pair.server), SEC_E_OK, "delete while acting for it");
    check(geteuid() != 0, "the thread goes on as the client");
    expect(RevertSecurityContext(&deleted), SEC_E_OK, "revert with the deleted context");
    check(geteuid() == 0, "root again after all");
    pair_close(&pair);
    open_for(&pair, "DOMAIN", "user");
    pthread_create(&thread, NULL, one_thread, &pair);
    pthread_join(thread, NULL);
    check(geteuid() == 0, "other threads stay what they are");
    pair_close(&pair);
    free((void *)secret_file);
}

int main(void)
{
    use_accounts("DOMAIN:user:SecREt01\nDOMAIN:daemon:SecREt01\n:root:SecREt01\n:daemon:SecREt01\n");
    settings();
    if (geteuid() == 0)
        privileged();
    else
        unprivileged();
    return test_summary();
}
