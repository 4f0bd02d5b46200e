//! The function tables and InitSecurityInterface.

use std::ffi::c_void;
use std::ptr::null_mut;

use crate::abi::{
    SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION, SecurityFunctionTableA, SecurityFunctionTableW,
};
use crate::export::{contexts, credentials, entry, messages, packages, query, transfer};

/// A table that every thread may read.
#[repr(transparent)]
struct Shared<T>(T);

// SAFETY: a table is numbers, functions and NULLs, and nobody writes to it.
unsafe impl<T> Sync for Shared<T> {}

static TABLE_W: Shared<SecurityFunctionTableW> = Shared(SecurityFunctionTableW {
    dwVersion: SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION,
    EnumerateSecurityPackagesW: Some(packages::EnumerateSecurityPackagesW),
    QueryCredentialsAttributesW: Some(query::QueryCredentialsAttributesW),
    AcquireCredentialsHandleW: Some(credentials::AcquireCredentialsHandleW),
    FreeCredentialsHandle: Some(credentials::FreeCredentialsHandle),
    Reserved2: null_mut(),
    InitializeSecurityContextW: Some(contexts::InitializeSecurityContextW),
    AcceptSecurityContext: Some(contexts::AcceptSecurityContext),
    CompleteAuthToken: Some(contexts::CompleteAuthToken),
    DeleteSecurityContext: Some(contexts::DeleteSecurityContext),
    ApplyControlToken: Some(contexts::ApplyControlToken),
    QueryContextAttributesW: Some(query::QueryContextAttributesW),
    ImpersonateSecurityContext: Some(contexts::ImpersonateSecurityContext),
    RevertSecurityContext: Some(contexts::RevertSecurityContext),
    MakeSignature: Some(messages::MakeSignature),
    VerifySignature: Some(messages::VerifySignature),
    FreeContextBuffer: Some(packages::FreeContextBuffer),
    QuerySecurityPackageInfoW: Some(packages::QuerySecurityPackageInfoW),
    Reserved3: messages::EncryptMessage as *mut c_void,
    Reserved4: messages::DecryptMessage as *mut c_void,
    ExportSecurityContext: Some(transfer::ExportSecurityContext),
    ImportSecurityContextW: Some(transfer::ImportSecurityContextW),
    AddCredentialsW: Some(credentials::AddCredentialsW),
    Reserved8: null_mut(),
    QuerySecurityContextToken: Some(contexts::QuerySecurityContextToken),
    EncryptMessage: Some(messages::EncryptMessage),
    DecryptMessage: Some(messages::DecryptMessage),
    SetContextAttributesW: Some(contexts::SetContextAttributesW),
    SetCredentialsAttributesW: Some(credentials::SetCredentialsAttributesW),
    ChangeAccountPasswordW: Some(credentials::ChangeAccountPasswordW),
    QueryContextAttributesExW: Some(query::QueryContextAttributesExW),
    QueryCredentialsAttributesExW: Some(query::QueryCredentialsAttributesExW),
});

static TABLE_A: Shared<SecurityFunctionTableA> = Shared(SecurityFunctionTableA {
    dwVersion: SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION,
    EnumerateSecurityPackagesA: Some(packages::EnumerateSecurityPackagesA),
    QueryCredentialsAttributesA: Some(query::QueryCredentialsAttributesA),
    AcquireCredentialsHandleA: Some(credentials::AcquireCredentialsHandleA),
    FreeCredentialHandle: Some(credentials::FreeCredentialsHandle),
    Reserved2: null_mut(),
    InitializeSecurityContextA: Some(contexts::InitializeSecurityContextA),
    AcceptSecurityContext: Some(contexts::AcceptSecurityContext),
    CompleteAuthToken: Some(contexts::CompleteAuthToken),
    DeleteSecurityContext: Some(contexts::DeleteSecurityContext),
    ApplyControlToken: Some(contexts::ApplyControlToken),
    QueryContextAttributesA: Some(query::QueryContextAttributesA),
    ImpersonateSecurityContext: Some(contexts::ImpersonateSecurityContext),
    RevertSecurityContext: Some(contexts::RevertSecurityContext),
    MakeSignature: Some(messages::MakeSignature),
    VerifySignature: Some(messages::VerifySignature),
    FreeContextBuffer: Some(packages::FreeContextBuffer),
    QuerySecurityPackageInfoA: Some(packages::QuerySecurityPackageInfoA),
    Reserved3: messages::EncryptMessage as *mut c_void,
    Reserved4: messages::DecryptMessage as *mut c_void,
    ExportSecurityContext: Some(transfer::ExportSecurityContext),
    ImportSecurityContextA: Some(transfer::ImportSecurityContextA),
    AddCredentialsA: Some(credentials::AddCredentialsA),
    Reserved8: null_mut(),
    QuerySecurityContextToken: Some(contexts::QuerySecurityContextToken),
    EncryptMessage: Some(messages::EncryptMessage),
    DecryptMessage: Some(messages::DecryptMessage),
    SetContextAttributesA: Some(contexts::SetContextAttributesA),
    SetCredentialsAttributesA: Some(credentials::SetCredentialsAttributesA),
    ChangeAccountPasswordA: Some(credentials::ChangeAccountPasswordA),
    QueryContextAttributesExA: Some(query::QueryContextAttributesExA),
    QueryCredentialsAttributesExA: Some(query::QueryCredentialsAttributesExA),
});

/// Returns the table of this library's functions, those with two forms in their A form; their strings
/// are UTF-8.
///
/// The table is static, the same at every call, and must not be written or freed. Its dwVersion is
/// SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION; all slots of a SecurityFunctionTableA are there whatever
/// that says. Reserved2 and Reserved8 are NULL; Reserved3 and Reserved4 are EncryptMessage and
/// DecryptMessage.
///
/// Returns the table, never NULL.
///
/// # Safety
/// None is asked for.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn InitSecurityInterfaceA() -> *mut SecurityFunctionTableA {
    entry!("InitSecurityInterfaceA", { Ok((&raw const TABLE_A.0).cast_mut()) })
}

/// Returns the table of this library's functions, those with two forms in their W form.
///
/// The table is static, the same at every call, and must not be written or freed. Its dwVersion is
/// SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION; all slots of a SecurityFunctionTableW are there whatever
/// that says. Reserved2 and Reserved8 are NULL; Reserved3 and Reserved4 are EncryptMessage and
/// DecryptMessage.
///
/// Returns the table, never NULL.
///
/// # Safety
/// None is asked for.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn InitSecurityInterfaceW() -> *mut SecurityFunctionTableW {
    entry!("InitSecurityInterfaceW", { Ok((&raw const TABLE_W.0).cast_mut()) })
}

/// Returns the same table as `InitSecurityInterfaceA`; programs of FreeRDP's WinPR ask by this name.
///
/// flags: ignored.
///
/// Returns the table, never NULL.
///
/// # Safety
/// None is asked for.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn InitSecurityInterfaceExA(flags: u32) -> *mut SecurityFunctionTableA {
    entry!("InitSecurityInterfaceExA", {
        let _ = flags;
        Ok((&raw const TABLE_A.0).cast_mut())
    })
}

/// Returns the same table as `InitSecurityInterfaceW`; programs of FreeRDP's WinPR ask by this name.
///
/// flags: ignored.
///
/// Returns the table, never NULL.
///
/// # Safety
/// None is asked for.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn InitSecurityInterfaceExW(flags: u32) -> *mut SecurityFunctionTableW {
    entry!("InitSecurityInterfaceExW", {
        let _ = flags;
        Ok((&raw const TABLE_W.0).cast_mut())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_static_and_full() {
        // SAFETY: nothing is asked for.
        let (a, w) = unsafe { (InitSecurityInterfaceA(), InitSecurityInterfaceW()) };
        // SAFETY: nothing is asked for.
        unsafe {
            assert_eq!((a, w), (InitSecurityInterfaceExA(1), InitSecurityInterfaceExW(2)));
        }
        for table in [a.cast::<usize>(), w.cast::<usize>()] {
            // SAFETY: a table is 32 words.
            let words = unsafe { std::slice::from_raw_parts(table, 32) };
            assert_eq!(words[0] as u32, 1);
            let empty: Vec<usize> = (0..32).filter(|slot| words[*slot] == 0).collect();
            assert_eq!(empty, [5, 23]);
            assert_eq!((words[18], words[19]), (words[25], words[26]));
        }
    }
}
