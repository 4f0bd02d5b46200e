//! What `ffi-tests/fuzz` runs: every parser by itself, on whatever bytes the fuzzer makes.
//!
//! A target is a function over bytes that never panics. It may assert what has to hold whatever the
//! bytes are. Only in test builds (feature `fuzzing`).
//!
//! | file | targets of |
//! |---|---|
//! | `handshakes.rs` | tokens of handshakes, by themselves and changed on their way |
//! | `kerberos.rs` | Kerberos' messages, and what its keys protect |
//! | `krb5_stores.rs` | keytabs, credential caches, krb5.conf, names |
//! | `messages.rs` | protected messages, changed on their way |
//! | `stores.rs` | files and identities |
//! | `structures.rs` | structures that C hands over |

#![forbid(unsafe_code)]

mod handshakes;
mod input;
mod kerberos;
mod krb5_stores;
mod messages;
mod stores;
mod structures;
mod world;

use crate::package::ntlm;

/// One target of the fuzzer.
pub struct Target {
    /// Its corpus is in the folder of this name.
    pub name: &'static str,
    /// Takes any bytes.
    pub run: fn(&[u8]),
    /// Inputs that are right, for the fuzzer to begin with.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// Every target that needs nothing of C.
pub static TARGETS: &[Target] = &[
    Target { name: "spnego_init", run: handshakes::spnego_init, seeds: handshakes::spnego_inits },
    Target { name: "spnego_resp", run: handshakes::spnego_resp, seeds: handshakes::spnego_resps },
    Target { name: "spnego_handshake", run: handshakes::spnego, seeds: handshakes::edits },
    Target { name: "ntlm_handshake", run: handshakes::ntlm, seeds: handshakes::edits },
    Target { name: "ntlm_negotiate", run: ntlm::fuzzing::negotiate, seeds: || handshakes::ntlm_token(0) },
    Target { name: "ntlm_challenge", run: handshakes::ntlm_challenge, seeds: || handshakes::ntlm_token(1) },
    Target {
        name: "ntlm_authenticate",
        run: handshakes::ntlm_authenticate,
        seeds: handshakes::ntlm_authenticates,
    },
    Target { name: "av_pairs", run: ntlm::fuzzing::av_pairs, seeds: handshakes::av_pairs },
    Target {
        name: "ntlm_messages",
        run: |data| messages::tampered(ntlm::fuzzing::halves(), &messages::ALL_COVERED, data),
        seeds: messages::seeds,
    },
    Target { name: "account_file", run: stores::account_file, seeds: stores::account_files },
    Target { name: "identity", run: stores::identity, seeds: stores::identities },
    Target { name: "channel_bindings", run: structures::channel_bindings, seeds: structures::bindings },
    Target { name: "kdc_proxy", run: structures::kdc_proxy, seeds: structures::proxies },
    Target { name: "import_context", run: structures::import_context, seeds: structures::contexts },
    Target { name: "krb5_ap_req", run: kerberos::ap_req, seeds: kerberos::ap_reqs },
    Target { name: "krb5_ap_rep", run: kerberos::ap_rep, seeds: kerberos::ap_reps },
    Target { name: "krb5_error", run: kerberos::krb_error, seeds: kerberos::krb_errors },
    Target { name: "krb5_kdc_rep", run: kerberos::kdc_rep, seeds: kerberos::kdc_reps },
    Target { name: "krb5_kdc_req", run: kerberos::kdc_req, seeds: kerberos::kdc_reqs },
    Target { name: "krb5_cred", run: kerberos::krb_cred, seeds: kerberos::krb_creds },
    Target { name: "krb5_encrypted_parts", run: kerberos::encrypted_parts, seeds: kerberos::parts },
    Target { name: "krb5_gss_frame", run: kerberos::gss_frame, seeds: kerberos::frames },
    Target { name: "krb5_padata", run: kerberos::padata, seeds: kerberos::padatas },
    Target { name: "krb5_kpasswd", run: kerberos::kpasswd, seeds: kerberos::kpasswds },
    Target { name: "krb5_crypto", run: kerberos::crypto, seeds: kerberos::cryptos },
    Target { name: "krb5_string_to_key", run: kerberos::string_to_key, seeds: kerberos::strings_to_key },
    Target { name: "krb5_keytab", run: krb5_stores::keytab, seeds: krb5_stores::keytabs },
    Target { name: "krb5_ccache", run: krb5_stores::ccache, seeds: krb5_stores::ccaches },
    Target { name: "krb5_conf", run: krb5_stores::conf, seeds: krb5_stores::confs },
    Target { name: "krb5_principal", run: krb5_stores::principal, seeds: krb5_stores::principals },
    Target { name: "krb5_cfx_messages", run: kerberos::cfx_messages, seeds: kerberos::messages },
    Target { name: "krb5_rc4_messages", run: kerberos::rc4_messages, seeds: kerberos::messages },
    Target { name: "krb5_accept", run: kerberos::accept, seeds: kerberos::accepts },
    Target { name: "krb5_pac", run: kerberos::pac, seeds: kerberos::pacs },
];
