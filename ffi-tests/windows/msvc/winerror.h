/* As windef.h here: the one name that has to give way. */
#define SEC_E_OK ((long)0x00000000L)
