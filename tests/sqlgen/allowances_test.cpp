#include "sqlgen/vet/allowances.hpp"

#include <gmock/gmock.h>

namespace loci::sqlgen {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Allowances, SilenceARuleForAReason) {
  const Allowances read = read_allowances(
      {"Says something.", "loci-sqlgen: allow no-select-star  the whole row is copied"},
      {"no-select-star", "other"});
  EXPECT_TRUE(read.allow("no-select-star"));
  EXPECT_FALSE(read.allow("other"));
  EXPECT_EQ(read.reasons.at("no-select-star"), "the whole row is copied");
  EXPECT_THAT(read.faults, IsEmpty());
}

TEST(Allowances, MayBeInSqlcsOwnWords) {
  const Allowances some = read_allowances({"@sqlc-vet-disable other sqlc/db-prepare"}, {"other"});
  EXPECT_TRUE(some.allow("other"));
  EXPECT_FALSE(some.allow("no-select-star"));
  EXPECT_THAT(some.faults, IsEmpty());
  EXPECT_TRUE(read_allowances({"@sqlc-vet-disable"}, {"other"}).allow("no-select-star"));
}

TEST(Allowances, NeedAReasonAndARuleThatExists) {
  const Allowances read =
      read_allowances({"loci-sqlgen: allow other", "loci-sqlgen: allow nonsense because",
                       "loci-sqlgen:", "loci-sqlgen: forbid other why not"},
                      {"other"});
  EXPECT_THAT(read.reasons, IsEmpty());
  EXPECT_THAT(read.faults,
              ElementsAre(HasSubstr("why is `other` allowed?"), HasSubstr("`nonsense` is no rule"),
                          HasSubstr("expected"), HasSubstr("expected")));
}

}  // namespace
}  // namespace loci::sqlgen
