//! Tokens that MIT and Heimdal made (mit.txt, heimdal.txt).

#![forbid(unsafe_code)]

use super::*;

fn bytes(hex: &str) -> Vec<u8> {
    let digits = hex.trim_start_matches('-').as_bytes();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// One context of the file: who receives from the initiator and from the acceptor.
struct Peer {
    key: Key,
    grants: Flags,
    acceptor_subkey: bool,
    receivers: [Option<Box<dyn Receiver>>; 2],
}

impl Peer {
    fn new(line: &[&str]) -> Peer {
        let [_, _, _, enctype, _, key, _, dce, _, subkey] = line else { panic!("{line:?}") };
        let enctype = Enctype::from_number(enctype.parse().unwrap()).unwrap();
        // The numbers of enctype 23 are encrypted: what the first was is not known here.
        let order = Flags::when(enctype != Enctype::Rc4Hmac, Flags::SEQUENCE_DETECT);
        Peer {
            key: Key::new(enctype, &bytes(key)).unwrap(),
            grants: Flags::INTEGRITY | order | Flags::when(*dce == "1", Flags::DCE_STYLE),
            acceptor_subkey: *subkey == "1",
            receivers: [None, None],
        }
    }

    /// Who receives from `sender`, whose first token shows its first number.
    fn receiver(&mut self, sender: &str, token: &[u8]) -> &mut Box<dyn Receiver> {
        let from_acceptor = sender == "acceptor";
        let first = u64::from_be_bytes(token[8..16].try_into().unwrap());
        let (_, receiver) = halves(Parameters {
            role: if from_acceptor { Role::Initiator } else { Role::Acceptor },
            key: &self.key,
            acceptor_subkey: self.acceptor_subkey,
            send_number: 0,
            receive_number: first,
            grants: self.grants,
        });
        self.receivers[usize::from(from_acceptor)].get_or_insert(receiver)
    }
}

#[test]
fn tokens_of_mit_open() {
    assert_eq!(open_all(include_str!("mit.txt")), 161);
}

#[test]
fn tokens_of_heimdal_open() {
    assert_eq!(open_all(include_str!("heimdal.txt")), 150);
}

/// Opens every token of a file, in order; answers how many there are.
fn open_all(file: &str) -> usize {
    let (mut peer, mut opened) = (None::<Peer>, 0);
    for line in file.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split(' ').collect();
        if fields[0] == "context" {
            peer = Some(Peer::new(&fields));
            continue;
        }
        let peer = peer.as_mut().unwrap();
        if fields[0] == "jump" {
            peer.receivers[0] = None;
            continue;
        }
        let qop = if fields[2] == "sealed" { Qop::Encrypt } else { Qop::NoEncrypt };
        let plain = text(fields[3].parse().unwrap());
        let token = bytes(fields[4]);
        let receiver = peer.receiver(fields[1], &token);
        match fields[0] {
            "stream" => {
                let plain_and_qop = open_stream(receiver, &mut token.clone()).expect(line);
                assert_eq!(plain_and_qop, (plain, qop), "{line}");
            }
            "parts" => {
                let (mut data, padding) = (bytes(fields[5]), bytes(fields[6]));
                let signed = text(fields[7].parse().unwrap());
                let parts = &mut [Part::SignedOnly(&signed), Part::Sealed(&mut data)];
                assert_eq!(receiver.unwrap(parts, &token, &padding).expect(line), qop, "{line}");
                assert_eq!(data, plain, "{line}");
            }
            _ => receiver.verify(&[Part::SignedOnly(&plain)], &token).expect(line),
        }
        opened += 1;
    }
    opened
}
