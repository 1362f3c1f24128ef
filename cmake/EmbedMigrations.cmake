# Run as a script: writes ${OUT}, the migrations of ${FOLDER} as C++ string literals.
file(GLOB files ${FOLDER}/*.sql)
list(SORT files)
set(entries "")
foreach(file IN LISTS files)
  get_filename_component(name ${file} NAME)
  file(READ ${file} text)
  # A literal may hold 64 kB; pieces are joined by the compiler.
  set(literal "")
  string(LENGTH "${text}" length)
  set(at 0)
  while(at LESS length)
    string(SUBSTRING "${text}" ${at} 12000 piece)
    string(APPEND literal "\n    R\"loci_sql(${piece})loci_sql\"")
    math(EXPR at "${at} + 12000")
  endwhile()
  string(APPEND entries "    {\"${name}\",${literal}},\n")
endforeach()
file(WRITE ${OUT} "// Generated from sql/migrations. Do not edit.
#include \"schema/migration_files.hpp\"

namespace loci::schema {

std::span<const MigrationFile> built_in_files() {
  static constexpr MigrationFile files[] = {
${entries}  };
  return files;
}

}  // namespace loci::schema
")
