//! Counting what passed, failed and was skipped.

#![forbid(unsafe_code)]

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign};

/// How many checks passed, failed and were skipped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: u64,
    pub failed: u64,
    pub skipped: u64,
}

impl Tally {
    pub const PASS: Self = Self { passed: 1, failed: 0, skipped: 0 };
    pub const FAIL: Self = Self { passed: 0, failed: 1, skipped: 0 };
    pub const SKIP: Self = Self { passed: 0, failed: 0, skipped: 1 };

    /// The last `N passed, N failed, N skipped` line of an output.
    pub fn of_program(output: &str) -> Option<Self> {
        output.lines().rev().find_map(Self::of_line)
    }

    fn of_line(line: &str) -> Option<Self> {
        let mut counts = line.trim().split(", ");
        let mut count = |word: &str| counts.next()?.strip_suffix(word)?.trim_end().parse().ok();
        Some(Self { passed: count("passed")?, failed: count("failed")?, skipped: count("skipped")? })
    }

    /// The sum of every `test result:` line that `cargo test` prints.
    pub fn of_cargo_test(output: &str) -> Option<Self> {
        let results: Vec<Self> = output.lines().filter_map(Self::of_test_result).collect();
        if results.is_empty() { None } else { Some(results.into_iter().sum()) }
    }

    fn of_test_result(line: &str) -> Option<Self> {
        let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
        let count = |word: &str| {
            let part = counts.split("; ").find_map(|part| part.strip_suffix(word))?;
            part.trim_end().parse().ok()
        };
        Some(Self { passed: count("passed")?, failed: count("failed")?, skipped: count("ignored")? })
    }
}

impl Add for Tally {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            skipped: self.skipped + other.skipped,
        }
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Tally {
    fn sum<I: Iterator<Item = Self>>(tallies: I) -> Self {
        tallies.fold(Self::default(), Self::add)
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_summary_of_a_program_counts() {
        let output = "1 passed, 0 failed, 0 skipped\nnoise\n12 passed, 3 failed, 4 skipped\n";
        assert_eq!(Tally::of_program(output), Some(Tally { passed: 12, failed: 3, skipped: 4 }));
        assert_eq!(Tally::of_program("nothing was counted"), None);
    }

    #[test]
    fn results_of_cargo_test_are_added() {
        let line =
            "test result: ok. 2 passed; 1 failed; 3 ignored; 0 measured; 0 filtered out; finished in 0.00s";
        let output = format!("{line}\n{line}\n");
        let sum = Tally { passed: 4, failed: 2, skipped: 6 };
        assert_eq!(Tally::of_cargo_test(&output), Some(sum));
    }
}
