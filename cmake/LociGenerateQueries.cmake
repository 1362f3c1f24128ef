# loci_generate_queries(TARGET target CONFIG loci-sqlgen.yaml)
#
# Typed queries for a target: when the settings, the schema or a query has changed, the build runs
# loci-sqlgen before the target is compiled; its faults read file:line:column of the SQL. The headers
# go into the build folder, not to where `out` of the settings says, and the target may include them by
# the last part of `out`: with `out: src/queries`, #include "queries/users.hpp". Once for each target.
function(loci_generate_queries)
  cmake_parse_arguments(PARSE_ARGV 0 ARG "" "TARGET;CONFIG" "")
  if(ARG_UNPARSED_ARGUMENTS OR NOT ARG_CONFIG OR NOT TARGET "${ARG_TARGET}")
    message(FATAL_ERROR "loci_generate_queries(TARGET target CONFIG loci-sqlgen.yaml): no such target, "
                        "or other arguments")
  endif()
  get_filename_component(config "${ARG_CONFIG}" ABSOLUTE)
  get_target_property(program loci::loci-sqlgen LOCATION)
  set(root "${CMAKE_CURRENT_BINARY_DIR}/${ARG_TARGET}_queries")
  set(where --config "${config}" --out-root "${root}")

  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${config}")
  execute_process(COMMAND "${program}" files ${where}
    RESULT_VARIABLE status OUTPUT_VARIABLE listing ERROR_VARIABLE errors)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${errors}")
  endif()

  set(inputs "${config}")
  set(headers "")
  string(REGEX MATCHALL "[^\n]+" lines "${listing}")
  foreach(line IN LISTS lines)
    string(REGEX MATCH "^([a-z]+) (.*)$" line "${line}")
    set(path "${CMAKE_MATCH_2}")
    if(CMAKE_MATCH_1 STREQUAL "header")
      list(APPEND headers "${path}")
    elseif(CMAKE_MATCH_1 STREQUAL "out")
      get_filename_component(parent "${path}" DIRECTORY)
      target_include_directories(${ARG_TARGET} PRIVATE "${parent}")
    else()
      # A new file, or a new folder that a pattern matches, means new headers.
      set(matches "${path}")
      if(path MATCHES "[*?[]" AND NOT EXISTS "${path}")
        file(GLOB matches CONFIGURE_DEPENDS "${path}")
      endif()
      foreach(match IN LISTS matches)
        if(IS_DIRECTORY "${match}")
          file(GLOB found CONFIGURE_DEPENDS "${match}/*.sql")
          list(APPEND inputs ${found})
        else()
          list(APPEND inputs "${match}")
        endif()
      endforeach()
    endif()
  endforeach()

  set(stamp "${root}/stamp")
  add_custom_command(OUTPUT "${stamp}" BYPRODUCTS ${headers}
    COMMAND "${program}" generate ${where} --every-header
    COMMAND "${CMAKE_COMMAND}" -E touch "${stamp}"
    DEPENDS ${inputs} "${program}"
    COMMENT "Typed queries of ${ARG_TARGET}" VERBATIM)
  add_custom_target(${ARG_TARGET}_queries DEPENDS "${stamp}")
  add_dependencies(${ARG_TARGET} ${ARG_TARGET}_queries)
endfunction()
