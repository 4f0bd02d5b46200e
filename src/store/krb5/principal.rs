//! A principal: a name in a realm (RFC 4120 6.2).

#![forbid(unsafe_code)]

/// NT-UNKNOWN.
pub const NT_UNKNOWN: i32 = 0;
/// NT-PRINCIPAL: a user.
pub const NT_PRINCIPAL: i32 = 1;
/// NT-SRV-INST: a service and an instance of it, krbtgt above all.
pub const NT_SRV_INST: i32 = 2;
/// NT-SRV-HST: a service and the host that it runs on.
pub const NT_SRV_HST: i32 = 3;
/// NT-ENTERPRISE: one component that looks like a mail address (RFC 6806 5).
pub const NT_ENTERPRISE: i32 = 10;

/// PrincipalName and Realm.
#[derive(Clone, Debug)]
pub struct Principal {
    /// name-type: a hint, which no comparison looks at.
    pub name_type: i32,
    /// name-string.
    pub components: Vec<String>,
    pub realm: String,
}

impl Principal {
    pub fn new(name_type: i32, components: &[&str], realm: &str) -> Self {
        let components = components.iter().map(|component| (*component).to_owned()).collect();
        Self { name_type, components, realm: realm.to_owned() }
    }

    /// krbtgt/`of`@`at`: the service that gives tickets of the realm `of`, as the realm `at` knows it.
    pub fn krbtgt(of: &str, at: &str) -> Self {
        Self::new(NT_SRV_INST, &["krbtgt", of], at)
    }
}

impl PartialEq for Principal {
    fn eq(&self, other: &Self) -> bool {
        self.components == other.components && self.realm == other.realm
    }
}

impl Eq for Principal {}
