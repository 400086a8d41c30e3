#!/bin/sh
# damage.sh PROGRAM SECONDS [SEED]: files of every format that the program reads, damaged: cut, bits flipped, keys removed,
# values of other types, lines doubled and broken. Prints files, formats and exits by code. Exit code 1 if a run ended in
# anything but 0, 1, 2 or 4, by a signal, took more than 10 s or 2 GiB, or left half a file; such files are kept.
set -eu
if [ $# -lt 2 ]; then echo "usage: tests/damage.sh PROGRAM SECONDS [SEED]" >&2; exit 2; fi
here=$(cd "$(dirname "$0")" && pwd)
program=$1
seconds=$2
seed=${3:-$(date +%s)}
# The build has made it beside the program; else it takes a compiler and no library.
tool=$(dirname "$program")/tests/damage/damage
made=
if [ ! -x "$tool" ]; then
  made=$(mktemp -d)
  trap 'rm -rf "$made"' EXIT
  tool=$made/damage
  "${CXX:-g++}" -std=c++20 -O1 -o "$tool" "$here"/damage/*.cpp
fi
"$tool" "$program" "$here/.." "$seconds" "$seed"
