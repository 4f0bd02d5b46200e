//! Writing FILE credential caches beside MIT's and Heimdal's libraries.
//!
//! Nobody but their owner may read them, nothing is ever half there for long: a new cache replaces the
//! old one in one step, a credential is appended under a lock that the others take too.

#![forbid(unsafe_code)]

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::crypto::random;
use crate::secret::Secret;
use crate::store::file::{self, Stamp};
use crate::store::krb5::ccache_format::{Contents, Credential, credential_bytes};
use crate::store::lock::{self, Kind};

/// A larger cache is refused, bytes.
pub const LARGEST_FILE: u64 = 16 << 20;

/// How often a cache may be replaced while we wait for its lock.
const ATTEMPTS: usize = 8;

fn invalid(reason: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

/// Puts a new cache where there may be an old one, in one step. Readable by its owner only.
pub fn replace(path: &Path, contents: &Contents) -> io::Result<()> {
    let bytes = contents.to_bytes().ok_or_else(|| invalid("it does not fit the format"))?;
    write_anew(path, bytes.as_ref())
}

/// Writes a file under another name and gives it its own when it is whole.
pub fn write_anew(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = beside(path)?;
    let written = create(&temporary)
        .and_then(|mut file| file.write_all(bytes))
        .and_then(|()| std::fs::rename(&temporary, path));
    if written.is_err() {
        let _ = std::fs::remove_file(&temporary);
    }
    written
}

/// Adds a credential to a cache.
///
/// `Err`: there is no sound cache, or it is not the file itself but a link to it.
pub fn append(path: &Path, credential: &Credential) -> io::Result<()> {
    for _ in 0..ATTEMPTS {
        let mut file = open_to_change(path)?;
        lock::lock(&file, Kind::Exclusive)?;
        let (stamp, bytes) = file::contents(&file, LARGEST_FILE)?;
        if !std::fs::metadata(path).is_ok_and(|now| Stamp::of(&now).same_file(&stamp)) {
            // Replaced while we waited for the lock.
            continue;
        }
        let contents = Contents::parse(bytes.as_ref()).map_err(invalid)?;
        let record = credential_bytes(credential, contents.version);
        let record = record.ok_or_else(|| invalid("the credential does not fit the format"))?;
        let length = bytes.as_ref().len();
        return append_whole(&mut file, length, &record);
    }
    Err(io::Error::new(io::ErrorKind::TimedOut, "it is replaced again and again"))
}

/// A record that does not fit on the disk leaves nothing of itself.
fn append_whole(file: &mut File, length: usize, record: &Secret<Vec<u8>>) -> io::Result<()> {
    let written = file.write_all(record.as_ref());
    if written.is_err()
        && let Ok(length) = u64::try_from(length)
    {
        file.set_len(length)?;
    }
    written
}

/// Overwrites a cache and removes it; fine when there is none.
#[cfg(test)]
pub fn destroy(path: &Path) -> io::Result<()> {
    let removed = match open_to_overwrite(path) {
        Ok(mut file) => {
            lock::lock(&file, Kind::Exclusive)?;
            let length = file.metadata()?.len().min(LARGEST_FILE);
            io::copy(&mut io::Read::take(io::repeat(0), length), &mut file)?;
            std::fs::remove_file(path)
        }
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// A folder for caches, which only its owner may enter.
pub fn create_folder(path: &Path) -> io::Result<()> {
    #[cfg_attr(windows, allow(unused_mut))]
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    match builder.create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        other => other,
    }
}

/// A name beside `path` that nobody has and nobody can foresee.
fn beside(path: &Path) -> io::Result<PathBuf> {
    let mut number = [0; 8];
    random::fill(&mut number).map_err(|error| io::Error::other(error.reason))?;
    let own = path.file_name().ok_or_else(|| invalid("it names no file"))?;
    let mut name = std::ffi::OsString::from(".");
    name.push(own);
    name.push(format!(".{:016x}", u64::from_be_bytes(number)));
    Ok(path.with_file_name(name))
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600).custom_flags(libc::O_CLOEXEC | libc::O_NOFOLLOW);
    }
    options.open(path)
}

fn open_to_change(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    // Windows lets nobody cut a file who may only append; who has read it stands at its end.
    options.read(true).append(cfg!(unix)).write(true);
    no_links(&mut options);
    options.open(path)
}

#[cfg(test)]
fn open_to_overwrite(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true);
    no_links(&mut options);
    options.open(path)
}

/// Never follows a link, never waits for what is no file.
fn no_links(_options: &mut OpenOptions) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        _options.custom_flags(libc::O_CLOEXEC | libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY);
    }
}
