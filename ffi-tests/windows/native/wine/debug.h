/* In the place of Wine's: all that its test.h wants of it. */
#include "windows_types.h"

#define __WINE_PRINTF_ATTR(format, arguments)
