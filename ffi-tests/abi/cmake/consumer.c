/* Lists the packages of the installed library. */
#include <security.h>
#include <stdio.h>

int main(void)
{
    ULONG count = 0, i;
    PSecPkgInfo packages = NULL;

    if (EnumerateSecurityPackages(&count, &packages) != SEC_E_OK || count == 0) {
        return 1;
    }
    for (i = 0; i < count; i++) {
        printf("%s: %s\n", packages[i].Name, packages[i].Comment);
    }
    return FreeContextBuffer(packages) == SEC_E_OK ? 0 : 1;
}
