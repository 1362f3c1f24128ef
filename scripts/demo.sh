#!/usr/bin/env bash
# Imports a sample history and searches it. `./dev demo` builds first and then runs this.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/common.sh
source scripts/common.sh

help() {
  cat <<'TEXT'
Usage: ./dev demo

Starts a private PostgreSQL, imports examples/data (and what lies in ../shared/data, where that folder
exists), runs three searches and says what to try next. A second run adds nothing.

The data is kept in $LOCI_DEMO_DIR, else where Loci keeps its own with "-demo" behind it:
/var/lib/loci-demo for root, else ~/.local/share/loci-demo. ./dev clean --demo removes it.
TEXT
}

default_dir() {
  if ((EUID == 0)); then echo /var/lib/loci-demo; else
    echo "${XDG_DATA_HOME:-$HOME/.local/share}/loci-demo"
  fi
}
dir=${LOCI_DEMO_DIR:-$(default_dir)}
program=build/dev/apps/loci
unset DATABASE_URL LOCI_DATA_DIR
loci() { "$program" --data-dir "$dir" "$@"; }

remove() {
  [[ -e $dir ]] || { echo "demo: there is no $dir"; exit 0; }
  [[ -d $dir/postgres && -d $dir/conf ]] || die "$dir was not made by Loci; remove it yourself"
  [[ ! -x $program ]] || loci down
  rm -rf "${dir:?}"
  echo "demo: removed $dir"
}

# Exit code 3 means: done, but part of the input was broken.
import() {
  local status=0
  loci import "$@" || status=$?
  case $status in
    0) ;;
    3) echo "    (exit code 3: what was broken is named above; all the rest is in)" ;;
    *) die "the import failed (exit code $status)" ;;
  esac
}

search() {  # [OPTION...] QUESTION
  printf '\n$ loci search --limit 3 %s"%s"\n' "${*:1:$#-1}${2:+ }" "${*: -1}"
  loci search --limit 3 "$@"
}

case ${1:-} in
  '') ;;
  --remove) remove; exit 0 ;;
  -h | --help) help; exit 0 ;;
  *) die "unexpected argument \"$1\" (./dev demo --help)" ;;
esac

# A demo's data can be made again; what another version of the schema made is.
if [[ -d $dir ]] && loci migrate status 2>/dev/null | grep -qE '^(changed|missing|foreign|late) '; then
  say "$dir was made by another version of Loci"
  remove
fi
timed "make the database in $dir, or bring it up to date" loci migrate up
timed "start PostgreSQL" loci up
timed "import examples/data" import --user sam examples/data/chatgpt examples/data/claude-code
for name in oasst import_fixtures irc; do
  if [[ -d ../shared/data/$name ]]; then
    timed "import ../shared/data/$name" import "../shared/data/$name"
  fi
done

say "search"
search "how did I fix the deadlock"
search --user sam "memory grows although no leak is found"
search "why was the certificate expired"

cat <<TEXT

The history is in $dir, in a PostgreSQL of its own that goes on running.
Try next (the program is $program):
  loci --data-dir $dir list
  loci --data-dir $dir search --user sam --explain "slow query"
  loci --data-dir $dir import PATH      your own export: ChatGPT, Claude, Codex, ...
  loci --data-dir $dir psql
  loci --data-dir $dir down             stop the server; any command starts it again
TEXT
