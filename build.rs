//! Link arguments, Windows' version resource, and the C header made from src/abi and src/export.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=cbindgen.toml");
    println!("cargo:rerun-if-changed=src/abi");
    println!("cargo:rerun-if-changed=src/export");
    println!("cargo:rerun-if-env-changed=LIBSSPI_SONAME");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("set by cargo"));
    match env::var("CARGO_CFG_TARGET_OS").as_deref() {
        Ok("linux") => link(),
        Ok("windows") => version_resource(&out),
        _ => {}
    }
    match header(Path::new("."), &out) {
        Ok(text) => fs::write(out.join("sspi.h"), text).expect("OUT_DIR is writable"),
        // The compiler says it better.
        Err(reason) => println!("cargo:warning=no header: {reason}"),
    }
}

/// The library calls itself, whoever else exports the same names, and stays once it is loaded.
fn link() {
    println!("cargo:rustc-cdylib-link-arg=-Wl,-Bsymbolic");
    println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    // Only packages have a soname: without one, the file in target/ works under its own name.
    if let Ok(soname) = env::var("LIBSSPI_SONAME") {
        println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,{soname}");
    }
}

/// What Windows shows as the file's details, where there is a resource compiler (MinGW's windres).
fn version_resource(out: &Path) {
    let part = |name| env::var(format!("CARGO_PKG_{name}")).expect("set by cargo");
    let version = part("VERSION");
    let [major, minor, patch] = ["VERSION_MAJOR", "VERSION_MINOR", "VERSION_PATCH"].map(part);
    let strings = [
        ("FileDescription", part("DESCRIPTION")),
        ("FileVersion", version.clone()),
        ("InternalName", "sspi".into()),
        ("LegalCopyright", part("LICENSE")),
        ("OriginalFilename", "sspi.dll".into()),
        ("ProductName", part("NAME")),
        ("ProductVersion", version),
    ];
    let strings: String =
        strings.iter().map(|(name, text)| format!("VALUE \"{name}\", \"{text}\\0\"\n")).collect();
    // A DLL (2) for Windows NT (0x40004); names in American English (0x409), UTF-16 (1200).
    let text = format!(
        "1 VERSIONINFO\nFILEVERSION {major},{minor},{patch},0\nPRODUCTVERSION {major},{minor},{patch},0\n\
         FILEOS 0x40004\nFILETYPE 2\nBEGIN\nBLOCK \"StringFileInfo\"\nBEGIN\nBLOCK \"040904b0\"\nBEGIN\n\
         {strings}END\nEND\nBLOCK \"VarFileInfo\"\nBEGIN\nVALUE \"Translation\", 0x409, 1200\nEND\nEND\n"
    );
    let (source, object) = (out.join("version.rc"), out.join("version.o"));
    fs::write(&source, text).expect("OUT_DIR is writable");
    let is_32_bit = env::var("CARGO_CFG_TARGET_ARCH").as_deref() == Ok("x86");
    let windres = if is_32_bit { "i686-w64-mingw32-windres" } else { "x86_64-w64-mingw32-windres" };
    let made = Command::new(windres).arg("-i").arg(&source).arg("-o").arg(&object).status();
    match made {
        Ok(status) if status.success() => {
            println!("cargo:rustc-cdylib-link-arg={}", object.display());
        }
        _ => println!("cargo:warning=no version resource: {windres} did not make it"),
    }
}

/// Types in the order in which they need each other.
const TYPES: [&str; 4] = ["base", "attributes", "identity", "table"];
const CONSTANTS: [&str; 2] = ["status", "flags"];
/// Functions in the order of a program's life; files that are not named here come behind them.
const FUNCTIONS: [&str; 8] =
    ["packages", "credentials", "contexts", "messages", "query", "transfer", "identity", "table"];
/// What is not Windows' comes last.
const OURS: [&str; 4] =
    ["src/abi/extension.rs", "src/export/extension.rs", "src/export/logon.rs", "src/export/diagnosis.rs"];

fn header(root: &Path, out: &Path) -> Result<String, String> {
    let config = cbindgen::Config::from_file(root.join("cbindgen.toml"))?;
    let guard = config.include_guard.clone().unwrap_or_default();
    let part = |text: &Option<String>| text.as_deref().unwrap_or("").trim().to_owned();
    let mut text = format!(
        "{}\n\n#ifndef {guard}\n#define {guard}\n\n#include <stddef.h>\n#include <stdint.h>\n\n{}\n",
        part(&config.header),
        part(&config.after_includes)
    );
    let mut names = Vec::new();
    for file in TYPES {
        text += &section(&root.join("src/abi").join(file).with_extension("rs"), &config, out, &mut names)?;
    }
    for file in CONSTANTS {
        text += &constants(&root.join("src/abi").join(file).with_extension("rs"))?;
    }
    for path in exports(&root.join("src/export"))? {
        text += &section(&path, &config, out, &mut names)?;
    }
    text += &by_charset(&names);
    let mut ours = String::new();
    for file in OURS {
        ours += &section(&root.join(file), &config, out, &mut names)?;
    }
    let trailer = part(&config.trailer).replace("@extension@\n", &(ours + "\n"));
    text += &format!("\n{trailer}\n\n#endif /* {guard} */\n");
    Ok(text)
}

fn exports(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Ok(Vec::new());
    };
    let mut files: Vec<PathBuf> =
        entries.map(|entry| entry.map(|e| e.path()).map_err(|e| e.to_string())).collect::<Result<_, _>>()?;
    files.retain(|path| {
        path.extension().is_some_and(|e| e == "rs") && !OURS.iter().any(|own| path.ends_with(own))
    });
    files.sort_by_key(|path| {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        (FUNCTIONS.iter().position(|name| *name == stem).unwrap_or(FUNCTIONS.len()), stem)
    });
    Ok(files)
}

/// One file as cbindgen sees it, under the first line of its own description.
fn section(
    path: &Path,
    config: &cbindgen::Config,
    out: &Path,
    names: &mut Vec<String>,
) -> Result<String, String> {
    let source = fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    // cbindgen does not know the system's calling convention, which SEC_ENTRY says here.
    let source = source.replace("extern \"system\"", "extern \"C\"");
    let copy = out.join("section.rs");
    fs::write(&copy, &source).map_err(|e| format!("{}: {e}", copy.display()))?;
    let types = declared(&source, &["pub struct ", "pub union ", "pub type "]);
    let functions = declared(&source, &["pub unsafe extern \"C\" fn ", "pub extern \"C\" fn "]);
    let exporting = path.parent().is_some_and(|folder| folder.ends_with("export"));
    if exporting && functions.is_empty() {
        return Ok(String::new());
    }
    let mut config = config.clone();
    (config.header, config.after_includes, config.trailer) = (None, None, None);
    (config.include_guard, config.no_includes) = (None, true);
    if !exporting {
        config.export.include =
            types.iter().filter(|name| !config.export.exclude.contains(name)).cloned().collect();
        names.extend(config.export.include.iter().cloned());
    }
    names.extend(functions);
    let bindings = cbindgen::Builder::new().with_config(config).with_src(&copy).generate();
    let mut bytes = Vec::new();
    bindings.map_err(|e| e.to_string())?.write(&mut bytes);
    let text = String::from_utf8(bytes).map_err(|e| e.to_string())?;
    Ok(format!("\n{}\n{}", banner(&source), as_windows(&text)))
}

/// Names of the items that begin with one of these words at the start of a line.
fn declared(source: &str, words: &[&str]) -> Vec<String> {
    let item = |line: &str| words.iter().find_map(|word| line.strip_prefix(word).map(identifier));
    source.lines().filter_map(item).collect()
}

fn identifier(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// The first paragraph of a file's own description.
fn banner(source: &str) -> String {
    let first = source.lines().map_while(|line| line.strip_prefix("//! "));
    let lines: Vec<String> = first.map(|line| format!(" * {}\n", line.replace('`', ""))).collect();
    format!("/* {}\n{} */\n", "-".repeat(96), lines.concat())
}

/// Windows' tags (`_SecBuffer`), pointer names (`PSecBuffer`) and calling convention.
fn as_windows(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let mut out: Vec<String> = Vec::new();
    let mut inside_prototype = false;
    for (at, line) in lines.iter().enumerate() {
        let new = if inside_prototype && !line.is_empty() {
            // SEC_ENTRY has moved the parenthesis that this line hangs under.
            format!("{:10}{line}", "")
        } else if let Some(kind) = line.strip_prefix("typedef ").and_then(|l| l.strip_suffix(" {")) {
            format!("typedef {kind} _{} {{", tag(&lines[at..]))
        } else {
            declaration(line)
        };
        inside_prototype = !line.ends_with(';') && (inside_prototype || new.contains("SEC_ENTRY"));
        out.push(new);
    }
    guarded(comments(&out)).trim_end().to_owned() + "\n"
}

/// Types that other headers of Windows declare too, and the macro by which they tell each other.
const SHARED: [(&str, &str); 4] = [
    ("typedef int32_t SECURITY_STATUS;", "__SECSTATUS_DEFINED__"),
    ("typedef struct _SecHandle {", "__SECHANDLE_DEFINED__"),
    ("typedef struct _SEC_WINNT_AUTH_IDENTITY_W {", "_AUTH_IDENTITY_DEFINED"),
    ("typedef struct _SEC_WINNT_AUTH_IDENTITY_A {", "_AUTH_IDENTITY_DEFINED"),
];

fn guarded(mut text: String) -> String {
    for (first, guard) in SHARED {
        let Some(start) = text.find(first) else { continue };
        let end = text[start..].find("\n\n").map_or(text.len(), |length| start + length);
        text.insert_str(end, "\n#endif");
        text.insert_str(start, &format!("#ifndef {guard}\n"));
    }
    text
}

/// Pointer names behind type names, SEC_ENTRY before function names.
fn declaration(line: &str) -> String {
    if let Some(name) = line.strip_prefix("} ").and_then(|l| l.strip_suffix(';')) {
        let pointer = if name.starts_with("LIBSSPI_") { String::new() } else { format!(", *P{name}") };
        return format!("}} {name}{pointer};");
    }
    let Some(alias) = line.strip_prefix("typedef ") else { return convention(line) };
    let alias = alias.trim_end_matches(';');
    if has_pointer_name(alias) {
        return format!("typedef {alias}, *P{};", alias.rsplit(' ').next().unwrap_or(""));
    }
    line.replacen("(*", "(SEC_ENTRY *", 1)
}

/// The tag of the structure whose first line this is; its name stands behind it.
fn tag<'a>(lines: &[&'a str]) -> &'a str {
    let end = lines.iter().find_map(|line| line.strip_prefix("} "));
    match end.unwrap_or("").trim_end_matches(';') {
        "SecurityFunctionTableW" => "SECURITY_FUNCTION_TABLE_W",
        "SecurityFunctionTableA" => "SECURITY_FUNCTION_TABLE_A",
        name => name,
    }
}

/// Rust's marks go, and what it demands of its own callers; a comment of one line takes one line.
fn comments(lines: &[String]) -> String {
    let mut text = String::new();
    let mut pieces = lines.join("\n").replace('`', "").replace("/**\n", "/*\n");
    while let Some((before, after)) = pieces.split_once("/*\n") {
        let (comment, rest) = after.split_once(" */").unwrap_or((after, ""));
        let comment = comment.split(" *\n * # Safety\n").next().unwrap_or("");
        text += before;
        text += &match comment.trim_end().split_once('\n') {
            None => format!("/* {} */", comment.trim_start_matches([' ', '*']).trim_end()),
            Some(_) => format!("/*\n{comment} */"),
        };
        pieces = rest.to_owned();
    }
    text + &pieces
}

/// Aliases of structures and enumerations have pointer names; those of plain types do not.
fn has_pointer_name(alias: &str) -> bool {
    let plain = ["SECURITY_STATUS", "SEC_CHAR", "SEC_WCHAR", "PSEC_WINNT_AUTH_IDENTITY_OPAQUE"];
    !alias.contains("LIBSSPI_") && !alias.contains('(') && !plain.iter().any(|name| alias.ends_with(name))
}

/// Puts SEC_ENTRY before the name of a function.
fn convention(line: &str) -> String {
    let Some(open) = line.find('(') else {
        return line.to_owned();
    };
    let head = &line[..open];
    let starts = head.starts_with(|c: char| c.is_ascii_alphabetic());
    match head.rfind([' ', '*']) {
        Some(at) if starts => format!("{}SEC_ENTRY {}", &line[..=at], &line[at + 1..]),
        _ => line.to_owned(),
    }
}

/// `pub const` lines as macros: the numbers keep their form, which cbindgen would not keep.
fn constants(path: &Path) -> Result<String, String> {
    let source = fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let mut text = format!("\n{}\n", banner(&source));
    if path.ends_with("status.rs") {
        text += &without_winerror(&source);
    }
    for line in source.lines() {
        if let Some(comment) = line.strip_prefix("// ") {
            text += &format!("\n/* {comment} */\n");
        }
        let Some((name, rest)) = line.strip_prefix("pub const ").and_then(|l| l.split_once(": ")) else {
            continue;
        };
        let (kind, value) = rest.trim_end_matches(';').split_once(" = ").ok_or(line)?;
        let number = value.replace("_u32 as i32", "");
        let digits = number.starts_with(|c: char| c.is_ascii_digit());
        let number = if digits { number.replace('_', "") } else { number };
        text += &match kind {
            "SECURITY_STATUS" if digits => format!("#define {name} ((SECURITY_STATUS){number})\n"),
            _ => format!("#define {name} {number}\n"),
        };
    }
    Ok(text)
}

/// winerror.h has the same numbers as another type; which of them depends on its age.
fn without_winerror(source: &str) -> String {
    let names = declared(source, &["pub const "]);
    let lines: String = names.iter().map(|name| format!("#undef {name}\n")).collect();
    format!("#if defined(_WIN32)\n{lines}#endif\n\n")
}

/// Names without A or W, which follow UNICODE.
fn by_charset(names: &[String]) -> String {
    let all: BTreeSet<&str> = names.iter().map(String::as_str).collect();
    let (mut wide, mut narrow) = (String::new(), String::new());
    let mut both = |stem: &str, w: &str, a: &str| {
        wide += &format!("#define {stem} {w}\n");
        narrow += &format!("#define {stem} {a}\n");
    };
    for w in names {
        let Some(root) = w.strip_suffix('W') else {
            continue;
        };
        let (a, stem) = (format!("{root}A"), root.trim_end_matches('_'));
        if !all.contains(a.as_str()) {
            continue;
        }
        both(stem, w, &a);
        let structure = root.starts_with("Sec") || root.starts_with("SEC_WINNT");
        if structure {
            both(&format!("P{stem}"), &format!("P{w}"), &format!("P{a}"));
        }
    }
    let rule = "-".repeat(96);
    let title = "Names that follow UNICODE";
    format!("\n/* {rule}\n * {title}\n */\n\n#ifdef UNICODE\n{wide}#else\n{narrow}#endif\n")
}
