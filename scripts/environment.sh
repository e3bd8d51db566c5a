#!/usr/bin/env bash
# Makes the virtual environment of one interpreter, with one or more dependency groups of pyproject.toml in it,
# and prints its folder. What is there already and up to date is kept.
#
#   environment.sh GROUP[,GROUP..] [PYTHON]
set -euo pipefail
cd "$(dirname "$0")/.."

read -r version base < <(scripts/interpreters.sh find "${2:-}") || exit 1
environment=$PWD/.venv/$version
python=$environment/bin/python

say() { echo "setup: $*" >&2; }

make_environment() {
    say "$environment from $base"
    rm -rf "$environment"
    if command -v uv > /dev/null; then
        # With pip in it, as maturin installs by pip.
        uv venv --quiet --seed --python "$base" "$environment" >&2
        return
    fi
    "$base" -m venv "$environment" > /dev/null 2>&1 && return
    # Debian's Python comes without ensurepip; the pip of any other interpreter can install one.
    rm -rf "$environment"
    "$base" -m venv --without-pip "$environment" >&2
    local other path
    while read -r other path; do
        if [ "$path" != "$base" ] &&
            "$path" -m pip --python "$python" install --quiet pip 2> /dev/null; then
            say "pip comes from python$other, as $base has no ensurepip"
            return
        fi
    done < <(scripts/interpreters.sh list)
    say "$base cannot make an environment with pip: install python3-venv, or uv"
    rm -rf "$environment"
    return 1
}

install_group() { # GROUP
    local stamp
    stamp=$environment/.has-$1
    # The stamp holds what it was made from: an edit of pyproject.toml makes it stale.
    if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(cksum < pyproject.toml)" ]; then return; fi
    say "packages of the group '$1' for $version"
    if command -v uv > /dev/null; then
        uv pip install --quiet --python "$python" --only-binary :all: --group "$1" >&2
    else
        # --group came with pip 25.1.
        "$python" -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1' >&2
        "$python" -m pip install --quiet --disable-pip-version-check --only-binary :all: --group "$1" >&2
    fi
    cksum < pyproject.toml > "$stamp"
}

if ! "$python" -c '' 2> /dev/null; then make_environment; fi
for group in ${1//,/ }; do install_group "$group"; done
echo "$environment"
