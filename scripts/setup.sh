#!/usr/bin/env bash
# Installs what Loci builds and tests with, from Debian packages alone. Safe to run again: it does
# nothing, in well under a second, when everything is there.
#
# PostgreSQL 17, pgvector, GCC 14 and Boost 1.88 come from Debian 13 (trixie). On Debian 12 the trixie
# suite is added from the mirror the machine already uses, pinned so low that `apt upgrade` takes
# nothing from it. What the packages themselves need (libc6 first of all) is upgraded with them, and
# how much that is, is said before. No host is named here.
set -euo pipefail
case $* in
  '' | --quiet) ;;
  *) echo "Usage: setup.sh [--quiet]    Installs the packages Loci is built with." >&2; exit 2 ;;
esac

tools=(g++-14 cmake ninja-build ccache pkg-config clang-format-19 clang-tidy-19 libclang-rt-19-dev git)
libraries=(libpq-dev libboost1.88-dev libsimdjson-dev libcurl4-openssl-dev libzip-dev libxxhash-dev
  libcli11-dev libspdlog-dev libgtest-dev libgmock-dev libbenchmark-dev libyaml-cpp-dev
  libpg-query-dev libssl-dev)
servers=(postgresql-17 postgresql-17-pgvector postgresql-17-hypopg pgbouncer)

installed() { dpkg-query -W -f '${Status}\n' "$1" 2>/dev/null | grep -q '^install ok installed$'; }
missing() { local p; for p in "$@"; do installed "$p" || printf '%s\n' "$p"; done; }

mapfile -t wanted < <(missing "${tools[@]}" "${libraries[@]}" "${servers[@]}")
if ((${#wanted[@]} == 0)); then
  [[ ${1:-} == --quiet ]] || echo "setup: everything is installed"
  exit 0
fi

as_root() {
  if ((EUID == 0)); then "$@"; elif command -v sudo >/dev/null; then sudo "$@"; else
    echo "setup: root is needed to install packages; run this as root or install sudo" >&2
    exit 1
  fi
}
# What an installation will do to the machine, in one line; a package that must go is named.
foretell() {  # PACKAGE...
  local plan fresh upgraded removed
  plan=$(LC_ALL=C apt-get -q -s --no-install-recommends "${suite[@]}" install "$@")
  fresh=$(grep -cE '^Inst [^ ]+ \(' <<<"$plan") || true
  upgraded=$(grep -cE '^Inst [^ ]+ \[' <<<"$plan") || true
  removed=$(sed -nE 's/^Remv ([^ ]+).*/\1/p' <<<"$plan" | tr '\n' ' ')
  echo "setup: apt installs $fresh packages, upgrades $upgraded and removes $(wc -w <<<"$removed")${removed:+: $removed}"
}
apt() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0 "$@"; }

# The suites this machine's apt knows decide, not /etc/os-release: installing from trixie may upgrade
# base-files, and the machine then calls itself Debian 13.
debian_mirror() {  # of the suite $1
  # shellcheck disable=SC2016  # apt expands these
  apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(ORIGIN) $(COMPONENT)' |
    awk -v suite="$1" '$2 == suite && $3 == "Debian" && $4 == "main" { print $1; exit }'
}
[[ -n $(debian_mirror bookworm)$(debian_mirror trixie) ]] || apt update >/dev/null

sources=/etc/apt/sources.list.d/loci-trixie.sources
suite=()
if mirror=$(debian_mirror bookworm) && [[ -n $mirror ]]; then
  echo "setup: on Debian 12, from the trixie suite: ${wanted[*]}"
  suite=(-t trixie)
  if [[ ! -e $sources ]]; then
    printf 'Types: deb\nURIs: %s\nSuites: trixie\nComponents: main\nSigned-By: %s\n' \
      "$mirror" /usr/share/keyrings/debian-archive-keyring.gpg | as_root tee "$sources" >/dev/null
    printf 'Package: *\nPin: release n=trixie\nPin-Priority: 100\n' |
      as_root tee /etc/apt/preferences.d/loci-trixie >/dev/null
  fi
elif [[ -n $(debian_mirror trixie) ]]; then
  echo "setup: on Debian 13: ${wanted[*]}"
else
  echo "setup: this script knows Debian 12 and 13; on another system install the packages that" >&2
  echo "       docs/dependencies.md lists, then run ./dev build" >&2
  exit 1
fi
apt update >/dev/null

foretell "${wanted[@]}"

# The packaged server must not start a cluster of its own: Loci runs private ones.
if ! installed postgresql-common; then
  apt install --no-install-recommends "${suite[@]}" postgresql-common >/dev/null
fi
as_root sed -i 's/^#\?create_main_cluster.*/create_main_cluster = false/' \
  /etc/postgresql-common/createcluster.conf

apt install --no-install-recommends "${suite[@]}" "${wanted[@]}" >/dev/null
mapfile -t still < <(missing "${wanted[@]}")
if ((${#still[@]})); then
  echo "setup: could not install: ${still[*]}" >&2
  exit 1
fi
echo "setup: done in $SECONDS s"
