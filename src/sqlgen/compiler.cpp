#include "sqlgen/compiler.hpp"

#include <loci/base/error.hpp>
#include <loci/base/json_writer.hpp>
#include <loci/base/text.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <utility>

namespace loci::sqlgen {
namespace {

namespace fs = std::filesystem;

std::string read_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file) throw Error(ErrorKind::io, "cannot read " + path.string());
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(byte_order_mark)) text.erase(0, byte_order_mark.size());
  for (std::size_t at = 0; (at = text.find("\r\n", at)) != std::string::npos;) text.erase(at, 1);
  return text;
}

std::size_t first_unstorable(std::string_view text) {
  const std::string storable = to_storable(text);
  return static_cast<std::size_t>(std::ranges::mismatch(text, storable).in1 - text.begin());
}

/// Refuses a name that another query has already.
class QueryNames {
public:
  bool add(const SourceFile& source, const QueryText& query, Diagnostics& diagnostics) {
    const schema::TextPosition at = schema::position_at(source.text, query.offset);
    const auto [known, is_new] =
        places_.try_emplace(query.name, source.path + ":" + std::to_string(at.line));
    if (!is_new) {
      diagnostics.add(source, query.offset,
                      query.name + " is already the name of the query at " + known->second);
    }
    return is_new;
  }

private:
  std::map<std::string, std::string> places_;
};

}  // namespace

std::vector<SourceFile> read_sources(const fs::path& path, Diagnostics& diagnostics) {
  std::vector<fs::path> paths;
  std::error_code failure;
  if (fs::is_directory(path, failure)) {
    for (const fs::directory_entry& entry : fs::directory_iterator(path, failure)) {
      if (entry.path().extension() == ".sql") paths.push_back(entry.path());
    }
    std::ranges::sort(paths);
  } else {
    paths.push_back(path);
  }
  if (failure) throw Error(ErrorKind::io, path.string() + ": " + failure.message());

  std::vector<SourceFile> sources;
  for (const fs::path& file : paths) {
    SourceFile source{file.filename().string(), file.string(), read_text(file)};
    if (!is_storable(source.text)) {
      diagnostics.add(source, first_unstorable(source.text), "a byte here is no UTF-8 text");
      continue;
    }
    sources.push_back(std::move(source));
  }
  return sources;
}

std::vector<QueryFile> compile(std::vector<SourceFile> sources, const Catalog& catalog,
                               Describer& describer, Diagnostics& diagnostics) {
  QueryNames names;
  std::vector<QueryFile> files;
  for (SourceFile& source : sources) {
    if (source.name == "models.sql") {
      diagnostics.add(source, 0,
                      "models.hpp is the file of the tables' structs; call this one otherwise");
      continue;
    }
    QueryFile file{std::move(source), {}};
    for (const QueryText& text : parse_queries(file.source, diagnostics)) {
      if (!names.add(file.source, text, diagnostics)) continue;
      auto query = analyse(file.source, text, catalog, describer, diagnostics);
      if (query) file.queries.push_back(std::move(*query));
    }
    files.push_back(std::move(file));
  }
  return files;
}

std::string to_json(const std::vector<QueryFile>& files, const Catalog& catalog) {
  JsonWriter out;
  const auto typed = [&](const auto& list) {
    out.array();
    for (const auto& item : list) {
      out.object().member("name").value(item.name);
      out.member("type").value(catalog.type_name(item.type));
      out.member("nullable").value(item.nullable);
      if constexpr (requires { item.embed; }) {
        if (!item.embed.empty()) out.member("embed").value(item.embed);
      }
      out.close();
    }
    out.close();
  };
  out.object().member("queries").array();
  for (const QueryFile& file : files) {
    for (const Query& query : file.queries) {
      out.object().member("name").value(query.name);
      out.member("cmd").value(":" + std::string(to_string(query.command)));
      out.member("params");
      typed(query.parameters);
      out.member("columns");
      typed(query.columns);
      out.close();
    }
  }
  out.close().close();
  return std::move(out).text();
}

std::string to_json(const Diagnostics& diagnostics) {
  JsonWriter out;
  out.object().member("errors").array();
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    out.object().member("file").value(diagnostic.file);
    out.member("line").value(diagnostic.line);
    out.member("col").value(diagnostic.column);
    out.member("message").value(diagnostic.message);
    out.member("sqlstate").value(diagnostic.sqlstate).close();
  }
  out.close().close();
  return std::move(out).text();
}

}  // namespace loci::sqlgen
