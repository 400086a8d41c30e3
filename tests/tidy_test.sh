#!/bin/bash
# tests/tidy catches what it is for: one file a mistake, and a file without any that is like them.
#   tidy_test.sh TIDY
set -u
tidy=$(realpath "$1") folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
failed=0

# expect COUNT PATTERN FILE...: so many findings, each of which says that.
expect() {
  local count=$1 pattern=$2 found
  shift 2
  found=$("$tidy" "$@" | grep -v 'clang-format has it')
  if [[ $(printf '%s' "$found" | grep -c .) != "$count" ]] || [[ $(printf '%s' "$found" | grep -cE "$pattern") != "$count" ]]; then
    printf 'of %s, %s findings that say "%s" were expected; tidy says:\n%s\n' "$*" "$count" "$pattern" "$found"
    failed=1
  fi
}

printf 'namespace pagetoken {\n\nclass Holders {\n};\n\n}  // namespace pagetoken\n' >one.hpp
printf 'namespace pagetoken {\nnamespace {\n\nstruct Holders {\n  int a = 0;\n};\n\n}  // namespace\n}  // namespace pagetoken\n' >two.cpp
printf 'namespace pagetoken::gpfs_range {\n\nstruct Holders {\n};\n\n}  // namespace pagetoken::gpfs_range\n' >apart.hpp
printf 'namespace pagetoken {\n\nclass Holders;\n\nclass Holders::Impl {\n};\n\n}  // namespace pagetoken\n' >member.cpp
expect 1 'pagetoken::Holders is defined in .* too' one.hpp two.cpp
expect 0 '' one.hpp apart.hpp member.cpp

printf 'double first(const Json& line) {\n  return line["first"].get<double>();\n}\n' >subscript.cpp
printf 'double first(const Json& line, Json& other) {\n  other["a"] = 1;  // line["b"]\n  return line.at("first").get<double>();\n}\n' >at.cpp
expect 1 'line is a const JSON value' subscript.cpp
expect 0 '' at.cpp

{ echo 'int Loop::long_one(int a) {'; for i in $(seq 71); do echo "  a += $i;"; done; echo '}'; } >long.cpp
{ echo 'int Loop::short_one(int a) {'; for i in $(seq 70); do echo "  a += $i;"; done; echo '}'; } >short.cpp
expect 1 'Loop::long_one has 71 lines, of 70' long.cpp
expect 0 '' short.cpp

printf '// %0118d\n' 0 >wide.cpp
printf 'constexpr auto kText = R"(\n%0200d\n)";\n// %0117d\n' 0 0 >narrow.cpp
expect 1 '121 columns, of 120' wide.cpp
expect 0 '' narrow.cpp
exit $failed
