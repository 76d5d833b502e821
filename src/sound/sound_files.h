#pragma once

#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "audio/pcm.h"
#include "base/result.h"
#include "call/prompt.h"
#include "net/worker_pool.h"

namespace sotto::sound {

class RemoteSounds;

// Sound files as samples: wav and mp3 by path, told apart by their first bytes, decoded by workers and kept
// while the file on disk stays the same. Control thread. The pool outlives this.
class SoundFiles {
 public:
  using Loaded = std::function<void(Result<audio::SharedPcm>)>;

  // Paths are taken from under `folder` and cannot leave it; empty: any path.
  SoundFiles(net::WorkerPool& pool, std::string folder) : pool_(pool), folder_(std::move(folder)) {}

  // Where files of the web come from; outlives this. Without it they are refused.
  void set_remote(RemoteSounds& remote) { remote_ = &remote; }

  // `loaded` runs exactly once, never from inside load().
  void load(const call::AudioFile& file, Loaded loaded);

 private:
  struct Cached {
    int64_t modified = 0;
    uint64_t bytes = 0;
    audio::SharedPcm pcm;
  };
  struct Read {
    Cached cached;
    bool fresh = false;
  };
  static Result<Read> read(const std::string& path, Cached known);
  void finished(const std::string& path, Result<Read> read);

  net::WorkerPool& pool_;
  const std::string folder_;
  RemoteSounds* remote_ = nullptr;
  std::unordered_map<std::string, Cached> cache_;
  std::unordered_map<std::string, std::vector<Loaded>> waiting_;
};

// Samples of a whole file: wav or mp3. Invalid for anything else, TooLarge over the limits.
Result<audio::SharedPcm> decode_sound(const std::vector<std::byte>& file);

}  // namespace sotto::sound
