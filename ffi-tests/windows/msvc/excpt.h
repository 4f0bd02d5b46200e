/* As windef.h here: nothing of it is asked for. */
