# pagetoken_module(FOLDER [EXCEPT FILE...] [GENERATED FILE...] [PARTS FOLDER...] [DEPENDS FOLDER...] [LINK TARGET...])
#
# One folder of the house is one target, named after its path (sim/vm -> sim_vm): all .cpp of the folder but those named
# after EXCEPT, and what the build made; PARTS are folders of it that are no modules. Its headers are seen by those
# who depend on it, as "sim/vm/x.hpp", through a folder of links in the build tree: a module that is not named in
# DEPENDS cannot be included, so the arrows of the architecture hold because anything else does not compile.

add_library(pagetoken_flags INTERFACE)
target_compile_options(pagetoken_flags INTERFACE -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wno-sign-conversion -fno-math-errno
  # Contracted multiply-adds would round differently from one target to the next.
  -ffp-contract=off)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 14)
  # g++ 12 sees dangling and out-of-bounds accesses in inlined library code that are not there (GCC bugs 105562, 105329).
  target_compile_options(pagetoken_flags INTERFACE -Wno-restrict -Wno-stringop-overflow -Wno-array-bounds -Wno-maybe-uninitialized)
endif()

function(pagetoken_view folder out)
  set(view ${CMAKE_BINARY_DIR}/view/${folder})
  get_filename_component(parent ${folder} DIRECTORY)
  file(MAKE_DIRECTORY ${view}/${parent})
  if(NOT EXISTS ${view}/${folder})
    file(CREATE_LINK ${CMAKE_SOURCE_DIR}/${folder} ${view}/${folder} SYMBOLIC)
  endif()
  set(${out} ${view} PARENT_SCOPE)
endfunction()

function(pagetoken_module folder)
  cmake_parse_arguments(M "" "" "EXCEPT;GENERATED;PARTS;DEPENDS;LINK" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.cpp)
  list(TRANSFORM M_EXCEPT PREPEND ${CMAKE_SOURCE_DIR}/${folder}/)
  list(REMOVE_ITEM sources "" ${M_EXCEPT})
  list(APPEND sources ${M_GENERATED})
  foreach(part ${M_PARTS})
    file(GLOB of_part CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/${part}/*.cpp)
    list(APPEND sources ${of_part})
  endforeach()
  list(JOIN M_DEPENDS " " sees)
  set_property(GLOBAL APPEND PROPERTY PAGETOKEN_MODULES "${folder}: ${sees}")  # the map in docs/architecture.md
  string(REPLACE "/" "_" target ${folder})
  pagetoken_view(${folder} view)
  if(sources)
    add_library(${target} STATIC ${sources})
    set(scope PUBLIC)
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(${target} ${scope} ${view})
  foreach(dependency ${M_DEPENDS})
    string(REPLACE "/" "_" dependency ${dependency})
    target_link_libraries(${target} ${scope} ${dependency})
  endforeach()
  if(sources)
    target_link_libraries(${target} PUBLIC ${M_LINK} PRIVATE pagetoken_flags)
    target_include_directories(${target} SYSTEM BEFORE PRIVATE ${PAGETOKEN_GUARDED_JSON})
  else()
    target_link_libraries(${target} INTERFACE ${M_LINK})
  endif()
endfunction()

# pagetoken_test(NAME [AS_ONE] SOURCES ... DEPENDS FOLDER... [LINK TARGET...] [LABELS ...]): one GoogleTest binary; every case is
# a CTest test, or all together one, where there are many that take less than a process does.
include(GoogleTest)
function(pagetoken_test name)
  cmake_parse_arguments(T "AS_ONE" "" "SOURCES;DEPENDS;LINK;LABELS" ${ARGN})
  add_executable(test_${name} ${T_SOURCES})
  foreach(dependency ${T_DEPENDS})
    string(REPLACE "/" "_" dependency ${dependency})
    target_link_libraries(test_${name} PRIVATE ${dependency})
  endforeach()
  target_link_libraries(test_${name} PRIVATE ${T_LINK} GTest::gtest_main pagetoken_flags)
  target_compile_definitions(test_${name} PRIVATE PAGETOKEN_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  if("long" IN_LIST T_LABELS AND NOT PAGETOKEN_LONG)
    set_target_properties(test_${name} PROPERTIES EXCLUDE_FROM_ALL ON)
    return()
  endif()
  if(T_AS_ONE)
    add_test(NAME ${name}/all COMMAND test_${name})
    set_tests_properties(${name}/all PROPERTIES TIMEOUT 300 LABELS "${T_LABELS}")
    return()
  endif()
  # A build's tests have a folder of their own to write in: two builds may be tested at once.
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/scratch)
  gtest_discover_tests(test_${name} TEST_PREFIX ${name}/ DISCOVERY_TIMEOUT 60
    PROPERTIES TIMEOUT 300 ENVIRONMENT "TEST_TMPDIR=${CMAKE_BINARY_DIR}/scratch/" LABELS "${T_LABELS}")
endfunction()

# pagetoken_fuzzer(NAME SOURCES ... DEPENDS FOLDER...): one libFuzzer program, fuzz_NAME, built by the target `fuzzers` of
# the preset fuzz and run by `./dev test --long`.
if(PAGETOKEN_FUZZERS)
  add_custom_target(fuzzers)
endif()
function(pagetoken_fuzzer name)
  cmake_parse_arguments(F "" "" "SOURCES;DEPENDS;LINK" ${ARGN})
  add_executable(fuzz_${name} EXCLUDE_FROM_ALL ${F_SOURCES})
  foreach(dependency ${F_DEPENDS})
    string(REPLACE "/" "_" dependency ${dependency})
    target_link_libraries(fuzz_${name} PRIVATE ${dependency})
  endforeach()
  target_link_libraries(fuzz_${name} PRIVATE ${F_LINK} pagetoken_flags)
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  add_dependencies(fuzzers fuzz_${name})
endfunction()
