#pragma once
#include "sqlgen/catalog.hpp"

#include <loci/pg/statement.hpp>
#include <loci/pg/types/array.hpp>
#include <loci/pg/types/scalar.hpp>

#include <cstdint>
#include <string>
#include <vector>

/// What sqlgen asks of the system catalogs. Written by hand in the shape that it generates.
namespace loci::sqlgen {

struct ListTypes {
  static constexpr pg::Statement statement{
      .name = "ListTypes",
      .sql = R"sql(
select t.oid,
       case when pg_type_is_visible(named.oid) then '' else n.nspname || '.' end
         || named.typname || case when element.oid is null then '' else '[]' end,
       case when element.oid is not null then 'array'
            when t.typtype = 'd' then 'domain'
            when t.typtype = 'b' then 'base'
            when t.typtype = 'e' then 'enum'
            else 'other' end,
       coalesce(element.oid, t.typbasetype),
       coalesce(x.extname::text, ''),
       t.typnotnull,
       t.oid::regtype::text
  from pg_type t
  left join pg_type element on element.typarray = t.oid
  join pg_type named on named.oid = coalesce(element.oid, t.oid)
  join pg_namespace n on n.oid = named.typnamespace
  left join pg_depend d on d.classid = 'pg_type'::regclass and d.objid = t.oid
                       and d.refclassid = 'pg_extension'::regclass and d.deptype = 'e'
  left join pg_extension x on x.oid = d.refobjid
)sql",
  };
  static constexpr pg::Cardinality cardinality = pg::Cardinality::many;

  struct Row {
    std::uint32_t oid;
    std::string name;
    std::string kind;
    std::uint32_t inner;
    std::string extension;
    bool not_null;
    std::string sql_name;  ///< Quoted where that is needed.
  };

  void bind(pg::Params&) const {}
  static Row decode(const pg::RowView& row) {
    return {
        .oid = row.get<pg::type::Oid>(0),
        .name = row.get<pg::type::Text>(1),
        .kind = row.get<pg::type::Text>(2),
        .inner = row.get<pg::type::Oid>(3),
        .extension = row.get<pg::type::Text>(4),
        .not_null = row.get<pg::type::Bool>(5),
        .sql_name = row.get<pg::type::Text>(6),
    };
  }
};

struct ListEnumLabels {
  static constexpr pg::Statement statement{
      .name = "ListEnumLabels",
      .sql = "select enumtypid, enumlabel from pg_enum order by enumtypid, enumsortorder",
  };
  static constexpr pg::Cardinality cardinality = pg::Cardinality::many;

  struct Row {
    std::uint32_t type;
    std::string label;
  };

  void bind(pg::Params&) const {}
  static Row decode(const pg::RowView& row) {
    return {.type = row.get<pg::type::Oid>(0), .label = row.get<pg::type::Text>(1)};
  }
};

/// Those of composite types that were made as such; a table's row type is not among them.
struct ListCompositeFields {
  static constexpr pg::Statement statement{
      .name = "ListCompositeFields",
      .sql = R"sql(
select c.reltype, a.attname, a.atttypid
  from pg_class c
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
 where c.relkind = 'c'
 order by c.reltype, a.attnum
)sql",
  };
  static constexpr pg::Cardinality cardinality = pg::Cardinality::many;

  struct Row {
    std::uint32_t composite;
    std::string name;
    std::uint32_t type;
  };

  void bind(pg::Params&) const {}
  static Row decode(const pg::RowView& row) {
    return {.composite = row.get<pg::type::Oid>(0),
            .name = row.get<pg::type::Text>(1),
            .type = row.get<pg::type::Oid>(2)};
  }
};

/// What goes into a function, not what comes out.
struct ListArgumentNames {
  static constexpr pg::Statement statement{
      .name = "ListArgumentNames",
      .sql = R"sql(
select p.proname,
       array(select p.proargnames[i] from generate_subscripts(p.proargnames, 1) i
              where p.proargmodes is null or p.proargmodes[i] in ('i', 'b', 'v')
              order by i)
  from pg_proc p
  join pg_namespace n on n.oid = p.pronamespace
 where p.proargnames is not null and n.nspname not in ('pg_catalog', 'information_schema')
 order by p.oid
)sql",
  };
  static constexpr pg::Cardinality cardinality = pg::Cardinality::many;

  struct Row {
    std::string function;
    std::vector<std::string> names;
  };

  void bind(pg::Params&) const {}
  static Row decode(const pg::RowView& row) {
    return {.function = row.get<pg::type::Text>(0),
            .names = row.get<pg::type::Array<pg::type::Text>>(1)};
  }
};

/// A NOT NULL is believed only where every row that a query may see obeys it: not where rows come
/// from inheriting tables or foreign partitions, which may lack it, or from rewrite rules. A
/// domain's is never: it holds for what is cast to the domain, and a NULL out of a join is not
/// cast.
struct ListTableColumns {
  static constexpr pg::Statement statement{
      .name = "ListTableColumns",
      .sql = R"sql(
select c.oid, n.nspname, c.relname, a.attnum, a.attname,
       not c.relhasrules
         and (c.relkind = 'r' and not c.relhassubclass
              or c.relkind = 'p'
                 and not exists (select from pg_partition_tree(c.oid) part
                                   join pg_class leaf on leaf.oid = part.relid
                                  where leaf.relkind = 'f')),
       a.attnotnull, a.atttypid, c.relkind = 'v', not c.relhasrules and c.relkind = 'r',
       c.relhasrules
  from pg_attribute a
  join pg_class c on c.oid = a.attrelid
  join pg_namespace n on n.oid = c.relnamespace
 where n.nspname <> 'information_schema' and c.relkind in ('r', 'p', 'v', 'm', 'f') and a.attnum > 0 and not a.attisdropped
 order by c.oid, a.attnum
)sql",
  };
  static constexpr pg::Cardinality cardinality = pg::Cardinality::many;

  struct Row {
    std::uint32_t table;
    std::string schema;
    std::string table_name;
    std::int16_t number;
    std::string name;
    bool believed;
    bool not_null;
    std::uint32_t type;
    bool view;
    bool own_believed;
    bool has_rules;
  };

  void bind(pg::Params&) const {}
  static Row decode(const pg::RowView& row) {
    return {
        .table = row.get<pg::type::Oid>(0),
        .schema = row.get<pg::type::Text>(1),
        .table_name = row.get<pg::type::Text>(2),
        .number = row.get<pg::type::Int2>(3),
        .name = row.get<pg::type::Text>(4),
        .believed = row.get<pg::type::Bool>(5),
        .not_null = row.get<pg::type::Bool>(6),
        .type = row.get<pg::type::Oid>(7),
        .view = row.get<pg::type::Bool>(8),
        .own_believed = row.get<pg::type::Bool>(9),
        .has_rules = row.get<pg::type::Bool>(10),
    };
  }
};

struct ListFunctions {
  static constexpr pg::Statement statement{
      .name = "ListFunctions",
      .sql = R"sql(
with casts as (select distinct castfunc as oid from pg_cast where castfunc <> 0),
     operators as (select distinct oprcode::oid as oid from pg_operator)
select p.oid, p.proname::text,
       p.pronamespace = 'pg_catalog'::regnamespace and d.refobjid is null,
       coalesce(x.extname::text, ''), p.proisstrict, p.provolatile = 'v',
       o.oid is not null or c.oid is not null, c.oid is not null, p.proargtypes::oid[]
  from pg_proc p
  left join casts c on c.oid = p.oid
  left join operators o on o.oid = p.oid
  left join pg_depend d on d.classid = 'pg_proc'::regclass and d.objid = p.oid
                       and d.refclassid = 'pg_extension'::regclass and d.deptype = 'e'
  left join pg_extension x on x.oid = d.refobjid
)sql",
  };
  static constexpr pg::Cardinality cardinality = pg::Cardinality::many;

  struct Row {
    std::uint32_t oid;
    FunctionFacts facts;
  };

  void bind(pg::Params&) const {}
  static Row decode(const pg::RowView& row) {
    return {
        .oid = row.get<pg::type::Oid>(0),
        .facts = {.name = row.get<pg::type::Text>(1),
                  .builtin = row.get<pg::type::Bool>(2),
                  .extension = row.get<pg::type::Text>(3),
                  .strict = row.get<pg::type::Bool>(4),
                  .is_volatile = row.get<pg::type::Bool>(5),
                  .operator_or_cast = row.get<pg::type::Bool>(6),
                  .cast = row.get<pg::type::Bool>(7),
                  .arguments = row.get<pg::type::Array<pg::type::Oid>>(8)},
    };
  }
};

struct ListViews {
  static constexpr pg::Statement statement{
      .name = "ListViews",
      .sql = R"sql(
select r.ev_class, r.ev_action::text
  from pg_rewrite r
  join pg_class c on c.oid = r.ev_class
  join pg_namespace n on n.oid = c.relnamespace
 where c.relkind = 'v' and r.rulename = '_RETURN'
   and n.nspname not in ('information_schema', 'pg_catalog')
)sql",
  };
  static constexpr pg::Cardinality cardinality = pg::Cardinality::many;

  struct Row {
    std::uint32_t view;
    std::string tree;
  };

  void bind(pg::Params&) const {}
  static Row decode(const pg::RowView& row) {
    return {.view = row.get<pg::type::Oid>(0), .tree = row.get<pg::type::Text>(1)};
  }
};

/// The expressions of generated columns, each as the tree of a query that selects it from its
/// table. Not of tables with children, whose expressions may differ.
struct ListGeneratedColumns {
  static constexpr pg::Statement statement{
      .name = "ListGeneratedColumns",
      .sql = R"sql(
select c.oid, a.attnum,
       '({QUERY :commandType 1 :rtable ({RANGETBLENTRY :rtekind 0 :inh true :relkind r :relid '
         || c.oid || '}) :targetList ({TARGETENTRY :expr ' || d.adbin::text || ' :resjunk false})})'
  from pg_attrdef d
  join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
  join pg_class c on c.oid = d.adrelid
 where a.attgenerated <> '' and c.relkind = 'r' and not c.relhassubclass and not c.relhasrules
)sql",
  };
  static constexpr pg::Cardinality cardinality = pg::Cardinality::many;

  struct Row {
    std::uint32_t table;
    std::int16_t column;
    std::string tree;
  };

  void bind(pg::Params&) const {}
  static Row decode(const pg::RowView& row) {
    return {.table = row.get<pg::type::Oid>(0),
            .column = row.get<pg::type::Int2>(1),
            .tree = row.get<pg::type::Text>(2)};
  }
};

/// The tree of a statement: that of a function which is made of it, and of which nothing stays.
/// Empty for what no function can hold: LISTEN, EXPLAIN, ... Needs make_statement_trees.
struct ReadStatementTree {
  static constexpr pg::Statement statement{
      .name = "ReadStatementTree",
      .sql = "select pg_temp.loci_sqlgen_tree($1)",
  };
  static constexpr pg::Cardinality cardinality = pg::Cardinality::one;

  std::string function;  ///< `create function loci_sqlgen_statement...`

  struct Row {
    std::string tree;
  };

  void bind(pg::Params& params) const { params.add<pg::type::Text>(function); }
  static Row decode(const pg::RowView& row) { return {.tree = row.get<pg::type::Text>(0)}; }
};

/// Once in each session. All in one round trip: with thousands of statements, those are the time.
inline constexpr const char* make_statement_trees = R"sql(
create function pg_temp.loci_sqlgen_tree(function text) returns text
language plpgsql set check_function_bodies = off as $tree$
declare
  tree text := '';
begin
  execute function;
  select prosqlbody::text into tree from pg_proc where proname = 'loci_sqlgen_statement';
  raise exception using errcode = 'LS000';  -- takes the function back
exception when others then
  return tree;
end
$tree$)sql";

}  // namespace loci::sqlgen
