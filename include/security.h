/*
 * security.h: what Windows code includes for SSPI. SECURITY_WIN32 may be defined, and need not be.
 */
#ifndef LIBSSPI_SECURITY_H
#define LIBSSPI_SECURITY_H

#include "sspi.h"
#include "secext.h"

/* As winnt.h has it; absent where UNICODE is set and the language has no literals of UTF-16. */
#if defined(SEC_TEXT) && !defined(TEXT) && !defined(LIBSSPI_NO_WINDOWS_TYPES)
#define TEXT(quote) SEC_TEXT(quote)
#endif

#endif /* LIBSSPI_SECURITY_H */
