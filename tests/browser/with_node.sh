#!/bin/bash
# with_node.sh report PROGRAM BUILD_DIRECTORY: makes a report of tests/browser/sweep.json and opens it in chromium.
# with_node.sh bundle BUILD_DIRECTORY: makes analysis/report/bundle/charts.js from its lock file and compares.
# Exit code 77: skipped, for there is no node, no chromium or no package registry here.
set -euo pipefail
tests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$tests/../.." && pwd)

skip() { echo "skipped: $*"; exit 77; }

# packages FROM TO: the packages of FROM's lock file, in TO/node_modules.
packages() {
  mkdir -p "$2"
  if [[ -d $2/node_modules ]] && cmp -s "$1/package-lock.json" "$2/package-lock.json"; then return; fi
  cp "$1/package.json" "$1/package-lock.json" "$2"
  (cd "$2" && timeout 240 npm ci --no-audit --no-fund --loglevel=error) || { rm -rf "$2/node_modules"; skip "npm ci failed"; }
}

command -v node >/dev/null && command -v npm >/dev/null || skip "no node or no npm (./dev setup --dev)"
case $1 in
  report)
    program=$2 build=$3/browser
    [[ -x /usr/bin/chromium ]] || skip "no chromium (./dev setup --dev)"
    packages "$tests" "$build"
    rm -rf "$build/results"
    timeout 120 "$program" sweep "$tests/sweep.json" -o "$build/results" --quiet
    timeout 60 "$program" report "$build/results" -o "$build/report.html" --quiet
    cp "$tests/report.mjs" "$build"
    cd "$build"
    exec timeout 240 node report.mjs report.html "$build"
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
