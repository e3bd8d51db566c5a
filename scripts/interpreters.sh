#!/usr/bin/env bash
# Finds Python interpreters.
#
#   interpreters.sh list            every one of 3.10 to 3.14 and 3.13t that runs, one 'VERSION PATH' a line
#   interpreters.sh find [WANTED]   the same line for one of them; WANTED is a version or a path;
#                                   without it: python3 where that is new enough, else the newest found
set -euo pipefail
cd "$(dirname "$0")/.."

supported="3.10 3.11 3.12 3.13 3.14 3.13t"
provided=../shared/pythons/provide # a machine may bring its own list

# 'VERSION PATH' of an interpreter, or failure if it does not run (a pyenv shim may exist and still not run).
describe() { # PATH
    "$1" - 2> /dev/null <<'PYTHON'
import sys, sysconfig
if sys.version_info < (3, 10) or sys.implementation.name != "cpython":
    raise SystemExit(1)
free_threaded = "t" if sysconfig.get_config_var("Py_GIL_DISABLED") else ""
print(f"{sys.version_info[0]}.{sys.version_info[1]}{free_threaded}", sys.executable)
PYTHON
}

candidates() { # VERSION
    if [ -x "$provided" ]; then
        "$provided" --list | while read -r version path; do
            if [ "$version" = "$1" ]; then echo "$path"; fi
        done
    fi
    command -v "python$1" || true
    for path in "$HOME"/.pyenv/versions/"${1%t}".*/bin/"python$1"; do
        if [ -x "$path" ]; then echo "$path"; fi
    done
}

find_version() { # VERSION
    local line
    for path in $(candidates "$1"); do
        line=$(describe "$path") || continue
        # python3.13 may turn out to be the free-threaded build, and the other way round.
        if [ "${line%% *}" = "$1" ]; then
            echo "$line"
            return 0
        fi
    done
    return 1
}

find_any() {
    if command -v python3 > /dev/null && describe "$(command -v python3)"; then return 0; fi
    for version in 3.14 3.13 3.12 3.11 3.10; do
        if find_version "$version"; then return 0; fi
    done
    echo "no Python from 3.10 on was found; name one with PYTHON=/path/to/python" >&2
    return 1
}

case ${1:-list} in
    list) for version in $supported; do find_version "$version" || true; done ;;
    find)
        case ${2:-} in
            "") find_any ;;
            */* | python | python3)
                describe "$(command -v "$2")" || { echo "$2 is no CPython from 3.10 on" >&2; exit 1; } ;;
            *) find_version "${2#python}" || { echo "no python${2#python} was found" >&2; exit 1; } ;;
        esac
        ;;
    *) sed -n '2,6p' "$0" >&2; exit 2 ;;
esac
