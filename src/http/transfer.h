#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "http/client.h"

typedef void CURLM;

namespace sotto::http {

struct Transfer;

// The thread that drives libcurl, behind Client. start() and cancel() come from any thread.
class TransferThread {
 public:
  using Done = std::function<void(FetchResult)>;

  explicit TransferThread(ClientOptions options);
  ~TransferThread();  // drops what is under way without a word

  // `done` runs exactly once, on this thread, unless the transfer is cancelled or dropped before.
  uint64_t start(FetchRequest request, Done done);
  void cancel(uint64_t id);

 private:
  void work();
  void take_orders();
  void begin(std::unique_ptr<Transfer> transfer);
  void finish_done();

  const ClientOptions options_;
  CURLM* const multi_;

  std::mutex mutex_;  // guards what follows, up to the blank line
  std::vector<std::unique_ptr<Transfer>> starting_;
  std::vector<uint64_t> cancelling_;
  uint64_t next_id_ = 1;
  bool stopping_ = false;

  std::map<uint64_t, std::unique_ptr<Transfer>> running_;  // the thread's own
  std::thread thread_;
};

}  // namespace sotto::http
