//! The time of this machine, and that of a KDC whose clock differs.

#![forbid(unsafe_code)]

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

const SECOND: i64 = 1_000_000;

/// The last time that an authenticator of this process was given.
static LAST: AtomicI64 = AtomicI64::new(0);

/// A clock that differs from this machine's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    /// That clock less this machine's, microseconds.
    pub offset: i64,
}

impl Clock {
    /// The clock that shows this time now.
    pub fn showing(seconds: i64, microseconds: u32) -> Self {
        let shown = seconds.saturating_mul(SECOND).saturating_add(i64::from(microseconds));
        Self { offset: shown.saturating_sub(machine()) }
    }

    /// Seconds since 1970.
    pub fn seconds(self) -> i64 {
        machine().saturating_add(self.offset).div_euclid(SECOND)
    }

    /// Seconds and microseconds.
    pub fn now(self) -> (i64, u32) {
        split(machine().saturating_add(self.offset))
    }

    /// As `now`, but never the same twice in this process: ctime and cusec are what replay caches
    /// know an authenticator by.
    pub fn unique(self) -> (i64, u32) {
        let now = machine();
        let after = |last: i64| now.max(last.saturating_add(1));
        let last = LAST.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(after(last)));
        split(after(last.unwrap_or(0)).saturating_add(self.offset))
    }
}

fn split(microseconds: i64) -> (i64, u32) {
    let rest = u32::try_from(microseconds.rem_euclid(SECOND)).unwrap_or(0);
    (microseconds.div_euclid(SECOND), rest)
}

/// Microseconds since 1970.
fn machine() -> i64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_1970.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_clock_runs_beside_this_one() {
        let clock = Clock::showing(1_000, 5);
        assert!((1_000..1_010).contains(&clock.seconds()));
        assert!((1_000..1_010).contains(&clock.now().0));
        assert!(Clock::default().seconds() > 1_600_000_000);
    }

    #[test]
    fn no_authenticator_has_the_time_of_another() {
        let many = || (0..2_000).map(|_| Clock::default().unique()).collect::<Vec<_>>();
        let threads: Vec<_> = (0..4).map(|_| std::thread::spawn(many)).collect();
        let mut times: Vec<_> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        times.sort_unstable();
        times.dedup();
        assert_eq!(times.len(), 8_000);
    }
}
