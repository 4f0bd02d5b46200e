//! What the operating system is asked for.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub use unix::{System, Thread, ansi, heap};
#[cfg(windows)]
pub use windows::{System, Thread, ansi, heap, system_dll};
