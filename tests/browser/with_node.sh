#!/bin/bash
# with_node.sh report|trace|replay PROGRAM BUILD_DIRECTORY: makes such a page and reads it in chromium; screenshots and
#   a print stay in BUILD_DIRECTORY/browser/report|trace|replay.
# with_node.sh bundle BUILD_DIRECTORY: makes analysis/report/bundle/charts.js from its lock file and compares.
# with_node.sh prepare BUILD_DIRECTORY: brings what both need.
# Exit code 77: skipped, for there is no node, no chromium or no package registry here.
set -euo pipefail
tests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$tests/../.." && pwd)

skip() { echo "skipped: $*"; exit 77; }

# packages FROM TO: the packages of FROM's lock file, in TO/node_modules; one test at a time.
packages() {
  mkdir -p "$2"
  exec 9>"$2/.lock"
  flock 9
  if [[ -d $2/node_modules ]] && cmp -s "$1/package-lock.json" "$2/package-lock.json"; then return; fi
  cp "$1/package.json" "$1/package-lock.json" "$2"
  (cd "$2" && timeout 240 npm ci --no-audit --no-fund --loglevel=error) ||
    { rm -rf "$2/node_modules"; skip "npm ci failed: no package registry"; }
}

# The pages, each of a real run.
report() {
  timeout 120 "$program" sweep "$tests/sweep.json" -o "$out/results" --quiet
  timeout 60 "$program" report "$out/results" -o "$1" --quiet
}
trace() {
  timeout 60 "$program" run "$root/configs/runs/false-sharing.json" --set /stop/accesses=4000 --trace "$out/trace.jsonl" --quiet >"$out/run.txt"
  timeout 60 "$program" analyze "$out/trace.jsonl" --html "$1" >"$out/analysis.txt"
}
replay() {
  local status=0
  timeout 60 "$program" check "$root/configs/checks/fault-truncate.json" --set /guard=none --counterexample "$out/race.json" >"$out/check.txt" || status=$?
  ((status == 1))  # a violation is what is to be shown
  timeout 60 "$program" replay "$out/race.json" --html "$1" >"$out/replay.txt" || ((status == 1))
}

command -v node >/dev/null && command -v npm >/dev/null || skip "no node or no npm (./dev setup --dev)"
case $1 in
  prepare)
    [[ -x /usr/bin/chromium ]] || skip "no chromium (./dev setup --dev)"
    packages "$tests" "$2/browser"
    packages "$root/analysis/report/bundle" "$2/bundle"
    ;;
  report | trace | replay)
    program=$2 out=$3/browser/$1
    [[ -x /usr/bin/chromium ]] || skip "no chromium (./dev setup --dev)"
    packages "$tests" "$3/browser"
    rm -rf "$out"
    mkdir -p "$out"
    "$1" "$out/$1.html"
    cp "$tests"/*.mjs "$3/browser"
    exec timeout 240 node "$3/browser/$1.mjs" "$out/$1.html" "$out"
    ;;
  bundle)
    build=$2/bundle
    packages "$root/analysis/report/bundle" "$build"
    cp "$root/analysis/report/bundle/build.mjs" "$build"
    mkdir -p "$build/out"
    (cd "$build" && node build.mjs out)
    cmp "$build/out/charts.js" "$root/analysis/report/bundle/charts.js"
    cmp "$build/out/LICENSES.txt" "$root/analysis/report/bundle/LICENSES.txt"
    ;;
  *) exit 2 ;;
esac
