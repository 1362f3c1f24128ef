#include <loci/transcript/drafts.hpp>

#include <array>
#include <utility>

namespace loci::transcript {
namespace {

// What the formats call the four roles; the first name of each is Loci's own.
constexpr std::array<std::pair<std::string_view, Role>, 14> role_names{{
    {"user", Role::user},
    {"assistant", Role::assistant},
    {"system", Role::system},
    {"tool", Role::tool},
    {"human", Role::user},
    {"prompter", Role::user},
    {"ai", Role::assistant},
    {"gpt", Role::assistant},
    {"bot", Role::assistant},
    {"model", Role::assistant},
    {"chatgpt", Role::assistant},
    {"developer", Role::system},
    {"function", Role::tool},
    {"observation", Role::tool},
}};

}  // namespace

std::string_view to_string(Role role) noexcept {
  for (const auto& [name, named] : role_names) {
    if (named == role) return name;
  }
  return "user";
}

std::optional<Role> parse_role(std::string_view name) noexcept {
  for (const auto& [known, role] : role_names) {
    if (known == name) return role;
  }
  return std::nullopt;
}

}  // namespace loci::transcript
