#include <loci/storage/filter.hpp>

#include <utility>

namespace loci::storage {

namespace {

bool is_everything(const Filter& filter) {
  return filter.op() == FilterOp::all;
}

// Both children of `op`; a child that is of the same kind gives its children instead, so that a
// long chain stays flat.
Filter joined(FilterOp op, Filter left, Filter right) {
  Filter::Node node;
  node.op = op;
  for (Filter* side : {&left, &right}) {
    if (side->op() == op) {
      const auto& inside = side->node().children;
      node.children.insert(node.children.end(), inside.begin(), inside.end());
    } else {
      node.children.push_back(std::move(*side));
    }
  }
  return Filter(std::move(node));
}

}  // namespace

Filter::Filter(Node node) : node_(std::make_shared<const Node>(std::move(node))) {}

Filter Filter::condition(FilterOp op, std::string field, std::vector<std::string> path,
                         std::vector<FilterValue> values) {
  return Filter(Node{
      .op = op, .field = std::move(field), .path = std::move(path), .values = std::move(values)});
}

Filter operator&&(Filter left, Filter right) {
  if (is_everything(left)) return right;
  if (is_everything(right)) return left;
  return joined(FilterOp::conjunction, std::move(left), std::move(right));
}

Filter operator||(Filter left, Filter right) {
  if (is_everything(left) || is_everything(right)) return {};
  return joined(FilterOp::disjunction, std::move(left), std::move(right));
}

Filter operator!(Filter operand) {
  if (operand.op() == FilterOp::negation) return operand.node().children.front();
  Filter::Node node;
  node.op = FilterOp::negation;
  node.children.push_back(std::move(operand));
  return Filter(std::move(node));
}

}  // namespace loci::storage
