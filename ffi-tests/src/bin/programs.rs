//! The README's tables of programs: `--write` makes them of the last `cargo verify` and `cargo verify-windows`,
//! `--check` compares.

#![forbid(unsafe_code)]

use std::env;
use std::process::ExitCode;

use ffi_tests::program_table::Table;

fn main() -> ExitCode {
    let done = match env::args().nth(1).as_deref() {
        Some("--write") => Table::ALL.into_iter().try_for_each(Table::write),
        Some("--check") => Table::ALL.into_iter().try_for_each(|table| table.check().map(drop)),
        _ => Err("programs --write | --check".to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}
