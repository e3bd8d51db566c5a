#!/usr/bin/env bash
# Kills writers of a shared cache at random instants, while others read and write, and looks for wrong values and
# hangs. Exit 77: skipped.
#
#   storm.sh [KILLS]
set -euo pipefail
cd "$(dirname "$0")/.."

case $(uname) in
    Linux | Darwin) ;;
    *)
        echo "SKIP storm: shared caches are for Linux and macOS"
        exit 77
        ;;
esac
# As `cargo test` has built it: what takes the time is starting processes.
WARP_STORM_KILLS=${1:-10000} cargo test -p warp-tests --test region_storm -- --nocapture
