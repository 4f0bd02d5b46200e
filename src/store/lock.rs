//! Advisory locks on files, which exclude those of MIT's and Heimdal's libraries.
//!
//! MIT takes open file description locks where the system has them (Linux) and fcntl's record locks
//! elsewhere; both are one kind to the kernel, so both wait for ours. A lock ends when the file that it
//! was taken on is closed. Record locks, unlike the others, do not exclude threads of one process.

#![forbid(unsafe_code)]

use std::fs::File;
use std::io;
use std::time::{Duration, Instant};

/// Who else may hold the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Readers; the file is open for reading.
    Shared,
    /// Nobody; the file is open for writing.
    Exclusive,
}

/// Others hold a lock for as long as it takes to write a few kilobytes.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(5);

/// Locks the whole file until it is closed.
///
/// `Err`: somebody kept it for five seconds (`TimedOut`), or the file system has no locks.
pub fn lock(file: &File, kind: Kind) -> io::Result<()> {
    lock_within(file, kind, PATIENCE)
}

fn lock_within(file: &File, kind: Kind, patience: Duration) -> io::Result<()> {
    let start = Instant::now();
    while !try_lock(file, kind)? {
        if start.elapsed() >= patience {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "another process keeps it locked"));
        }
        std::thread::sleep(PAUSE);
    }
    Ok(())
}

/// `Ok(false)`: somebody else holds it.
#[cfg(unix)]
fn try_lock(file: &File, kind: Kind) -> io::Result<bool> {
    use nix::errno::Errno;
    use nix::fcntl::{FcntlArg, fcntl};

    #[cfg(any(target_os = "linux", target_os = "android"))]
    let set = FcntlArg::F_OFD_SETLK;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let set = FcntlArg::F_SETLK;
    match fcntl(file, set(&whole_file(kind)?)) {
        Ok(_) => Ok(true),
        Err(Errno::EAGAIN | Errno::EACCES | Errno::EINTR) => Ok(false),
        Err(other) => Err(other.into()),
    }
}

#[cfg(unix)]
fn whole_file(kind: Kind) -> io::Result<libc::flock> {
    let wrong = |_| io::Error::from(io::ErrorKind::Unsupported);
    let lock_type = match kind {
        Kind::Shared => libc::F_RDLCK,
        Kind::Exclusive => libc::F_WRLCK,
    };
    Ok(libc::flock {
        l_type: lock_type.try_into().map_err(wrong)?,
        l_whence: libc::SEEK_SET.try_into().map_err(wrong)?,
        l_start: 0,
        l_len: 0,
        l_pid: 0,
    })
}

#[cfg(not(unix))]
fn try_lock(file: &File, kind: Kind) -> io::Result<bool> {
    let answer = match kind {
        Kind::Shared => file.try_lock_shared(),
        Kind::Exclusive => file.try_lock(),
    };
    match answer {
        Ok(()) => Ok(true),
        Err(std::fs::TryLockError::WouldBlock) => Ok(false),
        Err(std::fs::TryLockError::Error(error)) => Err(error),
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    fn scratch(name: &str) -> std::path::PathBuf {
        std::env::temp_dir().join(format!("libsspi-lock-{}-{name}", std::process::id()))
    }

    #[test]
    fn an_exclusive_lock_excludes_and_ends_with_its_file() {
        let path = scratch("exclusive");
        let open =
            || File::options().read(true).write(true).create(true).truncate(false).open(&path).unwrap();
        let (first, second) = (open(), open());
        lock(&first, Kind::Exclusive).unwrap();
        for kind in [Kind::Shared, Kind::Exclusive] {
            let refused = lock_within(&second, kind, Duration::from_millis(20)).unwrap_err();
            assert_eq!(refused.kind(), io::ErrorKind::TimedOut);
        }
        // Another file's end leaves it, unlike with fcntl's record locks.
        drop(open());
        assert!(!try_lock(&second, Kind::Shared).unwrap());
        drop(first);
        lock(&second, Kind::Shared).unwrap();
        lock(&open(), Kind::Shared).unwrap();
        assert!(!try_lock(&open(), Kind::Exclusive).unwrap());
        std::fs::remove_file(&path).unwrap();
    }

    #[test]
    fn record_locks_of_other_programs_exclude_ours() {
        use std::io::{BufRead, BufReader, Write};
        let path = scratch("record");
        std::fs::write(&path, "").unwrap();
        let program = "import fcntl,sys; f=open(sys.argv[1],'r+'); fcntl.lockf(f, fcntl.LOCK_EX); print(1, flush=True); sys.stdin.read(1)";
        let child = std::process::Command::new("python3")
            .args(["-c", program])
            .arg(&path)
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn();
        let Ok(mut child) = child else { return };
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let file = File::options().read(true).write(true).open(&path).unwrap();
        assert!(!try_lock(&file, Kind::Shared).unwrap());
        child.stdin.take().unwrap().write_all(b"x").unwrap();
        child.wait().unwrap();
        lock(&file, Kind::Exclusive).unwrap();
        std::fs::remove_file(&path).unwrap();
    }
}
