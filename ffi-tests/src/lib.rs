//! Shared by the binaries of this package.
