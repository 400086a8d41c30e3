# Everything here comes from Debian 12; `./dev setup` installs it.
find_package(nlohmann_json 3.11 REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(absl REQUIRED)
find_package(CLI11 2.1 REQUIRED)
find_package(simdjson REQUIRED)
find_package(ZLIB REQUIRED)
find_package(Threads REQUIRED)
find_package(Boost 1.74 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(SIMGRID REQUIRED IMPORTED_TARGET simgrid)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
# Without MPI everything works but `mpirun pagetoken sweep`.
find_package(MPI COMPONENTS CXX)
if(PAGETOKEN_TESTS)
  find_package(GTest REQUIRED)
  find_package(benchmark REQUIRED)
  find_package(valijson REQUIRED)
endif()

# operator[] of a constant nlohmann::json is undefined where the member is missing, and members are missing in files of
# users. Modules see a copy of the header in which it is deprecated, which is an error there: they read through
# sim/json/section.hpp, or with find() and at().
find_path(json_folder nlohmann/json.hpp REQUIRED)
file(READ "${json_folder}/nlohmann/json.hpp" json_header)
string(REPLACE "const_reference operator[]("
  "__attribute__((__deprecated__(\"read a constant Json through Value or Section\"))) const_reference operator[]("
  json_guarded "${json_header}")
if(json_guarded STREQUAL json_header)
  message(WARNING "nlohmann/json.hpp is not as expected: constant values can be read with operator[]")
endif()
set(PAGETOKEN_GUARDED_JSON ${CMAKE_BINARY_DIR}/guarded)
file(GENERATE OUTPUT ${PAGETOKEN_GUARDED_JSON}/nlohmann/json.hpp CONTENT "${json_guarded}")
