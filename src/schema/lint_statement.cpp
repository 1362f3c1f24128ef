#include "schema/lint_statement.hpp"

#include "schema/statement_kind.hpp"

namespace loci::schema {
namespace {

constexpr std::string_view k_own_file =
    " Put it into a migration of its own: that one then runs outside a transaction";

class LintedStatement {
public:
  LintedStatement(StatementReader reader, LintContext& context)
      : reader_(std::move(reader)), context_(context) {}

  std::vector<LintWarning> run() {
    if (reader_.accept("create")) {
      create();
    } else if (reader_.accept("drop")) {
      drop();
    } else if (reader_.accept("alter table")) {
      return lint_alter_table(reader_, context_);
    } else if (reader_.ahead("reindex")) {
      reindex();
    } else {
      hold_table();
    }
    return std::move(found_);
  }

private:
  void warn(std::string_view rule, std::string message, std::string remedy) {
    found_.push_back({rule, std::move(message), std::move(remedy)});
  }
  bool is_new(const SqlName& name) const { return context_.created.contains(name.last); }

  void create() {
    StatementReader rest = reader_;
    for (const char* word : {"global", "local", "temporary", "temp", "unlogged", "materialized"}) {
      rest.accept(word);
    }
    if (rest.accept("table") || rest.accept("view")) {
      rest.accept("if not exists");
      if (const auto table = rest.name()) context_.created.insert(table->last);
      return;
    }
    rest.accept("unique");
    if (rest.accept("index")) index(rest);
  }

  void index(StatementReader rest) {
    const bool concurrently = rest.accept("concurrently");
    rest.accept("if not exists");
    std::optional<SqlName> name;
    if (!rest.ahead("on")) name = rest.name();
    if (!rest.accept("on")) return;
    rest.accept("only");
    const auto table = rest.name();
    if (!table) return;
    if (concurrently && !name) {
      warn("unnamed-index", "the index has no name, so nobody could find it again after a crash",
           "Write create index concurrently NAME on " + table->text);
    }
    if (is_new(*table)) {
      if (name) context_.created.insert(name->last);
    } else if (!concurrently) {
      warn("index-lock", "building the index stops every write to " + table->text,
           "Use create index concurrently." + std::string(k_own_file));
    }
  }

  void drop() {
    if (reader_.accept("table")) {
      reader_.accept("if exists");
      while (const auto table = reader_.name()) {
        if (!is_new(*table)) {
          warn("drop-table", "the rows of " + table->text + " are lost, and its readers fail",
               "First let a release out that no longer uses the table; then allow this");
        }
        if (!reader_.accept(",")) break;
      }
    } else if (reader_.accept("index")) {
      if (reader_.accept("concurrently")) return;
      reader_.accept("if exists");
      const auto index = reader_.name();
      if (!index || is_new(*index)) return;
      warn("index-lock", "dropping " + index->text + " stops every read and write of its table",
           "Use drop index concurrently." + std::string(k_own_file));
    }
  }

  void reindex() {
    if (reader_.later("concurrently")) return;
    if (lone_statement(reader_) && !reader_.later("database") && !reader_.later("schema") &&
        !reader_.later("system")) {
      return;  // (concurrently) among its options
    }
    warn("index-lock", "REINDEX stops every write to the table while it builds",
         "Use reindex ... concurrently." + std::string(k_own_file));
  }

  void hold_table() {
    if (reader_.ahead("cluster")) {
      warn("long-lock", "CLUSTER copies the table while nobody can read or write it",
           "Use pg_repack, or a quiet hour and an allow comment");
    } else if (reader_.ahead("vacuum full") || (reader_.ahead("vacuum (") && names_full())) {
      warn("long-lock", "VACUUM FULL copies the table while nobody can read or write it",
           "A plain VACUUM makes the space usable again; pg_repack gives it back");
    } else if (reader_.accept("lock")) {
      warn("long-lock", "the lock is held until the whole migration is committed",
           "Take it in a migration of its own that does little else");
    } else if (reader_.accept("refresh materialized view") && !reader_.accept("concurrently")) {
      const auto view = reader_.name();
      if (!view || is_new(*view)) return;
      warn("long-lock", "nobody can read " + view->text + " while it is filled anew",
           "Use refresh materialized view concurrently; it needs a unique index");
    } else if (reader_.accept("truncate")) {
      reader_.accept("table");
      reader_.accept("only");
      const auto table = reader_.name();
      if (!table || is_new(*table)) return;
      warn("drop-table", "the rows of " + table->text + " are lost",
           "Make sure that nobody needs them; then allow this");
    }
  }

  bool names_full() const {
    StatementReader options = reader_;
    options.accept("vacuum (");
    return options.later("full") && !options.later("full false") && !options.later("full off");
  }

  StatementReader reader_;
  LintContext& context_;
  std::vector<LintWarning> found_;
};

}  // namespace

std::vector<LintWarning> lint_statement(StatementReader statement, LintContext& context) {
  return LintedStatement(std::move(statement), context).run();
}

}  // namespace loci::schema
