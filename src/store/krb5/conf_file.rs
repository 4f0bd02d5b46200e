//! The grammar of krb5.conf, MIT's profile files.
//!
//! `[section]` lines, `name = value` lines, and `name = {` ... `}` groups that nest. `#` and `;` start a
//! comment at the head of a line only. A value in double quotes may have `\n`, `\t`, `\b`, `\\`, `\"`. A
//! `*` after a section's bracket, a name or a closing brace is final: files that follow in the list add
//! nothing there. `include FILE` and `includedir DIRECTORY` stand at the head of a line; included text
//! starts outside of every section. Lines before the first section are skipped, as MIT does.
//! What is read is bounded: size, number, depth.

#![forbid(unsafe_code)]

use std::io;
use std::path::Path;

use crate::store::file;

/// Bounds of what is read.
const LARGEST_FILE: u64 = 1 << 20;
const MOST_FILES: usize = 256;
const LARGEST_TOTAL: usize = 8 << 20;
const DEEPEST_INCLUDE: usize = 10;
const DEEPEST_GROUP: usize = 16;

/// A section or group: what stands in it, in order. A name may stand there more than once.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Group {
    pub entries: Vec<(String, Node)>,
    pub is_final: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Node {
    Value { text: String, is_final: bool },
    Group(Group),
}

/// Reads a file and all that it includes; `Ok(None)` when it is not there or not ours to read.
///
/// `Err`: the reason, which names file and line.
pub fn read(path: &Path) -> Result<Option<Group>, String> {
    let mut reader = Reader { root: Group::default(), files: 0, bytes: 0 };
    match reader.file(path, 0) {
        Ok(()) => Ok(Some(reader.root)),
        Err(Failure::Unread(error)) if is_absent(&error) => Ok(None),
        Err(Failure::Unread(error)) => Err(format!("{}: {error}", path.display())),
        Err(Failure::Malformed(reason)) => Err(reason),
    }
}

/// Reads text that includes nothing.
#[cfg(any(test, feature = "fuzzing"))]
pub fn parse(text: &[u8]) -> Result<Group, String> {
    let mut reader = Reader { root: Group::default(), files: 0, bytes: 0 };
    match reader.text(text, Path::new("text"), 0) {
        Ok(()) => Ok(reader.root),
        Err(Failure::Malformed(reason)) => Err(reason),
        Err(Failure::Unread(error)) => Err(error.to_string()),
    }
}

/// MIT passes over files of its list that are missing or closed to the caller.
fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied)
}

enum Failure {
    /// The file itself could not be read.
    Unread(io::Error),
    /// What is in it, or in what it includes, cannot be used: a whole reason.
    Malformed(String),
}

struct Reader {
    root: Group,
    files: usize,
    bytes: usize,
}

/// Where a file's reader stands.
#[derive(Default)]
struct Place {
    /// Section and groups around; empty before the first section.
    open: Vec<(String, Group)>,
    /// A group whose brace is due on the next line.
    due: Option<(String, bool)>,
}

impl Reader {
    fn file(&mut self, path: &Path, depth: usize) -> Result<(), Failure> {
        self.files = self.files.saturating_add(1);
        if self.files > MOST_FILES || depth > DEEPEST_INCLUDE {
            let reason = format!("{}: too many files, or files that include each other", path.display());
            return Err(Failure::Malformed(reason));
        }
        if is_empty_device(path) {
            return Ok(());
        }
        let text = file::read(path, LARGEST_FILE).map_err(Failure::Unread)?;
        self.bytes = self.bytes.saturating_add(text.as_ref().len());
        if self.bytes > LARGEST_TOTAL {
            return Err(Failure::Malformed(format!("{}: too much text", path.display())));
        }
        self.text(text.as_ref(), path, depth)
    }

    fn text(&mut self, text: &[u8], path: &Path, depth: usize) -> Result<(), Failure> {
        let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
        let mut place = Place::default();
        let mut number: usize = 0;
        for line in text.split(|byte| *byte == b'\n') {
            number = number.saturating_add(1);
            let at = |reason: &str| Failure::Malformed(format!("{} line {number}: {reason}", path.display()));
            if is_comment(line) {
                continue;
            }
            let line = std::str::from_utf8(line).map_err(|_| at("it is not UTF-8"))?;
            match directive(line) {
                Some((word, named)) => {
                    // What stands so far comes first.
                    let names: Vec<String> = place.open.iter().map(|(name, _)| name.clone()).collect();
                    self.close(&mut place);
                    self.include(word, named, depth).map_err(|reason| at(&reason))?;
                    place.open = names.into_iter().map(|name| (name, Group::default())).collect();
                }
                None => self.line(line, &mut place).map_err(at)?,
            }
        }
        if place.open.len() > 1 || place.due.is_some() {
            return Err(Failure::Malformed(format!("{}: a group has no end", path.display())));
        }
        self.close(&mut place);
        Ok(())
    }

    /// Puts whatever is open where it belongs.
    fn close(&mut self, place: &mut Place) {
        while let Some((name, group)) = place.open.pop() {
            let parent = place.open.last_mut().map_or(&mut self.root, |(_, parent)| parent);
            parent.entries.push((name, Node::Group(group)));
        }
    }

    fn include(&mut self, word: &str, named: &str, depth: usize) -> Result<(), String> {
        let path = Path::new(named);
        let depth = depth.saturating_add(1);
        if word == "module" {
            return Err("modules are not supported".to_string());
        }
        if !path.is_absolute() {
            return Err(format!("{word} needs a full path"));
        }
        if word == "include" {
            return self.included(path, depth);
        }
        let failed = |error: io::Error| format!("{named}: {error}");
        let mut names = Vec::new();
        for entry in std::fs::read_dir(path).map_err(failed)? {
            let name = entry.map_err(failed)?.file_name();
            if let Some(name) = name.to_str().filter(|name| is_included(name)) {
                names.push(name.to_string());
            }
            if names.len() > MOST_FILES {
                return Err(format!("{named}: too many files"));
            }
        }
        names.sort_unstable();
        names.iter().try_for_each(|name| self.included(&path.join(name), depth))
    }

    fn included(&mut self, path: &Path, depth: usize) -> Result<(), String> {
        self.file(path, depth).map_err(|failure| match failure {
            Failure::Unread(error) => format!("{}: {error}", path.display()),
            Failure::Malformed(reason) => reason,
        })
    }

    /// One line that is neither comment nor directive.
    fn line(&mut self, line: &str, place: &mut Place) -> Result<(), &'static str> {
        let line = line.trim();
        if let Some((name, is_final)) = place.due.take() {
            return match line {
                "{" => enter(name, is_final, place),
                _ => Err("a { is missing"),
            };
        }
        if let Some(rest) = line.strip_prefix('[') {
            return self.section(rest, place);
        }
        if let Some(rest) = line.strip_prefix('}')
            && !place.open.is_empty()
        {
            return leave(rest, place);
        }
        // Text before the first section says nothing.
        let Some((_, group)) = place.open.last_mut() else { return Ok(()) };
        match relation(line)? {
            Relation::Value(name, node) => group.entries.push((name, node)),
            Relation::Group(name, is_final) => enter(name, is_final, place)?,
            Relation::Due(name, is_final) => place.due = Some((name, is_final)),
        }
        Ok(())
    }

    fn section(&mut self, rest: &str, place: &mut Place) -> Result<(), &'static str> {
        if place.open.len() > 1 {
            return Err("a section inside of a group");
        }
        let (name, after) = rest.split_once(']').ok_or("a ] is missing")?;
        let name = name.trim();
        if name.is_empty() || !matches!(after.trim(), "" | "*") {
            return Err("no section's name alone in brackets");
        }
        self.close(place);
        enter(name.to_string(), after.trim() == "*", place)
    }
}

fn enter(name: String, is_final: bool, place: &mut Place) -> Result<(), &'static str> {
    if place.open.len() >= DEEPEST_GROUP {
        return Err("groups nest too deep");
    }
    place.open.push((name, Group { entries: Vec::new(), is_final }));
    Ok(())
}

fn leave(rest: &str, place: &mut Place) -> Result<(), &'static str> {
    if !matches!(rest.trim(), "" | "*") {
        return Err("text after }");
    }
    let (name, mut group) = place.open.pop().ok_or("a } without its {")?;
    group.is_final |= rest.trim() == "*";
    // The last one open is the section, which no brace ends.
    let (_, parent) = place.open.last_mut().ok_or("a } without its {")?;
    parent.entries.push((name, Node::Group(group)));
    Ok(())
}

/// What a line with `=` is.
enum Relation {
    Value(String, Node),
    Group(String, bool),
    Due(String, bool),
}

fn relation(line: &str) -> Result<Relation, &'static str> {
    let (name, value) = line.split_once('=').ok_or("neither a section nor name = value")?;
    let name = name.trim();
    let (name, is_final) = match name.strip_suffix('*') {
        Some(name) if !name.is_empty() => (name, true),
        _ => (name, false),
    };
    if name.is_empty() || name.contains(char::is_whitespace) {
        return Err("no name in front of =");
    }
    let name = name.to_string();
    let value = value.trim();
    if value.is_empty() {
        return Ok(Relation::Due(name, is_final));
    }
    if let Some(after) = value.strip_prefix('{') {
        return if after.is_empty() { Ok(Relation::Group(name, is_final)) } else { Err("text after {") };
    }
    let text = match value.strip_prefix('"') {
        Some(rest) => quoted(rest).ok_or("a quote has no end")?,
        None => value.to_string(),
    };
    Ok(Relation::Value(name, Node::Value { text, is_final }))
}

/// A blank line too.
fn is_comment(line: &[u8]) -> bool {
    let text = line.trim_ascii_start();
    matches!(text.first(), None | Some(b'#' | b';'))
}

/// `include`, `includedir` or `module` at the head of a line, and what it names.
fn directive(line: &str) -> Option<(&str, &str)> {
    let (word, named) = line.split_once(char::is_whitespace)?;
    let is_one = matches!(word, "include" | "includedir" | "module");
    (is_one && !named.trim_start().starts_with('=')).then_some((word, named.trim()))
}

/// MIT's rule: letters, digits, dashes and underscores only, or a name that ends in `.conf`.
fn is_included(name: &str) -> bool {
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    plain || (name.ends_with(".conf") && !name.starts_with('.'))
}

/// What is between the quotes, the first of which is gone; what follows the second is ignored, as MIT
/// does. `None`: there is no second.
fn quoted(rest: &str) -> Option<String> {
    let mut out = String::new();
    let mut characters = rest.chars();
    loop {
        match characters.next()? {
            '"' => return Some(out),
            '\\' => out.push(match characters.next()? {
                'n' => '\n',
                't' => '\t',
                'b' => '\u{8}',
                other => other,
            }),
            other => out.push(other),
        }
    }
}

/// /dev/null, by whatever name: nothing stands in it.
#[cfg(unix)]
fn is_empty_device(path: &Path) -> bool {
    use std::io::Read;
    use std::os::unix::fs::FileTypeExt;
    let is_device = std::fs::metadata(path).is_ok_and(|metadata| metadata.file_type().is_char_device());
    is_device && file::open(path).is_ok_and(|mut device| matches!(device.read(&mut [0]), Ok(0)))
}

#[cfg(not(unix))]
fn is_empty_device(path: &Path) -> bool {
    path.as_os_str().eq_ignore_ascii_case("NUL")
}
