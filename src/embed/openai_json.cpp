#include "embed/openai_json.hpp"

#include <loci/base/error.hpp>
#include <loci/base/json.hpp>
#include <loci/base/json_writer.hpp>
#include <loci/base/text.hpp>

#include <cmath>

namespace loci::embed {
namespace {

[[noreturn]] void nonsense(const std::string& what) {
  throw Error(ErrorKind::remote, "the embedding endpoint's answer " + what);
}

JsonDocument parse(std::string body) {
  try {
    return JsonDocument::parse(std::move(body));
  } catch (const Error&) {
    // The parser's text may quote the answer; the fact is enough.
    nonsense("is not JSON");
  }
}

std::vector<float> unit_vector(Json numbers) {
  if (!numbers.is_array() || numbers.empty()) nonsense("holds no vector where one belongs");
  std::vector<float> vector;
  vector.reserve(numbers.size());
  double square = 0;
  for (const Json element : numbers) {
    const auto number = element.is_number() ? element.number() : std::nullopt;
    const double value = number.value_or(NAN);
    // Squares of larger values leave the range of float, and no model makes them.
    if (!(std::abs(value) < 1e18)) nonsense("holds something in a vector that is no finite number");
    square += value * value;
    vector.push_back(static_cast<float>(value));
  }
  const double length = std::sqrt(square);
  if (!(length > 1e-18)) nonsense("holds a vector of zeros");
  for (float& value : vector) value = static_cast<float>(value / length);
  return vector;
}

// Which text an element of `data` belongs to. An endpoint that numbers nothing answers in order.
std::size_t place_of(Json element, std::size_t position) {
  if (!element["index"].exists()) return position;
  const auto index = element["index"].integer();
  if (!index || *index < 0) nonsense("has an index that is none");
  return static_cast<std::size_t>(*index);
}

}  // namespace

std::string embeddings_request(std::string_view model, std::size_t dimensions,
                               std::span<const std::string_view> texts) {
  JsonWriter out;
  out.object().member("model").value(model).member("encoding_format").value("float");
  if (dimensions != 0) out.member("dimensions").value(dimensions);
  out.member("input").array();
  for (const std::string_view text : texts) out.value(to_storable(text));
  out.close().close();
  return std::move(out).text();
}

std::vector<std::vector<float>> embeddings_answer(std::string body, std::size_t count,
                                                  std::size_t dimensions) {
  const JsonDocument document = parse(std::move(body));
  const Json data = document.root()["data"];
  if (!data.is_array()) nonsense("has no list `data`");
  if (data.size() != count) {
    nonsense("has " + std::to_string(data.size()) + " vectors for " + std::to_string(count) +
             " texts");
  }
  std::vector<std::vector<float>> vectors(count);
  std::size_t position = 0;
  for (const Json element : data) {
    const std::size_t place = place_of(element, position++);
    if (place >= count) nonsense("has an index past its end");
    if (!vectors[place].empty()) nonsense("has the same index twice");
    vectors[place] = unit_vector(element["embedding"]);
    const std::size_t size = vectors[place].size();
    if (dimensions == 0) dimensions = size;
    if (size != dimensions) {
      nonsense("has a vector of " + std::to_string(size) + " dimensions, not " +
               std::to_string(dimensions));
    }
  }
  return vectors;
}

std::string error_message(std::string body) {
  try {
    const JsonDocument document = JsonDocument::parse(std::move(body));
    const Json root = document.root();
    const Json error = root["error"];
    if (const auto message = error["message"].string()) return *message;
    if (const auto message = error.string()) return *message;
    return root["message"].string_or("");
  } catch (const Error&) {
    return {};  // a proxy's HTML page says nothing that helps
  }
}

}  // namespace loci::embed
