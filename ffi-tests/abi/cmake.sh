#!/usr/bin/env bash
# Installs the library with CMake into a folder of its own and builds programs against it, found by
# find_package and by pkg-config; then the same with versioned symbols.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
for tool in cmake pkg-config cc nm readelf; do
    if ! command -v "$tool" >/dev/null; then
        echo "$tool is not installed"
        echo "0 passed, 0 failed, 1 skipped"
        exit 0
    fi
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Another soname is another build, which must not replace the library that other tests use.
cargo_dir=${CARGO_TARGET_DIR:-$root/target}/cmake
passed=0
failed=0

check() {
    local name=$1
    shift
    if "$@" >"$work/log" 2>&1; then
        echo "ok $name"
        passed=$((passed + 1))
    else
        echo "not ok $name"
        sed 's/^/    /' "$work/log"
        failed=$((failed + 1))
    fi
}

install_library() {
    local name=$1
    shift
    cmake -S "$root/cmake" -B "$work/build-$name" -DSSPI_CARGO_TARGET_DIR="$cargo_dir" \
        -DCMAKE_INSTALL_PREFIX="$work/$name" -DCMAKE_INSTALL_LIBDIR=lib "$@" &&
        cmake --build "$work/build-$name" &&
        cmake --install "$work/build-$name"
}

by_find_package() {
    local prefix=$work/$1
    cmake -S "$here/cmake" -B "$work/consumer-$1" -DCMAKE_PREFIX_PATH="$prefix" &&
        cmake --build "$work/consumer-$1" &&
        "$work/consumer-$1/consumer" && "$work/consumer-$1/consumer_static"
}

by_pkg_config() {
    local prefix=$work/$1
    export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
    # The words of pkg-config are arguments.
    # shellcheck disable=SC2046
    cc $(pkg-config --cflags sspi) "$here/cmake/consumer.c" -o "$work/by-pkg-config" $(pkg-config --libs sspi) &&
        LD_LIBRARY_PATH=$prefix/lib "$work/by-pkg-config"
}

has_soname_and_links() {
    local lib=$work/$1/lib
    readelf -d "$lib/libsspi.so" | grep -F 'Library soname: [libsspi.so.0]' &&
        test "$(readlink "$lib/libsspi.so")" = libsspi.so.0 &&
        test -L "$lib/libsspi.so.0" && test -f "$lib/libsspi.so.0"
}

exports_the_agreed_symbols() {
    grep -v '^#' "$here/symbols.txt" | grep . | sort >"$work/agreed"
    nm -D --defined-only "$work/$1/lib/libsspi.so" | awk '$2 != "A" {print $3}' | sed 's/@.*//' | sort >"$work/exported"
    diff "$work/agreed" "$work/exported"
}

symbols_are_versioned() {
    nm -D --defined-only "$work/$1/lib/libsspi.so" | grep -F 'AcceptSecurityContext@@SSPI_0'
}

tells_the_configuration() {
    env -u LD_LIBRARY_PATH "$work/$1/bin/sspi-info" | grep -F 'version: '
}

check "plain: install" install_library plain
check "plain: sspi-info" tells_the_configuration plain
check "plain: soname and links" has_soname_and_links plain
check "plain: exported symbols" exports_the_agreed_symbols plain
check "plain: find_package" by_find_package plain
check "plain: pkg-config" by_pkg_config plain
check "versioned: install" install_library versioned -DSSPI_SYMBOL_VERSIONS=ON
check "versioned: soname and links" has_soname_and_links versioned
check "versioned: exported symbols" exports_the_agreed_symbols versioned
check "versioned: symbols carry SSPI_0" symbols_are_versioned versioned
check "versioned: find_package" by_find_package versioned
check "versioned: pkg-config" by_pkg_config versioned

echo "$passed passed, $failed failed, 0 skipped"
test "$failed" -eq 0
