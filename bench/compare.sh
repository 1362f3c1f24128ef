#!/usr/bin/env bash
# Loci beside what Debian offers, in one interleaved run. bench/README.md has the question and what
# came out; --help lists the options. Debian's own Python, since it sees Debian's packages.
exec /usr/bin/python3 -B "$(dirname "${BASH_SOURCE[0]}")/compare/run.py" "$@"
