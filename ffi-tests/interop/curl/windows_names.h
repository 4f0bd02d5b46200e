/*
 * What curl's SSPI files take from Windows beside SSPI: names of tchar.h and of the loader. Included before each.
 */
#ifndef WINDOWS_NAMES_H
#define WINDOWS_NAMES_H

#include <dlfcn.h>
#include <security.h>
#include <string.h>

#define _tcsdup strdup
#define _tcschr strchr
#define _tcslen strlen
#define _tcsncpy strncpy

/* curl asks whether this is Windows NT, loads the library that it then names, and looks up one function. */
#define PLATFORM_WINNT 0
#define VERSION_EQUAL 0
#define curlx_verify_windows_version(major, minor, build, platform, condition) 0
#define Curl_load_library(name) dlopen("libsspi.so", RTLD_NOW | RTLD_LOCAL)
#define GetProcAddress(module, name) dlsym(module, name)
#define FreeLibrary(module) dlclose(module)

#endif
