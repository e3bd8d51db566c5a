#!/usr/bin/env bash
# Replays real traces through the engine and through the decorator, and compares the hits with the known counts.
#
#   hit-ratio.sh FOLDER [PYTHON]
set -euo pipefail
cd "$(dirname "$0")/.."

if [ ! -f "$1/hit_ratio_truth.tsv" ]; then
    echo "SKIP hit-ratio: no traces in $1; TRACES=folder names another place"
    exit 0
fi
status=0
cargo run --quiet --release -p warp-tests --bin hit_ratio -- "$1" || status=1

read -r version _ < <(scripts/interpreters.sh find "${2:-}") || exit 1
if [ "$version" = 3.13t ]; then
    echo "SKIP the decorator's part: zstandard, which reads the traces, has no wheel for 3.13t"
else
    environment=$(scripts/environment.sh test,traces "${2:-}")
    "$environment/bin/python" bench/hit_ratio.py "$1" || status=1
fi
exit $status
