//! Files that others write: read whole and bounded, and read again when they changed.

#![forbid(unsafe_code)]

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwapOption;

use crate::secret::Secret;
use crate::store::lock::{self, Kind};

/// File systems tell times in ticks, the coarsest of two seconds: a file that changed within one
/// before it was read may change again without a sign of it.
const TICK: Duration = Duration::from_secs(2);

/// What tells that a file changed, its permissions included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
    /// Device, inode, status change in seconds and nanoseconds; Windows has the time of creation only.
    identity: [u64; 4],
}

impl Stamp {
    pub fn of(metadata: &Metadata) -> Stamp {
        #[cfg(unix)]
        let identity = {
            use std::os::unix::fs::MetadataExt;
            let (seconds, nanoseconds) = (metadata.ctime(), metadata.ctime_nsec());
            [metadata.dev(), metadata.ino(), seconds.cast_unsigned(), nanoseconds.cast_unsigned()]
        };
        #[cfg(windows)]
        let identity = {
            use std::os::windows::fs::MetadataExt;
            [0, metadata.creation_time(), 0, 0]
        };
        Stamp { modified: metadata.modified().ok(), length: metadata.len(), identity }
    }

    /// Whether both are of one file, changed or not.
    pub fn same_file(&self, other: &Stamp) -> bool {
        let ([device, inode, ..], [other_device, other_inode, ..]) = (self.identity, other.identity);
        (device, inode) == (other_device, other_inode)
    }

    /// Whether another change would show: the last one is a tick ago.
    pub fn is_settled(&self) -> bool {
        let [_, _, seconds, _] = self.identity;
        let changed = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds.saturating_add(1)));
        let old = |time: SystemTime| SystemTime::now().duration_since(time).is_ok_and(|age| age > TICK);
        changed.is_some_and(old) && self.modified.is_some_and(old)
    }
}

/// Opens for reading, never waiting for what is no file.
pub fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags(libc::O_CLOEXEC | libc::O_NONBLOCK | libc::O_NOCTTY);
    }
    options.open(path)
}

/// All that a regular file of at most `limit` bytes holds.
pub fn read(path: &Path, limit: u64) -> io::Result<Secret<Vec<u8>>> {
    contents(&open(path)?, limit).map(|(_, bytes)| bytes)
}

/// The same of a file that is open; read from where it stands.
pub fn contents(file: &File, limit: u64) -> io::Result<(Stamp, Secret<Vec<u8>>)> {
    let refuse = |reason: &'static str| io::Error::new(io::ErrorKind::InvalidData, reason);
    let metadata = file.metadata()?;
    let length = metadata.len();
    if !metadata.is_file() || length > limit {
        return Err(refuse("not a regular file of reasonable size"));
    }
    // Room for all of it at once: what moves while it grows leaves secrets behind.
    let mut bytes = Secret::new(Vec::new());
    let room = usize::try_from(length).unwrap_or(usize::MAX).saturating_add(64);
    bytes.as_mut().try_reserve_exact(room).map_err(|_| refuse("no memory for it"))?;
    file.take(length.saturating_add(1)).read_to_end(bytes.as_mut())?;
    if u64::try_from(bytes.as_ref().len()) != Ok(length) {
        return Err(refuse("it changes while it is read"));
    }
    Ok((Stamp::of(&metadata), bytes))
}

/// What a file means, kept until the file changes.
pub struct Watched<T> {
    path: PathBuf,
    /// Read by every thread: without a lock, and without a count that they share.
    last: ArcSwapOption<Known<T>>,
}

struct Known<T> {
    stamp: Stamp,
    value: T,
}

impl<T> Watched<T> {
    pub fn new(path: PathBuf) -> Watched<T> {
        Watched { path, last: ArcSwapOption::empty() }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Works with what the file means as it stands now: `parse`d under a shared lock when it is new,
    /// of at most `limit` bytes.
    pub fn look<R>(
        &self,
        limit: u64,
        parse: impl FnOnce(&[u8]) -> Result<T, &'static str>,
        work: impl FnOnce(&T) -> R,
    ) -> io::Result<R> {
        let stamp = Stamp::of(&std::fs::metadata(&self.path)?);
        if let Some(known) = &*self.last.load()
            && known.stamp == stamp
        {
            return Ok(work(&known.value));
        }
        self.last.store(None);
        let file = open(&self.path)?;
        lock::lock(&file, Kind::Shared)?;
        let (stamp, bytes) = contents(&file, limit)?;
        drop(file);
        let value =
            parse(bytes.as_ref()).map_err(|reason| io::Error::new(io::ErrorKind::InvalidData, reason))?;
        let known = Known { stamp, value };
        let found = work(&known.value);
        if known.stamp.is_settled() {
            self.last.store(Some(Arc::new(known)));
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_settled_when_its_last_change_is_a_tick_ago() {
        let now = SystemTime::now();
        let long_ago = now.checked_sub(Duration::from_secs(10)).unwrap();
        let seconds = |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
        for (modified, changed, settled) in
            [(long_ago, long_ago, true), (long_ago, now, false), (now, long_ago, false)]
        {
            let stamp = Stamp { modified: Some(modified), length: 1, identity: [1, 1, seconds(changed), 0] };
            assert_eq!(stamp.is_settled(), settled);
        }
    }

    #[test]
    fn only_regular_files_within_the_limit_are_read() {
        let path = std::env::temp_dir().join(format!("libsspi-file-{}", std::process::id()));
        std::fs::write(&path, "12345").unwrap();
        assert_eq!(read(&path, 5).unwrap().as_ref(), b"12345");
        assert!(read(&path, 4).is_err());
        assert!(read(&std::env::temp_dir(), 1 << 20).is_err());
        std::fs::remove_file(&path).unwrap();
        assert_eq!(read(&path, 5).unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn a_file_that_did_not_change_is_not_read_again() {
        let path = std::env::temp_dir().join(format!("libsspi-watched-{}", std::process::id()));
        let watched = Watched::new(path.clone());
        let reads = std::cell::Cell::new(0);
        let parse = |bytes: &[u8]| {
            reads.set(reads.get() + 1);
            if bytes == b"bad" { Err("it is bad") } else { Ok(bytes.to_vec()) }
        };
        let look = || watched.look(100, parse, Vec::clone);
        std::fs::write(&path, "one").unwrap();
        // Just written: it may change again within the same tick.
        assert_eq!((look().unwrap(), look().unwrap(), reads.get()), (b"one".to_vec(), b"one".to_vec(), 2));
        std::thread::sleep(TICK + Duration::from_millis(1100));
        assert_eq!((look().unwrap(), look().unwrap(), reads.get()), (b"one".to_vec(), b"one".to_vec(), 3));
        std::fs::write(&path, "two").unwrap();
        assert_eq!((look().unwrap(), reads.get()), (b"two".to_vec(), 4));
        std::fs::write(&path, "bad").unwrap();
        assert!(look().unwrap_err().to_string().contains("it is bad"));
        std::fs::remove_file(&path).unwrap();
        assert_eq!(look().unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
