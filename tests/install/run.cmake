# Run as a script by ctest: installs ${BUILD} into ${WORK}/prefix and uses the package from outside, the
# way a stranger would. What is built here is kept for the next run.
set(prefix ${WORK}/prefix)

function(run name)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${name}: ${status}\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

function(expect_in text wanted)
  string(FIND "${text}" "${wanted}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "\"${wanted}\" is not in:\n${text}")
  endif()
endfunction()

file(REMOVE_RECURSE ${prefix})
run(install ${CMAKE_COMMAND} --install ${BUILD} --prefix ${prefix})

# The programs, the static and the shared library work and need nothing of the build folder.
run("loci --version" ${prefix}/bin/loci --version)
expect_in("${output}" "loci ${VERSION}")
run("loci-sqlgen --help" ${prefix}/bin/loci-sqlgen --help)

run(configure ${CMAKE_COMMAND} -S ${SOURCE}/examples/consumer -B ${WORK}/build -G Ninja
  -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER}
  -DCMAKE_PREFIX_PATH=${prefix})
run(build ${CMAKE_COMMAND} --build ${WORK}/build -j 2)
foreach(program consumer consumer_shared)
  run(${program} ${WORK}/build/${program})
  expect_in("${output}" "2 assistant: In the blue bowl by the door.")
endforeach()

# The examples of what an application does with a storage.
run(configure ${CMAKE_COMMAND} -S ${SOURCE}/examples/storage -B ${WORK}/storage -G Ninja
  -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER}
  -DCMAKE_PREFIX_PATH=${prefix})
run(build ${CMAKE_COMMAND} --build ${WORK}/storage -j 2)
run(basic_operations ${WORK}/storage/basic_operations)
expect_in("${output}" "stored message 1 with 3 dimensions\nfound \"Lost keys\"\n")
run(serializable_transaction ${WORK}/storage/serializable_transaction)
expect_in("${output}" "10 messages, the last one is number 10\n")
run(vector_search ${WORK}/storage/vector_search)
expect_in("${output}" "Databases: A deadlock is resolved by always locking rows in the same order.\n")

# Typed queries in a project of somebody else. A copy, since it is edited here.
file(REMOVE_RECURSE ${WORK}/typed_queries)
file(COPY ${SOURCE}/examples/typed_queries DESTINATION ${WORK})
set(typed ${WORK}/typed_queries)
run(configure ${CMAKE_COMMAND} -S ${typed} -B ${typed}/build -G Ninja
  -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER}
  -DCMAKE_PREFIX_PATH=${prefix})
set(build ${CMAKE_COMMAND} --build ${typed}/build)
run(build ${build})
run(shop ${typed}/build/shop)
expect_in("${output}" "ada@example.com 1999\nbob@example.com 0\n")
if(EXISTS ${typed}/queries)
  message(FATAL_ERROR "the build wrote into the source folder")
endif()
run(build ${build})
expect_in("${output}" "no work to do")

# A new file, a changed query: the same build sees both.
file(WRITE ${typed}/db/queries/count.sql "-- name: CountOrders :one\nselect count(*) as n from orders;\n")
file(READ ${typed}/main.cpp main)
string(REPLACE "#include <queries/orders.hpp>" "#include <queries/count.hpp>\n#include <queries/orders.hpp>"
  main "${main}")
file(WRITE ${typed}/main.cpp "${main}")
run(build ${build})
file(WRITE ${typed}/db/queries/count.sql "-- name: CountOrders :one\nselect cuont(*) as n from orders;\n")
execute_process(COMMAND ${build} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(status EQUAL 0)
  message(FATAL_ERROR "a query that the server refuses was built")
endif()
expect_in("${output}" "db/queries/count.sql:2:8: CountOrders: function cuont")

# The tutorial of docs/sqlgen.md, word for word.
file(READ ${SOURCE}/docs/sqlgen.md rest)
string(FIND "${rest}" "## Ten minutes" begin)
string(SUBSTRING "${rest}" ${begin} -1 rest)

# The next block of that kind, as a file.
function(write_block kind path)
  string(FIND "${rest}" "```${kind}\n" begin)
  string(LENGTH "```${kind}\n" fence)
  math(EXPR begin "${begin} + ${fence}")
  string(SUBSTRING "${rest}" ${begin} -1 block)
  string(FIND "${block}" "\n```" end)
  string(SUBSTRING "${block}" ${end} -1 left)
  string(SUBSTRING "${block}" 0 ${end} block)
  file(WRITE ${path} "${block}\n")
  set(rest "${left}" PARENT_SCOPE)
endfunction()

set(shop ${WORK}/tutorial)
set(here ${CMAKE_COMMAND} -E chdir ${shop})
set(sqlgen ${prefix}/bin/loci-sqlgen)
file(REMOVE_RECURSE ${shop})
write_block(sql ${shop}/db/migrations/1_shop.sql)
write_block(sql ${shop}/db/queries/customers.sql)
run(init ${here} ${sqlgen} init)
run(generate ${here} ${sqlgen} generate)
write_block(yaml ${shop}/loci-sqlgen.yaml)
run("what init wrote is what the tutorial shows" ${here} ${sqlgen} diff)
file(READ ${shop}/db/queries/customers.sql queries)
string(REPLACE "select email, name" "select email, nme" broken "${queries}")
file(WRITE ${shop}/db/queries/customers.sql "${broken}")
execute_process(COMMAND ${here} ${sqlgen} generate RESULT_VARIABLE status ERROR_VARIABLE output)
if(status EQUAL 0)
  message(FATAL_ERROR "a column that is not there was found")
endif()
expect_in("${output}" "db/queries/customers.sql:6:15: ListNames: column \"nme\" does not exist; hint: ")
file(WRITE ${shop}/db/queries/customers.sql "${queries}")
file(REMOVE_RECURSE ${shop}/src)
write_block(cmake ${shop}/CMakeLists.txt)
write_block(cpp ${shop}/main.cpp)
run(configure ${CMAKE_COMMAND} -S ${shop} -B ${shop}/build -G Ninja
  -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER}
  -DCMAKE_PREFIX_PATH=${prefix})
run(build ${CMAKE_COMMAND} --build ${shop}/build)
run(shop ${here} build/shop)
expect_in("${output}" "customer 1\nada@example.com, called Ada\n")

# A build without CMake finds the same with pkg-config.
set(ENV{PKG_CONFIG_PATH} ${prefix}/${LIBDIR}/pkgconfig)
run(pkg-config pkg-config --libs loci)
expect_in("${output}" "-lloci")
run(pkg-config pkg-config --variable=includedir loci)
string(STRIP "${output}" includedir)
file(REAL_PATH "${includedir}" includedir)
if(NOT includedir STREQUAL "${prefix}/include")
  message(FATAL_ERROR "loci.pc points to ${includedir}, not into ${prefix}")
endif()

# The query compiler is a tool: nothing of it may be in the library.
run(nm nm -C --defined-only ${prefix}/${LIBDIR}/libloci.a)
string(FIND "${output}" "loci::sqlgen::" at)
if(NOT at EQUAL -1)
  message(FATAL_ERROR "libloci.a holds parts of loci-sqlgen")
endif()
