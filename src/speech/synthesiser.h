#pragma once

#include <functional>
#include <list>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "audio/pcm.h"
#include "base/result.h"
#include "call/prompt.h"
#include "net/worker_pool.h"
#include "speech/voice_table.h"

namespace sotto::speech {

// Speech as sound, made by worker threads and kept by content. Control thread. Engines and pool outlive it,
// and it outlives the pool's last piece of work.
class Synthesiser {
 public:
  struct Engines {
    Engine& english;
    Engine& others;
    std::vector<VoiceRow> voices;  // in place of those two; where such an engine fails, they step in
    uint32_t rate_hz = 0;  // of the rooms that play it, so that none must convert it; 0: as it is made
  };
  using Done = std::function<void(Result<audio::SharedPcm>)>;

  Synthesiser(net::WorkerPool& pool, Engines engines, size_t cache_bytes_max = size_t{64} * 1024 * 1024);

  // `done` runs exactly once, never from inside speak(). What is in the cache costs no worker.
  void speak(const call::Speech& speech, Done done);

  struct Counters {
    uint64_t hits = 0;
    uint64_t made = 0;
    uint64_t failed = 0;
    size_t cache_bytes = 0;
  };
  const Counters& counters() const { return counters_; }

 private:
  struct Entry {
    std::string key;
    audio::SharedPcm pcm;
  };
  void finished(const std::string& key, Result<audio::SharedPcm> made);
  void keep(const std::string& key, audio::SharedPcm pcm);

  net::WorkerPool& pool_;
  const Engines engines_;
  const size_t cache_bytes_max_;
  std::list<Entry> recent_;  // most recently used first
  std::unordered_map<std::string, std::list<Entry>::iterator> cache_;
  std::unordered_map<std::string, std::vector<Done>>
      waiting_;  // one synthesis serves all who asked meanwhile
  Counters counters_;
};

}  // namespace sotto::speech
