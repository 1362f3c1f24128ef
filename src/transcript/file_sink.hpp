#pragma once
#include "transcript/format_reader.hpp"

#include <loci/transcript/import.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace loci::transcript {

/// What stands between the readers of one file and the caller's sink.
///
/// Progress adds up to the size of the file, whatever a reader reports or passes over. A file full
/// of broken records gives its first faults one by one and the rest as a number; one that gave no
/// conversation at all gives one fault.
class FileSink final : public Sink {
public:
  static constexpr std::size_t faults_told = 20;

  /// `size`: bytes the file counts for; nothing when it is not known (standard input).
  FileSink(Sink& out, std::string file, std::optional<std::uint64_t> size)
      : out_(out), file_(std::move(file)), left_(size) {}

  void begin(ConversationDraft conversation) override;
  void message(MessageDraft message) override { out_.message(std::move(message)); }
  void end(ConversationEnd conversation) override { out_.end(std::move(conversation)); }
  void skip(Skip skip) override;
  void progress(std::uint64_t bytes_read) override;

  /// The file is over. `advice` ends the one fault of a file without conversations: what it may be.
  void finish(const std::string& advice);

  [[nodiscard]] bool has_conversations() const noexcept { return has_conversations_; }

private:
  void tell_held();

  Sink& out_;
  std::string file_;
  std::optional<std::uint64_t> left_;
  bool has_conversations_ = false;
  std::vector<Skip> held_;  // faults from before the first conversation; at most faults_told
  std::uint64_t faults_ = 0;
};

}  // namespace loci::transcript
