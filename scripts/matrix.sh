#!/usr/bin/env bash
# The Python tests on every interpreter that is found, then the checks that need no interpreter of their own.
# All legs run, also after one has failed; the table at the end says how each went.
set -euo pipefail
cd "$(dirname "$0")/.."

table=()
failures=0
interpreters=0

leg() { # NAME COMMAND..
    local name=$1 started=$SECONDS status=0
    shift
    echo
    echo "==== $name"
    "$@" || status=$?
    case $status in
        0) table+=("ok    $name ($((SECONDS - started)) s)") ;;
        77) table+=("SKIP  $name: see above") ;;
        *)
            table+=("FAIL  $name (exit status $status)")
            failures=$((failures + 1))
            ;;
    esac
}

python_leg() { # VERSION
    # What every backend has to keep is tried over shared memory on the default interpreter, by `make test`, and on
    # the two that differ most from it; the tests of shared caches themselves run everywhere.
    local options=(-k "not shared-")
    case $1 in 3.13t | 3.14) options=() ;; esac
    scripts/build.sh debug "$1" || return
    "$(scripts/environment.sh test "$1")/bin/python" -m pytest -q ${options[@]+"${options[@]}"}
}

for version in 3.10 3.11 3.12 3.13 3.14 3.13t; do
    if scripts/interpreters.sh find "$version" > /dev/null 2>&1; then
        interpreters=$((interpreters + 1))
        leg "python $version" python_leg "$version"
    else
        echo "SKIP python $version: no python$version on PATH or under ~/.pyenv/versions"
        table+=("SKIP  python $version: not found")
    fi
done
if [ "$interpreters" = 0 ]; then
    table+=("FAIL  no interpreter was found at all")
    failures=$((failures + 1))
fi

lint_leg() {
    # The last build was for another version.
    scripts/build.sh debug && scripts/lint.sh
}
leg "lint" lint_leg
leg "storm" scripts/storm.sh 2000
leg "loom" scripts/loom.sh
leg "miri" scripts/miri.sh
leg "memcheck" scripts/memcheck.sh

echo
echo "==== the matrix"
printf '%s\n' "${table[@]}"
[ "$failures" = 0 ]
