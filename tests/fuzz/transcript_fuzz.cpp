// Any bytes as a history, of the format that the first byte names or of the one they look like: the
// sink gets what its contract promises, and every fault is told, never thrown.
//   build/fuzz/tests/fuzz/transcript_fuzz -max_total_time=60 NEW_CORPUS tests/fuzz/seeds/transcript
#include <loci/base/json.hpp>
#include <loci/base/text.hpp>
#include <loci/transcript/import.hpp>

#include <sys/mman.h>
#include <unistd.h>
#include <cstdint>
#include <string>
#include <unordered_set>

namespace {

using namespace loci::transcript;

void require(bool holds) {
  if (!holds) __builtin_trap();
}

void require_json(const loci::JsonText& json, loci::Json::Kind kind) {
  require(loci::JsonDocument::parse(json.text).root().kind() == kind);
}

class StrictSink final : public Sink {
public:
  ~StrictSink() override { require(!open_); }

  void begin(ConversationDraft conversation) override {
    require(!open_ && !conversation.source.empty() && !conversation.source_id.empty());
    require(loci::is_storable(conversation.source_id) && loci::is_storable(conversation.title));
    require_json(conversation.metadata, loci::Json::Kind::object);
    open_ = true;
    seen_.clear();
  }
  void message(MessageDraft message) override {
    require(open_ && !message.source_id.empty());
    require(loci::is_storable(message.source_id) && loci::is_storable(message.content));
    require_json(message.metadata, loci::Json::Kind::object);
    if (!message.parts.text.empty()) require_json(message.parts, loci::Json::Kind::array);
    for (const ToolCall& call : message.calls) {
      require(loci::is_storable(call.call_id) && loci::is_storable(call.name));
      (void)loci::JsonDocument::parse(call.arguments.text);
    }
    require(!message.parent || seen_.contains(*message.parent));
    require(seen_.insert(std::move(message.source_id)).second);
  }
  void end(ConversationEnd conversation) override {
    require(open_);
    require(!conversation.current_leaf || seen_.contains(*conversation.current_leaf));
    open_ = false;
  }
  void skip(Skip skip) override {
    require(!skip.reason.empty() && skip.reason.find('\n') == std::string::npos);
  }
  void progress(std::uint64_t bytes_read) override { bytes_ += bytes_read; }

  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

private:
  bool open_ = false;
  std::uint64_t bytes_ = 0;
  std::unordered_set<std::string> seen_;  // messages of the open conversation
};

// The one file of the process, in memory.
int file() {
  static const int descriptor = ::memfd_create("history", 0);
  return descriptor;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto format =
      data[0] >= '0' && data[0] <= '9' ? static_cast<Format>(data[0] - '0') : Format::automatic;
  require(::ftruncate(file(), 0) == 0);
  require(::pwrite(file(), data + 1, size - 1, 0) == static_cast<ssize_t>(size - 1));
  StrictSink sink;
  read_history("/proc/self/fd/" + std::to_string(file()), {.format = format}, sink);
  require(sink.bytes() == size - 1);
  return 0;
}
