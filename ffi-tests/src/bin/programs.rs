//! The README's table of programs: `--write` makes it of the last `cargo verify`, `--check` compares.

#![forbid(unsafe_code)]

use std::env;
use std::process::ExitCode;

use ffi_tests::program_table;
use ffi_tests::stage::verify_dir;

fn main() -> ExitCode {
    let done = match env::args().nth(1).as_deref() {
        Some("--write") => program_table::write(&verify_dir()).map(|()| 0),
        Some("--check") => program_table::check(&verify_dir()),
        _ => Err("programs --write | --check".to_owned()),
    };
    match done {
        Ok(_) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}
