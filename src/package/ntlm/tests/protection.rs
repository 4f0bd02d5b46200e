//! Signing and sealing: order, failure, the SPNEGO seam, export.

#![forbid(unsafe_code)]

use super::*;
use crate::package::Qop;
use crate::package::Sender;
use crate::package::ntlm::INFO;
use crate::part::Part;

fn pair() -> Pair {
    run(&*client("", "bob", "geheim"), &*server(), everything(&mut untouched)).unwrap()
}

fn sealed(from: &mut Established, text: &[u8], qop: Qop) -> (Vec<u8>, [u8; 16]) {
    let (mut data, mut token) = (text.to_vec(), [0; 16]);
    from.sender.wrap(&mut [Part::Sealed(&mut data)], &mut token, &mut [], qop).unwrap();
    (data, token)
}

fn open(to: &mut Established, data: &mut [u8], token: &[u8]) -> Result<Qop> {
    to.receiver.unwrap(&mut [Part::Sealed(data)], token, &[])
}

#[test]
fn what_is_not_to_be_encrypted_is_framed_and_signed() {
    let Pair { mut client, mut server } = pair();
    for round in 0u8..4 {
        let text = [round; 40];
        let (mut data, token) = sealed(&mut client, &text, Qop::NoEncrypt);
        assert_eq!(data, text);
        assert_eq!(open(&mut server, &mut data, &token).unwrap(), Qop::NoEncrypt);
        assert_eq!(data, text);
        let (mut data, token) = sealed(&mut client, &text, Qop::Encrypt);
        assert_ne!(data, text);
        assert_eq!(open(&mut server, &mut data, &token).unwrap(), Qop::Encrypt);
        assert_eq!(data, text);
    }
}

#[test]
fn parts_are_one_message_and_signed_parts_stay() {
    let Pair { mut client, mut server } = pair();
    let (head, tail) = ([1u8; 24], [3u8; 8]);
    let (mut one, mut two, mut token) = ([2u8; 32], [4u8; 5], [0; 16]);
    let parts = &mut [
        Part::SignedOnly(&head),
        Part::Sealed(&mut one),
        Part::SignedOnly(&tail),
        Part::Sealed(&mut two),
    ];
    client.sender.wrap(parts, &mut token, &mut [], Qop::Encrypt).unwrap();
    server.receiver.unwrap(parts, &token, &[]).unwrap();
    assert_eq!((one, two), ([2; 32], [4; 5]));
    // A signed part that was changed: the sealed ones are zeroed, the signed one is not ours to touch.
    let parts = &mut [Part::SignedOnly(&head), Part::Sealed(&mut one)];
    client.sender.wrap(parts, &mut token, &mut [], Qop::Encrypt).unwrap();
    let changed = [9u8; 24];
    let parts = &mut [Part::SignedOnly(&changed), Part::Sealed(&mut one)];
    assert_eq!(server.receiver.unwrap(parts, &token, &[]).unwrap_err().code, Code::MessageAltered);
    assert_eq!(one, [0; 32]);
}

#[test]
fn a_changed_message_is_zeroed_and_the_true_one_still_opens() {
    let Pair { mut client, mut server } = pair();
    let text = [7u8; 33];
    let (data, token) = sealed(&mut client, &text, Qop::Encrypt);
    for bit in 0..8 * (data.len() + token.len()) {
        let (mut wrong, mut wrong_token) = (data.clone(), token);
        match wrong.get_mut(bit / 8) {
            Some(byte) => *byte ^= 1 << (bit % 8),
            None => wrong_token[bit / 8 - data.len()] ^= 1 << (bit % 8),
        }
        assert_eq!(open(&mut server, &mut wrong, &wrong_token).unwrap_err().code, Code::MessageAltered);
        assert_eq!(wrong, [0; 33]);
    }
    let mut data = data;
    open(&mut server, &mut data, &token).unwrap();
    assert_eq!(data, text);
}

#[test]
fn replayed_reordered_and_reflected_messages_are_altered() {
    let Pair { mut client, mut server } = pair();
    let (first, first_token) = sealed(&mut client, b"first message", Qop::Encrypt);
    let (mut second, second_token) = sealed(&mut client, b"second message", Qop::Encrypt);
    let refused = |result: Result<Qop>| assert_eq!(result.unwrap_err().code, Code::MessageAltered);
    refused(open(&mut server, &mut second.clone(), &second_token));
    refused(open(&mut client, &mut first.clone(), &first_token));
    open(&mut server, &mut first.clone(), &first_token).unwrap();
    refused(open(&mut server, &mut first.clone(), &first_token));
    open(&mut server, &mut second, &second_token).unwrap();
    assert_eq!(second, b"second message");
}

/// A11: signature buffers of every short length.
#[test]
fn short_tokens_are_refused_and_nothing_moves() {
    let Pair { mut client, mut server } = pair();
    for length in 0..16 {
        let (mut data, mut token) = ([5u8; 20], vec![0; length]);
        for qop in [Qop::Encrypt, Qop::NoEncrypt] {
            let result = client.sender.wrap(&mut [Part::Sealed(&mut data)], &mut token, &mut [], qop);
            assert_eq!(result.unwrap_err().code, Code::BufferTooSmall);
        }
        let parts = [Part::SignedOnly(&[5u8; 20][..])];
        assert_eq!(client.sender.mic(&parts, &mut token).unwrap_err().code, Code::BufferTooSmall);
        assert_eq!(open(&mut server, &mut data, &token).unwrap_err().code, Code::InvalidToken);
        assert_eq!(server.receiver.verify(&parts, &token).unwrap_err().code, Code::InvalidToken);
        assert_eq!(data, [5; 20]);
        let mut stream = vec![5; length];
        assert_eq!(server.receiver.unwrap_stream(&mut stream).unwrap_err().code, Code::IncompleteMessage);
        assert_eq!(
            server.receiver.list_verify(&b"list"[..].into(), &token).unwrap_err().code,
            Code::MessageAltered
        );
    }
    let (mut data, token) = sealed(&mut client, b"still in step", Qop::Encrypt);
    open(&mut server, &mut data, &token).unwrap();
}

#[test]
fn a_stream_opens_in_place() {
    let Pair { mut client, mut server } = pair();
    let (data, token) = sealed(&mut client, b"plain", Qop::Encrypt);
    let mut stream = [&token[..], &data].concat();
    let (range, qop) = server.receiver.unwrap_stream(&mut stream).unwrap();
    assert_eq!((&stream[range], qop), (&b"plain"[..], Qop::Encrypt));
    let (_, token) = sealed(&mut client, b"", Qop::Encrypt);
    assert_eq!(server.receiver.unwrap_stream(&mut token.clone()).unwrap().0, 16..16);
}

/// After the mechListMIC the key stream begins anew, the sequence number does not.
#[test]
fn the_list_mic_restarts_the_key_stream_and_keeps_the_count() {
    let Pair { mut client, mut server } = pair();
    let mic = client.sender.list_mic(&b"mechanisms"[..].into()).unwrap();
    assert_eq!((mic.len(), &mic[12..]), (16, &[0; 4][..]));
    let mut wrong = mic.clone();
    wrong[5] ^= 1;
    assert_eq!(
        server.receiver.list_verify(&b"mechanisms"[..].into(), &wrong).unwrap_err().code,
        Code::MessageAltered
    );
    server.receiver.list_verify(&b"mechanisms"[..].into(), &mic).unwrap();
    let (mut data, token) = sealed(&mut client, &[0; 16], Qop::Encrypt);
    assert_eq!(token[12..], [1, 0, 0, 0]);
    let [_, sealing] = crate::package::ntlm::keys::message_keys(
        &Secret::new(client.facts.session_key.as_ref()[..].try_into().unwrap()),
        crate::package::ntlm::keys::Direction::ClientToServer,
    );
    let mut from_the_start = [0; 16];
    crate::crypto::rc4::Rc4::new(sealing.as_ref()).apply(&mut from_the_start);
    assert_eq!(data, from_the_start);
    open(&mut server, &mut data, &token).unwrap();
}

#[test]
fn an_exported_context_goes_on_elsewhere_and_is_closed_here() {
    for messages in [0, 3] {
        let Pair { mut client, mut server } = pair();
        for _ in 0..messages {
            let (mut data, token) = sealed(&mut client, b"before", Qop::Encrypt);
            open(&mut server, &mut data, &token).unwrap();
            let (mut data, token) = sealed(&mut server, b"back", Qop::Encrypt);
            open(&mut client, &mut data, &token).unwrap();
        }
        let (sender, receiver) = (server.sender.export().unwrap(), server.receiver.export().unwrap());
        let refused = server.sender.mic(&[], &mut [0; 16]).unwrap_err().code;
        assert_eq!(refused, Code::InvalidHandle);
        assert!(server.receiver.export().is_err());
        let mut elsewhere = Ntlm.import(server.facts, sender.as_ref(), receiver.as_ref()).unwrap();
        assert_eq!(elsewhere.facts.key_info.encrypt_algorithm_name, "RSADSI RC4");
        let (mut data, token) = sealed(&mut client, b"after", Qop::Encrypt);
        open(&mut elsewhere, &mut data, &token).unwrap();
        assert_eq!(data, b"after");
        let (mut data, token) = sealed(&mut elsewhere, b"and back", Qop::Encrypt);
        open(&mut client, &mut data, &token).unwrap();
        assert_eq!(data, b"and back");
    }
}

#[test]
fn what_no_half_exported_is_no_half() {
    let Pair { mut client, .. } = pair();
    sealed(&mut client, b"some", Qop::Encrypt);
    let blob = client.sender.export().unwrap();
    let blob = blob.as_ref();
    for length in (0..blob.len()).filter(|length| *length != 23) {
        assert!(crate::package::ntlm::messages::Half::read(&blob[..length]).is_none());
    }
    let mut twice = blob.clone();
    twice[30] = twice[31];
    assert!(crate::package::ntlm::messages::Half::read(&twice).is_none());
    assert_eq!(INFO.max_token, 2888);
}

#[test]
fn the_last_sequence_number_ends_a_direction() {
    let Pair { mut client, .. } = pair();
    let mut blob = client.sender.export().unwrap().as_ref().clone();
    blob[3..7].copy_from_slice(&(u32::MAX - 1).to_le_bytes());
    let mut half = crate::package::ntlm::messages::Half::read(&blob).unwrap();
    half.mic(&[], &mut [0; 16]).unwrap();
    for _ in 0..2 {
        assert_eq!(half.mic(&[], &mut [0; 16]).unwrap_err().code, Code::ContextExpired);
    }
}

#[test]
fn a_half_is_small_until_it_is_used() {
    assert!(size_of::<crate::package::ntlm::messages::Half>() <= 48);
}
