//! Credential caches: where tickets wait to be used.
//!
//! `FILE:path` or a path, `DIR:folder` and `DIR::folder/tktNAME` (MIT's collections), and
//! `MEMORY:name`, which every part of this process shares but no other library in it sees. As MIT, we
//! take a cache whoever owns it: it is the environment or krb5.conf that names it. Links are followed for
//! reading only.

#![forbid(unsafe_code)]

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use parking_lot::Mutex;

pub use super::ccache_format::{Contents, Credential};
use crate::error::{Code, Error, Result};
use crate::log::{self, Level};
use crate::store::file::{self, Watched};
use crate::store::krb5::ccache_file::{self, LARGEST_FILE};
use crate::store::krb5::conf::Config;
use crate::store::krb5::principal::Principal;
use crate::store::os::Os;

/// Every MEMORY: cache of the process.
static MEMORY: LazyLock<Mutex<HashMap<String, Arc<Contents>>>> = LazyLock::new(Mutex::default);

/// The file of a collection that names its default cache, and how the names of caches start.
const PRIMARY: &str = "primary";
const TICKETS: &str = "tkt";

/// More caches are in no collection.
const MOST_CACHES: usize = 1024;

/// One credential cache, there or not.
pub struct Ccache {
    name: String,
    place: Place,
}

enum Place {
    /// `collection`: the folder of a DIR: cache.
    File {
        file: Watched<Contents>,
        collection: Option<PathBuf>,
    },
    Memory(String),
}

impl Ccache {
    /// The cache of that name, which need not exist yet.
    ///
    /// `Err`: a type that is not supported, e.g. KEYRING or KCM, or a damaged collection.
    pub fn resolve(name: &str) -> Result<Ccache> {
        let (kind, rest) = match name.split_once(':') {
            // A drive's letter is no type.
            Some((kind, rest)) if kind.len() > 1 && !name.starts_with('/') => (kind, rest),
            _ => ("FILE", name),
        };
        if rest.is_empty() {
            return Err(unusable(name, "it names nothing"));
        }
        match kind {
            "FILE" => Ok(Ccache::file(format!("FILE:{rest}"), PathBuf::from(rest), None)),
            "MEMORY" => Ok(Ccache { name: name.to_string(), place: Place::Memory(rest.to_string()) }),
            "DIR" => Ccache::directory(name, rest),
            _ => Err(unusable(name, "caches of this type are not supported, only FILE, DIR and MEMORY")),
        }
    }

    /// The cache that KRB5CCNAME or krb5.conf names, else /tmp/krb5cc_UID.
    pub fn standard(os: &dyn Os, conf: &Config) -> Result<Ccache> {
        Ccache::resolve(&conf.ccache_name(os)?)
    }

    fn file(name: String, path: PathBuf, collection: Option<PathBuf>) -> Ccache {
        Ccache { name, place: Place::File { file: Watched::new(path), collection } }
    }

    /// `DIR:folder` is the collection's primary cache, `DIR::folder/tktNAME` one of its caches.
    fn directory(name: &str, rest: &str) -> Result<Ccache> {
        if let Some(path) = rest.strip_prefix(':') {
            let path = PathBuf::from(path);
            let own = path.file_name().and_then(|own| own.to_str());
            let folder = path.parent().map(Path::to_path_buf);
            return match (own, folder) {
                (Some(own), Some(folder)) if own.starts_with(TICKETS) => Ok(Ccache::member(&folder, own)),
                _ => Err(unusable(name, "it names no folder and a file that starts with tkt")),
            };
        }
        let folder = PathBuf::from(rest);
        let own = match file::read(&folder.join(PRIMARY), 1024) {
            Ok(bytes) => String::from_utf8_lossy(bytes.as_ref()).trim_end().to_string(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => TICKETS.to_string(),
            Err(error) => return Err(unusable(name, &error.to_string())),
        };
        if !own.starts_with(TICKETS) || own.contains(['/', '\\', '\0']) {
            return Err(unusable(name, "its file primary is damaged"));
        }
        Ok(Ccache::member(&folder, &own))
    }

    fn member(folder: &Path, own: &str) -> Ccache {
        let path = folder.join(own);
        Ccache::file(format!("DIR::{}", path.display()), path, Some(folder.to_path_buf()))
    }

    /// Type and name, as KRB5CCNAME would have it.
    #[cfg(test)]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Works with the cache as it stands now.
    ///
    /// `Err`, NoCredentials: it is missing, unreadable or damaged; the reason says which.
    pub fn look<R>(&self, work: impl FnOnce(&Contents) -> R) -> Result<R> {
        match &self.place {
            Place::File { file, .. } => {
                file.look(LARGEST_FILE, Contents::parse, work).map_err(|error| self.refuse(&error))
            }
            Place::Memory(own) => {
                let contents = MEMORY.lock().get(own).cloned();
                let contents = contents.ok_or_else(|| unusable(&self.name, "there is none"))?;
                Ok(work(&contents))
            }
        }
    }

    /// Whose tickets these are.
    pub fn principal(&self) -> Result<Principal> {
        self.look(|contents| contents.principal.clone())
    }

    /// The principal's ticket for a service; see `Contents::find`.
    #[cfg(test)]
    pub fn find(&self, server: &Principal, enctypes: &[i32], now: u32) -> Result<Option<Credential>> {
        self.look(|contents| contents.find(server, enctypes, now).cloned())
    }

    /// Makes it a new cache of these contents, whatever it was, in one step.
    pub fn initialize(&self, contents: Contents) -> Result<()> {
        match &self.place {
            Place::Memory(own) => {
                MEMORY.lock().insert(own.clone(), Arc::new(contents));
                Ok(())
            }
            Place::File { file, collection } => {
                let made = match collection {
                    Some(folder) => make_collection(folder, file.path()),
                    None => Ok(()),
                };
                let made = made.and_then(|()| ccache_file::replace(file.path(), &contents));
                made.map_err(|error| self.refuse(&error))
            }
        }
    }

    /// Adds a credential to the cache, which exists.
    pub fn store(&self, credential: &Credential) -> Result<()> {
        match &self.place {
            Place::File { file, .. } => {
                ccache_file::append(file.path(), credential).map_err(|error| self.refuse(&error))
            }
            Place::Memory(own) => {
                let mut table = MEMORY.lock();
                let contents = table.get_mut(own).ok_or_else(|| unusable(&self.name, "there is none"))?;
                Arc::make_mut(contents).add(credential.clone());
                Ok(())
            }
        }
    }

    /// Removes the cache; fine when there is none.
    #[cfg(test)]
    pub fn destroy(&self) -> Result<()> {
        match &self.place {
            Place::File { file, .. } => {
                ccache_file::destroy(file.path()).map_err(|error| self.refuse(&error))
            }
            Place::Memory(own) => {
                MEMORY.lock().remove(own);
                Ok(())
            }
        }
    }

    /// The caches of its collection, itself first; a cache that is not of a DIR: is alone.
    pub fn list(&self) -> Result<Vec<Ccache>> {
        let Place::File { file, collection: Some(folder) } = &self.place else {
            return Ok(vec![Ccache::resolve(&self.name)?]);
        };
        let own = file.path().file_name().and_then(|own| own.to_str()).unwrap_or_default();
        let failed = |error: io::Error| self.refuse(&error);
        let mut names = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(failed)?.take(MOST_CACHES) {
            let name = entry.map_err(failed)?.file_name();
            let name = name.to_str().filter(|name| name.starts_with(TICKETS) && *name != own);
            names.extend(name.map(str::to_string));
        }
        names.sort_unstable();
        let others = names.iter().map(|name| Ccache::member(folder, name));
        Ok(std::iter::once(Ccache::member(folder, own)).chain(others).collect())
    }

    /// The cache of its collection that belongs to a principal.
    pub fn of_principal(&self, principal: &Principal) -> Result<Option<Ccache>> {
        let belongs = |cache: &Ccache| cache.principal().is_ok_and(|own| own == *principal);
        Ok(self.list()?.into_iter().find(belongs))
    }

    fn refuse(&self, error: &io::Error) -> Error {
        let level = if error.kind() == io::ErrorKind::NotFound { Level::Info } else { Level::Error };
        log::write(level, format_args!("credential cache {}: {error}", self.name));
        unusable(&self.name, &error.to_string())
    }
}

fn unusable(name: &str, reason: &str) -> Error {
    Error::new(Code::NoCredentials, format!("credential cache {name}: {reason}"))
}

/// The folder of a collection, with the cache as its primary one if it has none.
fn make_collection(folder: &Path, cache: &Path) -> io::Result<()> {
    ccache_file::create_folder(folder)?;
    let primary = folder.join(PRIMARY);
    match (primary.exists(), cache.file_name().and_then(|own| own.to_str())) {
        (false, Some(own)) => ccache_file::write_anew(&primary, format!("{own}\n").as_bytes()),
        _ => Ok(()),
    }
}
