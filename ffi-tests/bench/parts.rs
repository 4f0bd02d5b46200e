//! The measurements that run in this process, interleaved: in each round every
//! library gets one slice, so that what else the machine does hits all alike.

use std::cell::Cell;
use std::time::Duration;

use md5::{Digest, Md5};

use crate::library::Library;
use crate::measure::{Budget, Series, run, slice, thread_cpu_seconds};
use crate::openssl::OpenSsl;
use crate::report::{Better, Row};
use crate::session::{Credentials, Failure, SIGNATURE, Tokens};

/// The subjects of a run. A column of the table stands for each library, and
/// the last one for OpenSSL.
pub struct Subjects {
    pub libraries: Vec<Library>,
    pub openssl: Option<OpenSsl>,
}

impl Subjects {
    pub fn columns(&self) -> usize {
        self.libraries.len() + 1
    }
}

/// Slices of one measurement for every column; the first failure of a library
/// is told, and it takes no further part.
pub struct Columns {
    series: Vec<Series>,
    failed: Vec<bool>,
}

impl Columns {
    pub fn new(columns: usize) -> Self {
        Self { series: vec![Series::default(); columns], failed: vec![false; columns] }
    }

    /// Records a slice, unless it is the first round, which warms up.
    pub fn record(&mut self, column: usize, round: usize, name: &str, value: Result<f64, Failure>) {
        match value {
            Ok(value) if round > 0 => self.series[column].push(value),
            Ok(_) => {}
            Err(failure) => {
                eprintln!("{name}: {failure}");
                self.failed[column] = true;
            }
        }
    }

    pub fn medians(&self) -> Vec<Option<f64>> {
        self.series.iter().map(Series::median).collect()
    }
}

/// One step of pure computation that touches nothing but registers and stack.
fn compute() -> impl FnMut() -> Result<(), Failure> {
    let mut block = [0_u8; 256];
    move || {
        let digest = Md5::digest(block);
        block[..16].copy_from_slice(&digest);
        Ok(())
    }
}

/// Handshakes on one thread and on two.
pub fn handshakes(subjects: &Subjects, budget: Budget) -> Vec<Row> {
    let columns = subjects.columns();
    let (mut cpu, mut two, mut scaling, mut cpu_scaling) =
        (Columns::new(columns), Columns::new(columns), Columns::new(columns), Columns::new(columns));
    let credentials: Vec<_> = subjects.libraries.iter().map(Credentials::of).collect();
    for round in 0..=budget.rounds {
        let pure = [1, 2].map(|threads| slice(threads, budget.slice, 64, &compute));
        let [Ok(pure_one), Ok(pure_two)] = pure else {
            return Vec::new();
        };
        let gain = pure_two.per_second / pure_one.per_second;
        let cpu_gain = pure_two.per_cpu_second / pure_one.per_cpu_second;
        for (column, library) in subjects.libraries.iter().enumerate() {
            let Ok(credentials) = &credentials[column] else {
                continue;
            };
            if cpu.failed[column] {
                continue;
            }
            let handshake = || {
                let mut tokens = Tokens::default();
                move || credentials.pair(&mut tokens).map(drop)
            };
            let both = slice(1, budget.slice, 4, &handshake)
                .and_then(|one| Ok((one, slice(2, budget.slice, 4, &handshake)?)));
            match both {
                Err(failure) => cpu.record(column, round, &library.name, Err(failure)),
                Ok((one, both)) => {
                    let name = &library.name;
                    cpu.record(column, round, name, Ok(one.per_cpu_second));
                    two.record(column, round, name, Ok(both.per_second));
                    scaling.record(column, round, name, Ok(both.per_second / one.per_second / gain));
                    let scaled = both.per_cpu_second / one.per_cpu_second / cpu_gain;
                    cpu_scaling.record(column, round, name, Ok(scaled));
                }
            }
        }
    }
    let group = "NTLM handshake, client and server";
    vec![
        Row::new(group, "handshake", "pairs/s of CPU, 1 thread", Better::More, cpu.medians()),
        Row::new(group, "handshake-2", "pairs/s on the wall, 2 threads", Better::More, two.medians()),
        Row::new(
            group,
            "scaling",
            "gain of 2 threads / gain of pure computation",
            Better::Scaling,
            scaling.medians(),
        ),
        Row::new(
            group,
            "scaling-cpu",
            "the same by CPU time per pair",
            Better::Scaling,
            cpu_scaling.medians(),
        ),
    ]
}

/// What the wrapping costs: SPNEGO with NTLM in it next to bare NTLM, by the first library.
///
/// Where others share the processor they slow both for seconds, and the difference more than either. So the
/// slices are short and many, and the quickest are told by themselves.
pub fn negotiation(subjects: &Subjects, budget: Budget) -> Vec<Row> {
    let Some(library) = subjects.libraries.first() else {
        return Vec::new();
    };
    let columns = subjects.columns();
    let mut rows = [(); 5].map(|()| Columns::new(columns));
    match negotiation_costs(library, budget) {
        Err(failure) => eprintln!("{}: {failure}", library.name),
        Ok(mut costs) => {
            costs.sort_by(|one, other| (one.bare + one.wrapped).total_cmp(&(other.bare + other.wrapped)));
            let [rate, ratio, more, quick_more, quick_share] = &mut rows;
            for cost in &costs {
                rate.record(0, 1, &library.name, Ok(1e6 / cost.wrapped));
                ratio.record(0, 1, &library.name, Ok(cost.wrapped / cost.bare));
                more.record(0, 1, &library.name, Ok(cost.more()));
            }
            for cost in &costs[..costs.len().div_ceil(20)] {
                quick_more.record(0, 1, &library.name, Ok(cost.more()));
                quick_share.record(0, 1, &library.name, Ok(cost.more() / (cost.bare / 4.0).max(5.0)));
            }
        }
    }
    let group = "The same wrapped in SPNEGO";
    let named = [
        ("spnego", "pairs/s of CPU, 1 thread", Better::More),
        ("spnego-ratio", "CPU time of a pair / of one of bare NTLM", Better::Scaling),
        ("spnego-more", "CPU time that a pair costs more, \u{b5}s", Better::Scaling),
        ("spnego-quick-more", "the same in the quickest twentieth of the slices, \u{b5}s", Better::Scaling),
        (
            "spnego-quick-share",
            "that / 25 % of bare NTLM or 5 \u{b5}s (at most 1 is wanted)",
            Better::Scaling,
        ),
    ];
    let rows = named.into_iter().zip(&rows);
    rows.map(|((id, name, better), columns)| Row::new(group, id, name, better, columns.medians())).collect()
}

/// CPU time of a pair of contexts, in microseconds, in two slices that follow each other.
struct NegotiationCost {
    bare: f64,
    wrapped: f64,
}

impl NegotiationCost {
    fn more(&self) -> f64 {
        self.wrapped - self.bare
    }
}

fn negotiation_costs(library: &Library, budget: Budget) -> Result<Vec<NegotiationCost>, Failure> {
    const SPAN: Duration = Duration::from_millis(2);
    const TIMES_AS_MANY: usize = 120;
    let (bare, wrapped) = (Credentials::of(library)?, Credentials::negotiating(library)?);
    let mut tokens = Tokens::default();
    let mut one = |negotiating: bool| {
        let ran = run(SPAN, 8, &mut || match negotiating {
            true => wrapped.negotiated_pair(&mut tokens).map(drop),
            false => bare.pair(&mut tokens).map(drop),
        });
        ran.map(|ran| 1e6 * ran.cpu / ran.operations)
    };
    // The first round warms up.
    let costs: Vec<_> = (0..=budget.rounds * TIMES_AS_MANY)
        .map(|_| Ok(NegotiationCost { bare: one(false)?, wrapped: one(true)? }))
        .collect::<Result<_, Failure>>()?;
    Ok(costs.into_iter().skip(1).collect())
}

pub const MESSAGE_SIZES: [(usize, &str); 4] =
    [(64, "64 B"), (1024, "1 KiB"), (16 * 1024, "16 KiB"), (64 * 1024, "64 KiB")];

/// Sealing and unsealing, alternately in both directions.
pub fn messages(subjects: &Subjects, budget: Budget) -> Vec<Row> {
    let group = "NTLM seal + unseal of one message";
    let mut rows = Vec::new();
    for (size, label) in MESSAGE_SIZES {
        let rates = message_rates(subjects, budget, size);
        if size == 64 {
            let name = format!("{label}: messages/s of CPU");
            rows.push(Row::new(group, "seal-64-rate", &name, Better::More, rates.clone()));
        }
        let name = format!("{label}: MB/s");
        let speed = |rate: Option<f64>| rate.map(|rate| rate * size as f64 / 1e6);
        let speeds = rates.into_iter().map(speed).collect();
        rows.push(Row::new(group, &format!("seal-{size}"), &name, Better::More, speeds));
    }
    rows
}

fn message_rates(subjects: &Subjects, budget: Budget, size: usize) -> Vec<Option<f64>> {
    let mut columns = Columns::new(subjects.columns());
    let span = budget.slice / 3;
    let batch = (16 * 1024 / size as u32).max(1);
    let text: Vec<u8> = (0..size + SIGNATURE).map(|at| at as u8).collect();
    for round in 0..=budget.rounds {
        for (column, library) in subjects.libraries.iter().enumerate() {
            if columns.failed[column] {
                continue;
            }
            let rate = Credentials::of(library).and_then(|credentials| {
                let pair = credentials.pair(&mut Tokens::default())?;
                // The pair moves from thread to thread, and the work is made once.
                let carry = || {
                    let (mut message, mut number, pair) = (text.clone(), 0, &pair);
                    move || {
                        pair.carry(true, &mut message, number)?;
                        pair.carry(false, &mut message, number)?;
                        number += 1;
                        Ok(())
                    }
                };
                let mut check = text.clone();
                pair.carry(true, &mut check, 0)?;
                pair.carry(false, &mut check, 0)?;
                if check[SIGNATURE..] != text[SIGNATURE..] {
                    eprintln!("{}: a message of {size} bytes came back changed", library.name);
                }
                Ok(slice(1, span, batch, &carry)?.per_cpu_second * 2.0)
            });
            columns.record(column, round, &library.name, rate);
        }
        if let Some(openssl) = &subjects.openssl {
            let rate = openssl_rate(openssl, &text, span, batch);
            columns.record(subjects.libraries.len(), round, "OpenSSL", rate);
        }
    }
    columns.medians()
}

fn openssl_rate(
    openssl: &OpenSsl,
    text: &[u8],
    span: std::time::Duration,
    batch: u32,
) -> Result<f64, Failure> {
    if !openssl.channel().carry(&mut text.to_vec()) {
        eprintln!("OpenSSL: a signature did not hold");
    }
    let work = || {
        let mut directions = [openssl.channel(), openssl.channel()];
        let mut message = text.to_vec();
        move || {
            let held = directions.iter_mut().all(|channel| channel.carry(&mut message));
            std::hint::black_box(held);
            Ok(())
        }
    };
    Ok(slice(1, span, batch, &work)?.per_cpu_second * 2.0)
}

/// Looking a handle up, and making and deleting objects.
pub fn handles(subjects: &Subjects, budget: Budget) -> Vec<Row> {
    let columns = subjects.columns();
    let (mut lookup, mut credential, mut leg) =
        (Columns::new(columns), Columns::new(columns), Columns::new(columns));
    let span = budget.slice / 4;
    for round in 0..=budget.rounds {
        for (column, library) in subjects.libraries.iter().enumerate() {
            if lookup.failed[column] || credential.failed[column] || leg.failed[column] {
                continue;
            }
            let name = &library.name;
            let Ok(credentials) = Credentials::of(library) else {
                continue;
            };
            let Ok(pair) = credentials.pair(&mut Tokens::default()) else {
                continue;
            };
            let nanoseconds =
                |rate: Result<crate::measure::Slice, Failure>| rate.map(|slice| 1e9 / slice.per_cpu_second);
            let look_up = || || pair.look_up();
            lookup.record(column, round, name, nanoseconds(slice(1, span, 256, &look_up)));
            let acquire = || || credentials.acquire_and_free();
            credential.record(column, round, name, nanoseconds(slice(1, span, 32, &acquire)));
            let first_leg = || {
                let mut tokens = Tokens::default();
                let credentials = &credentials;
                move || credentials.first_leg(&mut tokens).map(drop)
            };
            leg.record(column, round, name, nanoseconds(slice(1, span, 32, &first_leg)));
        }
    }
    let group = "Handles";
    vec![
        Row::new(group, "lookup", "lookup (query of the sizes), ns", Better::Less, lookup.medians()),
        Row::new(group, "credential", "credential: acquire + free, ns", Better::Less, credential.medians()),
        Row::new(group, "first-leg", "context: first leg + delete, ns", Better::Less, leg.medians()),
    ]
}

/// A lookup among many live contexts, in order and at random.
pub fn lookup_among(library: &Library, contexts: usize, budget: Budget) -> Result<[f64; 2], Failure> {
    let credentials = Credentials::of(library)?;
    let mut tokens = Tokens::default();
    let live =
        (0..contexts).map(|_| credentials.first_leg(&mut tokens)).collect::<Result<Vec<_>, Failure>>()?;
    let next = Cell::new(0_usize);
    let cost = |step: &dyn Fn(usize) -> usize| -> Result<f64, Failure> {
        let mut series = Series::default();
        for _ in 0..budget.rounds {
            let start = thread_cpu_seconds();
            let lookups = 50_000;
            for _ in 0..lookups {
                next.set(step(next.get()));
                live[next.get()].look_up()?;
            }
            series.push((thread_cpu_seconds() - start) * 1e9 / f64::from(lookups));
        }
        Ok(series.median().unwrap_or(0.0))
    };
    let in_order = cost(&|at| (at + 1) % contexts)?;
    // A full-period congruential step hops about without a table of its own.
    let period = contexts.next_power_of_two();
    let hop = |at: usize| (at.wrapping_mul(0x5851_F42D_4C95_7F2D) + 0x1405_7B7E_F767_814F) % period;
    let at_random = cost(&|at| {
        let mut next = hop(at);
        while next >= contexts {
            next = hop(next);
        }
        next
    })?;
    live.into_iter().for_each(crate::session::Pair::keep);
    Ok([in_order, at_random])
}
