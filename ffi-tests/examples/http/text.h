/* Text that grows, base64, times, and names made fit for where they are shown. */
#ifndef TEXT_H
#define TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* Starts as {0}; `bytes` is NUL-terminated once something was added. */
struct text {
    char *bytes;
    size_t length, capacity;
    /* Memory ran out: what is here is not all of it. */
    int failed;
};

void text_add(struct text *text, const char *bytes, size_t length);
void text_print(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Adds a name from outside with HTML's special characters as references. */
void text_add_html(struct text *text, const char *name);
/* Adds a name from outside with control characters as \xNN, for terminals and logs. */
void text_add_plain(struct text *text, const char *name);
void text_add_base64(struct text *text, const unsigned char *bytes, size_t length);
void text_free(struct text *text);

/* Decodes base64 that ends at the NUL; NULL if it is none. Freed by free(). */
unsigned char *base64_decode(const char *text, size_t *length);

/* A FILETIME as seconds since 1970. */
time_t seconds_of(int64_t filetime);
/* "2026-11-27 17:40:01 UTC". */
void text_add_time(struct text *text, time_t seconds);

#endif
