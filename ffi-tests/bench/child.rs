//! Measurements that need a process of their own: this program runs itself
//! once for each library, and the child prints its figures.

use std::path::Path;
use std::process::Command;

use crate::library::Library;
use crate::measure::{Budget, resident_bytes};
use crate::parts::{Subjects, lookup_among};
use crate::report::{Better, Row, grouped};
use crate::session::{Credentials, Failure, Tokens};

/// The first argument of a child.
pub const FLAG: &str = "--child";
const PAIRS: &str = "pairs";
const LOOKUPS: &str = "lookups";

/// `--child WHAT PATH COUNT ROUNDS`.
pub fn main(arguments: &[String]) -> Result<(), String> {
    let [what, path, count, rounds] = arguments else {
        return Err("for this program's own use".into());
    };
    let count = count.parse().map_err(|_| "a count".to_owned())?;
    let rounds = rounds.parse().map_err(|_| "a count".to_owned())?;
    let library = Library::open("child", "", Path::new(path))?;
    let told = |failure: Failure| failure.to_string();
    if what == PAIRS {
        println!("{}", bytes_per_pair(&library, count).map_err(told)?);
    } else {
        let budget = Budget {
            rounds,
            ..Budget::FULL
        };
        let [in_order, at_random] = lookup_among(&library, count, budget).map_err(told)?;
        println!("{in_order} {at_random}");
    }
    Ok(())
}

/// Growth of resident memory over pairs that all stay alive.
fn bytes_per_pair(library: &Library, count: usize) -> Result<f64, Failure> {
    let credentials = Credentials::of(library)?;
    let mut tokens = Tokens::default();
    for _ in 0..500 {
        drop(credentials.pair(&mut tokens)?);
    }
    // The list of what lives is made, and touched, before the first look.
    let filler = || credentials.pair(&mut Tokens::default());
    let mut live = Vec::with_capacity(count);
    for _ in 0..count {
        live.push(None);
    }
    live[0] = Some(filler()?);
    let before = resident_bytes();
    for slot in live.iter_mut().skip(1) {
        *slot = Some(credentials.pair(&mut tokens)?);
    }
    let grown = resident_bytes() - before;
    live.into_iter()
        .flatten()
        .for_each(crate::session::Pair::keep);
    Ok(grown / (count - 1) as f64)
}

/// Memory for each pair of contexts, every library in a fresh process.
pub fn memory(subjects: &Subjects, budget: Budget) -> Vec<Row> {
    let mut values: Vec<Option<f64>> = subjects
        .libraries
        .iter()
        .map(|library| {
            figures(library, PAIRS, budget.live_pairs, budget.rounds)?
                .first()
                .copied()
        })
        .collect();
    values.push(None);
    let name = format!(
        "bytes per pair, {} live pairs",
        grouped(budget.live_pairs as u64)
    );
    vec![Row::new(
        "Memory of client and server contexts",
        "memory",
        &name,
        Better::Less,
        values,
    )]
}

/// Lookups among many live contexts of the first library.
pub fn lookups(subjects: &Subjects, budget: Budget) -> Vec<Row> {
    let Some(library) = subjects.libraries.first() else {
        return Vec::new();
    };
    let Some(cost) = figures(library, LOOKUPS, budget.live_contexts, budget.rounds) else {
        return Vec::new();
    };
    let many = grouped(budget.live_contexts as u64);
    let orders = [("lookup-order", "in order"), ("lookup-random", "at random")];
    let row = |((id, order), cost): ((&str, &str), f64)| {
        let mut values = vec![None; subjects.columns()];
        values[0] = Some(cost);
        let name = format!("lookup among {many} live contexts, {order}, ns");
        Row::new("Handles", id, &name, Better::Less, values)
    };
    orders.into_iter().zip(cost).map(row).collect()
}

/// Runs a child and reads the figures that it prints.
fn figures(library: &Library, what: &str, count: usize, rounds: usize) -> Option<Vec<f64>> {
    let output = Command::new(std::env::current_exe().ok()?)
        .args([FLAG, what])
        .arg(&library.path)
        .args([count.to_string(), rounds.to_string()])
        .output()
        .ok()?;
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr);
        eprintln!(
            "{}: {what}: {} {}",
            library.name,
            output.status,
            reason.trim()
        );
        return None;
    }
    let text = String::from_utf8(output.stdout).ok()?;
    text.split_whitespace()
        .map(|figure| figure.parse().ok())
        .collect()
}
