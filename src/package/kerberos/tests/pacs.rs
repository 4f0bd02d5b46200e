//! PACs made by hand: the account in them, their signature, and damage (row C4).

#![forbid(unsafe_code)]

use super::*;
use crate::error::{Code, Result};
use crate::package::facts::DomainAccount;
use crate::package::kerberos::pac;
use crate::package::kerberos::wire::base::AD_WIN2K_PAC;

const AUTHTIME: i64 = NOW - 100;

/// NDR in the making.
#[derive(Default)]
struct Ndr(Vec<u8>);

impl Ndr {
    fn word(&mut self, word: u32) -> &mut Self {
        self.0.extend(word.to_le_bytes());
        self
    }
    fn header(&mut self, text: &str) -> &mut Self {
        let bytes = u16::try_from(text.encode_utf16().count() * 2).unwrap();
        self.0.extend(bytes.to_le_bytes());
        self.0.extend(bytes.to_le_bytes());
        self.word(if text.is_empty() { 0 } else { 0x20004 })
    }
    fn text(&mut self, text: &str) {
        let units: Vec<u16> = text.encode_utf16().collect();
        if units.is_empty() {
            return;
        }
        let count = u32::try_from(units.len()).unwrap();
        self.word(count).word(0).word(count);
        units.iter().for_each(|unit| self.0.extend(unit.to_le_bytes()));
        self.0.resize(self.0.len().next_multiple_of(4), 0);
    }
    fn sid(&mut self, parts: &[u32]) {
        self.word(u32::try_from(parts.len()).unwrap());
        self.0.extend([1, u8::try_from(parts.len()).unwrap(), 0, 0, 0, 0, 0, 5]);
        parts.iter().for_each(|part| _ = self.word(*part));
    }
}

fn logon_info() -> Vec<u8> {
    logon_info_of(1105)
}

fn logon_info_of(user_id: u32) -> Vec<u8> {
    let strings = ["alice", "Alice Example", "", "", "", ""];
    let mut ndr = Ndr::default();
    ndr.0.extend([1, 0x10, 8, 0, 0xCC, 0xCC, 0xCC, 0xCC]);
    ndr.word(0).word(0).word(0x20000);
    ndr.0.extend([0x11; 48]);
    strings.iter().for_each(|text| _ = ndr.header(text));
    ndr.word(0).word(user_id).word(513).word(2).word(0x20008).word(0x20);
    ndr.0.extend([0; 16]);
    ndr.header("DC1").header("EXAMPLE").word(0x2000C);
    ndr.0.extend([0; 40]);
    ndr.word(1).word(0x20010).word(0x20014).word(1).word(0x20018);
    strings.iter().for_each(|text| ndr.text(text));
    ndr.word(2).word(513).word(7).word(1200).word(7);
    ndr.text("DC1");
    ndr.text("EXAMPLE");
    ndr.sid(&[21, 1, 2, 3]);
    ndr.word(1).word(0x2001C).word(7);
    ndr.sid(&[18, 1]);
    ndr.sid(&[21, 9, 9, 9]);
    ndr.word(1).word(4000).word(7);
    ndr.0
}

fn client_info(name: &str, authtime: i64) -> Vec<u8> {
    let filetime = u64::try_from((authtime + 11_644_473_600) * 10_000_000).unwrap();
    let mut info = filetime.to_le_bytes().to_vec();
    info.extend(u16::try_from(name.len() * 2).unwrap().to_le_bytes());
    name.encode_utf16().for_each(|unit| info.extend(unit.to_le_bytes()));
    info
}

fn pac_of(mut buffers: Vec<(u32, Vec<u8>)>, key: &Key, signed: bool) -> Vec<u8> {
    let signature = |kind: i32, size: usize| [&kind.to_le_bytes()[..], &vec![0; size]].concat();
    let size = key.enctype().checksum_size();
    if signed {
        buffers.push((6, signature(key.enctype().checksum_type(), size)));
        buffers.push((7, signature(16, 12)));
    }
    let mut head = Ndr::default();
    head.word(u32::try_from(buffers.len()).unwrap()).word(0);
    let (mut body, mut place) = (Vec::new(), None);
    let start = 8 + 16 * buffers.len();
    for (kind, bytes) in &buffers {
        if *kind == 6 {
            place = Some(start + body.len() + 4);
        }
        head.word(*kind).word(u32::try_from(bytes.len()).unwrap());
        head.0.extend(u64::try_from(start + body.len()).unwrap().to_le_bytes());
        body.extend(bytes);
        body.resize(body.len().next_multiple_of(8), 0);
    }
    let mut pac = [head.0, body].concat();
    if let Some(place) = place {
        let checksum = key.checksum(17, &pac).unwrap();
        pac[place..place + size].copy_from_slice(&checksum);
    }
    pac
}

fn whole(key: &Key) -> Vec<u8> {
    pac_of(vec![(1, logon_info()), (10, client_info("alice", AUTHTIME))], key, true)
}

fn read(bytes: &[u8], key: &Key) -> Result<Option<DomainAccount>> {
    pac::account(bytes, &pac::Ticket { key, client: "alice", authtime: AUTHTIME })
}

#[test]
fn the_account_and_its_groups_are_read() {
    for enctype in [17, 18, 19, 20, 23] {
        let key = key(Enctype::from_number(enctype).unwrap(), 0x11);
        let account = read(&whole(&key), &key).unwrap().unwrap();
        assert_eq!(
            (account.user.to_string_lossy(), account.domain.to_string_lossy()),
            ("alice".into(), "EXAMPLE".into())
        );
        let expected = [
            "S-1-5-21-1-2-3-1105",
            "S-1-5-21-1-2-3-513",
            "S-1-5-21-1-2-3-1200",
            "S-1-5-18-1",
            "S-1-5-21-9-9-9-4000",
        ];
        assert_eq!(account.sids, expected);
    }
}

#[test]
fn the_clients_own_sid_is_the_first() {
    let key = key(Enctype::Aes256CtsHmacSha1, 0x11);
    let pac = pac_of(vec![(1, logon_info_of(0)), (10, client_info("alice", AUTHTIME))], &key, true);
    let account = read(&pac, &key).unwrap().unwrap();
    assert_eq!(account.sids.first().map(String::as_str), Some("S-1-5-18-1"));
    assert!(!account.sids.iter().any(|sid| sid.ends_with("-0")));
}

#[test]
fn the_acceptor_names_the_client_as_its_domain_does() {
    let mut making = Making::new(Enctype::Aes256CtsHmacSha1);
    let data = AuthData { ad_type: AD_WIN2K_PAC, ad_data: whole(&making.service_key) };
    making = making.with_data(vec![AuthData::if_relevant(std::slice::from_ref(&data))]);
    let admission = making.decide(Demand::default()).unwrap();
    assert_eq!(admission.account.unwrap().domain.to_string_lossy(), "EXAMPLE");
    // Another realm's PAC says nothing here, whoever signed it again.
    let mut foreign = making.clone();
    let mallory = Principal::new(1, &["alice"], "EVIL.TEST");
    (foreign.ticket.client, foreign.authenticator.client) = (mallory.clone(), mallory);
    assert!(foreign.decide(Demand::default()).unwrap().account.is_none());
    let twice = making.with_data(vec![AuthData::if_relevant(&[data.clone(), data])]);
    assert_eq!(twice.decide(Demand::default()).err().unwrap().error.code, Code::LogonDenied);
}

#[test]
fn what_cannot_be_verified_tells_nothing() {
    let key = key(Enctype::Aes256CtsHmacSha1, 0x11);
    let buffers = |name: &str, time| vec![(1, logon_info()), (10, client_info(name, time))];
    assert_eq!(read(&pac_of(buffers("alice", AUTHTIME), &key, false), &key).unwrap(), None);
    assert_eq!(read(&pac_of(buffers("bob", AUTHTIME), &key, true), &key).unwrap(), None);
    assert_eq!(read(&pac_of(buffers("alice", AUTHTIME + 1), &key, true), &key).unwrap(), None);
    assert_eq!(read(&pac_of(vec![(1, logon_info())], &key, true), &key).unwrap(), None);
    // A signature of another kind than the key's.
    let other = super::key(Enctype::Aes128CtsHmacSha1, 0x11);
    assert_eq!(read(&pac_of(buffers("alice", AUTHTIME), &other, true), &key).unwrap(), None);
    // A PAC without a logon, as MIT's KDC makes them.
    assert_eq!(read(&pac_of(vec![(10, client_info("alice", AUTHTIME))], &key, true), &key).unwrap(), None);
}

#[test]
fn no_bit_of_a_signed_pac_can_be_changed() {
    let key = key(Enctype::Aes256CtsHmacSha1, 0x11);
    let honest = whole(&key);
    let account = read(&honest, &key).unwrap();
    for byte in 0..honest.len() {
        for bit in 0..8 {
            let mut changed = honest.clone();
            changed[byte] ^= 1 << bit;
            match read(&changed, &key) {
                Err(error) => assert_eq!(error.code, Code::LogonDenied),
                Ok(None) => {}
                // The KDC's own signature is zero under the service's.
                Ok(found) => assert!(found == account && honest[byte] != changed[byte]),
            }
        }
    }
}

#[test]
fn a_pac_cut_off_anywhere_does_no_harm() {
    let key = key(Enctype::Aes256CtsHmacSha1, 0x11);
    let (honest, info) = (whole(&key), logon_info());
    for end in 0..honest.len() {
        assert!(!matches!(read(&honest[..end], &key), Ok(Some(_))), "{end}");
    }
    for end in 0..info.len() {
        let pac = pac_of(vec![(1, info[..end].to_vec()), (10, client_info("alice", AUTHTIME))], &key, true);
        assert_eq!(read(&pac, &key).unwrap(), None, "{end}");
    }
    // Counts and offsets that leave the buffer (CVE-2022-42898).
    for (place, word) in [(0, u32::MAX), (0, 65), (4, 1), (12, u32::MAX), (16, u32::MAX), (20, u32::MAX)] {
        let mut changed = honest.clone();
        changed[place..place + 4].copy_from_slice(&word.to_le_bytes());
        assert!(!matches!(read(&changed, &key), Ok(Some(_))), "{place}");
    }
}
