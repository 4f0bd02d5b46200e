//! The values of `ffi-tests/vectors/enctypes.txt`.

#![forbid(unsafe_code)]

use super::hex;
use super::vectors::assert_published;
use crate::crypto::enctype::{Enctype, Key};

const VECTORS: &str = include_str!("../../../../ffi-tests/vectors/enctypes.txt");

#[test]
fn the_stored_values_are_ours() {
    let mut seen = 0;
    for line in VECTORS.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split(' ').collect();
        let [what, enctype, usage, key, input, output] = fields[..] else { panic!("{line}") };
        let bytes = |text| if text == "-" { Vec::new() } else { hex(text) };
        let enctype = Enctype::from_number(enctype.parse().unwrap()).unwrap();
        let key = Key::new(enctype, &hex(key)).unwrap();
        let usage = usage.parse().unwrap();
        match what {
            "decrypt" => assert_published(&key, usage, &bytes(input), output),
            "checksum" => assert_eq!(key.checksum(usage, &bytes(input)).unwrap(), bytes(output), "{line}"),
            "prf" => assert_eq!(**key.prf(&bytes(input)).unwrap(), bytes(output), "{line}"),
            _ => panic!("{line}"),
        }
        seen += 1;
    }
    assert_eq!(seen, 24);
}
