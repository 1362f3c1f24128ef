#include "transcript/batch_writer.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <unordered_map>
#include <utility>

namespace loci::transcript {

namespace asio = boost::asio;
using storage::Ingest;
using storage::IngestBatch;
using storage::IngestConversation;
using storage::IngestCounts;

namespace {

constexpr auto k_batch_time = std::chrono::minutes(10);
constexpr int k_tries = 5;  // of a batch that meets deadlocks with another importer

asio::awaitable<IngestCounts> write_part(Ingest& ingest, IngestBatch batch, bool complete) {
  const Deadline deadline = Deadline::after(k_batch_time);
  const IngestCounts counts = co_await ingest.write(std::move(batch), deadline);
  if (complete) co_await ingest.commit(deadline);
  co_return counts;
}

void add(IngestCounts& total, const IngestCounts& counts) {
  total.new_conversations += counts.new_conversations;
  total.new_messages += counts.new_messages;
  total.known_messages += counts.known_messages;
}

// The batch cut into batches of one conversation each.
std::vector<IngestBatch> apart(IngestBatch& batch) {
  std::vector<IngestBatch> parts;
  std::unordered_map<Uuid, std::size_t> index;
  for (IngestConversation& item : batch.conversations) {
    index[item.conversation.id.value()] = parts.size();
    parts.emplace_back().conversations.push_back(std::move(item));
  }
  for (auto& call : batch.calls) parts[index.at(call.conversation_id)].calls.push_back(std::move(call));
  for (auto& result : batch.results) {
    parts[index.at(result.conversation_id)].results.push_back(std::move(result));
  }
  return parts;
}

bool concerns_the_data(const Error& error) {
  return !error.connection_lost() &&
         (error.kind() == ErrorKind::server || error.kind() == ErrorKind::invalid_argument ||
          error.kind() == ErrorKind::invalid_input);
}

}  // namespace

BatchWriter::BatchWriter(Runtime& runtime, storage::PostgresStorage& storage, Refused refused)
    : runtime_(runtime), storage_(storage), refused_(std::move(refused)) {}

BatchWriter::~BatchWriter() {
  if (running_.valid()) running_.wait();  // it uses our batch and transaction
}

void BatchWriter::write(IngestBatch batch, bool complete) {
  settle();
  if (dropping_) {
    // The first item continues the refused conversation.
    if (!batch.conversations.empty()) {
      const Uuid gone = batch.conversations.front().conversation.id.value();
      std::erase_if(batch.conversations, [&](const auto& c) { return c.conversation.id == gone; });
      std::erase_if(batch.calls, [&](const auto& c) { return c.conversation_id == gone; });
      std::erase_if(batch.results, [&](const auto& r) { return r.conversation_id == gone; });
    }
    const bool still_open = !complete && batch.conversations.empty();
    dropping_ = still_open;
    if (batch.conversations.empty()) return;
  }
  if (!ingest_) ingest_ = std::make_unique<Ingest>(storage_);
  job_.emplace(std::move(batch), complete);
  running_ = asio::co_spawn(runtime_.executor(), write_part(*ingest_, job_->batch, complete),
                            asio::use_future);
}

void BatchWriter::finish() { settle(); }

void BatchWriter::settle() {
  if (!running_.valid()) return;
  std::optional<Error> failure;
  try {
    add(counts_, running_.get());
  } catch (const Error& error) {
    failure = error;
  }
  Job job = std::move(*job_);
  job_.reset();
  if (job.complete || failure) ingest_.reset();
  if (!failure) return;
  if (!concerns_the_data(*failure)) throw Error(*failure);
  if (job.complete) {
    write_apart(job.batch);
    return;
  }
  // The last conversation goes on: it is refused whole, and those before it are written alone.
  IngestConversation open = std::move(job.batch.conversations.back());
  job.batch.conversations.pop_back();
  const Uuid gone = open.conversation.id.value();
  std::erase_if(job.batch.calls, [&](const auto& c) { return c.conversation_id == gone; });
  std::erase_if(job.batch.results, [&](const auto& r) { return r.conversation_id == gone; });
  refused_(open, *failure);
  dropping_ = true;
  write_apart(job.batch);
}

void BatchWriter::write_apart(IngestBatch& batch) {
  for (const IngestBatch& part : apart(batch)) {
    try {
      add(counts_, write_now(part));
    } catch (const Error& error) {
      if (!concerns_the_data(error)) throw;
      refused_(part.conversations.front(), error);
    }
  }
}

IngestCounts BatchWriter::write_now(const IngestBatch& batch) {
  for (int tries = 1;; ++tries) {
    try {
      Ingest ingest(storage_);
      return runtime_.wait(write_part(ingest, batch, true));
    } catch (const Error& error) {
      if (!error.retryable() || tries == k_tries) throw;
    }
  }
}

}  // namespace loci::transcript
