//! The kernels of Kerberos alone, beside OpenSSL: what encryption and integrity of a sealed message
//! take in enctype 18, without tokens, handles and C.

use crate::aes_sha1::AesSha1;
use crate::crypto::enctype::{Enctype, Key, OpeningKeys, SealingKeys};
use crate::measure::{Budget, slice};
use crate::part::Part;
use crate::parts::{Columns, MESSAGE_SIZES, Subjects};
use crate::report::{Better, Row};
use crate::session::Failure;

/// The confounder in front and the header's copy behind (RFC 4121 4.2.4).
const AROUND: usize = 32;

/// Sealing, and sealing and unsealing, by the first library and by OpenSSL.
pub fn kernels(subjects: &Subjects, budget: Budget) -> Vec<Row> {
    let openssl = AesSha1::open().map_err(|why| eprintln!("OpenSSL: {why}")).ok();
    let group = "Kerberos kernel, enctype 18 (OpenSSL: AES-256-CBC and HMAC-SHA1 in sequence)";
    let mut rows = Vec::new();
    for (what, name, opens) in [("seal", "seal", false), ("carry", "seal + unseal", true)] {
        for (size, label) in MESSAGE_SIZES {
            let rates = rates(subjects, openssl.as_ref(), budget, size, opens);
            let speeds = rates.into_iter().map(|rate| rate.map(|rate| rate * size as f64 / 1e6)).collect();
            let (id, name) = (format!("krb-{what}-{size}"), format!("{name}, {label}: MB/s"));
            rows.push(Row::new(group, &id, &name, Better::More, speeds));
        }
    }
    rows
}

fn rates(
    subjects: &Subjects,
    openssl: Option<&AesSha1>,
    budget: Budget,
    size: usize,
    opens: bool,
) -> Vec<Option<f64>> {
    let last = subjects.columns().saturating_sub(1);
    let mut columns = Columns::new(subjects.columns());
    let batch = (16 * 1024 / size as u32).max(1);
    let span = budget.slice / 3;
    for round in 0..=budget.rounds {
        let rate = slice(1, span, batch, &|| ours(size, opens)).map(|slice| slice.per_cpu_second);
        columns.record(0, round, "libsspi", rate);
        if let Some(openssl) = openssl {
            let work = || {
                let (mut channel, mut message) = (openssl.channel(), vec![7; size + AROUND]);
                move || {
                    let code = channel.seal(&mut message);
                    let held = !opens || channel.open(&mut message, code);
                    assert!(held, "OpenSSL's code held");
                    Ok(())
                }
            };
            let rate = slice(1, span, batch, &work).map(|slice| slice.per_cpu_second);
            columns.record(last, round, "OpenSSL", rate);
        }
    }
    columns.medians()
}

fn ours(size: usize, opens: bool) -> impl FnMut() -> Result<(), Failure> {
    let key = Key::new(Enctype::Aes256CtsHmacSha1, &[7; 32]).expect("a key of 32 bytes");
    let sealing = SealingKeys::new(&key, 24).expect("an AES key");
    let opening = OpeningKeys::new(&key, 24).expect("an AES key");
    let mut data = vec![7; size];
    let (mut confounder, mut header, mut checksum) = ([0; 16], [7; 16], [0; 12]);
    move || {
        let parts = &mut [Part::Sealed(&mut data)];
        let sealed = sealing.seal(&mut confounder, parts, &mut header, &mut checksum);
        assert!(sealed.is_ok(), "random bytes");
        if opens {
            let opened = opening.open(&mut confounder, parts, &mut header, &checksum);
            assert!(opened.is_ok(), "our code held");
        }
        Ok(())
    }
}
