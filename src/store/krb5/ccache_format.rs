//! The format of FILE credential caches, versions 3 and 4, both big endian.
//!
//! Version 4 has a header of tagged fields, tag 1 the KDC's clock; version 3 has none and says each
//! key's enctype twice. Then the cache's principal, then credentials until the end. A credential: client,
//! server, key, four times, is_skey, flags, addresses, authorization data, ticket, second ticket.
//! Credentials of the realm `X-CACHECONF:` are settings. MIT removes one by giving it an end of zero.

#![forbid(unsafe_code)]

use crate::secret::Secret;
use crate::store::krb5::bytes::{Cursor, Order};
use crate::store::krb5::principal::Principal;

/// Realm and first component of settings, and the realm of removed ones.
const SETTINGS_REALM: &str = "X-CACHECONF:";
#[cfg(any(test, feature = "fuzzing"))]
const SETTINGS_NAME: &str = "krb5_ccache_conf_data";
const REMOVED_REALM: &str = "X-RMED-CONF:";

/// The header's field with the KDC's clock.
const TIME_OFFSET: u16 = 1;

/// A ticket with its session key. Times are seconds since 1970, unsigned: until 2106.
#[derive(Clone, Debug)]
pub struct Credential {
    pub client: Principal,
    pub server: Principal,
    /// Of the session key.
    pub enctype: i32,
    pub key: Secret<Vec<u8>>,
    pub auth_time: u32,
    /// 0: valid from `auth_time` on.
    pub start_time: u32,
    pub end_time: u32,
    /// 0: not renewable.
    pub renew_till: u32,
    /// The ticket is encrypted in the key of another ticket, `second_ticket` (U2U).
    pub is_skey: bool,
    /// TicketFlags, bit 0 of the specification as the highest.
    pub ticket_flags: u32,
    /// Address types and addresses.
    pub addresses: Vec<(u16, Vec<u8>)>,
    /// Authorization data: types and contents.
    pub authorization_data: Vec<(u16, Vec<u8>)>,
    /// DER.
    pub ticket: Vec<u8>,
    /// DER; empty but for U2U.
    pub second_ticket: Vec<u8>,
}

impl Credential {
    fn is_setting(&self) -> bool {
        [SETTINGS_REALM, REMOVED_REALM].contains(&self.server.realm.as_str())
    }

    fn is_removed(&self) -> bool {
        (self.end_time == 0 && self.auth_time != 0) || self.server.realm == REMOVED_REALM
    }
}

/// A whole cache.
#[derive(Clone, Debug)]
pub struct Contents {
    /// 3 or 4.
    pub version: u8,
    /// Who the cache belongs to.
    pub principal: Principal,
    /// The KDC's clock less ours, seconds and microseconds.
    pub time_offset: Option<(i32, i32)>,
    /// In the order in which they were stored; no settings, none that was removed.
    pub credentials: Vec<Credential>,
    settings: Vec<Credential>,
}

impl Contents {
    /// A new cache of a principal.
    pub fn new(principal: &Principal, time_offset: Option<(i32, i32)>) -> Contents {
        let principal = principal.clone();
        Contents { version: 4, principal, time_offset, credentials: Vec::new(), settings: Vec::new() }
    }

    /// Reads a whole cache; the reason when it is none or is damaged.
    pub fn parse(bytes: &[u8]) -> Result<Contents, &'static str> {
        let (magic, rest) = bytes.split_at_checked(2).ok_or("it is no credential cache")?;
        let mut cursor = Cursor::new(rest, Order::Big);
        let (version, time_offset) = match magic {
            [5, 4] => (4, header(&mut cursor).ok_or("its header is damaged")?),
            [5, 3] => (3, None),
            [5, 1 | 2] => return Err("credential caches of versions 1 and 2 are not supported"),
            _ => return Err("it is no credential cache"),
        };
        let principal = names(&mut cursor).ok_or("its principal is damaged")?;
        let principal = principal.principal().ok_or("its principal is not UTF-8")?;
        let mut contents = Contents::new(&principal, time_offset);
        contents.version = version;
        while !cursor.is_empty() {
            if let Some(read) = credential(&mut cursor, version).ok_or("a credential is damaged")? {
                contents.add(read);
            }
        }
        Ok(contents)
    }

    /// Adds a credential at the end.
    pub fn add(&mut self, credential: Credential) {
        match credential.is_setting() {
            _ if credential.is_removed() => (),
            true => self.settings.push(credential),
            false => self.credentials.push(credential),
        }
    }

    /// The principal's own ticket for a service (of any realm if `server` has none) whose session key is
    /// of one of the enctypes and which ends after `now`: the one that ends last. No U2U tickets.
    pub fn find(&self, server: &Principal, enctypes: &[i32], now: u32) -> Option<&Credential> {
        let names_it = |own: &Principal| match server.realm.is_empty() {
            true => own.components == server.components,
            false => own == server,
        };
        let usable = self.credentials.iter().filter(|credential| {
            names_it(&credential.server)
                && credential.client == self.principal
                && enctypes.contains(&credential.enctype)
                && credential.end_time > now
                && !credential.is_skey
        });
        usable.max_by_key(|credential| credential.end_time)
    }

    /// A setting of the cache, or of one service in it: e.g. `fast_avail`, `proxy_impersonator`.
    #[cfg(any(test, feature = "fuzzing"))]
    pub fn setting(&self, name: &str, service: Option<&Principal>) -> Option<&[u8]> {
        let service = service.map(Principal::to_string);
        let is_it = |setting: &&Credential| {
            let mut components = setting.server.components.iter().map(String::as_str);
            let head = (components.next(), components.next()) == (Some(SETTINGS_NAME), Some(name));
            head && components.next() == service.as_deref()
        };
        self.settings.iter().rev().find(is_it).map(|setting| setting.ticket.as_slice())
    }

    /// The whole file; `None` when something is longer than the format can tell.
    pub fn to_bytes(&self) -> Option<Secret<Vec<u8>>> {
        let all = || self.settings.iter().chain(&self.credentials);
        let size = all().map(size).fold(principal_size(&self.principal), usize::saturating_add);
        let mut out = Secret::new(Vec::with_capacity(size.saturating_add(32)));
        let bytes = out.as_mut();
        bytes.extend([5, self.version]);
        if self.version == 4 {
            let (seconds, microseconds) = self.time_offset.unwrap_or_default();
            bytes.extend([0, 12, 0, 1, 0, 8]);
            bytes.extend(seconds.to_be_bytes());
            bytes.extend(microseconds.to_be_bytes());
        }
        put_principal(bytes, &self.principal)?;
        all().try_for_each(|credential| put_credential(bytes, credential, self.version))?;
        Some(out)
    }
}

/// A credential as it stands in a file of that version; `None` when it does not fit the format.
pub fn credential_bytes(credential: &Credential, version: u8) -> Option<Secret<Vec<u8>>> {
    let mut out = Secret::new(Vec::with_capacity(size(credential)));
    put_credential(out.as_mut(), credential, version)?;
    Some(out)
}

/// Version 4's header; unknown fields are passed over.
fn header(cursor: &mut Cursor<'_>) -> Option<Option<(i32, i32)>> {
    let mut fields = Cursor::new(cursor.counted_16()?, Order::Big);
    let mut offset = None;
    while !fields.is_empty() {
        let tag = fields.u16()?;
        let mut body = Cursor::new(fields.counted_16()?, Order::Big);
        if tag == TIME_OFFSET {
            offset = Some((body.i32()?, body.i32()?));
        }
    }
    Some(offset)
}

/// A principal that is not known to be text.
struct Names<'a> {
    name_type: i32,
    realm: &'a [u8],
    components: Vec<&'a [u8]>,
}

impl Names<'_> {
    fn principal(&self) -> Option<Principal> {
        let text = |bytes: &[u8]| std::str::from_utf8(bytes).ok().map(str::to_string);
        let components = self.components.iter().map(|component| text(component)).collect::<Option<_>>()?;
        Some(Principal { name_type: self.name_type, components, realm: text(self.realm)? })
    }
}

fn names<'a>(cursor: &mut Cursor<'a>) -> Option<Names<'a>> {
    let name_type = cursor.i32()?;
    let count = cursor.u32()?;
    let realm = cursor.counted_32()?;
    let components = many(cursor, count, Cursor::counted_32)?;
    Some(Names { name_type, realm, components })
}

/// As many items as were counted; each takes four bytes at least, so no count is believed beyond that.
fn many<'a, T>(
    cursor: &mut Cursor<'a>,
    count: u32,
    item: impl Fn(&mut Cursor<'a>) -> Option<T>,
) -> Option<Vec<T>> {
    let count = usize::try_from(count).ok().filter(|count| *count <= cursor.left() / 4)?;
    (0..count).map(|_| item(cursor)).collect()
}

/// `Some(None)`: a sound credential whose names are not text.
fn credential(cursor: &mut Cursor<'_>, version: u8) -> Option<Option<Credential>> {
    let (client, server) = (names(cursor)?, names(cursor)?);
    let enctype = i32::from(cursor.i16()?);
    if version == 3 {
        cursor.i16()?;
    }
    let key = cursor.counted_32()?;
    let [auth_time, start_time, end_time, renew_till] =
        [cursor.u32()?, cursor.u32()?, cursor.u32()?, cursor.u32()?];
    let is_skey = cursor.u8()? != 0;
    let ticket_flags = cursor.u32()?;
    let addresses = typed(cursor)?;
    let authorization_data = typed(cursor)?;
    let ticket = cursor.counted_32()?.to_vec();
    let second_ticket = cursor.counted_32()?.to_vec();
    let (Some(client), Some(server)) = (client.principal(), server.principal()) else { return Some(None) };
    Some(Some(Credential {
        client,
        server,
        enctype,
        key: Secret::new(key.to_vec()),
        auth_time,
        start_time,
        end_time,
        renew_till,
        is_skey,
        ticket_flags,
        addresses,
        authorization_data,
        ticket,
        second_ticket,
    }))
}

/// A count, then types and contents.
fn typed(cursor: &mut Cursor<'_>) -> Option<Vec<(u16, Vec<u8>)>> {
    let count = cursor.u32()?;
    many(cursor, count, |cursor| Some((cursor.u16()?, cursor.counted_32()?.to_vec())))
}

fn put_counted(out: &mut Vec<u8>, bytes: &[u8]) -> Option<()> {
    out.extend(u32::try_from(bytes.len()).ok()?.to_be_bytes());
    out.extend(bytes);
    Some(())
}

fn put_principal(out: &mut Vec<u8>, principal: &Principal) -> Option<()> {
    out.extend(principal.name_type.to_be_bytes());
    out.extend(u32::try_from(principal.components.len()).ok()?.to_be_bytes());
    put_counted(out, principal.realm.as_bytes())?;
    principal.components.iter().try_for_each(|component| put_counted(out, component.as_bytes()))
}

fn put_typed(out: &mut Vec<u8>, items: &[(u16, Vec<u8>)]) -> Option<()> {
    out.extend(u32::try_from(items.len()).ok()?.to_be_bytes());
    items.iter().try_for_each(|(kind, contents)| {
        out.extend(kind.to_be_bytes());
        put_counted(out, contents)
    })
}

fn put_credential(out: &mut Vec<u8>, credential: &Credential, version: u8) -> Option<()> {
    put_principal(out, &credential.client)?;
    put_principal(out, &credential.server)?;
    let enctype = i16::try_from(credential.enctype).ok()?.to_be_bytes();
    out.extend(enctype);
    if version == 3 {
        out.extend(enctype);
    }
    put_counted(out, credential.key.as_ref())?;
    for time in [credential.auth_time, credential.start_time, credential.end_time, credential.renew_till] {
        out.extend(time.to_be_bytes());
    }
    out.push(u8::from(credential.is_skey));
    out.extend(credential.ticket_flags.to_be_bytes());
    put_typed(out, &credential.addresses)?;
    put_typed(out, &credential.authorization_data)?;
    put_counted(out, &credential.ticket)?;
    put_counted(out, &credential.second_ticket)
}

fn principal_size(principal: &Principal) -> usize {
    let components = principal.components.iter().map(|component| component.len().saturating_add(4));
    components.fold(principal.realm.len().saturating_add(12), usize::saturating_add)
}

/// No less than a credential takes in a file: what is written never moves, and leaves no key behind.
fn size(credential: &Credential) -> usize {
    let typed = credential.addresses.iter().chain(&credential.authorization_data);
    let typed = typed.map(|(_, contents)| contents.len().saturating_add(6));
    let parts = [
        principal_size(&credential.client),
        principal_size(&credential.server),
        credential.key.as_ref().len(),
        credential.ticket.len(),
        credential.second_ticket.len(),
        // Enctypes, times, flags, counts and lengths: 45 at most.
        48,
    ];
    parts.into_iter().chain(typed).fold(0, usize::saturating_add)
}
