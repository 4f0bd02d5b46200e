#![forbid(unsafe_code)]

use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use super::{Folder, TestOs, damage, unhex};
use crate::error::Code;
use crate::secret::Secret;
use crate::store::krb5::ccache::{Ccache, Contents, Credential};
use crate::store::krb5::conf::Config;
use crate::store::krb5::principal::{NT_PRINCIPAL, NT_SRV_INST, Principal};

fn mit(version: u8) -> Vec<u8> {
    unhex(match version {
        3 => include_str!("mit-v3.ccache.hex"),
        _ => include_str!("mit-v4.ccache.hex"),
    })
}

fn principal(text: &str) -> Principal {
    Principal::parse(text, "EXAMPLE.TEST").unwrap()
}

/// A ticket in which every field holds something.
fn ticket(server: &str, enctype: i32, end_time: u32) -> Credential {
    Credential {
        client: Principal::new(NT_PRINCIPAL, &["alice"], "EXAMPLE.TEST"),
        server: Principal::new(NT_SRV_INST, &server.split('/').collect::<Vec<_>>(), "EXAMPLE.TEST"),
        enctype,
        key: Secret::new(vec![7; 32]),
        auth_time: 1,
        start_time: 2,
        end_time,
        renew_till: u32::MAX,
        is_skey: false,
        ticket_flags: 0x40E1_0000,
        addresses: vec![(2, vec![127, 0, 0, 1])],
        authorization_data: vec![(1, vec![1, 2]), (128, vec![])],
        ticket: vec![0x61, 1, 0],
        second_ticket: vec![],
    }
}

fn own(credentials: &[Credential]) -> Contents {
    let mut contents = Contents::new(&principal("alice"), Some((-5, 7)));
    credentials.iter().for_each(|credential| contents.add(credential.clone()));
    contents
}

fn servers(contents: &Contents) -> Vec<String> {
    contents.credentials.iter().map(|credential| credential.server.to_string()).collect()
}

fn resolve(path: &Path) -> Ccache {
    Ccache::resolve(path.to_str().unwrap()).unwrap()
}

#[test]
fn kinits_caches_are_read_and_written_back_as_they_were() {
    for (version, offset) in [(3, None), (4, Some((0, 0)))] {
        let contents = Contents::parse(&mit(version)).unwrap();
        assert_eq!(contents.version, version);
        assert_eq!(contents.principal.to_string(), "alice@EXAMPLE.TEST");
        assert_eq!(contents.time_offset, offset);
        let expected = ["krbtgt/EXAMPLE.TEST@EXAMPLE.TEST", "HTTP/localhost@EXAMPLE.TEST"];
        assert_eq!(servers(&contents)[..2], expected);
        let service = principal("krbtgt/EXAMPLE.TEST");
        assert_eq!(contents.setting("fast_avail", Some(&service)), Some(&b"yes"[..]));
        assert_eq!(contents.setting("fast_avail", None), None);
        assert_eq!(contents.setting("pa_type", Some(&service)), Some(&b"2"[..]));
        let credential = &contents.credentials[0];
        assert_eq!((credential.enctype, credential.key.as_ref().len()), (18, 32));
        assert_eq!(credential.end_time - credential.start_time, 36_000);
        assert_eq!(credential.ticket[0], 0x61);
        assert!(!credential.is_skey && credential.ticket_flags & 0x0040_0000 != 0);
        // Settings come first in what we write, as in what kinit writes.
        assert_eq!(contents.to_bytes().unwrap().as_ref()[..], mit(version)[..]);
    }
}

#[test]
fn a_ticket_is_found_by_service_enctype_and_time() {
    let mut skey = ticket("u/u", 18, 50);
    skey.is_skey = true;
    let mut foreign = ticket("f/f", 18, 50);
    foreign.client = principal("bob");
    let contents = own(&[ticket("a/b", 18, 50), ticket("a/b", 18, 70), ticket("a/b", 17, 90), skey, foreign]);
    let end = |server: &str, enctypes: &[i32], now| {
        contents.find(&principal(server), enctypes, now).map(|found| found.end_time)
    };
    assert_eq!(end("a/b", &[18], 10), Some(70));
    assert_eq!(end("a/b", &[18, 17], 10), Some(90));
    assert_eq!(end("a/b", &[18], 69), Some(70));
    assert_eq!(end("a/b", &[18], 70), None);
    assert_eq!(end("a/b", &[20], 10), None);
    assert_eq!(end("A/b", &[18], 10), None);
    assert_eq!(end("a/b@", &[18], 10), Some(70));
    assert_eq!(end("a/b@OTHER", &[18], 10), None);
    assert_eq!((end("u/u", &[18], 10), end("f/f", &[18], 10)), (None, None));
    // Times are unsigned.
    let late = own(&[ticket("a/b", 18, 0xFFFF_FFF0)]);
    assert!(late.find(&principal("a/b"), &[18], 0x8000_0000).is_some());
}

#[test]
fn removed_credentials_are_passed_over() {
    let mut setting = ticket("krb5_ccache_conf_data/x", 0, 0);
    setting.auth_time = 0;
    setting.server.realm = "X-RMED-CONF:".to_string();
    let mut removed = ticket("a/b", 18, 0);
    removed.auth_time = u32::MAX;
    let contents = own(&[removed.clone()]);
    assert_eq!(servers(&contents), [""; 0]);
    let folder = Folder::new("removed");
    let cache = resolve(&folder.path().join("cc"));
    cache.initialize(own(&[])).unwrap();
    for credential in [removed, setting, ticket("c/d", 18, 50)] {
        cache.store(&credential).unwrap();
    }
    assert_eq!(cache.look(servers).unwrap(), ["c/d@EXAMPLE.TEST"]);
}

#[test]
fn a_cache_cut_off_is_refused_but_between_credentials() {
    let sound = own(&[ticket("a/b", 18, 50), ticket("c/d", 18, 60)]).to_bytes().unwrap();
    let head = own(&[]).to_bytes().unwrap().as_ref().len();
    let one = own(&[ticket("a/b", 18, 50)]).to_bytes().unwrap().as_ref().len();
    for end in 0..sound.as_ref().len() {
        assert_eq!(Contents::parse(&sound.as_ref()[..end]).is_ok(), [head, one].contains(&end), "{end}");
    }
    damage(sound.as_ref(), |bytes| drop(Contents::parse(bytes)));
    for version in [3, 4] {
        damage(&mit(version)[..400], |bytes| drop(Contents::parse(bytes)));
    }
    // A count is not believed before there is room for what it counts.
    let mut bytes = sound.as_ref().clone();
    bytes[20..24].fill(0xFF);
    assert!(Contents::parse(&bytes).is_err());
    for (bytes, reason) in
        [(&[5, 1, 0, 0][..], "versions 1 and 2"), (&[5, 2], "versions 1 and 2"), (&[4, 4], "no credential")]
    {
        assert!(Contents::parse(bytes).unwrap_err().contains(reason));
    }
}

#[test]
fn unknown_header_fields_are_passed_over_and_names_that_are_no_text() {
    let bytes = own(&[ticket("a/b", 18, 50), ticket("c/d", 18, 50)]).to_bytes().unwrap();
    let rest = &bytes.as_ref()[16..];
    let headed = [&[5, 4, 0, 17, 0, 9, 0, 1, 0xEE, 0, 1, 0, 8, 0, 0, 0, 1, 0, 0, 0, 2], rest].concat();
    let contents = Contents::parse(&headed).unwrap();
    assert_eq!((contents.time_offset, contents.credentials.len()), (Some((1, 2)), 2));
    let bare = Contents::parse(&[&[5, 4, 0, 0], rest].concat()).unwrap();
    assert_eq!((bare.time_offset, bare.credentials.len()), (None, 2));
    let mut odd = bytes.as_ref().clone();
    let place = odd.windows(5).position(|window| window == [0, 0, 0, 1, b'a']).unwrap();
    odd[place + 4] = 0xFF;
    assert_eq!(servers(&Contents::parse(&odd).unwrap()), ["c/d@EXAMPLE.TEST"]);
}

#[test]
fn a_file_is_made_and_grows() {
    let folder = Folder::new("file");
    let path = folder.path().join("cc");
    let cache = Ccache::resolve(&format!("FILE:{}", path.display())).unwrap();
    let missing = cache.principal().unwrap_err();
    assert_eq!(missing.code, Code::NoCredentials);
    assert!(missing.reason.contains("FILE:"));
    assert!(cache.store(&ticket("a/b", 18, 50)).is_err());
    cache.initialize(own(&[ticket("a/b", 18, 50)])).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    cache.store(&ticket("c/d", 17, 60)).unwrap();
    let other = resolve(&path);
    assert_eq!(other.look(servers).unwrap(), ["a/b@EXAMPLE.TEST", "c/d@EXAMPLE.TEST"]);
    assert_eq!(other.look(|contents| contents.time_offset).unwrap(), Some((-5, 7)));
    let found = other.find(&principal("c/d"), &[17], 10).unwrap().unwrap();
    assert_eq!(
        (found.addresses, found.authorization_data),
        (ticket("", 0, 0).addresses, ticket("", 0, 0).authorization_data)
    );
    assert_eq!((found.renew_till, found.ticket_flags, found.key.as_ref().len()), (u32::MAX, 0x40E1_0000, 32));
    // A new cache is another file: whoever reads the old one reads it to its end.
    let inode = std::fs::metadata(&path).unwrap().ino();
    cache.initialize(own(&[])).unwrap();
    assert_ne!(std::fs::metadata(&path).unwrap().ino(), inode);
    assert_eq!(other.look(servers).unwrap(), [""; 0]);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    let mut odd = ticket("a/b", 70_000, 50);
    assert!(cache.store(&odd).is_err());
    odd.enctype = -138;
    cache.store(&odd).unwrap();
    assert_eq!(cache.find(&principal("a/b"), &[-138], 1).unwrap().unwrap().enctype, -138);
    cache.destroy().unwrap();
    cache.destroy().unwrap();
    assert!(!path.exists());
}

#[test]
fn a_version_three_file_grows_in_its_own_format() {
    let folder = Folder::new("three");
    let cache = resolve(&folder.write("cc", mit(3)));
    cache.store(&ticket("c/d", 17, u32::MAX)).unwrap();
    assert_eq!(cache.look(|contents| contents.version).unwrap(), 3);
    assert!(cache.find(&principal("c/d"), &[17], 10).unwrap().is_some());
}

#[test]
fn links_and_damaged_files_are_not_written_to() {
    let folder = Folder::new("links");
    let real = folder.path().join("real");
    resolve(&real).initialize(own(&[])).unwrap();
    let link = folder.path().join("link");
    symlink(&real, &link).unwrap();
    let cache = resolve(&link);
    assert_eq!(cache.principal().unwrap(), principal("alice"));
    let before = std::fs::read(&real).unwrap();
    assert!(cache.store(&ticket("a/b", 18, 50)).is_err());
    // The link goes, what it points to stays.
    cache.initialize(own(&[ticket("a/b", 18, 50)])).unwrap();
    assert!(link.symlink_metadata().unwrap().is_file());
    assert_eq!(std::fs::read(&real).unwrap(), before);
    let damaged = folder.write("damaged", [&before[..], &[0]].concat());
    assert!(resolve(&damaged).store(&ticket("a/b", 18, 50)).is_err());
    assert_eq!(std::fs::read(&damaged).unwrap().len(), before.len() + 1);
}

#[test]
fn many_writers_lose_nothing() {
    let folder = Folder::new("many");
    let path = folder.path().join("cc");
    resolve(&path).initialize(own(&[])).unwrap();
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let path = &path;
            scope.spawn(move || {
                for number in 0..10 {
                    resolve(path).store(&ticket(&format!("a/{writer}-{number}"), 18, 50)).unwrap();
                    resolve(path).principal().unwrap();
                }
            });
        }
    });
    assert_eq!(resolve(&path).look(|contents| contents.credentials.len()).unwrap(), 40);
}

#[test]
fn a_collection_has_a_primary_cache() {
    let folder = Folder::new("dir");
    let home = folder.path().join("ccs");
    let name = format!("DIR:{}", home.display());
    let first = Ccache::resolve(&name).unwrap();
    assert_eq!(first.name(), format!("DIR::{}/tkt", home.display()));
    assert!(first.principal().is_err());
    first.initialize(own(&[])).unwrap();
    assert_eq!(std::fs::metadata(&home).unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(std::fs::read(home.join("primary")).unwrap(), b"tkt\n");
    let bob = Ccache::resolve(&format!("DIR::{}/tktbob", home.display())).unwrap();
    bob.initialize(Contents::new(&principal("bob"), None)).unwrap();
    assert_eq!(std::fs::read(home.join("primary")).unwrap(), b"tkt\n");
    let names = |cache: &Ccache| {
        cache.list().unwrap().iter().map(|cache| cache.principal().unwrap().name()).collect::<Vec<_>>()
    };
    assert_eq!(
        (names(&first), names(&bob)),
        (vec!["alice".to_string(), "bob".to_string()], vec!["bob".to_string(), "alice".to_string()])
    );
    let found = first.of_principal(&principal("bob")).unwrap().unwrap();
    assert_eq!(found.name(), bob.name());
    assert!(first.of_principal(&principal("carol")).unwrap().is_none());
    std::fs::write(home.join("primary"), "tktbob\n").unwrap();
    assert_eq!(Ccache::resolve(&name).unwrap().principal().unwrap(), principal("bob"));
    for wrong in ["../x", "tkt/../../x", "", "other\n"] {
        std::fs::write(home.join("primary"), wrong).unwrap();
        assert!(Ccache::resolve(&name).is_err(), "{wrong}");
    }
}

#[test]
fn memory_is_shared_by_name() {
    let (cache, same) =
        (Ccache::resolve("MEMORY:tests-a").unwrap(), Ccache::resolve("MEMORY:tests-a").unwrap());
    assert!(cache.principal().is_err() && cache.store(&ticket("a/b", 18, 50)).is_err());
    cache.initialize(own(&[])).unwrap();
    same.store(&ticket("a/b", 18, 50)).unwrap();
    assert_eq!(cache.look(servers).unwrap(), ["a/b@EXAMPLE.TEST"]);
    assert!(Ccache::resolve("MEMORY:tests-b").unwrap().principal().is_err());
    assert_eq!(cache.list().unwrap().len(), 1);
    same.destroy().unwrap();
    assert!(cache.principal().is_err());
}

#[test]
fn other_types_are_refused_by_name() {
    for name in [
        "KEYRING:persistent:0",
        "KCM:",
        "KCM:0",
        "API:x",
        "FILE:",
        "MEMORY:",
        "",
        "DIR:",
        "DIR::x",
        "DIR::/x/y",
    ] {
        let refused = Ccache::resolve(name).err().unwrap();
        assert!(refused.code == Code::NoCredentials && refused.reason.contains(name), "{name}");
    }
    assert!(Ccache::resolve("KEYRING:x").err().unwrap().reason.contains("not supported"));
    let os = TestOs(vec![("KRB5CCNAME", "/tmp/cc:1".into())]);
    assert_eq!(Ccache::standard(&os, &Config::default()).unwrap().name(), "FILE:/tmp/cc:1");
    let os = TestOs::default();
    assert_eq!(Ccache::standard(&os, &Config::default()).unwrap().name(), "FILE:/tmp/krb5cc_1234");
}

#[test]
fn klist_reads_what_we_write() {
    let folder = Folder::new("klist");
    let path = folder.path().join("cc");
    resolve(&path).initialize(own(&[ticket("a/b", 18, 2_000_000_000)])).unwrap();
    resolve(&path).store(&ticket("c/d", 17, 2_000_000_000)).unwrap();
    let Ok(output) = Command::new("klist").args(["-c"]).arg(&path).env("KRB5_CONFIG", "/dev/null").output()
    else {
        return;
    };
    let text = String::from_utf8_lossy(&output.stdout).to_string();
    for expected in ["alice@EXAMPLE.TEST", "a/b@EXAMPLE.TEST", "c/d@EXAMPLE.TEST"] {
        assert!(text.contains(expected), "{text}{}", String::from_utf8_lossy(&output.stderr));
    }
}
