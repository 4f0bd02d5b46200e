/* What curl has in files for Windows alone: its start loads SSPI, and Windows knows words for a status. */
#include <stdio.h>

int Curl_sspi_global_init(void);
const char *get_winapi_error(int error, char *text, size_t size);

__attribute__((constructor)) static void start(void)
{
    Curl_sspi_global_init();
}

const char *get_winapi_error(int error, char *text, size_t size)
{
    snprintf(text, size, "status 0x%08X", (unsigned)error);
    return text;
}
