//! EnumerateSecurityPackages, QuerySecurityPackageInfo, Add/DeleteSecurityPackage, FreeContextBuffer.

use std::ffi::c_void;

use widestring::U16String;

use crate::abi::{SEC_CHAR, SEC_WCHAR, SECURITY_PACKAGE_OPTIONS, SECURITY_STATUS, SecPkgInfoA, SecPkgInfoW};
use crate::boundary::blocks::{self, Block};
use crate::boundary::places;
use crate::boundary::strings::{Ansi, Charset, Wide};
use crate::error::{Code, Error, Result};
use crate::export::entry;
use crate::package::{self, PACKAGES, Package, PackageInfo};

// One layout for both: only the strings differ.
const _: () = assert!(size_of::<SecPkgInfoA>() == size_of::<SecPkgInfoW>());

/// One block with the descriptions, followed by their strings.
pub fn describe<C: Charset>(infos: &[&PackageInfo]) -> Result<Block> {
    let texts = infos.iter().flat_map(|info| [info.name, info.comment]);
    let texts: Vec<Vec<u8>> =
        texts.map(|text| C::encode(&U16String::from_str(text))).collect::<Result<_>>()?;
    let mut at = size_of_val(infos) / size_of::<&PackageInfo>() * size_of::<SecPkgInfoW>();
    let mut block = Block::new(at + texts.iter().map(Vec::len).sum::<usize>())?;
    let start = block.start();
    let mut place = |text: Option<&Vec<u8>>| {
        let text = text.map(Vec::as_slice).unwrap_or_default();
        if let Some(room) = block.bytes().get_mut(at..at + text.len()) {
            room.copy_from_slice(text);
        }
        at += text.len();
        start.wrapping_byte_add(at - text.len())
    };
    let mut texts = texts.iter();
    for (index, info) in infos.iter().enumerate() {
        let description = SecPkgInfoW {
            fCapabilities: info.capabilities,
            wVersion: info.version,
            wRPCID: info.rpc_id,
            cbMaxToken: info.max_token,
            Name: place(texts.next()).cast(),
            Comment: place(texts.next()).cast(),
        };
        // SAFETY: the block is aligned for any type and begins with room for all descriptions.
        unsafe { start.cast::<SecPkgInfoW>().add(index).write(description) };
    }
    Ok(block)
}

/// The package that pszPackage names; NULL, empty and over-long names are SEC_E_SECPKG_NOT_FOUND.
///
/// # Safety
/// `name` is NULL or a NUL-terminated string.
pub unsafe fn find<C: Charset>(name: *const C::Unit) -> Result<&'static dyn Package> {
    // SAFETY: promised by the caller.
    let name = unsafe { C::read(name) };
    let not_found = |_| Error::new(Code::SecpkgNotFound, "a package name that cannot be one");
    let name = name.map_err(not_found)?.unwrap_or_default();
    package::find(&name.to_string_lossy())
}

/// # Safety
/// Both places are NULL or writable.
unsafe fn enumerate<C: Charset, T>(count: *mut u32, infos: *mut *mut T) -> Result<()> {
    places::required(count)?;
    places::required(infos)?;
    let all: Vec<&PackageInfo> = PACKAGES.iter().map(|package| package.info()).collect();
    let block = describe::<C>(&all)?;
    // SAFETY: promised by the caller.
    unsafe {
        places::put(count, all.len() as u32);
        places::put(infos, block.release().cast());
    }
    Ok(())
}

/// # Safety
/// `name` is NULL or a NUL-terminated string, `info` is NULL or writable.
unsafe fn query<C: Charset, T>(name: *const C::Unit, info: *mut *mut T) -> Result<()> {
    places::required(info)?;
    // SAFETY: promised by the caller.
    let package = unsafe { find::<C>(name) }?;
    let block = describe::<C>(&[package.info()])?;
    // SAFETY: promised by the caller.
    unsafe { places::put(info, block.release().cast()) };
    Ok(())
}

fn packages_are_built_in() -> Result<()> {
    Err(Error::new(Code::UnsupportedFunction, "packages are built in"))
}

/// Lists the security packages, as `EnumerateSecurityPackagesW` does; strings are UTF-8.
///
/// pcPackages: receives the number of packages.
///
/// ppPackageInfo: receives an array of that many descriptions, strings included, in one block, which
/// the caller frees with one call of FreeContextBuffer.
///
/// Returns SEC_E_OK; SEC_E_INVALID_PARAMETER if a pointer is NULL; SEC_E_INSUFFICIENT_MEMORY.
/// On failure nothing is written.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn EnumerateSecurityPackagesA(
    pcPackages: *mut u32,
    ppPackageInfo: *mut *mut SecPkgInfoA,
) -> SECURITY_STATUS {
    entry!("EnumerateSecurityPackagesA", {
        // SAFETY: C's promise.
        unsafe { enumerate::<Ansi, _>(pcPackages, ppPackageInfo) }
    })
}

/// Lists the security packages that the library has.
///
/// pcPackages: receives the number of packages.
///
/// ppPackageInfo: receives an array of that many descriptions, strings included, in one block, which
/// the caller frees with one call of FreeContextBuffer.
///
/// Returns SEC_E_OK; SEC_E_INVALID_PARAMETER if a pointer is NULL; SEC_E_INSUFFICIENT_MEMORY.
/// On failure nothing is written.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn EnumerateSecurityPackagesW(
    pcPackages: *mut u32,
    ppPackageInfo: *mut *mut SecPkgInfoW,
) -> SECURITY_STATUS {
    entry!("EnumerateSecurityPackagesW", {
        // SAFETY: C's promise.
        unsafe { enumerate::<Wide, _>(pcPackages, ppPackageInfo) }
    })
}

/// Describes one security package, as `QuerySecurityPackageInfoW` does; strings are UTF-8.
///
/// pszPackageName: its name, in any case.
///
/// ppPackageInfo: receives the description and its strings in one block, which the caller frees with
/// FreeContextBuffer.
///
/// Returns SEC_E_OK; SEC_E_SECPKG_NOT_FOUND if there is no such package or the name is NULL;
/// SEC_E_INVALID_PARAMETER if ppPackageInfo is NULL; SEC_E_INSUFFICIENT_MEMORY. On failure nothing is
/// written.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn QuerySecurityPackageInfoA(
    pszPackageName: *const SEC_CHAR,
    ppPackageInfo: *mut *mut SecPkgInfoA,
) -> SECURITY_STATUS {
    entry!("QuerySecurityPackageInfoA", {
        // SAFETY: C's promise.
        unsafe { query::<Ansi, _>(pszPackageName, ppPackageInfo) }
    })
}

/// Describes one security package: what it can, and how large its tokens get.
///
/// pszPackageName: its name, such as "NTLM", in any case.
///
/// ppPackageInfo: receives the description and its strings in one block, which the caller frees with
/// FreeContextBuffer.
///
/// Returns SEC_E_OK; SEC_E_SECPKG_NOT_FOUND if there is no such package or the name is NULL;
/// SEC_E_INVALID_PARAMETER if ppPackageInfo is NULL; SEC_E_INSUFFICIENT_MEMORY. On failure nothing is
/// written.
///
/// # Safety
/// Pointers are NULL or as described.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn QuerySecurityPackageInfoW(
    pszPackageName: *const SEC_WCHAR,
    ppPackageInfo: *mut *mut SecPkgInfoW,
) -> SECURITY_STATUS {
    entry!("QuerySecurityPackageInfoW", {
        // SAFETY: C's promise.
        unsafe { query::<Wide, _>(pszPackageName, ppPackageInfo) }
    })
}

/// Would add a security package to the system. The packages of this library are built in.
///
/// pszPackageName, pOptions: not looked at.
///
/// Returns SEC_E_UNSUPPORTED_FUNCTION, always.
///
/// # Safety
/// Any pointers.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn AddSecurityPackageA(
    pszPackageName: *const SEC_CHAR,
    pOptions: *mut SECURITY_PACKAGE_OPTIONS,
) -> SECURITY_STATUS {
    entry!("AddSecurityPackageA", {
        let _ = (pszPackageName, pOptions);
        packages_are_built_in()
    })
}

/// Would add a security package to the system. The packages of this library are built in.
///
/// pszPackageName, pOptions: not looked at.
///
/// Returns SEC_E_UNSUPPORTED_FUNCTION, always.
///
/// # Safety
/// Any pointers.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn AddSecurityPackageW(
    pszPackageName: *const SEC_WCHAR,
    pOptions: *mut SECURITY_PACKAGE_OPTIONS,
) -> SECURITY_STATUS {
    entry!("AddSecurityPackageW", {
        let _ = (pszPackageName, pOptions);
        packages_are_built_in()
    })
}

/// Would remove a security package from the system. The packages of this library are built in.
///
/// pszPackageName: not looked at.
///
/// Returns SEC_E_UNSUPPORTED_FUNCTION, always.
///
/// # Safety
/// Any pointer.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn DeleteSecurityPackageA(pszPackageName: *const SEC_CHAR) -> SECURITY_STATUS {
    entry!("DeleteSecurityPackageA", {
        let _ = pszPackageName;
        packages_are_built_in()
    })
}

/// Would remove a security package from the system. The packages of this library are built in.
///
/// pszPackageName: not looked at.
///
/// Returns SEC_E_UNSUPPORTED_FUNCTION, always.
///
/// # Safety
/// Any pointer.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn DeleteSecurityPackageW(pszPackageName: *const SEC_WCHAR) -> SECURITY_STATUS {
    entry!("DeleteSecurityPackageW", {
        let _ = pszPackageName;
        packages_are_built_in()
    })
}

/// Frees a block that the library gave to the caller: tokens of ISC_REQ_ALLOCATE_MEMORY and
/// ASC_REQ_ALLOCATE_MEMORY, package descriptions, strings and keys of attributes, exported contexts.
///
/// pvContextBuffer: the block; NULL is fine. Its bytes are zeroed first.
///
/// Returns SEC_E_OK; SEC_E_INVALID_HANDLE if the pointer is not a block of this library that is still
/// to be freed: it is then left alone, so that a second call or a pointer from elsewhere does no harm.
///
/// # Safety
/// Nobody uses the block any more.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn FreeContextBuffer(pvContextBuffer: *mut c_void) -> SECURITY_STATUS {
    entry!("FreeContextBuffer", { blocks::free(pvContextBuffer) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_and_their_strings_are_one_block() {
        let info = package::find("ntlm").unwrap().info();
        let mut block = describe::<Wide>(&[info, info]).unwrap();
        let len = block.bytes().len();
        let start = block.start() as usize;
        // SAFETY: the block begins with two descriptions.
        let described = unsafe { std::slice::from_raw_parts(block.start().cast::<SecPkgInfoW>(), 2) };
        assert_eq!(len, 2 * (32 + 2 * (info.name.len() + info.comment.len() + 2)));
        for description in described {
            for (text, expected) in [(description.Name, info.name), (description.Comment, info.comment)] {
                assert!((start + 64..start + len).contains(&(text as usize)));
                // SAFETY: a NUL-terminated string inside the block.
                let read = unsafe { Wide::read(text) }.unwrap().unwrap();
                assert_eq!(read.to_string().unwrap(), expected);
            }
        }
    }
}
