//! Every C program of the table, against the library that plain `cargo test` builds.

#![forbid(unsafe_code)]

use ffi_tests::compile::compiler;
use ffi_tests::library::lib_path;
use ffi_tests::programs::{Mode, PROGRAMS, named};

fn run(name: &str) {
    if compiler().is_none() {
        eprintln!("skipped: no C compiler is installed");
        return;
    }
    let (tally, ran) = named(name).run(lib_path(), Mode::Plain).unwrap_or_else(|why| panic!("{why}"));
    println!("{}", ran.output);
    assert_eq!(tally.failed, 0, "{tally}");
}

macro_rules! programs {
    ($($name:ident)*) => {
        $(#[test] fn $name() { run(stringify!($name)); })*

        #[test]
        fn every_program_of_the_table_is_a_test_here() {
            let tests = [$(stringify!($name)),*];
            let plain = PROGRAMS.iter().filter(|program| program.modes.contains(&Mode::Plain));
            let table: Vec<&str> = plain.map(|program| program.name).collect();
            assert_eq!(tests.as_slice(), table.as_slice());
        }
    };
}

programs! {
    packages credentials context messages query identity export_import epa accounts anonymous impersonation
    negotiate logon diagnosis winpr freerdp3 null_matrix handles delete_in_use short_outputs descriptors
    overlap strings free process memory offsets huge zeroes
}
