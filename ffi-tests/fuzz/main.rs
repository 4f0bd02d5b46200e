//! The fuzzer: libFuzzer around every target of `sspi::fuzzing`, and around C's own functions.
//!
//! `FUZZ_TARGET` names the target; libFuzzer's options are the arguments. `FUZZ_LIST=1` prints the
//! targets' names; `FUZZ_SEEDS=FOLDER` writes the target's seeds there, which is how a corpus begins.
//! `cargo verify fuzz` builds and runs it.

#![no_main]

mod calls;
mod identities;
mod lifecycle;

use std::path::Path;
use std::sync::OnceLock;
use std::{env, fs, process};

use libfuzzer_sys::fuzz_target;
use sspi::fuzzing::{TARGETS, Target};

/// The targets that go through C's functions.
static OF_C: &[Target] = &[
    Target { name: "ffi_lifecycle", run: lifecycle::run, seeds: lifecycle::seeds },
    Target { name: "ffi_identity", run: identities::run, seeds: identities::seeds },
];

static CHOSEN: OnceLock<&'static Target> = OnceLock::new();

fuzz_target!(init: choose(), |data: &[u8]| {
    if let Some(target) = CHOSEN.get() {
        (target.run)(data);
    }
});

fn choose() {
    // SAFETY: no other thread runs yet.
    unsafe {
        // A key for exported contexts, and nothing of this machine's Kerberos.
        env::set_var("SSPI_EXPORT_KEY", "a key for nothing but this");
        env::set_var("KRB5_CONFIG", "/dev/null");
        env::set_var("KRB5CCNAME", "MEMORY:");
        env::set_var("KRB5_KTNAME", "/dev/null");
    }
    if env::var_os("FUZZ_LIST").is_some() {
        TARGETS.iter().chain(OF_C).for_each(|target| println!("{}", target.name));
        process::exit(0);
    }
    let name = env::var("FUZZ_TARGET").unwrap_or_default();
    let Some(target) = TARGETS.iter().chain(OF_C).find(|target| target.name == name) else {
        eprintln!("FUZZ_TARGET names no target; FUZZ_LIST=1 lists them");
        process::exit(2);
    };
    if let Some(folder) = env::var_os("FUZZ_SEEDS") {
        write_seeds(Path::new(&folder), target);
        process::exit(0);
    }
    let _ = CHOSEN.set(target);
}

fn write_seeds(folder: &Path, target: &Target) {
    for (number, seed) in (target.seeds)().iter().enumerate() {
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(folder.join(format!("seed-{number:02}")), seed))
            .expect("the folder can be written");
    }
}
