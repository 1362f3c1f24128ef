#!/usr/bin/env bash
# Format, clang-tidy, shell scripts. `./dev lint` runs this.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/common.sh
source scripts/common.sh

help() {
  cat <<'TEXT'
Usage: ./dev lint [--format | FILE...]

Checks the format of all C++ files, runs clang-tidy over src/ and apps/ (the short list in .clang-tidy,
which is always clean), and shellcheck over the scripts where it is installed. With FILEs, clang-tidy
looks at these alone. With --format, only the format is checked.
TEXT
}

format() { cpp_files | xargs -0 clang-format-19 --dry-run -Werror; }

shell() {
  if ! command -v shellcheck >/dev/null; then
    echo "shellcheck is not installed: skipped"
    return 0
  fi
  git ls-files -z --cached --others --exclude-standard dev '.ci/*' '*.sh' | xargs -0 shellcheck -x
}

# clang-tidy reads the flags of a build by clang: GCC's own, and its precompiled headers, mean
# nothing to it. Nothing is compiled in that folder but the one source that is generated. All files
# are read as the build reads them, several as one; a file that was asked for, alone.
database() {  # FOLDER UNITY
  cmake --preset dev -B "$1" -DLOCI_UNITY="$2" -DCMAKE_CXX_COMPILER=clang++-19 \
    -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON -DLOCI_BUILD_TESTS=OFF -DLOCI_BUILD_BENCH=OFF >/dev/null
  cmake --build "$1" --target generated/embedded_migrations.cpp >/dev/null
}

tidy() {
  local files=("$@") folder=build/tidy-files
  if ((${#files[@]})); then
    database "$folder" OFF || return
  else
    folder=build/tidy
    database "$folder" ON || return
    mapfile -t files < <(grep -oP '"file": "\K[^"]+' "$folder/compile_commands.json" |
      grep -v /generated/ | sort -u)
  fi
  printf '%s\0' "${files[@]}" |
    xargs -0 -n 1 -P "$jobs" clang-tidy-19 -p "$folder" --quiet --warnings-as-errors='*' 2> >(
      grep -vE '^([0-9]+ warnings? (generated|treated)|\[[0-9/]+\] Processing)' >&2
    )
}

case ${1:-} in
  -h | --help) help; exit 0 ;;
  --format) format; exit ;;
  -*) die "unexpected argument \"$1\" (./dev lint --help)" ;;
esac

failed=()
timed "format" format || failed+=(format)
timed "shellcheck" shell || failed+=(shellcheck)
timed "clang-tidy" tidy "$@" || failed+=(clang-tidy)
if ((${#failed[@]})); then
  echo "lint: not clean: ${failed[*]}" >&2
  exit 1
fi
echo "lint: clean"
