#![forbid(unsafe_code)]

use super::{Folder, damage, unhex};
use crate::store::krb5::keytab::{Entry, Keytab, KeytabFile};
use crate::store::krb5::principal::Principal;

fn mit() -> Vec<u8> {
    unhex(include_str!("mit.keytab.hex"))
}

fn principal(text: &str) -> Principal {
    Principal::parse(text, "EXAMPLE.TEST").unwrap()
}

fn shown(keytab: &Keytab) -> Vec<(String, u32, i32, usize)> {
    let entry =
        |entry: &Entry| (entry.principal.to_string(), entry.kvno, entry.enctype, entry.key.as_ref().len());
    keytab.entries.iter().map(entry).collect()
}

#[test]
fn ktutils_keytab_is_read() {
    let keytab = Keytab::parse(&mit()).unwrap();
    let expected = [
        ("alice/admin@EXAMPLE.TEST".to_string(), 3, 18, 32),
        ("alice/admin@EXAMPLE.TEST".to_string(), 4, 23, 16),
        ("HTTP/localhost@EXAMPLE.TEST".to_string(), 300, 19, 16),
        ("bob@EXAMPLE.TEST".to_string(), 1, 25, 16),
    ];
    assert_eq!(shown(&keytab), expected);
    // The NT hash of "pw".
    let found = keytab.find(&principal("alice/admin"), None, 23).unwrap();
    assert_eq!(found.key.as_ref()[..], unhex("8cc19b6a8cfeac299c2871c86b38de28")[..]);
    assert_eq!((found.timestamp, found.kvno_is_short), (0x6B09_9152, false));
    // Camellia is listed, and found by whoever asks for it.
    assert_eq!(keytab.enctypes(&principal("bob")), [25]);
    assert_eq!(keytab.enctypes(&principal("alice/admin")), [23]);
    assert_eq!(keytab.principals().len(), 3);
}

#[test]
fn a_hole_is_passed_over() {
    let keytab = Keytab::parse(&unhex(include_str!("mit-hole.keytab.hex"))).unwrap();
    let kept: Vec<i32> = keytab.entries.iter().map(|entry| entry.enctype).collect();
    assert_eq!(kept, [18, 23, 25]);
}

#[test]
fn a_key_is_found_by_its_kvno() {
    let keytab = Keytab::parse(&mit()).unwrap();
    let kvno = |kvno| keytab.find(&principal("HTTP/localhost"), kvno, 19).map(|entry| entry.kvno);
    assert_eq!(
        (kvno(None), kvno(Some(300)), kvno(Some(300 - 256)), kvno(Some(4))),
        (Some(300), Some(300), None, None)
    );
    assert!(keytab.find(&principal("HTTP/localhost"), None, 18).is_none());
    assert!(keytab.find(&principal("http/localhost"), None, 19).is_none());
    assert_eq!(keytab.keys(Some(4), 23).count(), 1);
    assert_eq!(keytab.keys(None, 17).count(), 0);
}

/// One record of version 2, or of version 1 in either order.
fn record(version: u8, little: bool, kvno: u8, timestamp: u32, key: &[u8], tail: &[u8]) -> Vec<u8> {
    let number = |bytes: &[u8]| {
        let mut bytes = bytes.to_vec();
        if little {
            bytes.reverse();
        }
        bytes
    };
    let short = |value: u16| number(&value.to_be_bytes());
    let counted = |bytes: &[u8]| [short(bytes.len() as u16), bytes.to_vec()].concat();
    let mut out = short(if version == 1 { 3 } else { 2 });
    for part in ["R", "a", "b"] {
        out.extend(counted(part.as_bytes()));
    }
    if version == 2 {
        out.extend(1u32.to_be_bytes());
    }
    out.extend(number(&timestamp.to_be_bytes()));
    out.push(kvno);
    out.extend(short(17));
    out.extend(counted(key));
    out.extend(number(tail));
    [number(&(out.len() as u32).to_be_bytes()), out].concat()
}

#[test]
fn version_one_is_read_in_both_orders() {
    for little in [false, true] {
        let hole = if little { [0xF8, 0xFF, 0xFF, 0xFF] } else { [0xFF, 0xFF, 0xFF, 0xF8] };
        let bytes = [&[5, 1], &hole[..], &[7; 8], &record(1, little, 9, 77, &[1; 16], &[]), &[0; 4]].concat();
        let keytab = Keytab::parse(&bytes).unwrap();
        assert_eq!(shown(&keytab), [("a/b@R".to_string(), 9, 17, 16)]);
        assert_eq!(keytab.entries[0].timestamp, 77);
        damage(&bytes, |bytes| drop(Keytab::parse(bytes)));
    }
}

#[test]
fn eight_bits_of_a_kvno_count_only_where_there_are_no_more() {
    let name = Principal::parse("a/b@R", "").unwrap();
    let file = |records: &[Vec<u8>]| Keytab::parse(&[&[5, 2], &records.concat()[..]].concat()).unwrap();
    let short = file(&[record(2, false, 44, 0, &[1; 16], &[])]);
    assert!(short.find(&name, Some(300), 17).is_some());
    assert!(short.find(&name, Some(301), 17).is_none());
    // A zero says nothing.
    let zero = file(&[record(2, false, 44, 0, &[1; 16], &[0; 4])]);
    assert!(zero.find(&name, Some(300), 17).is_some());
    let long = file(&[record(2, false, 44, 0, &[1; 16], &44u32.to_be_bytes())]);
    assert!(long.find(&name, Some(300), 17).is_none());
    // An exact one is better, wherever it stands.
    for (first, second) in [(false, true), (true, false)] {
        let of = |exact| match exact {
            true => record(2, false, 44, 0, &[2; 16], &300u32.to_be_bytes()),
            false => record(2, false, 44, 0, &[1; 16], &[]),
        };
        let both = file(&[of(first), of(second)]);
        assert_eq!(both.find(&name, Some(300), 17).unwrap().key.as_ref()[..], [2; 16]);
    }
    // The newest: kvnos of eight bits start over, which the time tells.
    for (older, newer, expected) in [((250, 10), (3, 20), 3), ((3, 10), (250, 20), 250), ((3, 10), (4, 5), 4)]
    {
        let of = |(kvno, time)| record(2, false, kvno, time, &[1; 16], &[]);
        for records in [[of(older), of(newer)], [of(newer), of(older)]] {
            assert_eq!(file(&records).find(&name, None, 17).unwrap().kvno, expected);
        }
    }
}

#[test]
fn a_keytab_cut_off_is_refused_but_between_records() {
    let bytes = mit();
    let mut ends = vec![2];
    while let Some(size) = bytes.get(ends[ends.len() - 1]..).and_then(|rest| rest.first_chunk::<4>()) {
        ends.push(ends[ends.len() - 1] + 4 + u32::from_be_bytes(*size) as usize);
    }
    for end in 0..bytes.len() {
        assert_eq!(Keytab::parse(&bytes[..end]).is_ok(), ends.contains(&end), "{end}");
    }
    damage(&bytes, |bytes| drop(Keytab::parse(bytes)));
}

#[test]
fn a_keytab_is_read_again_when_it_changed() {
    let folder = Folder::new("keytab");
    let path = folder.write("a.keytab", mit());
    let count = |file: &KeytabFile| file.look(|keytab| keytab.entries.len());
    for name in
        [format!("FILE:{}", path.display()), format!("WRFILE:{}", path.display()), path.display().to_string()]
    {
        let file = KeytabFile::resolve(&name).unwrap();
        std::fs::write(&path, mit()).unwrap();
        assert_eq!(count(&file).unwrap(), 4);
        std::fs::write(&path, &mit()[..2]).unwrap();
        assert_eq!(count(&file).unwrap(), 0);
        std::fs::write(&path, &mit()[..9]).unwrap();
        assert!(count(&file).unwrap_err().reason.contains("cut off"));
    }
    for name in ["MEMORY:x", "SRVTAB:/x", "FILE:", ""] {
        assert!(KeytabFile::resolve(name).is_err(), "{name}");
    }
    let missing = KeytabFile::resolve("/nowhere/krb5.keytab").unwrap();
    assert!(count(&missing).unwrap_err().reason.contains("/nowhere/krb5.keytab"));
}
