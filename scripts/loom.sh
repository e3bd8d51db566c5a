#!/usr/bin/env bash
# Explores the interleavings of what waits and what publishes, with loom. Exit 77: skipped.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! grep -rqs --include='*.rs' 'loom::model' warp-cache tests; then
    echo "SKIP loom: there is no loom model yet"
    exit 77
fi
# Optimized, since the interleavings are many; a folder of its own, since the flag touches every crate.
RUSTFLAGS="--cfg loom ${RUSTFLAGS:-}" CARGO_TARGET_DIR=target/loom LOOM_MAX_PREEMPTIONS=${LOOM_MAX_PREEMPTIONS:-3} \
    CARGO_PROFILE_DEV_OPT_LEVEL=2 CARGO_PROFILE_TEST_OPT_LEVEL=2 \
    cargo test -p warp-tests --test loom --test region_loom
