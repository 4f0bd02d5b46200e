/* What the sample client and server share: messages over TCP with a length in
 * front, names for numbers, and sealing. */
#ifndef SAMPLE_H
#define SAMPLE_H

#ifdef _WIN32
#define SECURITY_WIN32
#include <winsock2.h>
#include <ws2tcpip.h>
#endif
#include <sspi.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef _WIN32
#define MSG_NOSIGNAL 0
#define close closesocket
#define geteuid() 0u
static inline int start_network(void) { return WSAStartup(MAKEWORD(2, 2), &(WSADATA){0}) == 0; }
#else
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
static inline int start_network(void) { return 1; }
#endif

#define MESSAGE_LIMIT (1u << 20)

/* How the samples end. */
enum { EXIT_GOOD = 0, EXIT_TROUBLE = 1, EXIT_REFUSED = 2 };

static inline int send_bytes(int socket_fd, const void *bytes, size_t length)
{
    const char *next = bytes;
    while (length > 0) {
        ssize_t sent = send(socket_fd, next, length, MSG_NOSIGNAL);
        if (sent <= 0)
            return 0;
        next += sent;
        length -= (size_t)sent;
    }
    return 1;
}

static inline int receive_bytes(int socket_fd, void *bytes, size_t length)
{
    char *next = bytes;
    while (length > 0) {
        ssize_t received = recv(socket_fd, next, length, 0);
        if (received <= 0)
            return 0;
        next += received;
        length -= (size_t)received;
    }
    return 1;
}

/* A message is its length in four bytes, then itself. */
static inline int send_message(int socket_fd, const void *message, uint32_t length)
{
    uint32_t prefix = htonl(length);
    return send_bytes(socket_fd, &prefix, sizeof prefix) && send_bytes(socket_fd, message, length);
}

/* Receives one message of at most `limit` bytes; 0 when the peer is gone or says too much. */
static inline int receive_message(int socket_fd, void *message, uint32_t limit, uint32_t *length)
{
    uint32_t prefix;
    if (!receive_bytes(socket_fd, &prefix, sizeof prefix))
        return 0;
    *length = ntohl(prefix);
    return *length <= limit && receive_bytes(socket_fd, message, *length);
}

static inline const char *status_name(SECURITY_STATUS status)
{
    switch ((uint32_t)status) {
    case 0x00000000: return "SEC_E_OK";
    case 0x00090312: return "SEC_I_CONTINUE_NEEDED";
    case 0x80090301: return "SEC_E_INVALID_HANDLE";
    case 0x80090302: return "SEC_E_UNSUPPORTED_FUNCTION";
    case 0x80090304: return "SEC_E_INTERNAL_ERROR";
    case 0x80090305: return "SEC_E_SECPKG_NOT_FOUND";
    case 0x80090308: return "SEC_E_INVALID_TOKEN";
    case 0x8009030B: return "SEC_E_NO_IMPERSONATION";
    case 0x8009030C: return "SEC_E_LOGON_DENIED";
    case 0x8009030E: return "SEC_E_NO_CREDENTIALS";
    case 0x8009030F: return "SEC_E_MESSAGE_ALTERED";
    case 0x80090321: return "SEC_E_BUFFER_TOO_SMALL";
    default: return "another status";
    }
}

static inline void report(const char *what, SECURITY_STATUS status)
{
    printf("%s: %s (0x%08X)\n", what, status_name(status), (unsigned)status);
}

static inline void print_hex(const char *title, const void *bytes, size_t length)
{
    const unsigned char *byte = bytes;
    printf("%s", title);
    for (size_t i = 0; i < length; i++)
        printf("%02x", byte[i]);
    printf("\n");
}

/* Bytes that one token of the package may take; 0 when there is no such package. */
static inline uint32_t token_limit(char *package)
{
    PSecPkgInfoA info = NULL;
    SECURITY_STATUS status = QuerySecurityPackageInfoA(package, &info);
    if (status != SEC_E_OK) {
        report("QuerySecurityPackageInfo", status);
        return 0;
    }
    uint32_t limit = info->cbMaxToken;
    FreeContextBuffer(info);
    return limit;
}

/* Prints who is at both ends, which package spoke, and what messages cost. */
static inline int describe(CtxtHandle *context, const char *who, SecPkgContext_Sizes *sizes)
{
    SecPkgContext_NamesA names;
    SECURITY_STATUS status = QueryContextAttributesA(context, SECPKG_ATTR_NAMES, &names);
    if (status != SEC_E_OK) {
        report("SECPKG_ATTR_NAMES", status);
        return 0;
    }
    printf("%s: %s\n", who, names.sUserName);
    FreeContextBuffer(names.sUserName);

    SecPkgContext_PackageInfoA package;
    status = QueryContextAttributesA(context, SECPKG_ATTR_PACKAGE_INFO, &package);
    if (status != SEC_E_OK) {
        report("SECPKG_ATTR_PACKAGE_INFO", status);
        return 0;
    }
    printf("package: %s (%s)\n", package.PackageInfo->Name, package.PackageInfo->Comment);
    FreeContextBuffer(package.PackageInfo);

    SecPkgContext_SessionKey key;
    status = QueryContextAttributesA(context, SECPKG_ATTR_SESSION_KEY, &key);
    if (status != SEC_E_OK) {
        report("SECPKG_ATTR_SESSION_KEY", status);
        return 0;
    }
    printf("session key: %u bytes, kept to ourselves\n", (unsigned)key.SessionKeyLength);
    FreeContextBuffer(key.SessionKey);

    status = QueryContextAttributesA(context, SECPKG_ATTR_SIZES, sizes);
    if (status != SEC_E_OK) {
        report("SECPKG_ATTR_SIZES", status);
        return 0;
    }
    printf("each sealed message carries %u bytes of signature\n", (unsigned)sizes->cbSecurityTrailer);
    return 1;
}

/* Seals a text and sends it: the length of the signature, the signature, the text. */
static inline int send_sealed(int socket_fd, CtxtHandle *context, const SecPkgContext_Sizes *sizes,
                              const char *text)
{
    uint32_t length = (uint32_t)strlen(text);
    uint32_t trailer = sizes->cbSecurityTrailer;
    unsigned char *message = malloc(4 + (size_t)trailer + length);
    unsigned char *packed = malloc(4 + (size_t)trailer + length);
    int sent = 0;
    if (message == NULL || packed == NULL)
        goto done;
    memcpy(message + trailer, text, length);

    SecBuffer buffers[2] = {
        {trailer, SECBUFFER_TOKEN, message},
        {length, SECBUFFER_DATA, message + trailer},
    };
    SecBufferDesc description = {SECBUFFER_VERSION, 2, buffers};
    SECURITY_STATUS status = EncryptMessage(context, 0, &description, 0);
    if (status != SEC_E_OK) {
        report("EncryptMessage", status);
        goto done;
    }
    /* The signature may be shorter than what was set aside for it. */
    uint32_t signature = buffers[0].cbBuffer;
    uint32_t prefix = htonl(signature);
    memcpy(packed, &prefix, 4);
    memcpy(packed + 4, buffers[0].pvBuffer, signature);
    memcpy(packed + 4 + signature, buffers[1].pvBuffer, length);
    printf("says: \"%s\"\n", text);
    print_hex("on the wire: ", packed + 4, signature + length);
    sent = send_message(socket_fd, packed, 4 + signature + length);
done:
    free(message);
    free(packed);
    return sent;
}

/* Receives a sealed text and prints it. */
static inline int receive_sealed(int socket_fd, CtxtHandle *context)
{
    unsigned char *message = malloc(MESSAGE_LIMIT);
    uint32_t length, signature;
    int good = 0;
    if (message == NULL || !receive_message(socket_fd, message, MESSAGE_LIMIT, &length) || length < 4)
        goto done;
    memcpy(&signature, message, 4);
    signature = ntohl(signature);
    if (signature > length - 4)
        goto done;

    SecBuffer buffers[2] = {
        {length - 4 - signature, SECBUFFER_DATA, message + 4 + signature},
        {signature, SECBUFFER_TOKEN, message + 4},
    };
    SecBufferDesc description = {SECBUFFER_VERSION, 2, buffers};
    SECURITY_STATUS status = DecryptMessage(context, &description, 0, NULL);
    if (status != SEC_E_OK) {
        report("DecryptMessage", status);
        goto done;
    }
    printf("hears: \"%.*s\"\n", (int)buffers[0].cbBuffer, (const char *)buffers[0].pvBuffer);
    good = 1;
done:
    free(message);
    return good;
}

#endif
