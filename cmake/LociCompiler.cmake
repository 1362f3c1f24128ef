# How every target of this project is compiled. Consumers of the installed package see none of it.
add_library(loci_compiler INTERFACE)
target_compile_features(loci_compiler INTERFACE cxx_std_23)
target_compile_options(loci_compiler INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough -Wformat=2 -Wno-missing-field-initializers
  $<$<BOOL:${LOCI_WERROR}>:-Werror>)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Lets ccache see through precompiled headers (scripts/common.sh sets the rest of what that takes).
  target_compile_options(loci_compiler INTERFACE -fpch-preprocess)
  # False alarms of GCC 14: members of coroutine frames it built itself, and inlined std::string joins.
  target_compile_options(loci_compiler INTERFACE -Wno-maybe-uninitialized -Wno-mismatched-new-delete
    -Wno-array-bounds -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread)
endif()

if(LOCI_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC warns that ThreadSanitizer does not see atomic_thread_fence, which Asio uses.
  add_compile_options(-Wno-tsan)
endif()
if(LOCI_SANITIZE)
  add_compile_options(-fsanitize=${LOCI_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${LOCI_SANITIZE})
  set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -g1")
elseif(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # -fhardened: _FORTIFY_SOURCE=3, _GLIBCXX_ASSERTIONS, stack protector and clash protection, CET,
  # zeroed locals, full RELRO. The rest is the OpenSSF list.
  target_compile_options(loci_compiler INTERFACE -fhardened -Wno-hardened
    -fstrict-flex-arrays=3 -fno-delete-null-pointer-checks -fno-strict-overflow)
  add_link_options(-Wl,-z,noexecstack -Wl,-z,relro -Wl,-z,now -Wl,--as-needed)
endif()

# loci_unity(target): compiles its sources eight at a time, which costs a third of what each alone does.
# What stands in an anonymous namespace therefore needs a name its whole folder has once. Each
# source still includes what it uses: `./dev lint FILE` reads it alone.
option(LOCI_UNITY "Compile several sources as one" ${PROJECT_IS_TOP_LEVEL})
function(loci_unity target)
  if(LOCI_UNITY)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
    # A unity source includes the others, so GCC takes their anonymous namespaces for a header's.
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
  endif()
endfunction()
