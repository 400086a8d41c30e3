#!/bin/bash
# usage: protocol.sh BUILD_DIRECTORY SOURCE_DIRECTORY: installs the build, makes a new protocol with what is installed,
# builds it out of tree, sees its check fail as its README says, mends it, and sees it explored, simulated and described.
set -euo pipefail
build=$(realpath "$1") source=$(realpath "$2")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
fail() { echo "$*" >&2; exit 1; }

cmake --install "$build" --prefix "$scratch/usr" >"$scratch/install.log" || { cat "$scratch/install.log"; exit 1; }
export PATH=$scratch/usr/bin:$PATH
cd "$scratch"
[[ $(command -v pagetoken) == "$scratch/usr/bin/pagetoken" ]] || fail "the installed program is not found"

pagetoken new protocol my-own | tee made.txt
for file in my-own/{CMakeLists.txt,README.md,check.json,my-own.cpp}; do [[ -s $file ]] || fail "$file was not made"; done
if pagetoken new protocol my-own 2>again.txt; then fail "a folder was made twice"; fi
grep -q 'is there already' again.txt || fail "$(cat again.txt)"
if pagetoken new protocol My_own 2>name.txt; then fail "My_own was taken for a name"; fi

cd my-own
cmake -S . -B build -DCMAKE_PREFIX_PATH="$scratch/usr" >../cmake.log || { cat ../cmake.log; exit 1; }
cmake --build build >../make.log || { cat ../make.log; exit 1; }
status=0
pagetoken check check.json --plugin build/my-own.so >../before.txt || status=$?
((status == 1)) || fail "the planted mistake is not found: $(cat ../before.txt)"
grep -q 'I4' ../before.txt || fail "the planted mistake is another: $(cat ../before.txt)"

sed -i '/third argument it is/{n;s/});$/}, DataFrom::handled_message);/}' my-own.cpp
cmake --build build >../make.log || { cat ../make.log; exit 1; }
pagetoken check check.json --plugin build/my-own.so
pagetoken describe my-own --plugin build/my-own.so | head -3
pagetoken run "$source/configs/runs/ping-pong.json" --set /protocol=my-own --plugin build/my-own.so --quiet | grep '^verdict *ok'
