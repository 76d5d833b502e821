#pragma once

#include <functional>
#include <list>
#include <string>
#include <unordered_map>
#include <vector>

#include "audio/pcm.h"
#include "base/result.h"
#include "http/client.h"
#include "net/worker_pool.h"

namespace sotto::sound {

// Sound files of the web: fetched once for all who wait, decoded by workers, and kept as the reply allows
// (RFC 9111: max-age, no-store; without either it is asked again whether it has changed). Control thread.
class RemoteSounds {
 public:
  using Loaded = std::function<void(Result<audio::SharedPcm>)>;
  struct Settings {
    http::PrivateTargets private_targets = http::PrivateTargets::Allowed;
    bool verify_tls = true;
  };

  // All outlive it; so do the tasks that it spawns on the loop.
  RemoteSounds(net::Loop& loop, http::Client& client, net::WorkerPool& pool, Settings settings);

  // `loaded` runs exactly once, never from inside load().
  void load(const std::string& url, bool cacheable, Loaded loaded);

 private:
  struct Kept {
    std::string url;
    audio::SharedPcm pcm;
    base::TimePoint fresh_until;
    std::string etag;
    std::string modified;
  };
  using Order = std::list<Kept>;  // the one used last in front

  asio::awaitable<void> fetch(std::string url, bool cacheable);
  asio::awaitable<Result<audio::SharedPcm>> download(std::string url, bool cacheable);
  asio::awaitable<Result<audio::SharedPcm>> decode(std::string body);
  void keep(Kept kept);
  Kept* find(const std::string& url);

  net::Loop& loop_;
  http::Client& client_;
  net::WorkerPool& pool_;
  const Settings settings_;
  Order kept_;
  size_t kept_samples_ = 0;
  std::unordered_map<std::string, Order::iterator> by_url_;
  std::unordered_map<std::string, std::vector<Loaded>> waiting_;
};

// How long a reply may be used without asking again; nothing: it may not be kept.
std::optional<std::chrono::seconds> freshness(const http::Headers& headers);

}  // namespace sotto::sound
