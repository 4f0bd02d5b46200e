/* The Sspi* functions, and every form in which an identity may come. */
#include "pair.h"

#include <stddef.h>

/* Logs on with an identity; the acceptor's verdict. */
static SECURITY_STATUS logs_on(const void *identity)
{
    struct pair pair;
    memset(&pair, 0, sizeof pair);
    SecInvalidateHandle(&pair.client);
    SecInvalidateHandle(&pair.server);
    SECURITY_STATUS status = AcquireCredentialsHandleW(NULL, wide("NTLM"), SECPKG_CRED_OUTBOUND, NULL, (void *)identity, NULL,
                                                       NULL, &pair.client_credential, NULL);
    if (is_error(status))
        return status;
    acquire_server(&pair.server_credential);
    status = shake_hands(&pair, CLIENT_FLAGS, 0);
    pair_close(&pair);
    return status;
}

static void extended(void)
{
    SEC_WINNT_AUTH_IDENTITY_EXA narrow;
    memset(&narrow, 0, sizeof narrow);
    narrow.Version = SEC_WINNT_AUTH_IDENTITY_VERSION;
    narrow.Length = sizeof narrow;
    narrow.User = (unsigned char *)"user";
    narrow.UserLength = 4;
    narrow.Domain = (unsigned char *)"DOMAIN";
    narrow.DomainLength = 6;
    narrow.Password = (unsigned char *)"SecREt01";
    narrow.PasswordLength = 8;
    narrow.Flags = SEC_WINNT_AUTH_IDENTITY_ANSI;
    expect(logs_on(&narrow), SEC_E_OK, "EXA");
    narrow.PackageList = (unsigned char *)"Kerberos,NTLM";
    narrow.PackageListLength = 13;
    expect(logs_on(&narrow), SEC_E_OK, "EXA with a package list");

    SEC_WINNT_AUTH_IDENTITY_EXW broad;
    memset(&broad, 0, sizeof broad);
    broad.Version = SEC_WINNT_AUTH_IDENTITY_VERSION;
    broad.Length = sizeof broad;
    broad.User = (void *)wide("user");
    broad.UserLength = 4;
    broad.Domain = (void *)wide("DOMAIN");
    broad.DomainLength = 6;
    broad.Password = (void *)wide("SecREt01");
    broad.PasswordLength = 8;
    broad.Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE;
    expect(logs_on(&broad), SEC_E_OK, "EXW");
    broad.PasswordLength = 7;
    expect(logs_on(&broad), SEC_E_LOGON_DENIED, "EXW with another password");
}

struct builder {
    unsigned char bytes[512];
    uint32_t length;
};

static uint32_t append(struct builder *builder, const void *bytes, size_t length)
{
    uint32_t offset = builder->length;
    memcpy(builder->bytes + offset, bytes, length);
    builder->length += (uint32_t)length;
    return offset;
}

static void put16(unsigned char *at, size_t value)
{
    uint16_t number = (uint16_t)value;
    memcpy(at, &number, 2);
}

/* Packed credentials: Windows' header of 28 bytes, or the 48 of programs whose `long` has eight. */
static uint32_t append_packed(struct builder *builder, int is_lp64, const GUID *type, const void *data, size_t length)
{
    unsigned char header[48] = {0};
    size_t size = is_lp64 ? 48 : 28, guid = is_lp64 ? 8 : 4, rest = is_lp64 ? 16 : 8;
    put16(header, size);
    put16(header + 2, size + length);
    memcpy(header + guid, type, 4);
    memcpy(header + rest, (const unsigned char *)type + 4, 12);
    put16(header + (is_lp64 ? 32 : 20), size);
    put16(header + (is_lp64 ? 40 : 24), length);
    uint32_t offset = append(builder, header, size);
    append(builder, data, length);
    return offset;
}

static void ex2_identity(struct builder *builder, int is_lp64, const GUID *type, const void *data, size_t length)
{
    SEC_WINNT_AUTH_IDENTITY_EX2 head;
    memset(&head, 0, sizeof head);
    builder->length = sizeof head;
    head.Version = SEC_WINNT_AUTH_IDENTITY_VERSION_2;
    head.cbHeaderLength = sizeof head;
    head.UserLength = 8;
    head.UserOffset = append(builder, wide("user"), 8);
    head.DomainLength = 12;
    head.DomainOffset = append(builder, wide("DOMAIN"), 12);
    head.PackedCredentialsOffset = append_packed(builder, is_lp64, type, data, length);
    head.PackedCredentialsLength = (uint16_t)(builder->length - head.PackedCredentialsOffset);
    head.Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE;
    head.cbStructureLength = builder->length;
    memcpy(builder->bytes, &head, sizeof head);
}

static void packed(void)
{
    struct builder builder;
    for (int is_lp64 = 0; is_lp64 < 2; is_lp64++) {
        ex2_identity(&builder, is_lp64, &SEC_WINNT_AUTH_DATA_TYPE_PASSWORD, wide("SecREt01"), 16);
        expect(logs_on(builder.bytes), SEC_E_OK, "EX2, packed header %d", is_lp64);
        expect(SspiValidateAuthIdentity(builder.bytes), SEC_E_OK, "EX2, packed header %d, is valid", is_lp64);
        ex2_identity(&builder, is_lp64, &SEC_WINNT_AUTH_DATA_TYPE_PASSWORD, wide("SecREt02"), 16);
        expect(logs_on(builder.bytes), SEC_E_LOGON_DENIED, "EX2 with another password");
        ex2_identity(&builder, is_lp64, &SEC_WINNT_AUTH_DATA_TYPE_KEYTAB, "keytab", 6);
        check(is_error(logs_on(builder.bytes)), "EX2 with a keytab has nothing for NTLM");
        ex2_identity(&builder, is_lp64, &SEC_WINNT_AUTH_DATA_TYPE_CERT, "certificate", 11);
        check(is_error(logs_on(builder.bytes)), "EX2 with a certificate has nothing for NTLM");
    }
}

/* Strings into an identity and back. */
static void strings(void)
{
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE identity = (void *)(uintptr_t)0x1234;
    expect(SspiEncodeStringsAsAuthIdentity(NULL, NULL, NULL, &identity), SEC_E_INVALID_TOKEN, "an identity of nothing");
    check(identity == (void *)(uintptr_t)0x1234, "nothing is made");
    if (!expect(SspiEncodeStringsAsAuthIdentity(wide("user"), wide("DOMAIN"), wide("SecREt01"), &identity), SEC_E_OK, "encode"))
        return;
    expect(SspiValidateAuthIdentity(identity), SEC_E_OK, "what was encoded is valid");
    expect(logs_on(identity), SEC_E_OK, "what was encoded logs on");
    const SEC_WCHAR *user = NULL, *domain = NULL, *secret = NULL;
    expect(SspiEncodeAuthIdentityAsStrings(identity, &user, &domain, &secret), SEC_E_OK, "decode");
    check(user && wide_equals(user, "user"), "the user is back");
    check(domain && wide_equals(domain, "DOMAIN"), "the domain is back");
    check(secret && secret[0] != 0, "the packed credentials are a string");
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE again = NULL;
    expect(SspiEncodeStringsAsAuthIdentity(user, domain, secret, &again), SEC_E_OK, "encode the strings again");
    expect(logs_on(again), SEC_E_OK, "which logs on too");
    uint8_t same_user = 9, same_identity = 9;
    expect(SspiCompareAuthIdentities(identity, again, &same_user, &same_identity), SEC_E_OK, "compare");
    check(same_user == 1 && same_identity == 1, "the same user with the same password");
    SspiFreeAuthIdentity(again);
    expect(SspiEncodeStringsAsAuthIdentity(wide("USER"), wide("domain"), wide("other"), &again), SEC_E_OK, "another password");
    expect(SspiCompareAuthIdentities(identity, again, &same_user, &same_identity), SEC_E_OK, "compare again");
    check(same_user == 1 && same_identity == 0, "the same user with another password");
    SspiFreeAuthIdentity(again);
    SspiLocalFree((void *)user);
    SspiLocalFree((void *)domain);
    SspiLocalFree((void *)secret);
    SspiFreeAuthIdentity(identity);
}

static PSEC_WINNT_AUTH_IDENTITY_OPAQUE an_identity(void)
{
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE identity = NULL;
    expect(SspiEncodeStringsAsAuthIdentity(wide("user"), wide("DOMAIN"), wide("SecREt01"), &identity), SEC_E_OK, "an identity");
    return identity;
}

static void copied_and_marshalled(void)
{
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE identity = an_identity(), copy = NULL, back = NULL;
    expect(SspiCopyAuthIdentity(identity, &copy), SEC_E_OK, "copy");
    SspiFreeAuthIdentity(identity);
    expect(logs_on(copy), SEC_E_OK, "the copy logs on");

    uint32_t length = 0;
    char *bytes = NULL;
    expect(SspiMarshalAuthIdentity(copy, &length, &bytes), SEC_E_OK, "marshal");
    check(length > 48 && bytes != NULL, "there are bytes");
    expect(SspiUnmarshalAuthIdentity(length, bytes, &back), SEC_E_OK, "unmarshal");
    expect(logs_on(back), SEC_E_OK, "what came back logs on");
    SspiFreeAuthIdentity(back);
    for (uint32_t cut = 0; cut < length; cut++) {
        back = NULL;
        check(is_error(SspiUnmarshalAuthIdentity(cut, bytes, &back)) && back == NULL, "unmarshal %u bytes", cut);
    }
    SspiLocalFree(bytes);
    SspiFreeAuthIdentity(copy);

    SEC_WINNT_AUTH_IDENTITY_A plain = identity_of("DOMAIN", "user", "SecREt01");
    expect(SspiCopyAuthIdentity(&plain, &copy), SEC_E_OK, "copy of a plain identity");
    expect(logs_on(copy), SEC_E_OK, "which logs on");
    SspiFreeAuthIdentity(copy);
}

static void encrypted(void)
{
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE identity = an_identity(), copy = NULL;
    expect(SspiCopyAuthIdentity(identity, &copy), SEC_E_OK, "a copy to encrypt");
    check(!SspiIsAuthIdentityEncrypted(copy), "not encrypted yet");
    expect(SspiEncryptAuthIdentity(copy), SEC_E_OK, "encrypt");
    check(SspiIsAuthIdentityEncrypted(copy), "encrypted now");
    expect(SspiDecryptAuthIdentity(copy), SEC_E_OK, "decrypt");
    check(!SspiIsAuthIdentityEncrypted(copy), "not encrypted any more");
    expect(logs_on(copy), SEC_E_OK, "it logs on after all that");
    expect(SspiEncryptAuthIdentityEx(SEC_WINNT_AUTH_IDENTITY_ENCRYPT_SAME_PROCESS, copy), SEC_E_OK, "encrypt for this process");
    expect(SspiDecryptAuthIdentityEx(SEC_WINNT_AUTH_IDENTITY_ENCRYPT_SAME_PROCESS, copy), SEC_E_OK, "decrypt for this process");
    expect(logs_on(copy), SEC_E_OK, "and logs on");
    uint32_t length = ((SEC_WINNT_AUTH_IDENTITY_EX2 *)copy)->cbStructureLength;
    SspiZeroAuthIdentity(copy);
    check(memmem(copy, length, wide("SecREt01"), 16) == NULL, "no password is left in a zeroed identity");
    check(is_error(logs_on(copy)), "which logs on no more");
    SspiFreeAuthIdentity(copy);
    SspiFreeAuthIdentity(identity);

    char password[] = "SecREt01";
    SEC_WINNT_AUTH_IDENTITY_A plain = identity_of("DOMAIN", "user", password);
    SspiZeroAuthIdentity(&plain);
    check(password[0] == 0 && password[7] == 0, "a plain password is zeroed in place");
}

static void packages_and_targets(void)
{
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE identity = an_identity(), without = NULL;
    expect(SspiExcludePackage(identity, wide("Kerberos"), &without), SEC_E_OK, "exclude Kerberos");
    expect(logs_on(without), SEC_E_OK, "NTLM is left");
    SspiFreeAuthIdentity(without);
    SspiFreeAuthIdentity(identity);

    static const struct { const char *target, *host; } cases[] = {
        {"HTTP/server.example.com", "server.example.com"}, {"HTTP/server.example.com:8080", "server.example.com"},
        {"TERMSRV/server/extra", "server"},
    };
    for (int i = 0; i < 3; i++) {
        SEC_WCHAR *host = NULL;
        expect(SspiGetTargetHostName(wide(cases[i].target), &host), SEC_E_OK, "host of %s", cases[i].target);
        check(host && wide_equals(host, cases[i].host), "it is %s", cases[i].host);
        SspiLocalFree(host);
    }
}

static void for_the_credential_manager(void)
{
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE identity = an_identity();
    uint32_t type = 0, size = 0;
    const SEC_WCHAR *target = NULL, *user = NULL;
    uint8_t *blob = NULL;
    SECURITY_STATUS status = SspiPrepareForCredRead(identity, wide("HTTP/server"), &type, &target);
    if (expect(status, SEC_E_OK, "prepare to read"))
        SspiLocalFree((void *)target);
    status = SspiPrepareForCredWrite(identity, wide("HTTP/server"), &type, &target, &user, &blob, &size);
    if (expect(status, SEC_E_OK, "prepare to write")) {
        check(user != NULL && user[0] != 0 && blob != NULL && size > 0, "there is something to write");
        SspiLocalFree((void *)target);
        SspiLocalFree((void *)user);
        SspiLocalFree(blob);
    }
    SspiFreeAuthIdentity(identity);
}

int main(void)
{
    use_accounts(ACCOUNTS);
    extended();
    packed();
    strings();
    copied_and_marshalled();
    encrypted();
    packages_and_targets();
    for_the_credential_manager();
    return test_summary();
}
