#pragma once
#include <cstdint>

/// The numbers that stand for PostgreSQL's enums in a tree: nodes.h, parsenodes.h, primnodes.h.
namespace loci::sqlgen::code {

// CmdType
inline constexpr std::int64_t select = 1;
inline constexpr std::int64_t update = 2;
inline constexpr std::int64_t delete_rows = 4;
inline constexpr std::int64_t merge = 5;

// RTEKind
inline constexpr std::int64_t relation_entry = 0;
inline constexpr std::int64_t subquery_entry = 1;
inline constexpr std::int64_t join_entry = 2;
inline constexpr std::int64_t function_entry = 3;
inline constexpr std::int64_t values_entry = 5;
inline constexpr std::int64_t cte_entry = 6;

// JoinType
inline constexpr std::int64_t inner_join = 0;
inline constexpr std::int64_t left_join = 1;
inline constexpr std::int64_t full_join = 2;
inline constexpr std::int64_t right_join = 3;

// SubLinkType
inline constexpr std::int64_t exists_sublink = 0;
inline constexpr std::int64_t all_sublink = 1;
inline constexpr std::int64_t any_sublink = 2;
inline constexpr std::int64_t scalar_sublink = 4;
inline constexpr std::int64_t array_sublink = 6;

// ParamKind
inline constexpr std::int64_t external_parameter = 0;
inline constexpr std::int64_t sublink_parameter = 2;

// NullTestType; BoolTestType comes in pairs of a test and its negation
inline constexpr std::int64_t is_null = 0;
inline constexpr std::int64_t test_of_true = 0;
inline constexpr std::int64_t test_of_false = 1;
inline constexpr std::int64_t test_of_unknown = 2;

// SetOperation
inline constexpr std::int64_t set_intersect = 2;
inline constexpr std::int64_t set_except = 3;

// GroupingSetKind
inline constexpr std::int64_t simple_set = 1;
inline constexpr std::int64_t list_of_sets = 4;

// MergeMatchKind
inline constexpr std::int64_t not_matched_by_source = 1;

// SQLValueFunctionOp
inline constexpr std::int64_t current_schema = 14;

// JsonConstructorType
inline constexpr std::int64_t json_object = 1;
inline constexpr std::int64_t json_array = 2;
inline constexpr std::int64_t json_object_aggregate = 3;
inline constexpr std::int64_t json_array_aggregate = 4;

// FirstNormalObjectId: what is below came with PostgreSQL
inline constexpr std::int64_t first_users_oid = 16384;

// Bits of a window's frameOptions
inline constexpr std::int64_t frame_starts_at_or_before_row = 0x20 | 0x200 | 0x800;
inline constexpr std::int64_t frame_ends_at_or_after_row = 0x100 | 0x400 | 0x4000;
inline constexpr std::int64_t frame_excludes_row = 0x8000 | 0x10000;

}  // namespace loci::sqlgen::code
