# What an installed pagetoken has beside the program: the contract of protocols with its CMake package, and configurations.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/protocols/api/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/pagetoken/protocols/api
  FILES_MATCHING PATTERN "*.hpp")
install(DIRECTORY ${CMAKE_SOURCE_DIR}/configs DESTINATION ${CMAKE_INSTALL_DATADIR}/pagetoken)
configure_package_config_file(${CMAKE_SOURCE_DIR}/cmake/pagetokenConfig.cmake.in ${CMAKE_BINARY_DIR}/pagetokenConfig.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/pagetoken)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/pagetokenConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/pagetokenConfig.cmake ${CMAKE_BINARY_DIR}/pagetokenConfigVersion.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/pagetoken)
