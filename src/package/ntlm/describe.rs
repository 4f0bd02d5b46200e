//! The configuration that NTLM would use, for people.

#![forbid(unsafe_code)]

use super::target::TargetNames;
use crate::package::Line;
use crate::store::accounts::FileAccounts;
use crate::store::names::down_level;
use crate::store::os::Os;

/// Whom an acceptor checks against, who an initiator is by default, and the names in a CHALLENGE.
pub fn describe(os: &dyn Os) -> Vec<Line> {
    let file = os.variable("NTLM_USER_FILE");
    let path = file.as_ref().map(|path| path.to_string_lossy()).unwrap_or_default();
    let accounts = FileAccounts::from_environment(os);
    let state = match accounts.as_ref().map(|accounts| accounts.count()) {
        None => "NTLM_USER_FILE is not set: acceptors have no accounts".to_owned(),
        Some(Ok((all, able))) => format!("{path}: {all} accounts, {able} of them may log on"),
        Some(Err(error)) => error.reason.into_owned(),
    };
    let own = accounts.map(|accounts| accounts.default_identity(os.user_name().as_deref()));
    let own = match own {
        None => "none: nobody logs on without an explicit identity".to_owned(),
        Some(Ok(Some(identity))) => {
            let (user, domain) = identity.account();
            down_level(domain, user).to_string_lossy()
        }
        Some(Ok(None)) => "none: the account file has no password".to_owned(),
        Some(Err(error)) => error.reason.into_owned(),
    };
    let names = TargetNames::new(os);
    let name = names.map_or_else(|error| error.reason.into_owned(), |names| names.target.to_string_lossy());
    let mic = os.variable("SSPI_NTLM_REQUIRE_MIC").is_some_and(|value| value == "1");
    vec![
        Line::new("accounts", state),
        Line::new("default identity", own),
        Line::new("name of an acceptor", name),
        Line::new("clients without a MIC", if mic { "refused" } else { "taken" }),
    ]
}
