#pragma once
#include <cstddef>
#include <cstdint>

/// What one call may bring. More is Error{invalid_argument} before anything is sent.
namespace loci::storage::limits {

inline constexpr std::size_t content = std::size_t{16} << 20;  ///< Bytes of a message or a memory.
inline constexpr std::size_t json = std::size_t{16} << 20;  ///< Bytes of parts, metadata, schema.
inline constexpr int json_depth = 128;                      ///< Of nested arrays and objects.
inline constexpr std::size_t title = 4096;                  ///< Bytes.
/// Bytes of user ids, names, sources: what stands in an index, where PostgreSQL ends at 2,704.
inline constexpr std::size_t name = 1024;
/// Bytes of a memory's agent_id and namespace, which stand in one index beside its user_id.
inline constexpr std::size_t scope = 512;
inline constexpr std::size_t batch = 100'000;  ///< Items.
inline constexpr std::size_t keys = 10'000;    ///< Of get_batch(), and values of an `in`.
inline constexpr std::int32_t list = 10'000;   ///< Records of a page.
inline constexpr int filter_depth = 32;
inline constexpr std::size_t filter_conditions = 256;

}  // namespace loci::storage::limits
