//! Files and identities.

#![forbid(unsafe_code)]

use super::input::Input;
use super::world::{World, alice, wide};
use crate::secret::Secret;
use crate::store::account_file;
use crate::store::identity::{Identity, Password};
use crate::store::opaque::{self, Opaque, Scope};

/// The account file.
pub fn account_file(text: &[u8]) {
    let Ok(entries) = account_file::parse(text) else { return };
    assert!(entries.iter().all(|entry| !entry.user.is_empty()), "an account without a name");
}

pub fn account_files() -> Vec<Vec<u8>> {
    let hash = "31d6cfe0d16ae931b73c59d7e0c089c0";
    let crossed = "X".repeat(32);
    [
        "# accounts\nEXAMPLE:alice:secret\n:bob:with:colons\n".to_string(),
        format!("alice:EXAMPLE:{crossed}:{hash}:::\nbob:1001:{hash}:{hash}:[U          ]:LCT-5F000000:\n"),
        format!("carol:1002:{crossed}:{crossed}:[UD         ]:LCT-0:\n"),
        format!("dave:::{hash}\r\n\nerin:D::NO PASSWORDXXXXXXXXXXXXXXXXXXXXX:\n"),
        "\u{FEFF}DOM:\u{e4}\u{f6}:\u{1F511}\n".to_string(),
        "no account\n".to_string(),
    ]
    .map(String::into_bytes)
    .to_vec()
}

/// A packed identity: the first byte says what is done with it.
pub fn identity(data: &[u8]) {
    let mut input = Input(data);
    let work = input.byte();
    let mut block = input.0.to_vec();
    let _ = opaque::structure_length(&block);
    let Ok(read) = Opaque::from_bytes(&block) else {
        let _ = opaque::zero(&mut block);
        return;
    };
    if let Ok(identity) = read.identity(&World) {
        let again = Opaque::from_identity(&identity).and_then(|again| again.identity(&World));
        let again = again.expect("an identity that was read can be written and read");
        assert!(opaque::compare(&identity, &again).same_identity, "an identity changed on its way");
    }
    let _ = read.excluding(&wide("NTLM"), &World);
    if work & 1 != 0 {
        sealed(read.bytes(), if work & 2 != 0 { Scope::Process } else { Scope::Logon });
    }
    let _ = opaque::decrypt(&mut block, Scope::Process, &World);
    let _ = opaque::zero(&mut block);
}

/// Encrypting and decrypting gives the block again. One that says that it is encrypted stays as it is.
fn sealed(bytes: &[u8], scope: Scope) {
    if Opaque::from_bytes(bytes).is_ok_and(|block| block.is_encrypted()) {
        return;
    }
    let mut block = bytes.to_vec();
    if opaque::encrypt(&mut block, scope, &World).is_err() {
        return;
    }
    let whole = Opaque::from_bytes(&block);
    assert!(whole.is_ok_and(|whole| whole.is_encrypted()), "an encrypted block cannot be read");
    assert!(opaque::decrypt(&mut block, scope, &World).is_ok(), "an encrypted block cannot be decrypted");
}

pub fn identities() -> Vec<Vec<u8>> {
    let hash = Some(Password::NtHash(Secret::new([7; 16])));
    let listed = Identity { package_list: Some(wide("!ntlm,kerberos")), only: true, ..alice() };
    let hashed = Identity { password: hash, domain: None, ..alice() };
    let mut seeds = Vec::new();
    for identity in [alice(), listed, hashed, Identity::default()] {
        let block = Opaque::from_identity(&identity).expect("a plain identity");
        for work in 0..4 {
            seeds.push([&[work], block.bytes()].concat());
        }
    }
    seeds
}
