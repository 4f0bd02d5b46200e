//! Measurements that need a process of their own: this program runs itself
//! once for each library, and the child prints its figures.

use std::path::Path;
use std::process::Command;

use crate::library::Library;
use crate::measure::{Budget, resident_bytes};
use crate::mit::{self, Mit};
use crate::parts::{Subjects, lookup_among};
use crate::report::{Better, Row, grouped};
use crate::session::{Credentials, Failure, Pair, Tokens};

/// The first argument of a child.
pub const FLAG: &str = "--child";
const PAIRS: &str = "pairs";
pub const KERBEROS_PAIRS: &str = "kerberos-pairs";
pub const MIT_PAIRS: &str = "mit-pairs";
const LOOKUPS: &str = "lookups";

/// `--child WHAT PATH COUNT ROUNDS`.
pub fn main(arguments: &[String]) -> Result<(), String> {
    let [what, path, count, rounds] = arguments else {
        return Err("for this program's own use".into());
    };
    let count = count.parse().map_err(|_| "a count".to_owned())?;
    let rounds = rounds.parse().map_err(|_| "a count".to_owned())?;
    let told = |failure: Failure| failure.to_string();
    let print = |[first, second]: [f64; 2]| println!("{first} {second}");
    if what == MIT_PAIRS {
        print(bytes_per_mit_pair(&Mit::open()?, count).map_err(told)?);
        return Ok(());
    }
    let library = Library::open("child", "", Path::new(path))?;
    if what == PAIRS {
        let credentials = Credentials::of(&library).map_err(told)?;
        let pair = |tokens: &mut Tokens| credentials.pair(tokens);
        print(bytes_per_pair(&credentials, pair, count).map_err(told)?);
    } else if what == KERBEROS_PAIRS {
        let credentials = Credentials::kerberos(&library).map_err(told)?;
        let pair = |tokens: &mut Tokens| credentials.kerberos_pair(tokens);
        print(bytes_per_pair(&credentials, pair, count).map_err(told)?);
    } else {
        let budget = Budget { rounds, ..Budget::FULL };
        print(lookup_among(&library, count, budget).map_err(told)?);
    }
    Ok(())
}

/// Growth of resident memory over pairs that all stay alive: after the
/// handshakes, and after each pair has carried a message both ways.
fn bytes_per_pair<'a>(
    credentials: &Credentials<'a>,
    make: impl Fn(&mut Tokens) -> Result<Pair<'a>, Failure>,
    count: usize,
) -> Result<[f64; 2], Failure> {
    let mut tokens = Tokens::default();
    let mut message = vec![7; credentials.nothing().token_room() + 64];
    for _ in 0..500 {
        let pair = make(&mut tokens)?;
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
        *pair = make(&mut tokens)?;
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

/// The same of MIT's.
fn bytes_per_mit_pair(mit: &Mit, count: usize) -> Result<[f64; 2], Failure> {
    let mut message = [7; 64];
    let mut use_it = |pair: &mit::Pair<'_>| -> Result<(), Failure> {
        for from_client in [true, false] {
            pair.carry(from_client, &mut message)?;
        }
        Ok(())
    };
    for _ in 0..500 {
        use_it(&mit.pair()?)?;
    }
    let mut live: Vec<_> = (0..count).map(|_| mit.nothing()).collect();
    let before = resident_bytes();
    for pair in &mut live {
        *pair = mit.pair()?;
    }
    let made = resident_bytes() - before;
    live.iter().try_for_each(&mut use_it)?;
    let used = resident_bytes() - before;
    live.into_iter().for_each(mit::Pair::keep);
    Ok([made, used].map(|grown| grown / count as f64))
}

/// Memory for each pair of contexts, every library in a fresh process.
pub fn memory(subjects: &Subjects, budget: Budget) -> Vec<Row> {
    let measured = |library: &Library| {
        figures(&library.name, &library.path, PAIRS, budget.live_pairs, budget.rounds).unwrap_or_default()
    };
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
    let Some(cost) = figures(&library.name, &library.path, LOOKUPS, budget.live_contexts, budget.rounds)
    else {
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
pub fn figures(name: &str, path: &Path, what: &str, count: usize, rounds: usize) -> Option<Vec<f64>> {
    let output = Command::new(std::env::current_exe().ok()?)
        .args([FLAG, what])
        .arg(path)
        .args([count.to_string(), rounds.to_string()])
        .output()
        .ok()?;
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr);
        eprintln!("{name}: {what}: {} {}", output.status, reason.trim());
        return None;
    }
    let text = String::from_utf8(output.stdout).ok()?;
    text.split_whitespace().map(|figure| figure.parse().ok()).collect()
}
