#!/bin/sh
# usage: shipped.sh PROGRAM [LIBRARY...]: fails if PROGRAM names what mutants are switched by, or a LIBRARY does not.
set -eu
names() { grep -q -a pagetoken_planted "$1"; }
if names "$1"; then echo "$1 holds mutants" >&2; exit 1; fi
shift
for library; do names "$library" || { echo "$library holds no mutants: nothing was looked for" >&2; exit 1; }; done
