#!/usr/bin/env bash
# Runs the engine's tests under Miri, with fewer operations each. Exit 77: skipped.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! cargo +nightly miri --version > /dev/null 2>&1; then
    echo "SKIP miri: no nightly toolchain with the miri component (rustup +nightly component add miri)"
    exit 77
fi
# Time is the caller's to give in these tests, but threads and the clock of the build still ask the machine.
MIRIFLAGS="-Zmiri-disable-isolation ${MIRIFLAGS:-}" CARGO_TARGET_DIR=target/miri \
    cargo +nightly miri test -p warp-tests --test '*'
