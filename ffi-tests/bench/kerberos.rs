//! Kerberos beside MIT's GSS-API: contexts from a cached ticket, and sealed messages of enctype 18.

use crate::aes_sha1::AesSha1;
use crate::child;
use crate::library::Library;
use crate::measure::{Budget, slice};
use crate::mit::{self, Mit};
use crate::parts::{Columns, MESSAGE_SIZES};
use crate::report::{Better, Row, grouped};
use crate::session::{Credentials, Failure, Tokens};

/// Who takes part, and which column is whose.
pub struct Sides<'a> {
    pub ours: &'a Library,
    pub mit: Mit,
    pub openssl: Option<AesSha1>,
}

pub const COLUMNS: usize = 4;
const OURS: usize = 0;
const MIT: usize = 1;
const MIT_IN_PLACE: usize = 2;
const OPENSSL: usize = 3;
const MIT_NAME: &str = "MIT";

/// The confounder in front and the header's copy behind (RFC 4121 4.2.4): what is encrypted besides.
const AROUND: usize = 32;

impl Sides<'_> {
    pub fn columns(&self) -> Vec<String> {
        [&self.ours.name, MIT_NAME, "MIT's iov", "OpenSSL"].map(str::to_owned).into()
    }

    pub fn subjects(&self) -> Vec<String> {
        vec![
            format!(
                "MIT krb5 {} (gss_wrap and gss_unwrap; iov: gss_wrap_iov and gss_unwrap_iov)",
                self.mit.version
            ),
            "OpenSSL (AES-256-CBC and HMAC-SHA1 in sequence)".to_owned(),
        ]
    }
}

/// Both sides of a handshake with mutual authentication, the ticket being at hand.
pub fn handshakes(sides: &Sides<'_>, budget: Budget) -> Vec<Row> {
    let mut rates = Columns::new(COLUMNS);
    let credentials = match Credentials::kerberos(sides.ours) {
        Ok(credentials) => credentials,
        Err(failure) => {
            eprintln!("{}: {failure}", sides.ours.name);
            return Vec::new();
        }
    };
    for round in 0..=budget.rounds {
        let ours = || {
            let (mut tokens, credentials) = (Tokens::default(), &credentials);
            move || credentials.kerberos_pair(&mut tokens).map(drop)
        };
        let rate = slice(1, budget.slice, 4, &ours).map(|slice| slice.per_cpu_second);
        rates.record(OURS, round, &sides.ours.name, rate);
        let theirs = || || sides.mit.pair().map(drop);
        let rate = slice(1, budget.slice, 4, &theirs).map(|slice| slice.per_cpu_second);
        rates.record(MIT, round, MIT_NAME, rate);
    }
    let group = "Kerberos contexts from a cached ticket, client and server, mutual";
    vec![Row::new(group, "krb-handshake", "pairs/s of CPU, 1 thread", Better::More, rates.medians())]
}

/// Sealing and unsealing, alternately in both directions.
pub fn messages(sides: &Sides<'_>, budget: Budget) -> Vec<Row> {
    let group = "Kerberos seal + unseal of one message, enctype 18";
    let mut rows = Vec::new();
    for (size, label) in MESSAGE_SIZES {
        let rates = match message_rates(sides, budget, size) {
            Ok(rates) => rates,
            Err(failure) => {
                eprintln!("{label}: {failure}");
                continue;
            }
        };
        if size == 64 {
            let name = format!("{label}: messages/s of CPU");
            rows.push(Row::new(group, "krb-64-rate", &name, Better::More, rates.clone()));
        }
        let speed = |rate: Option<f64>| rate.map(|rate| rate * size as f64 / 1e6);
        let speeds = rates.into_iter().map(speed).collect();
        let name = format!("{label}: MB/s");
        rows.push(Row::new(group, &format!("krb-message-{size}"), &name, Better::More, speeds));
    }
    rows
}

fn message_rates(sides: &Sides<'_>, budget: Budget, size: usize) -> Result<Vec<Option<f64>>, Failure> {
    let mut columns = Columns::new(COLUMNS);
    let (span, batch) = (budget.slice / 3, (16 * 1024 / size as u32).max(1));
    let text = |length: usize| (0..length).map(|at| at as u8).collect::<Vec<u8>>();
    let credentials = Credentials::kerberos(sides.ours)?;
    let ours = credentials.kerberos_pair(&mut Tokens::default())?;
    let [theirs, in_place] = [sides.mit.pair()?, sides.mit.pair()?];
    let token = ours.token_room();
    let mut check = text(token + size);
    ours.carry(true, &mut check, 0)?;
    assert_eq!(check[token..], text(token + size)[token..], "a message comes back as it was");
    let mut check = text(mit::HEADER + size + mit::TRAILER);
    in_place.carry_in_place(true, &mut check)?;
    let data = mit::HEADER..mit::HEADER + size;
    assert_eq!(check[data.clone()], text(check.len())[data], "MIT's message comes back as it was");
    for round in 0..=budget.rounds {
        let mut record = |column, name: &str, rate: Result<crate::measure::Slice, Failure>| {
            columns.record(column, round, name, rate.map(|slice| slice.per_cpu_second * 2.0));
        };
        let work = || {
            let (mut message, ours) = (text(token + size), &ours);
            move || {
                ours.carry(true, &mut message, 0)?;
                ours.carry(false, &mut message, 0)
            }
        };
        record(OURS, &sides.ours.name, slice(1, span, batch, &work));
        let work = || {
            let (mut message, theirs) = (text(size), &theirs);
            move || {
                let came = theirs.carry(true, &mut message)? && theirs.carry(false, &mut message)?;
                assert!(came, "MIT's message has its length");
                Ok(())
            }
        };
        record(MIT, MIT_NAME, slice(1, span, batch, &work));
        let work = || {
            let (mut message, in_place) = (text(mit::HEADER + size + mit::TRAILER), &in_place);
            move || {
                in_place.carry_in_place(true, &mut message)?;
                in_place.carry_in_place(false, &mut message)
            }
        };
        record(MIT_IN_PLACE, MIT_NAME, slice(1, span, batch, &work));
        if let Some(openssl) = &sides.openssl {
            let work = || {
                let mut directions = [openssl.channel(), openssl.channel()];
                let mut message = text(size + AROUND);
                move || {
                    let held = directions.iter_mut().all(|channel| {
                        let code = channel.seal(&mut message);
                        channel.open(&mut message, code)
                    });
                    assert!(held, "OpenSSL's code held");
                    Ok(())
                }
            };
            record(OPENSSL, "OpenSSL", slice(1, span, batch, &work));
        }
    }
    Ok(columns.medians())
}

/// Memory of live pairs, each library in a process of its own.
pub fn memory(sides: &Sides<'_>, budget: Budget) -> Vec<Row> {
    let pairs = budget.live_pairs / 5;
    let measured = [child::KERBEROS_PAIRS, child::MIT_PAIRS].map(|what| {
        let name = if what == child::MIT_PAIRS { MIT_NAME } else { &sides.ours.name };
        child::figures(name, &sides.ours.path, what, pairs, budget.rounds).unwrap_or_default()
    });
    let group = format!("Memory of a client and a server context, {} pairs alive", grouped(pairs as u64));
    let names = [
        ("krb-memory-new", "bytes per pair, after the handshake"),
        ("krb-memory", "bytes per pair, after a message each way"),
    ];
    let row = |(at, (id, name)): (usize, (&str, &str))| {
        let [ours, theirs] = &measured;
        let mut values = vec![None; COLUMNS];
        values[OURS] = ours.get(at).copied();
        values[MIT] = theirs.get(at).copied();
        Row::new(&group, id, name, Better::Less, values)
    };
    names.into_iter().enumerate().map(row).collect()
}
