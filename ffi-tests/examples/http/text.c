#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for `more` bytes and a NUL; 0 when there is no memory. */
static int reserve(struct text *text, size_t more)
{
    if (text->failed)
        return 0;
    size_t wanted = text->length + more + 1;
    if (wanted <= text->capacity)
        return 1;
    size_t capacity = wanted < 512 ? 512 : wanted * 2;
    char *bytes = realloc(text->bytes, capacity);
    if (bytes == NULL) {
        text->failed = 1;
        return 0;
    }
    text->bytes = bytes;
    text->capacity = capacity;
    return 1;
}

void text_add(struct text *text, const char *bytes, size_t length)
{
    if (!reserve(text, length))
        return;
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = 0;
}

void text_print(struct text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0 || !reserve(text, (size_t)length))
        return;
    va_start(arguments, format);
    vsnprintf(text->bytes + text->length, (size_t)length + 1, format, arguments);
    va_end(arguments);
    text->length += (size_t)length;
}

void text_add_html(struct text *text, const char *name)
{
    for (; *name != 0; name++) {
        switch (*name) {
        case '&': text_print(text, "&amp;"); break;
        case '<': text_print(text, "&lt;"); break;
        case '>': text_print(text, "&gt;"); break;
        case '"': text_print(text, "&quot;"); break;
        case '\'': text_print(text, "&#39;"); break;
        default: text_add(text, name, 1);
        }
    }
}

void text_add_plain(struct text *text, const char *name)
{
    const unsigned char *byte = (const unsigned char *)name;
    for (; *byte != 0; byte++) {
        /* The second row of control characters is U+0080 to U+009F: C2 80 to C2 9F in UTF-8. */
        int second_row = byte[0] == 0xC2 && byte[1] >= 0x80 && byte[1] <= 0x9F;
        if (second_row) {
            text_print(text, "\\x%02x", byte[1]);
            byte++;
        } else if (*byte < 0x20 || *byte == 0x7F) {
            text_print(text, "\\x%02x", *byte);
        } else {
            text_add(text, (const char *)byte, 1);
        }
    }
}

void text_free(struct text *text)
{
    free(text->bytes);
    memset(text, 0, sizeof *text);
}

static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void text_add_base64(struct text *text, const unsigned char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i += 3) {
        size_t left = length - i;
        uint32_t three = (uint32_t)bytes[i] << 16;
        if (left > 1)
            three |= (uint32_t)bytes[i + 1] << 8;
        if (left > 2)
            three |= bytes[i + 2];
        char four[4] = {
            ALPHABET[three >> 18], ALPHABET[three >> 12 & 63],
            left > 1 ? ALPHABET[three >> 6 & 63] : '=', left > 2 ? ALPHABET[three & 63] : '=',
        };
        text_add(text, four, sizeof four);
    }
}

/* The value of one character, -1 for any that is not of the alphabet. */
static int base64_value(char character)
{
    const char *found = character == 0 ? NULL : strchr(ALPHABET, character);
    return found == NULL ? -1 : (int)(found - ALPHABET);
}

unsigned char *base64_decode(const char *text, size_t *length)
{
    size_t characters = strlen(text), padding = 0;
    if (characters == 0 || characters % 4 != 0)
        return NULL;
    while (padding < 2 && text[characters - 1 - padding] == '=')
        padding++;
    unsigned char *bytes = malloc(characters / 4 * 3);
    if (bytes == NULL)
        return NULL;
    uint32_t bits = 0;
    size_t filled = 0;
    for (size_t i = 0; i < characters; i++) {
        int value = i < characters - padding ? base64_value(text[i]) : 0;
        if (value < 0) {
            free(bytes);
            return NULL;
        }
        bits = bits << 6 | (uint32_t)value;
        if (i % 4 == 3) {
            bytes[filled++] = (unsigned char)(bits >> 16);
            bytes[filled++] = (unsigned char)(bits >> 8);
            bytes[filled++] = (unsigned char)bits;
        }
    }
    *length = filled - padding;
    return bytes;
}

time_t seconds_of(int64_t filetime)
{
    const int64_t from_1601_to_1970 = 11644473600;
    return (time_t)(filetime / 10000000 - from_1601_to_1970);
}

void text_add_time(struct text *text, time_t seconds)
{
    struct tm parts;
    char shown[40];
    if (gmtime_r(&seconds, &parts) != NULL && strftime(shown, sizeof shown, "%Y-%m-%d %H:%M:%S UTC", &parts) > 0)
        text_print(text, "%s", shown);
}
