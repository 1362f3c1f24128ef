#include "sqlgen/nullability/scope.hpp"

#include "sqlgen/nullability/tree_codes.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace loci::sqlgen {
namespace {

/// The grouping columns, by their reference numbers, that every set made by `set` groups by.
std::set<std::int64_t> always_grouped(const TreeValue& set) {
  std::set<std::int64_t> references;
  const TreeValue& content = set["content"];
  if (set["kind"].number() == code::simple_set) {
    for (const TreeValue& reference : content.items()) references.insert(reference.number());
  } else if (set["kind"].number() == code::list_of_sets && !content.empty()) {
    references = always_grouped(content.item(0));
    for (const TreeValue& other : content.items()) {
      const std::set<std::int64_t> theirs = always_grouped(other);
      std::erase_if(references, [&](std::int64_t one) { return !theirs.contains(one); });
    }
  }
  return references;
}

/// Whether every set made by `set` groups by something, so that it gives no row for no rows.
bool always_groups(const TreeValue& set) {
  const TreeValue& content = set["content"];
  if (set["kind"].number() == code::simple_set) return !content.empty();
  return set["kind"].number() == code::list_of_sets &&
         std::ranges::all_of(content.items(), always_groups);
}

}  // namespace

Scope::Scope(const TreeValue& query, const Scope* outer, const Proofs& proofs)
    : query_(query), outer_(outer), left_out_(query) {
  for (const TreeValue& item : query["jointree"]["fromlist"].items()) note_joins(item);
  // A MERGE's join depends on its actions; its tree does not show which.
  if (query["commandType"].number() != code::merge) prove(proofs);
  note_grouping();
}

const TreeValue& Scope::entry(std::int64_t number) const noexcept {
  return query_["rtable"].item(static_cast<std::size_t>(number - 1));
}

bool Scope::is_result_relation(std::int64_t entry) const noexcept {
  return query_["resultRelation"].number() == entry;
}

const Scope* Scope::above(std::int64_t level) const noexcept {
  const Scope* scope = this;
  for (; level > 0 && scope != nullptr; --level) scope = scope->outer_;
  return scope;
}

JoinSide Scope::side_of(std::int64_t entry, std::int64_t join) const noexcept {
  const auto members = joins_.find(join);
  return {join, members != joins_.end() && members->second.left.contains(entry)};
}

/// Gives all entries of the range table that stand in `item`.
std::set<std::int64_t> Scope::note_joins(const TreeValue& item) {
  if (item.is("RANGETBLREF")) return {item["rtindex"].number()};
  if (!item.is("JOINEXPR")) return {};
  Members members{note_joins(item["larg"]), note_joins(item["rarg"])};
  std::set<std::int64_t> all = members.left;
  all.insert(members.right.begin(), members.right.end());
  all.insert(item["rtindex"].number());
  joins_[item["rtindex"].number()] = std::move(members);
  return all;
}

/// A column that is not NULL shows that the outer joins below had a match; where both sides have
/// one the join is an inner join, and its condition holds for every row, which shows more columns.
void Scope::prove(const Proofs& proofs) {
  const TreeValue& jointree = query_["jointree"];
  const Facts from_where = proofs.when_true(jointree["quals"]);
  for (std::size_t known = 0;; known = matched_.size()) {
    Facts facts = from_where;
    for (const TreeValue& item : jointree["fromlist"].items()) {
      facts.add(from_joins(item, proofs));
    }
    // Above an outer join an expression without columns may be written like one below it.
    facts.forget_expressions();
    for (const Fact& fact : facts.all()) {
      for (const std::int64_t join : fact.nulled_by) matched_.insert(side_of(fact.entry, join));
    }
    // Grouping sets change what the same words mean.
    if (!has_grouping_sets()) {
      facts.add(from_where);
      facts.add(proofs.when_true(query_["havingQual"]));
    }
    // RETURNING sees the new row, or what a rewrite rule made up.
    if (changes_rows(proofs)) {
      facts.forget_entry(query_["resultRelation"].number());
      facts.forget_expressions();
    }
    facts_ = std::move(facts);
    if (matched_.size() == known) return;
  }
}

/// Whether RETURNING gives other rows than WHERE saw. A plain table's DELETE does not.
bool Scope::changes_rows(const Proofs& proofs) const {
  const std::int64_t command = query_["commandType"].number();
  if (command != code::delete_rows) return command == code::update;
  const TreeValue& target = entry(query_["resultRelation"].number());
  const TableFacts* table =
      proofs.catalog().table(static_cast<std::uint32_t>(target["relid"].number()));
  return table == nullptr || table->has_rules;
}

Facts Scope::from_joins(const TreeValue& item, const Proofs& proofs) const {
  if (!item.is("JOINEXPR")) return {};
  Facts facts = from_joins(item["larg"], proofs);
  facts.add(from_joins(item["rarg"], proofs));
  if (is_inner(item)) facts.add(proofs.when_true(item["quals"]));
  return facts;
}

bool Scope::is_inner(const TreeValue& join) const {
  const std::int64_t number = join["rtindex"].number();
  switch (join["jointype"].number()) {
    case code::inner_join:
      return true;
    case code::left_join:
      return is_matched({number, false});
    case code::right_join:
      return is_matched({number, true});
    case code::full_join:
      return is_matched({number, false}) && is_matched({number, true});
    default:
      return false;
  }
}

void Scope::note_grouping() {
  const TreeValue& sets = query_["groupingSets"];
  if (!has_grouping_sets()) {
    groups_have_rows_ = !query_["groupClause"].empty();
    return;
  }
  std::set<std::int64_t> always;
  for (const TreeValue& set : sets.items()) always.merge(always_grouped(set));
  groups_have_rows_ = std::ranges::any_of(sets.items(), always_groups);
  for (const TreeValue& target : query_["targetList"].items()) {
    const std::int64_t reference = target["ressortgroupref"].number();
    const auto groups_by_it = [reference](const TreeValue& group) {
      return group["tleSortGroupRef"].number() == reference;
    };
    if (reference == 0 || always.contains(reference) ||
        std::ranges::none_of(query_["groupClause"].items(), groups_by_it)) {
      continue;
    }
    left_out_.add(target["expr"]);
  }
}

}  // namespace loci::sqlgen
