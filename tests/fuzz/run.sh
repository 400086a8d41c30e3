#!/bin/bash
# run.sh NAME: one fuzzer of the preset fuzz, for PAGETOKEN_FUZZ_SECONDS (60). What it finds is kept in build/fuzz/found;
# inputs worth keeping grow in build/fuzz/corpus. Exit code 77: there is no such fuzzer, as it takes clang.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
name=$1
seconds=${PAGETOKEN_FUZZ_SECONDS:-60}
fuzzer=build/fuzz/tests/fuzz/fuzz_$name
if [[ ! -x $fuzzer ]]; then
  echo "there is no $fuzzer: ./dev build fuzz makes it, with clang"
  exit 77
fi
corpus=("build/fuzz/corpus/$name")
mkdir -p build/fuzz/found "${corpus[0]}"
if [[ -d tests/fuzz/corpus/$name ]]; then corpus+=("tests/fuzz/corpus/$name"); fi
timeout $((seconds + 120)) "$fuzzer" -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=20 -verbosity=0 \
  -artifact_prefix="build/fuzz/found/$name-" "${corpus[@]}" ||
  { echo "fuzzer $name failed; its input is build/fuzz/found/$name-*" >&2; exit 1; }
