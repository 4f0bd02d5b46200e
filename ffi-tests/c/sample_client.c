/* A client that logs on over TCP and exchanges sealed messages.
 *
 *     sample_client PORT DOMAIN USER PASSWORD [PACKAGE]
 */
#include "sample.h"

static void print_protections(uint32_t flags)
{
    printf("protections:");
    if (flags & ISC_RET_CONFIDENTIALITY)
        printf(" confidentiality");
    if (flags & ISC_RET_INTEGRITY)
        printf(" integrity");
    if (flags & ISC_RET_REPLAY_DETECT)
        printf(" replay-detect");
    if (flags & ISC_RET_SEQUENCE_DETECT)
        printf(" sequence-detect");
    if (flags & ISC_RET_MUTUAL_AUTH)
        printf(" mutual-auth");
    printf("\n");
}

static int connect_to(const char *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = start_network() ? socket(AF_INET, SOCK_STREAM, 0) : -1;
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        perror("connect");
        return -1;
    }
    return fd;
}

/* Runs the handshake; 1 when our side of it is complete. */
static int log_on(int fd, CredHandle *credential, CtxtHandle *context, uint32_t limit)
{
    unsigned char *in = malloc(limit), *out = malloc(limit);
    uint32_t in_length = 0;
    uint32_t flags = ISC_REQ_CONFIDENTIALITY | ISC_REQ_INTEGRITY | ISC_REQ_REPLAY_DETECT
                   | ISC_REQ_SEQUENCE_DETECT;
    int begun = 0, good = 0;
    TimeStamp expiry;
    SECURITY_STATUS status = SEC_E_INSUFFICIENT_MEMORY;
    if (in == NULL || out == NULL)
        goto done;

    do {
        SecBuffer in_buffer = {in_length, SECBUFFER_TOKEN, in};
        SecBufferDesc input = {SECBUFFER_VERSION, 1, &in_buffer};
        SecBuffer out_buffer = {limit, SECBUFFER_TOKEN, out};
        SecBufferDesc output = {SECBUFFER_VERSION, 1, &out_buffer};
        uint32_t granted = 0;
        status = InitializeSecurityContextA(
            credential, begun ? context : NULL, "host/server.example", flags, 0,
            SECURITY_NATIVE_DREP, begun ? &input : NULL, 0, context, &output, &granted, &expiry);
        if (status != SEC_E_OK && status != SEC_I_CONTINUE_NEEDED)
            break;
        begun = 1;
        if (out_buffer.cbBuffer != 0 && !send_message(fd, out, out_buffer.cbBuffer))
            break;
        if (status == SEC_E_OK) {
            print_protections(granted);
            good = 1;
        } else if (!receive_message(fd, in, limit, &in_length)) {
            break;
        }
    } while (status == SEC_I_CONTINUE_NEEDED);
done:
    if (!good)
        report("InitializeSecurityContext", status);
    free(in);
    free(out);
    return good;
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    if (argc < 5) {
        fprintf(stderr, "usage: %s PORT DOMAIN USER PASSWORD [PACKAGE]\n", argv[0]);
        return EXIT_TROUBLE;
    }
    char *package = argc > 5 ? argv[5] : "NTLM";
    uint32_t limit = token_limit(package);
    int fd = connect_to(argv[1]);
    if (limit == 0 || fd < 0)
        return EXIT_TROUBLE;

    SEC_WINNT_AUTH_IDENTITY_A identity = {
        .User = (unsigned char *)argv[3], .UserLength = (uint32_t)strlen(argv[3]),
        .Domain = (unsigned char *)argv[2], .DomainLength = (uint32_t)strlen(argv[2]),
        .Password = (unsigned char *)argv[4], .PasswordLength = (uint32_t)strlen(argv[4]),
        .Flags = SEC_WINNT_AUTH_IDENTITY_ANSI,
    };
    CredHandle credential;
    CtxtHandle context;
    TimeStamp expiry;
    SECURITY_STATUS status = AcquireCredentialsHandleA(
        NULL, package, SECPKG_CRED_OUTBOUND, NULL, &identity, NULL, NULL, &credential, &expiry);
    if (status != SEC_E_OK) {
        report("AcquireCredentialsHandle", status);
        return EXIT_TROUBLE;
    }
    SecInvalidateHandle(&context);

    int result = EXIT_TROUBLE;
    SecPkgContext_Sizes sizes;
    if (log_on(fd, &credential, &context, limit) && describe(&context, "logging on as", &sizes)) {
        if (!receive_sealed(fd, &context)) {
            printf("the server closed the connection: it does not let us in\n");
            result = EXIT_REFUSED;
        } else if (send_sealed(fd, &context, &sizes, "Thank you. The answer is 42.")) {
            result = EXIT_GOOD;
        }
    }
    if (SecIsValidHandle(&context))
        DeleteSecurityContext(&context);
    FreeCredentialsHandle(&credential);
    close(fd);
    return result;
}
