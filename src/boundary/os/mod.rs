//! What the operating system is asked for.

mod unix;

pub use unix::System;
