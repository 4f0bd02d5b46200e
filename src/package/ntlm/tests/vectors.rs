//! MS-NLMP section 4.2, the rows of NTLMv2.

#![forbid(unsafe_code)]

use super::{hex, wide};
use crate::crypto::hmac_md5::HmacMd5Key;
use crate::package::ntlm::authenticate::Authenticate;
use crate::package::ntlm::av_pair::id;
use crate::package::ntlm::challenge::Challenge;
use crate::package::ntlm::decision::{self, Demand, Exchange, Policy, Response};
use crate::package::ntlm::flags::NegotiateFlags;
use crate::package::ntlm::keys::{self, Direction};
use crate::package::ntlm::messages;
use crate::package::{Flags, Qop, Receiver, Sender};
use crate::part::Part;
use crate::secret::Secret;
use crate::store::accounts::{Account, AccountKey, nt_hash};

const CHALLENGE: &str = "4e544c4d53535000 02000000 0c000c0038000000 33828ae2 0123456789abcdef
    0000000000000000 2400240044000000 060070170000000f 530065007200760065007200
    02000c0044006f006d00610069006e00 01000c00530065007200760065007200 00000000";
const AUTHENTICATE: &str = "4e544c4d53535000 03000000 180018006c000000 5400540084000000
    0c000c0048000000 0800080054000000 100010005c000000 10001000d8000000 358288e2
    0501280a0000000f 44006f006d00610069006e00 5500730065007200
    43004f004d0050005500540045005200 86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa
    68cd0ab851e51c96aabc927bebef6a1c 0101000000000000 0000000000000000 aaaaaaaaaaaaaaaa 00000000
    02000c0044006f006d00610069006e00 01000c00530065007200760065007200 00000000 00000000
    c5dad2544fc9799094ce1ce90bc9d03e";
const SERVER_CHALLENGE: [u8; 8] = [0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef];

fn response_key() -> HmacMd5Key {
    let hash = nt_hash(wide("Password").as_slice());
    HmacMd5Key::new(keys::ntowf_v2(hash.as_ref(), &wide("User"), &wide("Domain")).as_ref())
}

#[test]
fn ntowf_v1_and_v2() {
    let hash = nt_hash(wide("Password").as_slice());
    assert_eq!(hash.as_ref().to_vec(), hex("a4f49c406510bdcab6824ee7c30fd852"));
    let key = keys::ntowf_v2(hash.as_ref(), &wide("User"), &wide("Domain"));
    assert_eq!(key.as_ref().to_vec(), hex("0c868a403bfd7a93a3001ef22ef02e3f"));
    assert_eq!(*nt_hash(&[]).as_ref(), keys::EMPTY_PASSWORD);
}

#[test]
fn proof_session_base_key_and_key_exchange() {
    let message = hex(AUTHENTICATE);
    let client_challenge = &message[0x84 + 16..0xd8];
    let proof = keys::nt_proof(&response_key(), &SERVER_CHALLENGE, client_challenge);
    assert_eq!(proof.to_vec(), hex("68cd0ab851e51c96aabc927bebef6a1c"));
    let key = keys::key_exchange_key(&response_key(), &proof);
    assert_eq!(key.as_ref().to_vec(), hex("8de40ccadbc14a82f15cb0ad0de95ca3"));
    let encrypted = keys::exchange(&key, &[0x55; 16]);
    assert_eq!(encrypted.as_ref().to_vec(), hex("c5dad2544fc9799094ce1ce90bc9d03e"));
}

#[test]
fn signing_and_sealing_keys() {
    use Direction::{ClientToServer, ServerToClient};
    let key = Secret::new([0x55; 16]);
    let sign = |direction| keys::message_keys(&key, direction)[0].as_ref().to_vec();
    let seal = |direction| keys::message_keys(&key, direction)[1].as_ref().to_vec();
    assert_eq!(sign(ClientToServer), hex("4788dc861b4782f35d43fd98fe1a2d39"));
    assert_eq!(seal(ClientToServer), hex("59f600973cc4960a25480a7c196e4c58"));
    assert_eq!(sign(ServerToClient), hex("d04d6f10741041d1d246d64188d7a8ad"));
    assert_eq!(seal(ServerToClient), hex("9355f3a957c1583d25c4c2f11e40390e"));
}

#[test]
fn the_challenge_is_read() {
    let message = hex(CHALLENGE);
    let challenge = Challenge::parse(&message).unwrap();
    assert_eq!(challenge.flags, NegotiateFlags(0xe28a_8233));
    assert_eq!(challenge.server_challenge, SERVER_CHALLENGE);
    assert_eq!(challenge.target_name, wide("Server"));
    let domain: Vec<u8> = "Domain".bytes().flat_map(|byte| [byte, 0]).collect();
    assert_eq!(challenge.target_info.find(id::NB_DOMAIN_NAME), Some(&domain[..]));
    assert_eq!(challenge.target_info.iter().count(), 2);
}

#[test]
fn the_authenticate_is_read_and_admitted() {
    let (challenge, authenticate) = (hex(CHALLENGE), hex(AUTHENTICATE));
    let message = Authenticate::parse(&authenticate).unwrap();
    assert_eq!((&message.user, &message.domain), (&wide("User"), &wide("Domain")));
    assert_eq!(message.mic, None);
    let exchange = Exchange {
        negotiate: &[],
        challenge: &challenge,
        authenticate: &authenticate,
        offered: NegotiateFlags(0xe28a_8233),
        server_challenge: SERVER_CHALLENGE,
    };
    let demand = Demand { requirements: Flags::CONFIDENTIALITY | Flags::INTEGRITY, bindings: None };
    let response = decision::examine(&exchange, &message, demand).unwrap();
    assert!(matches!(response, Response::Ntlmv2(_)));
    let account = Account {
        user: wide("User"),
        domain: wide("Domain"),
        key: AccountKey::NtHash(nt_hash(wide("Password").as_slice())),
    };
    let policy = Policy::default();
    let admission =
        decision::decide(&exchange, &message, &response, Some(&account), &policy, demand).unwrap();
    assert_eq!(*admission.session_key.as_ref(), [0x55; 16]);
}

fn sealed_plaintext(flags: NegotiateFlags) -> (Vec<u8>, Vec<u8>) {
    let (mut sender, _) = messages::halves(&Secret::new([0x55; 16]), flags, Direction::ClientToServer);
    let mut data: Vec<u8> = "Plaintext".bytes().flat_map(|byte| [byte, 0]).collect();
    let mut token = vec![0; 16];
    sender.wrap(&mut [Part::Sealed(&mut data)], &mut token, &mut [], Qop::Encrypt).unwrap();
    (data, token)
}

#[test]
fn gss_wrap_ex() {
    let flags = NegotiateFlags(0xe288_8235);
    let (data, token) = sealed_plaintext(flags);
    assert_eq!(data, hex("54e50165bf1936dc996020c1811b0f06fb5f"));
    assert_eq!(token, hex("010000007fb38ec5c55d497600000000"));
    let (_, mut receiver) = messages::halves(&Secret::new([0x55; 16]), flags, Direction::ServerToClient);
    let mut data = data;
    assert_eq!(receiver.unwrap(&mut [Part::Sealed(&mut data)], &token, &[]).unwrap(), Qop::Encrypt);
    assert_eq!(data, "Plaintext".bytes().flat_map(|byte| [byte, 0]).collect::<Vec<u8>>());
}

#[test]
fn without_key_exchange_the_checksum_is_plain() {
    let (_, token) = sealed_plaintext(NegotiateFlags(0xe288_8235).without(NegotiateFlags::KEY_EXCH));
    assert_eq!(token, hex("0100000070352851f256430900000000"));
}
