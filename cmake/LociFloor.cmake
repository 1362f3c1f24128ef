# loci_floor(name [FLOORS below...] [LINK libraries...] [ASIO] [ALONE])
# One folder of src/ becomes the object library loci_<name>_objects (what the shipped library is made
# of) and the static library loci_<name> (what its own tests link), built from every .cpp in it.
function(loci_floor name)
  cmake_parse_arguments(ARG "ASIO;ALONE" "" "FLOORS;LINK" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS
    ${PROJECT_SOURCE_DIR}/src/${name}/*.cpp ${PROJECT_SOURCE_DIR}/src/${name}/*.hpp)
  set(objects loci_${name}_objects)
  add_library(${objects} OBJECT ${sources})
  target_include_directories(${objects}
    PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
    PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${objects} PRIVATE loci_compiler PUBLIC ${ARG_LINK})
  if(NOT ARG_ALONE)
    loci_unity(${objects})
  endif()
  foreach(floor IN LISTS ARG_FLOORS)
    target_link_libraries(${objects} PUBLIC loci_${floor}_usage)
  endforeach()
  if(ARG_ASIO)
    target_compile_definitions(${objects} PUBLIC BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
    target_precompile_headers(${objects} PRIVATE
      <algorithm> <array> <chrono> <cstdint> <exception> <functional> <memory> <optional> <span>
      <string> <string_view> <tuple> <unordered_map> <vector>
      <boost/asio/awaitable.hpp> <boost/asio/co_spawn.hpp> <boost/asio/use_awaitable.hpp>)
  elseif("${ARG_FLOORS}" MATCHES "pg|schema|storage|vector")  # pg or a floor that stands on it
    target_precompile_headers(${objects} REUSE_FROM loci_pg_objects)
  endif()

  # What a floor above sees of this one: headers, definitions and libraries, not its objects.
  add_library(loci_${name}_usage INTERFACE)
  target_include_directories(loci_${name}_usage INTERFACE ${PROJECT_SOURCE_DIR}/include)
  target_link_libraries(loci_${name}_usage INTERFACE ${ARG_LINK})
  foreach(floor IN LISTS ARG_FLOORS)
    target_link_libraries(loci_${name}_usage INTERFACE loci_${floor}_usage)
  endforeach()
  if(ARG_ASIO)
    target_compile_definitions(loci_${name}_usage INTERFACE
      BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
  endif()

  add_library(loci_${name} STATIC $<TARGET_OBJECTS:${objects}>)
  set_target_properties(loci_${name} PROPERTIES LINKER_LANGUAGE CXX)
  target_link_libraries(loci_${name} PUBLIC loci_${name}_usage)
  foreach(floor IN LISTS ARG_FLOORS)
    target_link_libraries(loci_${name} PUBLIC loci_${floor})
  endforeach()
  set_property(GLOBAL APPEND PROPERTY LOCI_FLOORS ${name})
endfunction()
