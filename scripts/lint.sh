#!/usr/bin/env bash
# Everything that reads the sources and complains. All of it runs, also after a first complaint.
#
#   lint.sh [PYTHON]      the extension has to be built for it: stubtest compares the stubs with what is there
set -euo pipefail
cd "$(dirname "$0")/.."

read -r version _ < <(scripts/interpreters.sh find "${1:-}") || exit 1
environment=$(scripts/environment.sh dev "${1:-}")
python=$environment/bin/python
failed=()

check() { # NAME COMMAND..
    local name=$1
    shift
    echo "lint: $name"
    "$@" || failed+=("$name")
}

check "ruff" "$python" -m ruff check --quiet .
check "ruff format" "$python" -m ruff format --quiet --diff .
if [ "$version" = 3.13t ]; then
    echo "SKIP mypy and stubtest: mypy has no current wheel for 3.13t; the other versions run them"
else
    check "mypy" "$python" -m mypy
    allowlist=()
    if [ -f scripts/stubtest-allowlist.txt ]; then allowlist=(--allowlist scripts/stubtest-allowlist.txt); fi
    check "stubtest" "$python" -m mypy.stubtest ${allowlist[@]+"${allowlist[@]}"} warp_cache
    # Where mypy is not installed these tests are skipped; here it is.
    check "typing cases" "$python" -m pytest -q tests/python/test_typing.py
fi
check "rustfmt" cargo fmt --all --check
check "rustfmt, compare" cargo fmt --manifest-path tests/compare/Cargo.toml --check
# warp-python's build asks an interpreter for its version; the free-threaded 3.13 is too old for the newest pyo3.
if [ "$version" = 3.13t ]; then
    echo "SKIP clippy and rustdoc of warp-python: the locked pyo3 does not know 3.13t"
    check "clippy" cargo clippy --quiet --all-targets -- -D warnings
    check "rustdoc" env RUSTDOCFLAGS="-D warnings" cargo doc --quiet --no-deps
else
    check "clippy" env PYO3_PYTHON="$python" cargo clippy --quiet --workspace --all-targets -- -D warnings
    check "rustdoc" env PYO3_PYTHON="$python" RUSTDOCFLAGS="-D warnings" \
        cargo doc --quiet --no-deps --workspace
fi

# The workspace has all features of the engine on.
for features in "" region shared; do
    check "clippy, the engine with '$features'" \
        cargo clippy --quiet -p warp-cache --features "$features" -- -D warnings
done

if [ ${#failed[@]} -gt 0 ]; then
    printf 'lint failed: %s\n' "${failed[@]}"
    exit 1
fi
echo "lint passed"
