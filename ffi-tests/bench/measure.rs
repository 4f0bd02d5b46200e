//! Clocks, slices of work and medians.

use std::sync::Barrier;
use std::time::{Duration, Instant};

use crate::session::Failure;

/// How much is measured.
#[derive(Clone, Copy)]
pub struct Budget {
    pub rounds: usize,
    pub slice: Duration,
    /// Pairs that live at once when memory is measured.
    pub live_pairs: usize,
    /// Contexts that live at once when the table is looked up at size.
    pub live_contexts: usize,
}

impl Budget {
    pub const FULL: Self =
        Self { rounds: 21, slice: Duration::from_millis(50), live_pairs: 100_000, live_contexts: 1_000_000 };
    pub const QUICK: Self =
        Self { rounds: 5, slice: Duration::from_millis(40), live_pairs: 20_000, live_contexts: 100_000 };
}

/// What one slice of work came to, summed over its threads.
pub struct Slice {
    /// Operations per second of processor time of one thread.
    pub per_cpu_second: f64,
    /// Operations per second of the clock on the wall, all threads together.
    pub per_second: f64,
}

/// Runs the work that `make` makes on `threads` threads at once for `span`.
/// `batch` operations are done between two looks at the clock.
pub fn slice<W>(
    threads: usize,
    span: Duration,
    batch: u32,
    make: &(dyn Fn() -> W + Sync),
) -> Result<Slice, Failure>
where
    W: FnMut() -> Result<(), Failure>,
{
    let start = Barrier::new(threads);
    let one = || {
        let mut work = make();
        start.wait();
        run(span, batch, &mut work)
    };
    let ran: Vec<Result<Ran, Failure>> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(one)).collect();
        running.into_iter().map(|thread| thread.join().expect("a bench thread ends")).collect()
    });
    let ran = ran.into_iter().collect::<Result<Vec<Ran>, Failure>>()?;
    let operations: f64 = ran.iter().map(|one| one.operations).sum();
    let cpu: f64 = ran.iter().map(|one| one.cpu).sum();
    Ok(Slice {
        per_cpu_second: operations / cpu,
        per_second: ran.iter().map(|one| one.operations / one.wall).sum(),
    })
}

/// What one thread did in its slice; times are in seconds.
pub struct Ran {
    pub operations: f64,
    pub wall: f64,
    pub cpu: f64,
}

/// Does `work` for `span`; `batch` operations are done between two looks at the clock.
pub fn run<W>(span: Duration, batch: u32, work: &mut W) -> Result<Ran, Failure>
where
    W: FnMut() -> Result<(), Failure>,
{
    let cpu = thread_cpu_seconds();
    let start = Instant::now();
    let mut operations = 0.0;
    loop {
        for _ in 0..batch {
            work()?;
        }
        operations += f64::from(batch);
        let wall = start.elapsed();
        if wall >= span {
            let cpu = thread_cpu_seconds() - cpu;
            return Ok(Ran { operations, wall: wall.as_secs_f64(), cpu });
        }
    }
}

/// Processor time that this thread has had.
pub fn thread_cpu_seconds() -> f64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: a valid clock and room for its answer.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut now) };
    now.tv_sec as f64 + now.tv_nsec as f64 / 1e9
}

/// One measured quantity over the rounds of a run.
#[derive(Clone, Default)]
pub struct Series(Vec<f64>);

impl Series {
    pub fn push(&mut self, value: f64) {
        self.0.push(value);
    }

    pub fn median(&self) -> Option<f64> {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted.len() / 2;
        match sorted.len() {
            0 => None,
            length if length % 2 == 1 => Some(sorted[middle]),
            _ => Some((sorted[middle - 1] + sorted[middle]) / 2.0),
        }
    }
}

/// Pages of this process that are in memory, in bytes.
pub fn resident_bytes() -> f64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: f64 = statm.split(' ').nth(1).and_then(|field| field.parse().ok()).unwrap_or(0.0);
    // SAFETY: a plain query.
    pages * unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as f64
}

#[cfg(test)]
mod tests {
    use super::Series;

    #[test]
    fn the_median_is_in_the_middle() {
        let mut series = Series::default();
        assert_eq!(series.median(), None);
        series.push(3.0);
        series.push(1.0);
        assert_eq!(series.median(), Some(2.0));
        series.push(7.0);
        assert_eq!(series.median(), Some(3.0));
    }
}
