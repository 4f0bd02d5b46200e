//! A point in time at which something ends.

#![forbid(unsafe_code)]

use std::time::{Duration, Instant};

/// See the file's head.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(Instant);

impl Deadline {
    /// That much time from now.
    pub fn after(time: Duration) -> Deadline {
        let now = Instant::now();
        Deadline(now.checked_add(time).unwrap_or(now))
    }

    /// What is left, never zero; `None` when it is over.
    pub fn left(self) -> Option<Duration> {
        self.0.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
    }

    /// At most that much time from now, and never later than this.
    pub fn within(self, time: Duration) -> Deadline {
        Deadline(self.0.min(Deadline::after(time).0))
    }

    /// An equal share of what is left for each of `parts` that are still to come.
    pub fn share(self, parts: usize) -> Duration {
        let parts = u32::try_from(parts).unwrap_or(u32::MAX).max(1);
        self.left().unwrap_or_default().checked_div(parts).unwrap_or_default()
    }
}
