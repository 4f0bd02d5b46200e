//! The key that exported contexts are sealed with: known to one user's processes, and to nobody else.
//!
//! `SSPI_EXPORT_KEY` (any text; its SHA-256 is the key), else 32 random bytes in
//! `$XDG_RUNTIME_DIR/libsspi-export.key`, made on first use, owned by the user and mode 0600. On Windows
//! the folder is `%LOCALAPPDATA%`, whose permissions are its files'.

#![forbid(unsafe_code)]

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::crypto::{digest, random};
use crate::error::{Code, Error, Result};
use crate::secret::Secret;
use crate::store::os::Os;

#[cfg(unix)]
const FOLDER: &str = "XDG_RUNTIME_DIR";
#[cfg(windows)]
const FOLDER: &str = "LOCALAPPDATA";

const LENGTH: usize = 32;
/// A setting that could be guessed by trying is no key.
const SHORTEST_SETTING: usize = 16;

/// See the file's head.
pub struct ExportKey(Secret<[u8; LENGTH]>);

impl ExportKey {
    /// The key, made if there is none yet. SEC_E_UNSUPPORTED_FUNCTION when there is no place for
    /// one, SEC_E_NOT_OWNER when the file is not the user's alone.
    pub fn obtain(os: &dyn Os) -> Result<ExportKey> {
        if let Some(setting) = os.variable("SSPI_EXPORT_KEY") {
            let setting = Secret::new(setting.into_encoded_bytes());
            if setting.as_ref().len() < SHORTEST_SETTING {
                return Err(Error::new(Code::UnsupportedFunction, "SSPI_EXPORT_KEY is under 16 bytes"));
            }
            return Ok(ExportKey(Secret::new(digest::sha256(&[setting.as_ref()]))));
        }
        let Some(folder) = os.variable(FOLDER).filter(|folder| !folder.is_empty()) else {
            let reason = format!("neither SSPI_EXPORT_KEY nor {FOLDER} is set");
            return Err(Error::new(Code::UnsupportedFunction, reason));
        };
        let path = PathBuf::from(folder).join("libsspi-export.key");
        match read(&path, os) {
            Err(Failure::Missing) => make(&path).and_then(|()| read(&path, os)),
            other => other,
        }
        .map_err(|failure| failure.error(&path))
    }

    pub fn bytes(&self) -> &[u8; LENGTH] {
        self.0.as_ref()
    }
}

enum Failure {
    Missing,
    NotPrivate,
    Io(io::Error),
    NoRandom(Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        match error.kind() {
            io::ErrorKind::NotFound => Failure::Missing,
            _ => Failure::Io(error),
        }
    }
}

impl Failure {
    fn error(self, path: &Path) -> Error {
        let path = path.display();
        match self {
            Failure::Missing => Error::new(Code::UnsupportedFunction, format!("cannot make {path}")),
            Failure::NotPrivate => {
                Error::new(Code::NotOwner, format!("{path} is not a file of the user's alone"))
            }
            Failure::Io(error) => Error::new(Code::UnsupportedFunction, format!("{path}: {error}")),
            Failure::NoRandom(error) => error,
        }
    }
}

fn read(path: &Path, os: &dyn Os) -> std::result::Result<ExportKey, Failure> {
    let file = open(path)?;
    if !is_private(&file, os)? {
        return Err(Failure::NotPrivate);
    }
    let mut key = Secret::new([0; LENGTH]);
    (&file).read_exact(key.as_mut())?;
    Ok(ExportKey(key))
}

#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    let flags = libc::O_NOFOLLOW | libc::O_CLOEXEC | libc::O_NONBLOCK;
    OpenOptions::new().read(true).custom_flags(flags).open(path)
}

#[cfg(unix)]
fn is_private(file: &File, os: &dyn Os) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let metadata = file.metadata()?;
    Ok(metadata.is_file() && metadata.uid() == os.effective_uid() && metadata.mode() & 0o077 == 0)
}

#[cfg(unix)]
fn create(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

#[cfg(windows)]
fn open(path: &Path) -> io::Result<File> {
    use std::os::windows::fs::OpenOptionsExt;
    const OPEN_REPARSE_POINT: u32 = 0x0020_0000;
    OpenOptions::new().read(true).custom_flags(OPEN_REPARSE_POINT).open(path)
}

#[cfg(windows)]
fn is_private(file: &File, _os: &dyn Os) -> io::Result<bool> {
    file.metadata().map(|metadata| metadata.is_file())
}

#[cfg(windows)]
fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

/// Under a name of its own first, so that nobody reads half a key; whoever comes first wins.
fn make(path: &Path) -> std::result::Result<(), Failure> {
    let mut key = Secret::new([0; LENGTH]);
    let mut name = [0; 8];
    random::fill(key.as_mut()).and_then(|()| random::fill(&mut name)).map_err(Failure::NoRandom)?;
    let own = path.with_extension(format!("{:016x}", u64::from_le_bytes(name)));
    let mut file = create(&own)?;
    let linked =
        file.write_all(key.as_ref()).and_then(|()| file.sync_all()).and_then(|()| fs::hard_link(&own, path));
    // Windows removes no file that is open.
    drop(file);
    fs::remove_file(&own)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error.into()),
        _ => Ok(()),
    }
}
