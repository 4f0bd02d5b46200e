/*
 * security.h: what Windows code includes for SSPI. SECURITY_WIN32 may be defined, and need not be.
 */
#ifndef LIBSSPI_SECURITY_H
#define LIBSSPI_SECURITY_H

#include "sspi.h"
#include "secext.h"

#endif /* LIBSSPI_SECURITY_H */
