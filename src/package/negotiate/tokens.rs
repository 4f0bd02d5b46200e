//! SPNEGO's messages (RFC 4178 4.2, MS-SPNG 2.2.1).
//!
//! The fields of a message stand in the order of their tags and once each. Unknown fields behind the
//! known ones are skipped unread, as both sequences are extensible; everywhere else nothing extra may
//! stand.

#![forbid(unsafe_code)]

use smallvec::SmallVec;

use crate::error::Result;
use crate::package::ShortBytes;
use crate::package::der::{self, CONTEXT_0, Element, Reader, element, invalid};

/// 1.3.6.1.5.5.2.
pub const SPNEGO_OID: &[u8] = &[0x2B, 6, 1, 5, 5, 2];

/// What MS-SPNG puts for a name that means nothing.
const HINT_NAME: &[u8] = b"not_defined_in_RFC4178@please_ignore";

/// No peer offers as many mechanisms.
const MOST_MECHANISMS: usize = 32;

/// Bytes of an object identifier; an acceptor keeps the list until the end.
const LONGEST_OID: usize = 128;

/// negState.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum NegState {
    AcceptCompleted = 0,
    AcceptIncomplete = 1,
    Reject = 2,
    RequestMic = 3,
}

/// MechTypeList.
pub struct MechTypes<'a> {
    /// Its DER as it stands on the wire: what the mechListMIC is over.
    pub der: &'a [u8],
    pub oids: SmallVec<[&'a [u8]; 4]>,
}

/// NegTokenInit, or the acceptor's NegTokenInit2.
pub struct NegTokenInit<'a> {
    pub mech_types: MechTypes<'a>,
    pub mech_token: Option<&'a [u8]>,
    pub mech_list_mic: Option<&'a [u8]>,
}

/// NegTokenResp.
#[derive(Default)]
pub struct NegTokenResp<'a> {
    pub neg_state: Option<NegState>,
    pub supported_mech: Option<&'a [u8]>,
    pub response_token: Option<&'a [u8]>,
    pub mech_list_mic: Option<&'a [u8]>,
}

/// The fields of a SEQUENCE: explicit tags, ascending.
struct Fields<'a> {
    reader: Reader<'a>,
    next: u8,
}

impl<'a> Fields<'a> {
    fn of(sequence: &'a [u8]) -> Result<Self> {
        let body = der::only(sequence, der::SEQUENCE)?.body;
        Ok(Self { reader: Reader::new(body), next: CONTEXT_0 })
    }

    fn next(&mut self) -> Result<Option<(u8, &'a [u8])>> {
        if self.reader.is_empty() {
            return Ok(None);
        }
        let Element { tag, body, .. } = self.reader.next()?;
        if tag < self.next || tag & 0xE0 != CONTEXT_0 {
            return Err(invalid("a field twice, out of order or of another class"));
        }
        self.next = tag.saturating_add(1);
        Ok(Some((tag - CONTEXT_0, body)))
    }
}

impl<'a> NegTokenInit<'a> {
    /// The token that opens a negotiation.
    pub fn parse(token: &'a [u8]) -> Result<Self> {
        let mut framed = Reader::new(der::only(token, der::APPLICATION_0)?.body);
        if framed.expect(der::OBJECT_IDENTIFIER)?.body != SPNEGO_OID {
            return Err(invalid("a token of another mechanism than SPNEGO"));
        }
        let choice = framed.expect(CONTEXT_0)?;
        framed.end()?;
        let mut fields = Fields::of(choice.body)?;
        let (mut mech_types, mut mech_token, mut mech_list_mic) = (None, None, None);
        while let Some((number, body)) = fields.next()? {
            match number {
                0 => mech_types = Some(MechTypes::parse(body)?),
                1 => _ = der::only(body, der::BIT_STRING)?,
                2 => mech_token = Some(octets(body)?),
                // mechListMIC of RFC 4178, negHints of MS-SPNG.
                3 if body.first() == Some(&der::SEQUENCE) => check_hints(body)?,
                3 => mech_list_mic = Some(octets(body)?),
                4 if mech_list_mic.is_some() => return Err(invalid("two mechListMICs")),
                4 => mech_list_mic = Some(octets(body)?),
                _ => {}
            }
        }
        let mech_types = mech_types.ok_or_else(|| invalid("no mechTypes"))?;
        Ok(Self { mech_types, mech_token, mech_list_mic })
    }
}

impl<'a> MechTypes<'a> {
    fn parse(body: &'a [u8]) -> Result<Self> {
        let list = der::only(body, der::SEQUENCE)?;
        let mut reader = Reader::new(list.body);
        let mut oids = SmallVec::new();
        while !reader.is_empty() {
            if oids.len() == MOST_MECHANISMS {
                return Err(invalid("too many mechanisms"));
            }
            oids.push(oid(reader.next()?)?);
        }
        match oids.is_empty() {
            true => Err(invalid("no mechanism is offered")),
            false => Ok(Self { der: list.whole, oids }),
        }
    }
}

impl<'a> NegTokenResp<'a> {
    /// Any later token.
    pub fn parse(token: &'a [u8]) -> Result<Self> {
        let mut fields = Fields::of(der::only(token, CONTEXT_0 + 1)?.body)?;
        let mut parsed = Self::default();
        while let Some((number, body)) = fields.next()? {
            match number {
                0 => parsed.neg_state = Some(state(der::only(body, der::ENUMERATED)?.body)?),
                1 => parsed.supported_mech = Some(oid(der::only(body, der::OBJECT_IDENTIFIER)?)?),
                2 => parsed.response_token = Some(octets(body)?),
                3 => parsed.mech_list_mic = Some(octets(body)?),
                _ => {}
            }
        }
        Ok(parsed)
    }

    pub fn build(&self) -> Vec<u8> {
        let state = self.neg_state.map(|state| [state as u8]);
        let fields = [
            state.as_ref().map(|state| Field::of(0, der::ENUMERATED, state)),
            self.supported_mech.map(|oid| Field::of(1, der::OBJECT_IDENTIFIER, oid)),
            self.response_token.map(|token| Field::of(2, der::OCTET_STRING, token)),
            self.mech_list_mic.map(|mic| Field::of(3, der::OCTET_STRING, mic)),
        ];
        let fields = fields.as_slice();
        let length = length_of(fields);
        let sequence = der::size(length);
        let mut out = Vec::with_capacity(der::size(sequence));
        der::start(&mut out, CONTEXT_0 + 1, sequence);
        write(&mut out, fields, length);
        out
    }
}

/// The DER of a MechTypeList.
pub fn mech_types<'a>(oids: impl Iterator<Item = &'a [u8]> + Clone) -> ShortBytes {
    let length = oids.clone().map(|oid| der::size(oid.len())).sum();
    let mut out = ShortBytes::with_capacity(der::size(length));
    der::start(&mut out, der::SEQUENCE, length);
    for oid in oids {
        der::start(&mut out, der::OBJECT_IDENTIFIER, oid.len());
        out.extend_from_slice(oid);
    }
    out
}

/// The initiator's first token.
pub fn init(mech_types: &[u8], mech_token: Option<&[u8]>) -> Vec<u8> {
    let token = mech_token.map(|token| Field::of(2, der::OCTET_STRING, token));
    opening(&[Some(Field::whole(0, mech_types)), token])
}

/// The token of an acceptor that speaks first (MS-SPNG 3.2.5.2).
pub fn hint(mech_types: &[u8]) -> Vec<u8> {
    let name = element(CONTEXT_0, &element(der::GENERAL_STRING, HINT_NAME));
    let hints = Field::of(3, der::SEQUENCE, &name);
    opening(&[Some(Field::whole(0, mech_types)), Some(hints)])
}

/// The mechanism that an InitialContextToken (RFC 2743 3.1) is of; `None`: it is none.
pub fn mechanism_of(token: &[u8]) -> Option<&[u8]> {
    let body = der::only(token, der::APPLICATION_0).ok()?.body;
    Reader::new(body).expect(der::OBJECT_IDENTIFIER).ok().map(|oid| oid.body)
}

fn opening(fields: &[Option<Field<'_>>]) -> Vec<u8> {
    let length = length_of(fields);
    let sequence = der::size(length);
    let all = der::size(SPNEGO_OID.len()).saturating_add(der::size(sequence));
    let mut out = Vec::with_capacity(der::size(all));
    der::start(&mut out, der::APPLICATION_0, all);
    der::start(&mut out, der::OBJECT_IDENTIFIER, SPNEGO_OID.len());
    out.extend_from_slice(SPNEGO_OID);
    der::start(&mut out, CONTEXT_0, sequence);
    write(&mut out, fields, length);
    out
}

/// A field to be written.
struct Field<'a> {
    number: u8,
    /// The tag of the value; `None`: the value is an element already.
    tag: Option<u8>,
    value: &'a [u8],
}

impl<'a> Field<'a> {
    fn of(number: u8, tag: u8, value: &'a [u8]) -> Self {
        Self { number, tag: Some(tag), value }
    }

    fn whole(number: u8, value: &'a [u8]) -> Self {
        Self { number, tag: None, value }
    }

    /// Bytes inside its explicit tag.
    fn length(&self) -> usize {
        if self.tag.is_some() { der::size(self.value.len()) } else { self.value.len() }
    }
}

/// Bytes inside the SEQUENCE of these fields.
fn length_of(fields: &[Option<Field<'_>>]) -> usize {
    fields.iter().flatten().map(|field| der::size(field.length())).sum()
}

/// The SEQUENCE of the fields, which are `length` bytes together.
fn write(out: &mut Vec<u8>, fields: &[Option<Field<'_>>], length: usize) {
    der::start(out, der::SEQUENCE, length);
    for field in fields.iter().flatten() {
        der::start(out, CONTEXT_0 | field.number, field.length());
        if let Some(tag) = field.tag {
            der::start(out, tag, field.value.len());
        }
        out.extend_from_slice(field.value);
    }
}

fn octets(body: &[u8]) -> Result<&[u8]> {
    der::only(body, der::OCTET_STRING).map(|element| element.body)
}

fn oid(element: Element<'_>) -> Result<&[u8]> {
    let fits = element.body.len() <= LONGEST_OID;
    match element.tag == der::OBJECT_IDENTIFIER && fits && der::is_oid(element.body) {
        true => Ok(element.body),
        false => Err(invalid("not an object identifier")),
    }
}

fn state(body: &[u8]) -> Result<NegState> {
    match body {
        [0] => Ok(NegState::AcceptCompleted),
        [1] => Ok(NegState::AcceptIncomplete),
        [2] => Ok(NegState::Reject),
        [3] => Ok(NegState::RequestMic),
        _ => Err(invalid("an unknown negState")),
    }
}

/// negHints say nothing that is used; they are well-formed or the token is not.
fn check_hints(body: &[u8]) -> Result<()> {
    let mut fields = Fields::of(body)?;
    while let Some((number, body)) = fields.next()? {
        match number {
            0 => _ = der::only(body, der::GENERAL_STRING)?,
            1 => _ = octets(body)?,
            _ => return Err(invalid("an unknown hint")),
        }
    }
    Ok(())
}
