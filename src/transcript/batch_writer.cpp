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
constexpr std::uint64_t k_worth_analyzing = 1000;  // messages since the last time
constexpr int k_tries = 5;  // of a batch that meets deadlocks with another importer

asio::awaitable<IngestCounts> write_to(Ingest& ingest, IngestBatch batch, bool commit) {
  const Deadline deadline = Deadline::after(k_batch_time);
  const IngestCounts counts = co_await ingest.write(std::move(batch), deadline);
  if (commit) co_await ingest.commit(deadline);
  co_return counts;
}

void add(IngestCounts& total, const IngestCounts& counts) {
  total.new_conversations += counts.new_conversations;
  total.new_messages += counts.new_messages;
  total.known_messages += counts.known_messages;
  total.erased_conversations += counts.erased_conversations;
}

asio::awaitable<void> analyze_tables(storage::PostgresStorage& storage) {
  const Deadline deadline = Deadline::after(k_batch_time);
  pg::Lease lease = co_await storage.pool().acquire(deadline);
  co_await lease.script("analyze conversations, messages, tool_executions, embedding_jobs",
                        "analyze", deadline);
}

// The batch cut into batches of one conversation each.
std::vector<IngestBatch> apart(IngestBatch& batch) {
  std::vector<IngestBatch> parts;
  std::unordered_map<Uuid, std::size_t> index;  // one that came twice stays together
  for (IngestConversation& item : batch.conversations) {
    const auto [at, inserted] = index.try_emplace(item.conversation.id.value(), parts.size());
    if (inserted) parts.emplace_back();
    parts[at->second].conversations.push_back(std::move(item));
  }
  for (auto& call : batch.calls) {
    parts[index.at(call.conversation_id)].calls.push_back(std::move(call));
  }
  for (auto& result : batch.results) {
    parts[index.at(result.conversation_id)].results.push_back(std::move(result));
  }
  return parts;
}

// A full disk or a missing table would refuse every conversation: those errors end the import.
bool concerns_the_data(const Error& error) {
  if (error.kind() != ErrorKind::server) {
    return error.kind() == ErrorKind::invalid_argument || error.kind() == ErrorKind::invalid_input;
  }
  const std::string_view kind = error.sqlstate().substr(0, 2);
  // Data, integrity, a limit of the server's, a trigger's own error.
  return kind == "22" || kind == "23" || kind == "54" || kind == "P0" || error.retryable();
}

}  // namespace

BatchWriter::BatchWriter(Runtime& runtime, storage::PostgresStorage& storage, Refused refused)
    : runtime_(runtime), storage_(storage), refused_(std::move(refused)) {}

BatchWriter::~BatchWriter() {
  if (running_.valid()) running_.wait();  // it uses our batch and transaction
}

void BatchWriter::write(IngestBatch batch) {
  start({std::move(batch), Job::Kind::whole});
}

void BatchWriter::write_part(IngestBatch batch, bool last) {
  start({std::move(batch), last ? Job::Kind::last_part : Job::Kind::part});
}

void BatchWriter::start(Job job) {
  settle();
  if (dropping_ && job.kind != Job::Kind::whole) {
    dropping_ = job.kind == Job::Kind::part;
    return;
  }
  dropping_ = false;
  if (!ingest_) ingest_ = std::make_unique<Ingest>(storage_);
  job_.emplace(std::move(job));
  running_ = asio::co_spawn(runtime_.executor(),
                            write_to(*ingest_, job_->batch, job_->kind != Job::Kind::part),
                            asio::use_future);
}

void BatchWriter::finish() {
  settle();
  if (counts_.new_messages - analyzed_ >= k_worth_analyzing) analyze();
}

// The planner knows nothing of a bulk load until autovacuum comes by, a minute later. Until then a
// join may be planned for an empty table and never end. So the tables are analyzed after the first
// batch, and at the end.
void BatchWriter::analyze() {
  analyzed_ = counts_.new_messages;
  runtime_.wait(analyze_tables(storage_));
}

void BatchWriter::settle() {
  if (!running_.valid()) return;
  std::optional<Error> failure;
  try {
    add(open_counts_, running_.get());
  } catch (const Error& error) {
    failure = error;
  }
  Job job = std::move(*job_);
  job_.reset();
  if (!failure) {
    if (job.kind == Job::Kind::part) return;  // counted once it is committed
    ingest_.reset();
    add(counts_, std::exchange(open_counts_, {}));
    if (analyzed_ == 0 && counts_.new_messages > 0) analyze();
    return;
  }
  ingest_.reset();
  open_counts_ = {};
  if (!concerns_the_data(*failure)) throw Error(*failure);
  if (job.kind == Job::Kind::whole) {
    write_apart(job.batch);
    return;
  }
  refused_(job.batch.conversations.front(), *failure);
  dropping_ = job.kind == Job::Kind::part;
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
      return runtime_.wait(write_to(ingest, batch, true));
    } catch (const Error& error) {
      if (!error.retryable() || tries == k_tries) throw;
    }
  }
}

}  // namespace loci::transcript
