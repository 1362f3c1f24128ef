# The shipped library, static and shared, from the objects of every floor.
get_property(floors GLOBAL PROPERTY LOCI_FLOORS)
set(objects "")
set(usages "")
foreach(floor IN LISTS floors)
  list(APPEND objects $<TARGET_OBJECTS:loci_${floor}_objects>)
  list(APPEND usages $<BUILD_INTERFACE:loci_${floor}_usage>)
endforeach()

foreach(kind STATIC SHARED)
  string(TOLOWER ${kind} suffix)
  set(target loci_${suffix})
  add_library(${target} ${kind} ${objects})
  set_target_properties(${target} PROPERTIES OUTPUT_NAME loci LINKER_LANGUAGE CXX
    VERSION ${PROJECT_VERSION} SOVERSION 0 EXPORT_NAME ${suffix})
  target_include_directories(${target} PUBLIC $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_compile_features(${target} PUBLIC cxx_std_23)
  target_compile_definitions(${target} PUBLIC BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
  target_link_libraries(${target} PUBLIC ${usages} Threads::Threads
    $<INSTALL_INTERFACE:PkgConfig::libpq> $<INSTALL_INTERFACE:PkgConfig::xxhash>
    $<INSTALL_INTERFACE:PkgConfig::libzip> $<INSTALL_INTERFACE:simdjson::simdjson>
    $<INSTALL_INTERFACE:spdlog::spdlog> $<INSTALL_INTERFACE:CURL::libcurl>
    $<INSTALL_INTERFACE:yaml-cpp::yaml-cpp> $<INSTALL_INTERFACE:OpenSSL::Crypto>)
  add_library(loci::${suffix} ALIAS ${target})
endforeach()
add_library(loci::loci ALIAS loci_static)

include(CMakePackageConfigHelpers)
install(TARGETS loci_static loci_shared EXPORT loci-targets)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/loci DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT loci-targets NAMESPACE loci:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/loci)
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/loci-config.cmake.in
  ${PROJECT_BINARY_DIR}/loci-config.cmake INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/loci)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/loci-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/loci-config.cmake ${PROJECT_BINARY_DIR}/loci-config-version.cmake
  ${PROJECT_SOURCE_DIR}/cmake/LociGenerateQueries.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/loci)
cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX
  BASE_DIRECTORY ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig OUTPUT_VARIABLE LOCI_PC_TO_PREFIX)
configure_file(${PROJECT_SOURCE_DIR}/cmake/loci.pc.in ${PROJECT_BINARY_DIR}/loci.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/loci.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
