//! Negotiate against itself, and against whoever is on the way.

#![forbid(unsafe_code)]
