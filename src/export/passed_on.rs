//! The functions of secur32.dll that are not SSPI's: names of accounts, LSA, SASL, and what the
//! system keeps to itself. Programs that import them find them, and the system's own DLL does the work.
//!
//! Each is one jump, which keeps every argument where it is; the first call looks for the function.
//! Their symbols say nothing of arguments, so on 32 bits they look like functions without any.

use std::arch::naked_asm;

use crate::boundary::os::system_dll::{self, Function, Kind};

/// The first four arguments are in registers; the call has room for its own behind them.
#[cfg(target_arch = "x86_64")]
macro_rules! jump {
    ($function:ident) => {
        naked_asm!(
            "mov rax, [rip + {function}]",
            "test rax, rax",
            "jnz 2f",
            "sub rsp, 0x48",
            "mov [rsp + 0x20], rcx",
            "mov [rsp + 0x28], rdx",
            "mov [rsp + 0x30], r8",
            "mov [rsp + 0x38], r9",
            "lea rcx, [rip + {function}]",
            "call {find}",
            "mov rcx, [rsp + 0x20]",
            "mov rdx, [rsp + 0x28]",
            "mov r8, [rsp + 0x30]",
            "mov r9, [rsp + 0x38]",
            "add rsp, 0x48",
            "2:",
            "jmp rax",
            function = sym $function,
            find = sym system_dll::find,
        )
    };
}

/// Every argument is on the stack.
#[cfg(target_arch = "x86")]
macro_rules! jump {
    ($function:ident) => {
        naked_asm!(
            "mov eax, [{function}]",
            "test eax, eax",
            "jnz 2f",
            "lea eax, [{function}]",
            "push eax",
            "call {find}",
            "add esp, 4",
            "2:",
            "jmp eax",
            function = sym $function,
            find = sym system_dll::find,
        )
    };
}

macro_rules! passed_on {
    ($kind:ident: $($name:ident)*) => { $(
        #[doc = concat!("The system's own `", stringify!($name), "`.")]
        ///
        /// # Safety
        /// As Windows says.
        #[unsafe(naked)]
        #[unsafe(no_mangle)]
        pub unsafe extern "system" fn $name() {
            static FUNCTION: Function = Function::new(
                // SAFETY: a name without a NUL, and one behind it.
                unsafe {
                    std::ffi::CStr::from_bytes_with_nul_unchecked(
                        concat!(stringify!($name), "\0").as_bytes(),
                    )
                },
                Kind::$kind,
            );
            jump!(FUNCTION)
        }
    )* };
}

passed_on! { Nt:
    LsaCallAuthenticationPackage LsaConnectUntrusted LsaDeregisterLogonProcess LsaEnumerateLogonSessions
    LsaFreeReturnBuffer LsaGetLogonSessionData LsaLogonUser LsaLookupAuthenticationPackage
    LsaRegisterLogonProcess LsaRegisterPolicyChangeNotification LsaUnregisterPolicyChangeNotification
    CredMarshalTargetInfo CredUnmarshalTargetInfo
    SecCacheSspiPackages SecDeleteUserModeContext SecInitUserModeContext SeciAllocateAndSetCallFlags
    SeciAllocateAndSetIPAddress SeciFreeCallContext SeciIsProtectedUser SecpFreeMemory SecpSetIPAddress
}

passed_on! { Zero:
    GetUserNameExA GetUserNameExW GetSecurityUserInfo GetComputerObjectNameA GetComputerObjectNameW
    TranslateNameA TranslateNameW SecpTranslateName SecpTranslateNameEx
    OpenLsaPerformanceData CollectLsaPerformanceData CloseLsaPerformanceData
    CredParseUserNameWithType LogonUserExExW SecGetLocaleSpecificEncryptionRules
}

passed_on! { Security:
    SaslAcceptSecurityContext SaslEnumerateProfilesA SaslEnumerateProfilesW SaslGetContextOption
    SaslGetProfilePackageA SaslGetProfilePackageW SaslIdentifyPackageA SaslIdentifyPackageW
    SaslInitializeSecurityContextA SaslInitializeSecurityContextW SaslSetContextOption
}
