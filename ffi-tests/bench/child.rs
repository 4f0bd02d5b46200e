//! Measurements that need a process of their own: this program runs itself
//! once for each library, and the child prints its figures.

use std::path::Path;
use std::process::Command;

use crate::library::Library;
use crate::measure::{Budget, resident_bytes};
use crate::parts::{Subjects, lookup_among};
use crate::report::{Better, Row, grouped};
use crate::session::{Credentials, Failure, Pair, SIGNATURE, Tokens};

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
        let [made, used] = bytes_per_pair(&library, count).map_err(told)?;
        println!("{made} {used}");
    } else {
        let budget = Budget { rounds, ..Budget::FULL };
        let [in_order, at_random] = lookup_among(&library, count, budget).map_err(told)?;
        println!("{in_order} {at_random}");
    }
    Ok(())
}

/// Growth of resident memory over pairs that all stay alive: after the
/// handshakes, and after each pair has carried a message both ways.
fn bytes_per_pair(library: &Library, count: usize) -> Result<[f64; 2], Failure> {
    let credentials = Credentials::of(library)?;
    let mut tokens = Tokens::default();
    let mut message = [7; SIGNATURE + 64];
    for _ in 0..500 {
        let pair = credentials.pair(&mut tokens)?;
        pair.carry(true, &mut message, 0)?;
        pair.carry(false, &mut message, 0)?;
    }
    // The list of what lives is made, and touched, before the first look.
    let mut live = Vec::with_capacity(count);
    for _ in 0..count {
        live.push(credentials.nothing());
    }
    let before = resident_bytes();
    for pair in &mut live {
        *pair = credentials.pair(&mut tokens)?;
    }
    let made = resident_bytes() - before;
    for pair in &live {
        pair.carry(true, &mut message, 0)?;
        pair.carry(false, &mut message, 0)?;
    }
    let used = resident_bytes() - before;
    live.into_iter().for_each(Pair::keep);
    Ok([made, used].map(|grown| grown / count as f64))
}

/// Memory for each pair of contexts, every library in a fresh process.
pub fn memory(subjects: &Subjects, budget: Budget) -> Vec<Row> {
    let measured =
        |library: &Library| figures(library, PAIRS, budget.live_pairs, budget.rounds).unwrap_or_default();
    let measured: Vec<Vec<f64>> = subjects.libraries.iter().map(measured).collect();
    let group =
        format!("Memory of a client and a server context, {} pairs alive", grouped(budget.live_pairs as u64));
    let names = [
        ("memory-new", "bytes per pair, after the handshake"),
        ("memory", "bytes per pair, after a message each way"),
    ];
    let row = |(at, (id, name)): (usize, (&str, &str))| {
        let values = measured.iter().map(|figures| figures.get(at).copied());
        Row::new(&group, id, name, Better::Less, values.chain([None]).collect())
    };
    names.into_iter().enumerate().map(row).collect()
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
        eprintln!("{}: {what}: {} {}", library.name, output.status, reason.trim());
        return None;
    }
    let text = String::from_utf8(output.stdout).ok()?;
    text.split_whitespace().map(|figure| figure.parse().ok()).collect()
}
