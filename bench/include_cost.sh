#!/usr/bin/env bash
# What including one generated header costs a translation unit: the user time of a file that includes it, less
# that of a file with the standard headers any user of it has (string, vector, optional, cstdint). Median of
# several pairs, compiled one after the other. bench/README.md has the question and what came out.
#
#   bench/include_cost.sh [HEADER...]      default: src/queries/*.hpp; CXX and ROUNDS from the environment
set -euo pipefail
compiler=${CXX:-g++-14}
rounds=${ROUNDS:-7}
(($#)) || set -- src/queries/*.hpp
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
standard='#include <cstdint>
#include <optional>
#include <string>
#include <vector>'
echo "$standard" >"$work/standard.cpp"

user_time() {  # of compiling FILE
  local TIMEFORMAT=%U
  { time "$compiler" -std=c++23 -fsyntax-only -Iinclude -Itests "$1" 2>"$work/errors"; } 2>&1 ||
    { cat "$work/errors" >&2; return 1; }
}

for header; do
  printf '%s\n#include "%s"\n' "$standard" "$(realpath "$header")" >"$work/header.cpp"
  for ((i = 0; i < rounds; ++i)); do
    without=$(user_time "$work/standard.cpp")
    with=$(user_time "$work/header.cpp")
    awk -v with="$with" -v without="$without" 'BEGIN { printf "%.2f\n", with - without }'
  done | sort -n | awk -v header="$header" '{ cost[NR] = $1 }
    END { printf "%5.2f s  %s\n", cost[int((NR + 1) / 2)], header }'
done
