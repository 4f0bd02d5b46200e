//! The harness: finds or builds the library, compiles C programs against it,
//! runs them with a time limit and adds up what they report.

#![forbid(unsafe_code)]

pub mod compile;
pub mod fuzzer;
pub mod library;
pub mod packages;
pub mod process;
pub mod program_table;
pub mod programs;
pub mod scratch;
pub mod stage;
pub mod tally;
