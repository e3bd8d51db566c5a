#!/usr/bin/env bash
# Runs the extension's tests under valgrind, which sees a use after free or beyond the end. Exit 77: skipped.
#
#   memcheck.sh [PYTHON]      MEMCHECK_TESTS chooses other tests
set -euo pipefail
cd "$(dirname "$0")/.."

read -r version _ < <(scripts/interpreters.sh find "${1:-}") || exit 1

skip() {
    echo "SKIP memcheck: $*"
    exit 77
}
command -v valgrind > /dev/null || skip "valgrind is not installed"
# The free-threaded build has its own allocator, behind which valgrind sees no object.
[ "$version" != 3.13t ] || skip "valgrind cannot follow the allocator of a free-threaded Python"
scripts/build.sh debug "${1:-}"
python=$(scripts/environment.sh test "${1:-}")/bin/python

# Python's own allocator would reuse memory without valgrind's knowing.
export PYTHONMALLOC=malloc
# The interpreter reads undefined values of its own, harmlessly; wrong addresses are what we are after.
checker=(valgrind --quiet --error-exitcode=99 --undef-value-errors=no --leak-check=no
    --num-callers=30 --suppressions=scripts/valgrind.supp)
"${checker[@]}" "$python" -c pass || skip "valgrind cannot run $python"

# Some thirty times slower than without: what tries many examples, recurses deeply, or starts processes (which valgrind
# would not follow) stays out, and so does the second run of a test for shared memory.
slow="property state_machine recursion threads processes shutdown fork functools typing strategies shared fuzz keys record advise"
tests=(tests/python)
for word in $slow; do tests+=("--ignore-glob=*$word*"); done
if [ -n "${MEMCHECK_TESTS:-}" ]; then read -r -a tests <<< "$MEMCHECK_TESTS"; fi

status=0
WARP_CACHE_WATCHDOG=${WARP_CACHE_WATCHDOG:-1200} \
    "${checker[@]}" "$python" -m pytest -q -p no:cacheprovider --tb=line -k "not shared-" "${tests[@]}" || status=$?
# 1 is pytest's for a failed test. The other legs judge those: here a test may fail for being slow, or for its size.
if [ "$status" = 1 ]; then
    echo "memcheck: tests failed under valgrind, but no wrong access was seen"
    status=0
fi
exit "$status"
