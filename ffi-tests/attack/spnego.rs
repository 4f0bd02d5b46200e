//! SPNEGO under attack: the rows B1 to B7; B8 is in `der_attacks.rs`.

use super::der::*;
use super::wire::{Client, Mic, NTLM, USUAL, list_mic, negotiate};
use super::*;

/// The exported session key that the hand-made client always chooses.
const EXPORTED: [u8; 16] = [0x55; 16];

/// An acceptor that negotiates.
pub struct Acceptor {
    credential: Credential,
    pub context: Context,
}

impl Acceptor {
    pub fn new() -> Self {
        use_accounts(ACCOUNTS);
        Self { credential: Credential::negotiating(), context: Context::new() }
    }

    pub fn hears(&mut self, token: &[u8]) -> Answer {
        self.context.accept(&self.credential, 0, token, None)
    }
}

/// A client of the library that negotiates.
pub struct Initiator {
    credential: Credential,
    pub context: Context,
}

impl Initiator {
    /// The client, and its first token.
    pub fn new() -> (Self, Vec<u8>) {
        use_accounts(ACCOUNTS);
        let credential = Credential::negotiating_as("DOMAIN", "user", "SecREt01");
        let mut client = Self { credential, context: Context::new() };
        let first = client.hears(None);
        assert_eq!(first.status, CONTINUE_NEEDED);
        (client, first.token)
    }

    pub fn hears(&mut self, token: Option<&[u8]>) -> Answer {
        self.context.initiate(&self.credential, PROTECTED, "HTTP/server", token)
    }
}

/// What the third token's mechListMIC is over.
pub enum ListMic {
    Over(Vec<u8>),
    Bytes(Vec<u8>),
    Absent,
}

/// The third token of a client that believes in this NEGOTIATE and heard this answer.
pub fn third(client: &Client, first: &[u8], answer: &[u8], mic: &ListMic) -> Option<Vec<u8>> {
    let challenge = read_response(answer)?.token?;
    let authenticate = client.authenticate(first, &challenge);
    let mic = match mic {
        ListMic::Over(list) => Some(list_mic(&EXPORTED, list).to_vec()),
        ListMic::Bytes(bytes) => Some(bytes.clone()),
        ListMic::Absent => None,
    };
    Some(response(None, None, Some(&authenticate), mic.as_deref()))
}

/// A whole logon: these mechanisms on the wire, that MIC, and the status in the end.
fn log_on(client: &Client, on_the_wire: &[&[u8]], mic: &ListMic) -> u32 {
    let first = negotiate(USUAL | NTLM);
    let mut server = Acceptor::new();
    let mut answer = server.hears(&init(on_the_wire, Some(&first)));
    if answer.status != CONTINUE_NEEDED {
        return answer.status;
    }
    if on_the_wire.first() != Some(&NTLM_OID) {
        answer = server.hears(&response(None, None, Some(&first), None));
    }
    match third(client, &first, &answer.token, mic) {
        Some(token) => server.hears(&token).status,
        None => answer.status,
    }
}

fn refused_or_unfinished(status: u32) -> bool {
    is_refused(status) || status == NO_CREDENTIALS || status == OUT_OF_SEQUENCE
}

#[test]
fn the_hand_made_negotiator_is_let_in() {
    for mechs in
        [&[NTLM_OID][..], &[KERBEROS, NTLM_OID], &[MS_KERBEROS, KERBEROS, NTLM_OID], &[NTLM_OID, NEGOEX]]
    {
        assert_eq!(log_on(&client(), mechs, &ListMic::Over(mech_list(mechs))), OK, "{mechs:?}");
    }
}

#[test]
fn b1_negoex_is_neither_offered_nor_read() {
    let (_, first) = Initiator::new();
    assert!(!first.windows(NEGOEX.len()).any(|window| window == NEGOEX));
    let mut negoex = b"NEGOEXTS".to_vec();
    negoex.extend([0xFF; 200]);
    let mut noise = Noise(1);
    for round in 0..200 {
        for length in [0, 8, 16, 40, 96, 208] {
            let mut bytes = negoex[..length].to_vec();
            bytes
                .iter_mut()
                .skip(8)
                .for_each(|byte| *byte = if round == 0 { 0xFF } else { noise.next() as u8 });
            let mut server = Acceptor::new();
            let answer = server.hears(&init(&[NEGOEX, NTLM_OID], Some(&bytes)));
            assert_eq!(answer.status, CONTINUE_NEEDED);
            let chosen = read_response(&answer.token).unwrap();
            assert_eq!(chosen.mech.as_deref(), Some(NTLM_OID));
            assert_eq!((chosen.state, chosen.token), (Some(REQUEST_MIC), None));
        }
    }
    assert!(refused_or_unfinished(Acceptor::new().hears(&init(&[NEGOEX], Some(&negoex))).status));
}

#[test]
fn b2_empty_tokens_at_each_step() {
    let hint = Acceptor::new().hears(&[]);
    assert_eq!(hint.status, CONTINUE_NEEDED, "an empty first token is asked for the hint");
    // Empty continuations.
    let mut server = Acceptor::new();
    assert_eq!(server.hears(&init(&[NTLM_OID], Some(&negotiate(USUAL | NTLM)))).status, CONTINUE_NEEDED);
    assert!(refused_or_unfinished(server.hears(&[]).status));
    let (mut client, _) = Initiator::new();
    assert!(refused_or_unfinished(client.hears(Some(&[])).status));
    // Empty strings inside.
    let status = Acceptor::new().hears(&init(&[NTLM_OID], Some(&[]))).status;
    assert!(status == CONTINUE_NEEDED || refused_or_unfinished(status), "{status:#x}");
    for empty in [
        response(Some(ACCEPT_INCOMPLETE), Some(NTLM_OID), Some(&[]), None),
        response(Some(ACCEPT_INCOMPLETE), Some(NTLM_OID), None, None),
        response(Some(ACCEPT_COMPLETE), Some(NTLM_OID), None, Some(&[])),
        response(None, None, None, None),
        response_of(&[]),
    ] {
        let (mut client, _) = Initiator::new();
        assert!(refused_or_unfinished(client.hears(Some(&empty)).status), "{empty:?}");
        let mut server = Acceptor::new();
        server.hears(&init(&[NTLM_OID], Some(&negotiate(USUAL | NTLM))));
        assert!(refused_or_unfinished(server.hears(&empty).status), "{empty:?}");
    }
}

#[test]
fn b3_another_mechanism_than_the_optimistic_one() {
    let mut noise = Noise(3);
    for round in 0..300 {
        let optimistic: Vec<u8> = (0..round).map(|_| noise.next() as u8).collect();
        let mechs = [MS_KERBEROS, KERBEROS, NTLM_OID];
        let first = negotiate(USUAL | NTLM);
        let mut server = Acceptor::new();
        let choice = server.hears(&init(&mechs, Some(&optimistic)));
        assert_eq!(read_response(&choice.token).unwrap().state, Some(REQUEST_MIC));
        let answer = server.hears(&response(None, None, Some(&first), None));
        let over = ListMic::Over(mech_list(&mechs));
        let token = third(&client(), &first, &answer.token, &over).unwrap();
        assert_eq!(server.hears(&token).status, OK);
    }
    // A server that picks what was never offered.
    for mech in [KERBEROS, NEGOEX, SPNEGO, &[6, 0][..], &[6, 1, 0x80][..]] {
        for token in [None, Some(&usual_challenge()[..])] {
            let (mut client, _) = Initiator::new();
            let status =
                client.hears(Some(&response(Some(ACCEPT_INCOMPLETE), Some(mech), token, None))).status;
            assert!(refused_or_unfinished(status), "{mech:?}: {status:#x}");
        }
    }
}

#[test]
fn b4_a_half_open_context_says_and_does_nothing() {
    let mut server = Acceptor::new();
    let (mut client, mut token) = Initiator::new();
    for _ in 0..2 {
        let answer = server.hears(&token);
        for context in [&server.context, &client.context] {
            if answer.status != OK {
                assert!(context.name().is_none());
                assert!(context.seal(b"text").is_none());
                assert!(context.open(&[1; 16], b"text").is_none());
            }
        }
        let reply = client.hears(Some(&answer.token));
        assert!(reply.status == CONTINUE_NEEDED || reply.status == OK);
        token = reply.token;
    }
    let (signature, sealed) = client.context.seal(b"text").expect("the client is complete");
    assert_eq!(server.context.open(&signature, &sealed).as_deref(), Some(&b"text"[..]));
    assert_eq!(server.context.name().as_deref(), Some("DOMAIN\\user"));
}

#[test]
fn b4_a_failed_context_stays_failed() {
    let first = negotiate(USUAL | NTLM);
    let mut server = Acceptor::new();
    let answer = server.hears(&init(&[NTLM_OID], Some(&first)));
    let good = third(&client(), &first, &answer.token, &ListMic::Over(mech_list(&[NTLM_OID]))).unwrap();
    assert!(refused_or_unfinished(server.hears(b"nonsense").status));
    assert!(refused_or_unfinished(server.hears(&good).status));
    assert!(server.context.name().is_none() && server.context.seal(b"text").is_none());
}

#[test]
fn b5_lists_without_a_usable_mechanism() {
    let first = negotiate(USUAL | NTLM);
    let long_oid: Vec<u8> = tlv(6, &[0x81; 1000]);
    let tokens = [
        init(&[], None),
        init(&[], Some(&first)),
        init(&[KERBEROS], None),
        init(&[KERBEROS, NEGOEX], Some(&first)),
        init(&[SPNEGO], Some(&first)),
        init(&[&long_oid], Some(&first)),
        init(&[&[6, 0]], Some(&first)),
        init_of(&[]),
        init_of(&[octets(2, &first)]),
        init_of(&[octets(3, &[0; 16])]),
    ];
    for token in tokens {
        let status = Acceptor::new().hears(&token).status;
        assert!(refused_or_unfinished(status), "{token:?}: {status:#x}");
    }
    // A mechanism without its token is an offer, and is answered.
    let answer = Acceptor::new().hears(&init(&[NTLM_OID], None));
    assert_eq!(answer.status, CONTINUE_NEEDED);
    assert_eq!(read_response(&answer.token).unwrap().mech.as_deref(), Some(NTLM_OID));
}

#[test]
fn b6_the_wrong_token_at_the_wrong_time() {
    let first = negotiate(USUAL | NTLM);
    let open = init(&[NTLM_OID], Some(&first));
    for state in
        [None, Some(ACCEPT_COMPLETE), Some(ACCEPT_INCOMPLETE), Some(REJECT), Some(REQUEST_MIC), Some(77)]
    {
        let status = Acceptor::new().hears(&response(state, Some(NTLM_OID), Some(&first), None)).status;
        assert!(refused_or_unfinished(status), "NegTokenResp first, {state:?}: {status:#x}");
    }
    let mut server = Acceptor::new();
    server.hears(&open);
    let status = server.hears(&open).status;
    assert!(refused_or_unfinished(status), "NegTokenInit twice: {status:#x}");
    let (mut client, _) = Initiator::new();
    let status = client.hears(Some(&open)).status;
    assert!(refused_or_unfinished(status), "NegTokenInit as an answer: {status:#x}");
    for state in 0..=255 {
        let (mut client, _) = Initiator::new();
        let status = client.hears(Some(&response(Some(state), None, None, None))).status;
        assert!(refused_or_unfinished(status), "bare negState {state}: {status:#x}");
        let token = response(Some(state), Some(NTLM_OID), Some(&usual_challenge()), None);
        let (mut client, _) = Initiator::new();
        let status = client.hears(Some(&token)).status;
        let goes_on = [ACCEPT_INCOMPLETE, REQUEST_MIC].contains(&state);
        assert!(
            if goes_on { status == CONTINUE_NEEDED } else { refused_or_unfinished(status) },
            "{state}: {status:#x}"
        );
        // A server that says the end has come before it has proved anything.
        if goes_on {
            for mic in [None, Some(&[0; 16][..])] {
                let status = client.hears(Some(&response(Some(ACCEPT_COMPLETE), None, None, mic))).status;
                assert!(refused_or_unfinished(status), "complete without the key: {status:#x}");
            }
        }
    }
    let mut wide = response_of(&[tlv(0xA0, &tlv(0x0A, &[0, 0, 0, 0, 1]))]);
    let (mut client, _) = Initiator::new();
    assert!(refused_or_unfinished(client.hears(Some(&wide)).status));
    wide = response_of(&[tlv(0xA0, &tlv(0x0A, &[]))]);
    let (mut client, _) = Initiator::new();
    assert!(refused_or_unfinished(client.hears(Some(&wide)).status));
}

#[test]
fn b7_the_list_is_what_the_client_sent() {
    let lists: [&[&[u8]]; 6] = [
        &[NTLM_OID],
        &[NTLM_OID, KERBEROS],
        &[KERBEROS, NTLM_OID],
        &[NTLM_OID, NTLM_OID],
        &[MS_KERBEROS, KERBEROS, NTLM_OID],
        &[NTLM_OID, NEGOEX],
    ];
    for sent in lists {
        for arrived in lists {
            let status = log_on(&client(), arrived, &ListMic::Over(mech_list(sent)));
            assert!(
                if sent == arrived { status == OK } else { is_refused(status) },
                "{sent:?} {arrived:?}: {status:#x}"
            );
        }
    }
}

#[test]
fn b7_no_mic_of_the_list_is_waived() {
    let list = mech_list(&[NTLM_OID]);
    let right = list_mic(&EXPORTED, &list);
    let mut wrong: Vec<Vec<u8>> = (0..16).map(|at| flipped(&right, at)).collect();
    wrong.extend([
        vec![0; 16],
        Vec::new(),
        right[..15].to_vec(),
        [&right[..], &[0]].concat(),
        vec![0xFF; 16],
    ]);
    wrong.push(list_mic(&[0x56; 16], &list).to_vec());
    for mic in wrong {
        let status = log_on(&client(), &[NTLM_OID], &ListMic::Bytes(mic.clone()));
        assert!(is_refused(status), "{mic:?}: {status:#x}");
    }
    let status = log_on(&client(), &[NTLM_OID], &ListMic::Absent);
    assert!(refused_or_unfinished(status), "no MIC: {status:#x}");
    // Where the first choice was refused, even a client without NTLM's own MIC must send it.
    for mic in [Mic::Right, Mic::Absent] {
        let mut old = client();
        if mic == Mic::Absent {
            old.change_pairs = |_| ();
        }
        old.mic = mic;
        let status = log_on(&old, &[KERBEROS, NTLM_OID], &ListMic::Absent);
        assert!(refused_or_unfinished(status), "no MIC, second choice: {status:#x}");
    }
}

#[test]
fn b7_a_list_mic_is_no_way_around_the_password() {
    let list = mech_list(&[NTLM_OID]);
    for (user, password) in
        [("user", "wrong"), ("user", ""), ("nobody", "SecREt01"), ("guest", ""), ("Guest", "x")]
    {
        let bad = Client::new("DOMAIN", user, password);
        for mic in [ListMic::Over(list.clone()), ListMic::Absent] {
            assert_eq!(log_on(&bad, &[NTLM_OID], &mic), LOGON_DENIED, "{user} {password:?}");
        }
    }
}

fn flipped(bytes: &[u8], at: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at] ^= 1;
    bytes
}
