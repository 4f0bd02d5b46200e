//! Windows' clock: 100 ns units since 1601-01-01 UTC.

#![forbid(unsafe_code)]

use std::time::{SystemTime, UNIX_EPOCH};

/// A time that never comes (0x7FFFFFFFFFFFFFFF, as Windows says it).
pub const NEVER: u64 = i64::MAX as u64;

/// 1601-01-01 to 1970-01-01 in seconds.
const EPOCH_SECONDS: u64 = 11_644_473_600;

/// Seconds since 1970 as a FILETIME.
pub fn from_unix(seconds: i64) -> u64 {
    let since_1601 = i128::from(seconds) + i128::from(EPOCH_SECONDS);
    u64::try_from(since_1601 * 10_000_000).unwrap_or(0).min(NEVER)
}

/// Seconds since 1970 and microseconds.
pub fn unix() -> (i64, u32) {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    (i64::try_from(since_1970.as_secs()).unwrap_or(i64::MAX), since_1970.subsec_micros())
}

/// Now, as a FILETIME.
pub fn now() -> u64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let seconds = since_1970.as_secs().saturating_add(EPOCH_SECONDS);
    let units = u64::from(since_1970.subsec_nanos() / 100);
    seconds.saturating_mul(10_000_000).saturating_add(units).min(NEVER)
}
