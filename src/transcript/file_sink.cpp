#include "transcript/file_sink.hpp"

#include <algorithm>

namespace loci::transcript {

void FileSink::begin(ConversationDraft conversation) {
  has_conversations_ = true;
  tell_held();
  out_.begin(std::move(conversation));
}

void FileSink::skip(Skip skip) {
  if (skip.severity == Skip::Severity::note) return out_.skip(std::move(skip));
  if (++faults_ > faults_told) return;
  if (has_conversations_) {
    out_.skip(std::move(skip));
  } else {
    held_.push_back(std::move(skip));
  }
}

void FileSink::progress(std::uint64_t bytes_read) {
  if (left_) {
    bytes_read = std::min(bytes_read, *left_);
    *left_ -= bytes_read;
  }
  if (bytes_read != 0) out_.progress(bytes_read);
}

void FileSink::tell_held() {
  for (Skip& skip : held_) out_.skip(std::move(skip));
  held_.clear();
}

void FileSink::finish(const std::string& advice) {
  if (left_) progress(*left_);
  if (has_conversations_ && faults_ > faults_told) {
    const std::uint64_t untold = faults_ - faults_told;
    out_.skip({.severity = Skip::Severity::fault,
               .file = file_,
               .place = {},
               .reason = std::to_string(untold) + " more broken records",
               .count = untold});
  }
  if (has_conversations_ || held_.empty()) return;
  Skip first = std::move(held_.front());
  if (faults_ > 1) first.reason += " (and " + std::to_string(faults_ - 1) + " more faults)";
  first.reason += advice;
  first.count = faults_;
  out_.skip(std::move(first));
}

}  // namespace loci::transcript
