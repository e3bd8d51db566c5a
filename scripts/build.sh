#!/usr/bin/env bash
# Builds the extension and installs it, editable, into the environment of one interpreter.
#
#   build.sh debug|release [PYTHON]
set -euo pipefail
cd "$(dirname "$0")/.."

read -r version _ < <(scripts/interpreters.sh find "${2:-}") || exit 1
environment=$(scripts/environment.sh test "${2:-}")
mode=()
if [ "$1" = release ]; then mode=(--release); fi

# pyo3 has dropped the free-threaded 3.13 after 0.28.3. That one is built from a copy, whose lock file names 0.28.3.
old_pyo3=0.28.3
if [ "$version" = 3.13t ]; then
    copy=target/pyo3-$old_pyo3
    mkdir -p "$copy"
    # Everything but what was built there: sources that are gone here have to go there.
    find "$copy" -mindepth 1 -maxdepth 1 ! -name target -exec rm -rf {} +
    tar cf - --exclude=./target --exclude=./.venv --exclude=./.git --exclude='*.so' . | tar xf - -C "$copy"
    cd "$copy"
    cargo update --quiet -p pyo3 --precise "$old_pyo3"
    # Our build script uses pyo3-build-config by itself; only the one that pyo3 uses has come down with it.
    for newer in $(sed -n '/^name = "pyo3-build-config"$/{n;s/version = "\(.*\)"/\1/p;}' Cargo.lock); do
        if [ "$newer" != "$old_pyo3" ]; then
            cargo update --quiet -p "pyo3-build-config@$newer" --precise "$old_pyo3"
        fi
    done
fi

echo "build: $1 extension for $version"
# CONDA_PREFIX beside VIRTUAL_ENV makes maturin refuse. Without --group it would install the group dev.
env -u CONDA_PREFIX PIP_QUIET=1 VIRTUAL_ENV="$environment" PATH="$environment/bin:$PATH" \
    "$environment/bin/maturin" develop --quiet --group test ${mode[@]+"${mode[@]}"}
