# Shared by ./dev and the scripts of this folder; sourced, with the project's folder current.
# shellcheck shell=bash

jobs=${LOCI_JOBS:-$(nproc)}
if ((jobs > 2)) && [[ -z ${LOCI_JOBS:-} ]]; then
  # A translation unit of coroutines takes up to 1 GB.
  memory_jobs=$(awk '/MemAvailable/ { print int($2 / 1000000) }' /proc/meminfo)
  ((memory_jobs < jobs)) && jobs=$((memory_jobs > 2 ? memory_jobs : 2))
fi

# One cache for all checkouts, and hits across them.
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
export CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime

say() { printf '==> %s\n' "$*"; }
die() { printf 'dev: %s\n' "$*" >&2; exit 2; }

minutes() {  # of $1 seconds
  if (($1 < 60)); then printf '%d s' "$1"; else printf '%d min %02d s' $(($1 / 60)) $(($1 % 60)); fi
}

# timed NAME COMMAND...: announces a step, runs it, says how long it took or that it failed.
timed() {
  local name=$1 start=$SECONDS status=0
  shift
  say "$name"
  "$@" || status=$?
  if ((status)); then
    printf '==> %s FAILED (exit %d) after %s\n' "$name" "$status" "$(minutes $((SECONDS - start)))" >&2
    return "$status"
  fi
  say "$name: done in $(minutes $((SECONDS - start)))"
}

# build_targets PRESET [TARGET...]
build_targets() {
  local preset=$1 targets=()
  shift
  (($#)) && targets=(--target "$@")
  if [[ ! -e build/$preset/build.ninja ]]; then
    timed "configure ($preset)" cmake --preset "$preset" >/dev/null
  fi
  timed "build ($preset)" cmake --build "build/$preset" -j "$jobs" "${targets[@]}"
}

# The tests' servers make some hundred databases: quicker in memory, where there is room for them.
test_in_memory() {
  if [[ -z ${TMPDIR:-} ]] && (($(df --output=avail /dev/shm 2>/dev/null | tail -n 1 || echo 0) > 4000000)); then
    export TMPDIR=/dev/shm
  fi
}

# Every C++ file the project has, but not what is generated. Ends each name with NUL.
cpp_files() {
  git ls-files -z --cached --others --exclude-standard '*.cpp' '*.hpp' |
    grep -zvE '^(src/queries|tests/sqlgen/golden)/'
}
