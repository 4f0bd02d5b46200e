//! Holds `src/` to its own map: the arrows between rooms, where `unsafe` may stand, file sizes, and
//! that no export is written without its guard.

use std::fs;
use std::path::{Path, PathBuf};

/// Room, and what it may `use crate::` besides date, error, log, part and secret. The map in src/lib.rs.
const ARROWS: &[(&str, &[&str])] = &[
    ("abi", &[]),
    ("export", &["abi", "boundary", "handle", "object", "package", "store"]),
    ("boundary", &["abi", "store"]),
    ("handle", &[]),
    ("object", &["package", "store", "crypto"]),
    ("package", &["crypto", "store"]),
    ("crypto", &[]),
    ("store", &["crypto"]),
    ("fuzzing", &["abi", "boundary", "object", "package", "store", "crypto"]),
];
const ANYWHERE: &[&str] = &["date", "error", "log", "part", "secret"];
const LONGEST_FILE: usize = 600;

fn source_files() -> Vec<(String, String)> {
    rust_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../src"))
}

/// The Rust files below a folder: their names in it, and their text.
fn rust_files(root: &Path) -> Vec<(String, String)> {
    let mut folders = vec![root.to_path_buf()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_string();
                files.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(files.len() > 20, "src/ was found");
    files
}

/// The rooms that a file's code names with `crate::ROOM`.
fn rooms_used(text: &str) -> Vec<&str> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| line.split("crate::").skip(1))
        .map(|rest| rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default())
        .collect()
}

#[test]
fn every_arrow_is_on_the_map() {
    let mut strays = Vec::new();
    for (name, text) in source_files() {
        let Some((room, _)) = name.split_once('/') else { continue };
        let (_, allowed) = ARROWS.iter().find(|(known, _)| *known == room).expect("a room of the map");
        for used in rooms_used(&text) {
            if used != room && !allowed.contains(&used) && !ANYWHERE.contains(&used) {
                strays.push(format!("{name}: {used}"));
            }
        }
    }
    assert!(strays.is_empty(), "{strays:#?}");
}

#[test]
fn unsafe_stands_only_where_it_may() {
    for (name, text) in source_files() {
        let may = ["export/", "boundary/"].iter().any(|room| name.starts_with(room));
        let head = name == "lib.rs" || name == "crypto/mod.rs" || name == "crypto/cpu_dispatch.rs";
        assert!(
            may || head || text.contains("#![forbid(unsafe_code)]"),
            "{name} does not forbid unsafe code"
        );
    }
}

#[test]
fn every_unsafe_block_says_why_it_is_sound() {
    let mut bare = Vec::new();
    for (name, text) in source_files() {
        let lines: Vec<&str> = text.lines().collect();
        for (index, line) in lines.iter().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            let opens = code.contains("unsafe {") || code.contains("unsafe impl");
            let above = lines[index.saturating_sub(8)..=index].iter().any(|line| line.contains("SAFETY:"));
            if opens && !above {
                bare.push(format!("{name}:{}", index + 1));
            }
        }
    }
    assert!(bare.is_empty(), "no SAFETY line near {bare:#?}");
}

#[test]
fn no_file_is_too_long() {
    let tests = rust_files(Path::new(env!("CARGO_MANIFEST_DIR")));
    for (name, text) in source_files().into_iter().chain(tests) {
        let lines = text.lines().count();
        assert!(lines <= LONGEST_FILE, "{name} has {lines} lines");
    }
}

#[test]
fn no_export_is_without_its_guard() {
    for (name, text) in source_files() {
        for export in text.split("#[unsafe(no_mangle)]").skip(1) {
            // The switch that makes the others panic, in test builds only; jumps into the system's DLL.
            if export.contains("fn libsspi_test_panic") || export.contains("jump!(FUNCTION)") {
                continue;
            }
            let body = export.split_once('{').map(|(_, body)| body.trim_start()).unwrap_or_default();
            let mut statements = body.lines().map(str::trim).skip_while(|line| line.starts_with("let _ = "));
            let head = export.lines().take(2).collect::<Vec<_>>().join(" ");
            assert!(statements.next().is_some_and(|first| first.starts_with("entry!")), "{name}: {head}");
        }
    }
}
