//! What the operating system is asked for.

mod thread;
mod unix;

pub use thread::Thread;
pub use unix::System;
