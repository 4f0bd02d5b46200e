/* Windows' header of remote procedure calls, which curl includes and does not use. */
