//! krb5.conf: what it says of realms, hosts, enctypes, tickets and files.

#![forbid(unsafe_code)]

use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::error::{Code, Error, Result};
use crate::log::{self, Level};
use crate::store::krb5::conf_file::{self, Group, Node};
use crate::store::krb5::conf_values::{self, DEFAULT_ENCTYPES, boolean, duration, enctypes};
use crate::store::krb5::principal::split_port;
use crate::store::os::Os;

/// Where Kerberos and its change of password live unless something else is said.
pub const KDC_PORT: u16 = 88;
pub const KPASSWD_PORT: u16 = 464;

use defaults::{DEFAULT_CCACHE, DEFAULT_CLIENT_KEYTAB, DEFAULT_FILES, DEFAULT_KEYTAB};

#[cfg(unix)]
mod defaults {
    /// What is read without KRB5_CONFIG.
    pub const DEFAULT_FILES: &[&str] = &["/etc/krb5.conf"];
    pub const DEFAULT_KEYTAB: &str = "FILE:/etc/krb5.keytab";
    /// Debian's; MIT's own would be below its prefix.
    pub const DEFAULT_CLIENT_KEYTAB: &str = "FILE:/etc/krb5/user/%{euid}/client.keytab";
    pub const DEFAULT_CCACHE: &str = "FILE:/tmp/krb5cc_%{uid}";
}

/// Where MIT's Kerberos for Windows looks; its own kind of cache (API) is no file.
#[cfg(windows)]
mod defaults {
    pub const DEFAULT_FILES: &[&str] = &[r"%{COMMON_APPDATA}\MIT\Kerberos5\krb5.ini", r"%{WINDOWS}\krb5.ini"];
    pub const DEFAULT_KEYTAB: &str = r"FILE:%{WINDOWS}\krb5kt";
    pub const DEFAULT_CLIENT_KEYTAB: &str = r"FILE:%{LOCAL_APPDATA}\krb5clientkt";
    pub const DEFAULT_CCACHE: &str = r"FILE:%{TEMP}\krb5cc";
}

/// How a server is spoken to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    /// UDP or TCP, as the size of the request says.
    Any,
    Tcp,
    Udp,
    /// MS-KKDCP: the proxy's URL.
    Https(String),
}

/// A server of a realm.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Server {
    /// A name, or an address without brackets.
    pub host: String,
    pub port: u16,
    pub transport: Transport,
}

/// The files that KRB5_CONFIG lists, else /etc/krb5.conf.
pub fn configuration_files(os: &dyn Os) -> Vec<PathBuf> {
    let Some(list) = os.variable("KRB5_CONFIG") else {
        let own = DEFAULT_FILES.iter().filter_map(|name| conf_values::expand(name, os).ok());
        return own.map(PathBuf::from).collect();
    };
    std::env::split_paths(&list).filter(|path| !path.as_os_str().is_empty()).collect()
}

/// The configuration in force: every file of the list, the first first.
#[derive(Debug, Default)]
pub struct Config {
    files: Vec<Group>,
}

impl Config {
    /// Reads `configuration_files`. Missing ones are empty.
    ///
    /// `Err`: a file is malformed; the reason names it and the line.
    pub fn load(os: &dyn Os) -> Result<Config> {
        let mut files = Vec::new();
        for path in configuration_files(os) {
            files.extend(Config::file(&path)?);
        }
        Ok(Config { files })
    }

    /// Reads these files alone.
    #[cfg(test)]
    pub fn of_files(paths: &[&Path]) -> Result<Config> {
        let mut files = Vec::new();
        for path in paths {
            files.extend(Config::file(path)?);
        }
        Ok(Config { files })
    }

    fn file(path: &Path) -> Result<Option<Group>> {
        conf_file::read(path).map_err(|reason| {
            log::write(Level::Error, format_args!("{reason}"));
            Error::new(Code::NoCredentials, reason)
        })
    }

    #[cfg(any(test, feature = "fuzzing"))]
    pub fn of_texts(texts: &[&str]) -> std::result::Result<Config, String> {
        let files = texts.iter().map(|text| conf_file::parse(text.as_bytes()));
        Ok(Config { files: files.collect::<std::result::Result<_, _>>()? })
    }

    /// Every value at the end of a way through sections and groups, of all files, in order.
    pub fn values(&self, path: &[&str]) -> Vec<&str> {
        let mut found = Vec::new();
        for file in &self.files {
            if collect(file, path, &mut found) {
                break;
            }
        }
        found
    }

    /// The first value there.
    pub fn value(&self, path: &[&str]) -> Option<&str> {
        self.values(path).into_iter().next()
    }

    /// A setting of `[libdefaults]`.
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.value(&["libdefaults", name])
    }

    /// A setting of `[libdefaults]` as `read` takes it; `default` when it is missing or makes no sense.
    fn setting_or<T>(&self, name: &str, read: impl Fn(&str) -> Option<T>, default: T) -> T {
        let Some(text) = self.setting(name) else { return default };
        read(text).unwrap_or_else(|| {
            log::write(Level::Warn, format_args!("krb5.conf: {name} = {text} makes no sense, ignored"));
            default
        })
    }

    fn boolean(&self, name: &str, default: bool) -> bool {
        self.setting_or(name, boolean, default)
    }

    fn seconds(&self, name: &str, default: u32) -> u32 {
        self.setting_or(name, duration, default)
    }

    pub fn default_realm(&self) -> Option<&str> {
        self.setting("default_realm").filter(|realm| !realm.is_empty())
    }

    /// The realm of a host: what `[domain_realm]` says of the host itself, then of its parent domains,
    /// `.example.test` before `example.test`. Letters' case and a dot at the end do not count.
    pub fn realm_of_host(&self, host: &str) -> Option<&str> {
        let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        let mut rest = host.as_str();
        while !rest.is_empty() {
            if let Some(realm) = self.value_any_case(&["domain_realm"], rest) {
                return Some(realm);
            }
            rest = match rest.strip_prefix('.') {
                Some(domain) => domain,
                None => rest.find('.').and_then(|dot| rest.get(dot..)).unwrap_or_default(),
            };
        }
        None
    }

    /// The servers of `kdc = ` lines, in order: `host`, `host:port`, `[address]:port`, `tcp/host`,
    /// `udp/host`, `https://host/KdcProxy`. Empty: DNS is to be asked.
    pub fn kdcs(&self, realm: &str) -> Vec<Server> {
        self.servers(realm, "kdc", KDC_PORT)
    }

    /// Where passwords are changed: `kpasswd_server`, else `admin_server`'s host with port 464.
    pub fn kpasswd_servers(&self, realm: &str) -> Vec<Server> {
        let named = self.servers(realm, "kpasswd_server", KPASSWD_PORT);
        if !named.is_empty() {
            return named;
        }
        let mut servers = self.servers(realm, "admin_server", KPASSWD_PORT);
        for server in servers.iter_mut().filter(|server| !matches!(server.transport, Transport::Https(_))) {
            server.port = KPASSWD_PORT;
        }
        servers
    }

    /// Whether `[realms]` names the realm.
    pub fn knows_realm(&self, realm: &str) -> bool {
        let sections = self.files.iter().flat_map(|file| groups(file, "realms"));
        sections.flat_map(|section| groups(section, realm)).next().is_some()
    }

    fn servers(&self, realm: &str, name: &str, port: u16) -> Vec<Server> {
        let mut servers = Vec::new();
        for text in self.values(&["realms", realm, name]) {
            match server(text, port) {
                Some(server) => servers.push(server),
                None => log::write(Level::Warn, format_args!("krb5.conf: {name} = {text} is no server")),
            }
        }
        servers
    }

    /// The enctypes that may be used at all, the preferred first: of 17, 18, 19, 20 and 23.
    pub fn permitted_enctypes(&self) -> Vec<i32> {
        self.enctypes("permitted_enctypes", &DEFAULT_ENCTYPES)
    }

    /// What is asked for in AS exchanges.
    pub fn default_tkt_enctypes(&self) -> Vec<i32> {
        self.enctypes("default_tkt_enctypes", &self.permitted_enctypes())
    }

    /// What is asked for in TGS exchanges.
    pub fn default_tgs_enctypes(&self) -> Vec<i32> {
        self.enctypes("default_tgs_enctypes", &self.permitted_enctypes())
    }

    /// `DEFAULT` in a list means the library's own default; a missing list means `missing`.
    fn enctypes(&self, name: &str, missing: &[i32]) -> Vec<i32> {
        match self.setting(name) {
            Some(text) => enctypes(text, &DEFAULT_ENCTYPES),
            None => missing.to_vec(),
        }
    }

    /// Seconds that clocks may differ.
    pub fn clockskew(&self) -> u32 {
        self.seconds("clockskew", 300)
    }

    /// Requests of more bytes go by TCP first; 32700 at most.
    pub fn udp_preference_limit(&self) -> usize {
        self.setting_or("udp_preference_limit", |text| usize::from_str(text).ok(), 1465).min(32_700)
    }

    pub fn dns_lookup_kdc(&self) -> bool {
        self.boolean("dns_lookup_kdc", self.boolean("dns_fallback", true))
    }

    pub fn proxiable(&self) -> bool {
        self.boolean("proxiable", false)
    }

    /// Whether the KDC's clock is believed.
    pub fn kdc_timesync(&self) -> bool {
        self.boolean("kdc_timesync", true)
    }

    /// Seconds that tickets are asked for.
    pub fn ticket_lifetime(&self) -> u32 {
        self.seconds("ticket_lifetime", 86_400)
    }

    /// Seconds that tickets shall be renewable; 0: not.
    pub fn renew_lifetime(&self) -> u32 {
        self.seconds("renew_lifetime", 0)
    }

    /// The realms between two, as `[capaths]` has them: none when it says `.`, which is a direct way.
    /// `None`: it says nothing.
    pub fn capaths(&self, client: &str, server: &str) -> Option<Vec<String>> {
        let values = self.values(&["capaths", client, server]);
        let realms = values.iter().flat_map(|value| value.split_whitespace());
        (!values.is_empty()).then(|| realms.filter(|realm| *realm != ".").map(str::to_string).collect())
    }

    /// The acceptor's keytab: KRB5_KTNAME, else `default_keytab_name`, else /etc/krb5.keytab.
    pub fn keytab_name(&self, os: &dyn Os) -> Result<String> {
        self.file_name(os, "KRB5_KTNAME", "default_keytab_name", DEFAULT_KEYTAB)
    }

    /// The keytab to log on with: KRB5_CLIENT_KTNAME, else `default_client_keytab_name`, else Debian's.
    pub fn client_keytab_name(&self, os: &dyn Os) -> Result<String> {
        self.file_name(os, "KRB5_CLIENT_KTNAME", "default_client_keytab_name", DEFAULT_CLIENT_KEYTAB)
    }

    /// The credential cache: KRB5CCNAME, else `default_ccache_name`, else /tmp/krb5cc_UID.
    pub fn ccache_name(&self, os: &dyn Os) -> Result<String> {
        self.file_name(os, "KRB5CCNAME", "default_ccache_name", DEFAULT_CCACHE)
    }

    /// The environment's name is taken as it is, others have tokens.
    fn file_name(&self, os: &dyn Os, variable: &str, setting: &str, default: &str) -> Result<String> {
        let unusable = |reason: String| Error::new(Code::NoCredentials, reason);
        if let Some(name) = os.variable(variable).filter(|name| !name.is_empty()) {
            return name.into_string().map_err(|_| unusable(format!("{variable} is not UTF-8")));
        }
        let text = self.setting(setting).unwrap_or(default);
        conf_values::expand(text, os).map_err(|reason| unusable(format!("{setting}: {reason}")))
    }

    /// A value below `path` whose name differs at most in the case of its letters.
    fn value_any_case(&self, path: &[&str], name: &str) -> Option<&str> {
        let own = |group: &Group| {
            let named = group.entries.iter().map(|(own, _)| own.as_str());
            named.filter(|own| own.eq_ignore_ascii_case(name)).map(str::to_string).next()
        };
        let section = path.first()?;
        let exact = self.files.iter().flat_map(|file| groups(file, section)).find_map(own)?;
        let mut whole = path.to_vec();
        whole.push(&exact);
        self.value(&whole)
    }
}

/// Adds the values at the end of `path`; whether nothing may come after them.
fn collect<'a>(group: &'a Group, path: &[&str], found: &mut Vec<&'a str>) -> bool {
    let Some((name, rest)) = path.split_first() else { return false };
    let mut ends = false;
    for (_, node) in group.entries.iter().filter(|(own, _)| own == name) {
        ends |= match node {
            Node::Value { text, is_final } if rest.is_empty() => {
                found.push(text);
                *is_final
            }
            Node::Group(inner) if !rest.is_empty() => collect(inner, rest, found) || inner.is_final,
            _ => false,
        };
    }
    ends
}

/// The groups of that name directly in a group.
fn groups<'a>(group: &'a Group, name: &str) -> impl Iterator<Item = &'a Group> {
    group.entries.iter().filter_map(move |(own, node)| match node {
        Node::Group(inner) if own == name => Some(inner),
        _ => None,
    })
}

/// One server as krb5.conf writes it.
fn server(text: &str, default_port: u16) -> Option<Server> {
    let text = text.trim();
    if let Some(rest) = text.strip_prefix("https://") {
        let authority = rest.split('/').next().unwrap_or(rest);
        let (host, port) = host_and_port(authority, 443)?;
        return Some(Server { host, port, transport: Transport::Https(text.to_string()) });
    }
    let (transport, rest) = match text.split_once('/') {
        Some(("tcp", rest)) => (Transport::Tcp, rest),
        Some(("udp", rest)) => (Transport::Udp, rest),
        Some(_) => return None,
        None => (Transport::Any, text),
    };
    let (host, port) = host_and_port(rest, default_port)?;
    Some(Server { host, port, transport })
}

fn host_and_port(text: &str, default_port: u16) -> Option<(String, u16)> {
    let (host, port) = split_port(text);
    let port = match port {
        Some(port) => port.parse().ok().filter(|port| *port != 0)?,
        None => default_port,
    };
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let fits = !host.is_empty() && !host.contains(|c: char| c.is_whitespace() || c == '\0');
    fits.then(|| (host.to_string(), port))
}
