/* A12: passwords, hashes and keys are gone from memory when their handles are.
 *
 * The secrets are kept here only under a mask, so that every copy that is found
 * in this process is the library's.
 */
#include "pair.h"

#include <fcntl.h>

#define MASK 0xA5
#define PASSWORD_LENGTH 20

struct secret {
    unsigned char masked[64];
    size_t length;
    const char *name;
};

static struct secret secrets[4];
static int secret_count;

static void wipe(void *bytes, size_t length)
{
    volatile unsigned char *byte = bytes;
    while (length-- > 0)
        *byte++ = 0;
}

/* Takes a secret under the mask and wipes where it came from. */
static void keep(const char *name, void *bytes, size_t length)
{
    struct secret *secret = &secrets[secret_count++];
    secret->name = name;
    secret->length = length;
    for (size_t i = 0; i < length; i++)
        secret->masked[i] = ((unsigned char *)bytes)[i] ^ MASK;
    wipe(bytes, length);
}

/* How often a secret lies in these bytes. */
static int occurrences(const unsigned char *bytes, size_t length, const struct secret *secret)
{
    int found = 0;
    for (size_t i = 0; i + secret->length <= length; i++) {
        size_t j = 0;
        while (j < secret->length && (bytes[i + j] ^ MASK) == secret->masked[j])
            j++;
        found += j == secret->length;
    }
    return found;
}

/* Looks for a secret in everything that this process may read and write. */
#ifdef _WIN32
static int occurrences_in_memory(const struct secret *secret)
{
    MEMORY_BASIC_INFORMATION region;
    const unsigned char *at = NULL;
    int found = 0;
    for (; VirtualQuery(at, &region, sizeof region) != 0; at = (unsigned char *)region.BaseAddress + region.RegionSize)
        if (region.State == MEM_COMMIT && (region.Protect == PAGE_READWRITE || region.Protect == PAGE_WRITECOPY))
            found += occurrences(region.BaseAddress, region.RegionSize, secret);
    return found;
}
#else
static int occurrences_in_memory(const struct secret *secret)
{
    char line[512], permissions[8];
    unsigned long begin, end;
    int found = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    while (maps != NULL && fgets(line, sizeof line, maps) != NULL) {
        if (sscanf(line, "%lx-%lx %7s", &begin, &end, permissions) != 3 || strncmp(permissions, "rw", 2) != 0)
            continue;
        found += occurrences((const unsigned char *)begin, end - begin, secret);
    }
    if (maps != NULL)
        fclose(maps);
    return found;
}
#endif

static void make_password(unsigned char *utf16)
{
    for (int i = 0; i < PASSWORD_LENGTH; i++) {
        utf16[2 * i] = (unsigned char)('a' + (i * 11 + 3) % 26);
        utf16[2 * i + 1] = 0;
    }
}

/* Writes the account as a hash line: the password is in no file. */
static void make_account(void)
{
    unsigned char wide_password[2 * PASSWORD_LENGTH], hash[16];
    char narrow[PASSWORD_LENGTH + 1], line[128];
    make_password(wide_password);
    for (int i = 0; i <= PASSWORD_LENGTH; i++)
        narrow[i] = i < PASSWORD_LENGTH ? (char)wide_password[2 * i] : 0;
    libsspi_nt_hash(narrow, hash);
    int length = snprintf(line, sizeof line, "user:DOMAIN:%032d:", 0);
    for (int i = 0; i < 16; i++)
        length += snprintf(line + length, sizeof line - (size_t)length, "%02x", hash[i]);
    snprintf(line + length, sizeof line - (size_t)length, "\n");
    int fd = open(scratch_path("accounts"), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    check(fd >= 0 && write(fd, line, strlen(line)) == (ssize_t)strlen(line), "the account file");
    close(fd);
    setenv("NTLM_USER_FILE", scratch_path("accounts"), 1);
    keep("the password", wide_password, sizeof wide_password);
    keep("the NT hash", hash, sizeof hash);
    wipe(narrow, sizeof narrow);
    wipe(line, sizeof line);
}

static void log_on_and_off(void)
{
    struct pair pair;
    unsigned char password[2 * PASSWORD_LENGTH];
    SEC_WINNT_AUTH_IDENTITY_W identity;
    memset(&pair, 0, sizeof pair);
    memset(&identity, 0, sizeof identity);
    make_password(password);
    identity.User = (void *)wide("user");
    identity.UserLength = 4;
    identity.Domain = (void *)wide("DOMAIN");
    identity.DomainLength = 6;
    identity.Password = (void *)password;
    identity.PasswordLength = PASSWORD_LENGTH;
    identity.Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE;
    expect(acquire(&identity, SECPKG_CRED_OUTBOUND, &pair.client_credential), SEC_E_OK, "a credential");
    wipe(password, sizeof password);
    acquire_server(&pair.server_credential);
    expect(shake_hands(&pair, CLIENT_FLAGS, 0), SEC_E_OK, "a logon");
    check(pair_talks(&pair), "the pair talks");
    SecPkgContext_SessionKey key = {0, NULL};
    QueryContextAttributesA(&pair.client, SECPKG_ATTR_SESSION_KEY, &key);
    if (check(key.SessionKeyLength == 16, "a session key"))
        keep("the session key", key.SessionKey, 16);
    FreeContextBuffer(key.SessionKey);
    check(occurrences_in_memory(&secrets[secret_count - 1]) > 0, "the search finds a key that is in use");
    pair_close(&pair);
}

/* Overwrites what calls have left on the stack. */
static __attribute__((noinline)) void clear_stack(void)
{
    unsigned char deep[1 << 16];
    wipe(deep, sizeof deep);
}

int main(void)
{
    make_account();
    log_on_and_off();
    clear_stack();
    for (int i = 0; i < secret_count; i++) {
        int found = occurrences_in_memory(&secrets[i]);
        /* The accounts of the file are kept until it changes: its hash is there once. */
        int wanted = i == 1;
        check(found <= wanted, "%s is in memory %d times", secrets[i].name, found);
    }
    return test_summary();
}
