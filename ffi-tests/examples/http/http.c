#include "http.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The position after the empty line that ends a head, 0 while there is none. */
static size_t end_of_head(const char *bytes, size_t length)
{
    const char *end = length < 4 ? NULL : memmem(bytes, length, "\r\n\r\n", 4);
    return end == NULL ? 0 : (size_t)(end - bytes) + 4;
}

/* Makes room for more; 0 when the head is too large or memory is short. */
static int grow(struct reader *reader)
{
    if (reader->filled < reader->capacity)
        return 1;
    if (reader->capacity >= HEAD_LIMIT)
        return 0;
    size_t capacity = reader->capacity == 0 ? 4096 : reader->capacity * 2;
    if (capacity > HEAD_LIMIT)
        capacity = HEAD_LIMIT;
    char *bytes = realloc(reader->bytes, capacity);
    if (bytes == NULL)
        return 0;
    reader->bytes = bytes;
    reader->capacity = capacity;
    return 1;
}

/* Reads until a whole head is there; its length is `taken`. */
static int receive_head(struct reader *reader, int64_t deadline)
{
    reader->filled -= reader->taken;
    if (reader->filled > 0)
        memmove(reader->bytes, reader->bytes + reader->taken, reader->filled);
    reader->taken = 0;
    for (;;) {
        reader->taken = end_of_head(reader->bytes, reader->filled);
        if (reader->taken > 0)
            return 0;
        if (!grow(reader))
            return 431;
        size_t received = transport_read(reader->transport, reader->bytes + reader->filled,
                                         reader->capacity - reader->filled, deadline);
        if (received == 0)
            return reader->filled > 0 && now_ms() >= deadline ? 408 : HTTP_GONE;
        reader->filled += received;
    }
}

static int is_token(const char *text)
{
    static const char marks[] = "!#$%&'*+-.^_`|~";
    if (*text == 0)
        return 0;
    for (; *text != 0; text++) {
        int letter = (*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z');
        int digit = *text >= '0' && *text <= '9';
        if (!letter && !digit && strchr(marks, *text) == NULL)
            return 0;
    }
    return 1;
}

/* No control character but the tab. */
static int is_printable(const char *text)
{
    for (; *text != 0; text++)
        if (((unsigned char)*text < 0x20 && *text != '\t') || *text == 0x7F)
            return 0;
    return 1;
}

/* Takes the line off `rest`, and ends it with a NUL. */
static char *take_line(char **rest)
{
    char *line = *rest, *end = strstr(line, "\r\n");
    *end = 0;
    *rest = end + 2;
    return line;
}

/* Takes the word up to the next space off `rest`; the last word is what remains. */
static char *take_word(char **rest)
{
    char *word = *rest, *space = word == NULL ? NULL : strchr(word, ' ');
    *rest = space == NULL ? NULL : space + 1;
    if (space != NULL)
        *space = 0;
    return word;
}

/* The path of "/path?query" or of "http://host/path?query". */
static const char *path_of(char *target)
{
    char *path = target;
    if (strncasecmp(target, "http://", 7) == 0 || strncasecmp(target, "https://", 8) == 0) {
        path = strchr(strstr(target, "//") + 2, '/');
        if (path == NULL)
            return "/";
    }
    path[strcspn(path, "?#")] = 0;
    return path;
}

/* "GET /path HTTP/1.1" */
static int read_request_line(char *line, struct request *request, int *minor)
{
    char *method = take_word(&line), *target = take_word(&line), *version = take_word(&line);
    if (target == NULL || version == NULL || line != NULL || !is_token(method) || !is_printable(target)
        || *target == 0)
        return 400;
    if (strcmp(version, "HTTP/1.1") != 0 && strcmp(version, "HTTP/1.0") != 0)
        return strncmp(version, "HTTP/", 5) == 0 ? 505 : 400;
    *minor = version[7] - '0';
    request->method = method;
    request->path = path_of(target);
    request->keep_alive = *minor == 1;
    return 0;
}

/* Whether a list such as "keep-alive, TE" holds the word. */
static int lists(const char *list, const char *word)
{
    while (*list != 0) {
        list += strspn(list, ", \t");
        size_t length = strcspn(list, ", \t");
        if (length == strlen(word) && strncasecmp(list, word, length) == 0)
            return 1;
        list += length;
    }
    return 0;
}

/* A header that may stand there once. */
static int only_once(const char **place, const char *value)
{
    if (*place != NULL)
        return 400;
    *place = value;
    return 0;
}

/* What the headers of a request come to, beside what it keeps. */
struct headers {
    const char *host;
    int body;
};

static int read_header(const char *name, const char *value, struct request *request, struct headers *headers)
{
    if (strcasecmp(name, "Host") == 0)
        return only_once(&headers->host, value);
    if (strcasecmp(name, "Authorization") == 0)
        return only_once(&request->authorization, value);
    if (strcasecmp(name, "Accept") == 0)
        request->accept = value;
    else if (strcasecmp(name, "Via") == 0 || strcasecmp(name, "Forwarded") == 0
             || strcasecmp(name, "X-Forwarded-For") == 0)
        request->by_proxy = 1;
    else if (strcasecmp(name, "Transfer-Encoding") == 0)
        headers->body = 1;
    else if (strcasecmp(name, "Content-Length") == 0)
        headers->body |= strcmp(value, "0") != 0;
    else if (strcasecmp(name, "Connection") == 0 && lists(value, "close"))
        request->keep_alive = 0;
    else if (strcasecmp(name, "Connection") == 0 && lists(value, "keep-alive"))
        request->keep_alive = 1;
    return 0;
}

/* "Name: value" */
static int read_header_line(char *line, struct request *request, struct headers *headers)
{
    char *colon = strchr(line, ':');
    if (colon == NULL)
        return 400;
    *colon = 0;
    char *value = colon + 1 + strspn(colon + 1, " \t");
    for (size_t end = strlen(value); end > 0 && strchr(" \t", value[end - 1]) != NULL; end--)
        value[end - 1] = 0;
    /* A line that begins with a space would continue the one before: nobody sends that any more. */
    if (!is_token(line) || !is_printable(value))
        return 400;
    return read_header(line, value, request, headers);
}

int http_next(struct reader *reader, struct request *request, int64_t deadline)
{
    int minor = 0, status = receive_head(reader, deadline);
    struct headers headers = {0};
    memset(request, 0, sizeof *request);
    if (status != 0)
        return status;
    if (memchr(reader->bytes, 0, reader->taken) != NULL)
        return 400;
    reader->bytes[reader->taken - 2] = 0;
    char *rest = reader->bytes;
    status = read_request_line(take_line(&rest), request, &minor);
    for (int count = 0; status == 0 && *rest != 0; count++)
        status = count == HEADER_LIMIT ? 431 : read_header_line(take_line(&rest), request, &headers);
    if (status == 0 && headers.host == NULL && minor == 1)
        status = 400;
    /* A body that is not read would be taken for the next request. */
    if (status == 0 && headers.body)
        status = 413;
    return status;
}

void http_free(struct reader *reader)
{
    free(reader->bytes);
    reader->bytes = NULL;
}

const char *http_reason(int status)
{
    switch (status) {
    case 200: return "OK";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 413: return "Content Too Large";
    case 431: return "Request Header Fields Too Large";
    case 503: return "Service Unavailable";
    case 505: return "HTTP Version Not Supported";
    default: return "Internal Server Error";
    }
}

static void add_date(struct text *head)
{
    char date[40];
    time_t now = time(NULL);
    struct tm parts;
    if (gmtime_r(&now, &parts) != NULL && strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &parts) > 0)
        text_print(head, "Date: %s\r\n", date);
}

int http_answer(struct transport *transport, const struct answer *answer, const char *method, int keep_alive,
                int64_t deadline)
{
    struct text whole = {0};
    text_print(&whole, "HTTP/1.1 %d %s\r\n", answer->status, http_reason(answer->status));
    add_date(&whole);
    text_print(&whole, "Content-Type: %s; charset=utf-8\r\nContent-Length: %zu\r\n", answer->type, answer->body.length);
    text_print(&whole, "Connection: %s\r\n", keep_alive ? "keep-alive" : "close");
    /* Who is logged on is nobody else's business, nor any cache's. */
    text_print(&whole, "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nX-Frame-Options: DENY\r\n"
                       "Referrer-Policy: no-referrer\r\nCross-Origin-Resource-Policy: same-origin\r\n");
    if (answer->headers.length > 0)
        text_add(&whole, answer->headers.bytes, answer->headers.length);
    text_print(&whole, "\r\n");
    if (answer->body.length > 0 && strcmp(method, "HEAD") != 0)
        text_add(&whole, answer->body.bytes, answer->body.length);
    int sent = !whole.failed && !answer->headers.failed && !answer->body.failed
        && transport_write(transport, whole.bytes, whole.length, deadline);
    text_free(&whole);
    return sent;
}

void answer_free(struct answer *answer)
{
    text_free(&answer->headers);
    text_free(&answer->body);
}
