//! Accounts that an acceptor checks against, and the default identity.

#![forbid(unsafe_code)]

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use widestring::{U16Str, U16String};

use crate::crypto::digest::md4;
use crate::error::{Code, Error, Result};
use crate::log::{self, Level};
use crate::secret::Secret;
use crate::store::account_file::{self, Entry};
use crate::store::file::{self, Stamp};
use crate::store::identity::{Identity, Password};
use crate::store::names::{same, upcased};
use crate::store::os::Os;

/// What an account's logon is checked with.
#[derive(Clone)]
pub enum AccountKey {
    /// MD4 of the password (NTOWFv1).
    NtHash(Secret<[u8; 16]>),
    /// NTOWFv2 for exactly the user and domain that were asked for.
    NtowfV2(Secret<[u8; 16]>),
}

/// An account's record.
#[derive(Clone)]
pub struct Account {
    /// The names as the record spells them: what SECPKG_ATTR_NAMES reports.
    pub user: U16String,
    pub domain: U16String,
    pub key: AccountKey,
}

/// Where an acceptor finds accounts.
pub trait AccountSource: Send + Sync {
    /// The account of `user` in `domain`, as both stand on the wire.
    ///
    /// `Ok(None)`: no such account. `Err`: the source itself failed; the logon is denied.
    fn lookup(&self, user: &U16Str, domain: &U16Str) -> Result<Option<Account>>;

    /// The same, with what the client proves itself with: for sources that look at it.
    fn lookup_with(
        &self,
        user: &U16Str,
        domain: &U16Str,
        _evidence: &dyn Fn() -> Evidence,
    ) -> Result<Option<Account>> {
        self.lookup(user, domain)
    }
}

/// What a client's proof is computed over.
#[derive(Default)]
pub struct Evidence {
    /// The server's challenge and the client's response to it, without its NTProofStr.
    pub proven: Vec<u8>,
    /// EncryptedRandomSessionKey, zeros where there is none.
    pub session_key: [u8; 16],
    /// The MIC, zeros where there is none.
    pub mic: [u8; 16],
    /// The three messages that the MIC covers, the last with its MIC zero.
    pub messages: Vec<u8>,
}

/// One key under whatever name: an application says that it is that of the client it has before it.
pub struct OneKey(pub AccountKey);

impl AccountSource for OneKey {
    fn lookup(&self, user: &U16Str, domain: &U16Str) -> Result<Option<Account>> {
        let (user, domain) = (user.to_ustring(), domain.to_ustring());
        Ok(Some(Account { user, domain, key: self.0.clone() }))
    }
}

/// A larger account file is refused.
const LARGEST_FILE: u64 = 64 << 20;

/// The accounts of a file, such as the one that `NTLM_USER_FILE` names; read again when it changed.
pub struct FileAccounts {
    path: PathBuf,
    /// Read by every logon of every thread: without a lock, and without a count that they share.
    last: ArcSwapOption<Known>,
}

/// A file as it was read.
struct Known {
    stamp: Stamp,
    accounts: Accounts,
}

/// A file's entries, found by upcased user name, in the file's order.
struct Accounts {
    entries: Vec<Entry>,
    by_user: HashMap<Vec<u16>, Vec<usize>>,
}

impl FileAccounts {
    /// The file that the environment names, whether or not it can be read; `None` if it names none.
    pub fn from_environment(os: &dyn Os) -> Option<Arc<FileAccounts>> {
        os.variable("NTLM_USER_FILE").map(FileAccounts::at)
    }

    /// The file of that name, whether or not it can be read.
    pub fn at(path: impl Into<PathBuf>) -> Arc<FileAccounts> {
        Arc::new(FileAccounts { path: path.into(), last: ArcSwapOption::empty() })
    }

    /// The default identity: the line of `user`, else the first line that has a password.
    ///
    /// `Err`: the file cannot be used. `Ok(None)`: it has no such line.
    pub fn default_identity(&self, user: Option<&U16Str>) -> Result<Option<Identity>> {
        let (_, entries) = self.read()?;
        let mut able = entries.iter().filter(|entry| entry.nt_hash.is_some());
        let own = user.and_then(|user| able.clone().find(|entry| same(&entry.user, user)));
        let with_password = || able.find(|entry| entry.password.is_some());
        Ok(own.or_else(with_password).map(Entry::identity))
    }

    /// How many accounts the file has, and how many of them may log on.
    pub fn count(&self) -> Result<(usize, usize)> {
        let (_, entries) = self.read()?;
        let able = entries.iter().filter(|entry| entry.nt_hash.is_some()).count();
        Ok((entries.len(), able))
    }

    /// Looks something up in the file's accounts as it stands now.
    fn look<R>(&self, work: impl FnOnce(&Accounts) -> R) -> Result<R> {
        let metadata = std::fs::metadata(&self.path).map_err(|error| self.refuse(&error.to_string()))?;
        let stamp = Stamp::of(&metadata);
        if let Some(known) = &*self.last.load()
            && known.stamp == stamp
        {
            return Ok(work(&known.accounts));
        }
        self.last.store(None);
        let (stamp, mut entries) = self.read()?;
        // Only hashes are kept: a logon is checked with nothing else.
        entries.iter_mut().for_each(|entry| entry.password = None);
        let known = Known { stamp, accounts: Accounts::new(entries) };
        let found = work(&known.accounts);
        if known.stamp.is_settled() {
            self.last.store(Some(Arc::new(known)));
        }
        Ok(found)
    }

    /// The file as it is when it is opened, never waiting for what is no file.
    fn read(&self) -> Result<(Stamp, Vec<Entry>)> {
        let read = file::open(&self.path).and_then(|file| file::contents(&file, LARGEST_FILE));
        let (stamp, text) = read.map_err(|error| self.refuse(&error.to_string()))?;
        let entries = account_file::parse(text.as_ref()).map_err(|reason| self.refuse(&reason))?;
        Ok((stamp, entries))
    }

    fn refuse(&self, reason: &str) -> Error {
        let reason = format!("account file {}: {reason}", self.path.display());
        log::write(Level::Error, format_args!("{reason}"));
        Error::new(Code::NoCredentials, reason)
    }
}

impl AccountSource for FileAccounts {
    fn lookup(&self, user: &U16Str, domain: &U16Str) -> Result<Option<Account>> {
        self.look(|accounts| {
            if let Some(entry) = accounts.find(user, domain) {
                return entry.account();
            }
            // user@domain in the user field is the account `user` of `domain`.
            let at = user.as_slice().iter().rposition(|unit| *unit == u16::from(b'@'));
            let (name, suffix) = at.filter(|_| domain.is_empty()).map(|at| user.as_slice().split_at(at))?;
            let suffix = U16Str::from_slice(suffix.get(1..).unwrap_or_default());
            accounts.find(U16Str::from_slice(name), suffix).and_then(Entry::account)
        })
    }
}

impl Accounts {
    fn new(entries: Vec<Entry>) -> Accounts {
        let mut by_user: HashMap<Vec<u16>, Vec<usize>> = HashMap::new();
        for (index, entry) in entries.iter().enumerate() {
            by_user.entry(upcased(&entry.user).into_vec()).or_default().push(index);
        }
        Accounts { entries, by_user }
    }

    /// An exact domain wins over an empty one, which matches any; the first of two equal names wins.
    fn find(&self, user: &U16Str, domain: &U16Str) -> Option<&Entry> {
        let named = self.by_user.get(upcased(user).as_slice())?;
        let mut entries = named.iter().filter_map(|index| self.entries.get(*index));
        let exact = entries.clone().find(|entry| same(&entry.domain, domain));
        exact.or_else(|| entries.find(|entry| entry.domain.is_empty()))
    }
}

impl Entry {
    /// `None`: it may not log on.
    fn account(&self) -> Option<Account> {
        let key = AccountKey::NtHash(self.nt_hash.clone()?);
        Some(Account { user: self.user.clone(), domain: self.domain.clone(), key })
    }

    fn identity(&self) -> Identity {
        let clear = self.password.clone().map(Password::Clear);
        Identity {
            user: Some(self.user.clone()),
            domain: Some(self.domain.clone()).filter(|domain| !domain.is_empty()),
            password: clear.or_else(|| self.nt_hash.clone().map(Password::NtHash)),
            ..Identity::default()
        }
    }
}

/// NTOWFv1 of a password (MS-NLMP 3.3.1): MD4 over its UTF-16LE bytes.
pub fn nt_hash(password: &[u16]) -> Secret<[u8; 16]> {
    let bytes: Secret<Vec<u8>> = Secret::new(password.iter().flat_map(|unit| unit.to_le_bytes()).collect());
    Secret::new(md4(bytes.as_ref()))
}
