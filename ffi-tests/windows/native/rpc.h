#include "windows_types.h"
