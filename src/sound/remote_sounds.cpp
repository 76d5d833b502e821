#include "sound/remote_sounds.h"

#include <charconv>
#include <cstring>

#include "base/limits.h"
#include "net/loop.h"
#include "net/one_shot.h"
#include "sound/sound_files.h"
#include "text/ascii.h"

namespace sotto::sound {
namespace {

using namespace std::chrono_literals;

constexpr uint32_t kRedirectsMax = 3;
constexpr auto kConnectDeadline = 3s;
constexpr auto kTotalDeadline = 20s;
constexpr size_t kKeptSamplesMax = 100'000'000;

Error about(const std::string& url, ErrorCode code, const std::string& why) {
  return {code, "sound file \"" + url + "\": " + why};
}

}  // namespace

std::optional<std::chrono::seconds> freshness(const http::Headers& headers) {
  std::chrono::seconds fresh{0};
  for (const std::string_view field : headers.all("Cache-Control")) {
    for (const std::string_view directive : http::split_list(field)) {
      const std::string word = text::lower_case(directive);
      if (word == "no-store") return std::nullopt;
      if (word == "no-cache") return 0s;
      if (!word.starts_with("max-age=")) continue;
      int64_t seconds = 0;
      const char* first = word.data() + std::strlen("max-age=");
      (void)std::from_chars(first, word.data() + word.size(), seconds);
      fresh = std::chrono::seconds(std::clamp<int64_t>(seconds, 0, 86'400));
    }
  }
  return fresh;
}

RemoteSounds::RemoteSounds(net::Loop& loop, http::Client& client, net::WorkerPool& pool, Settings settings)
    : loop_(loop), client_(client), pool_(pool), settings_(settings) {}

RemoteSounds::Kept* RemoteSounds::find(const std::string& url) {
  const auto it = by_url_.find(url);
  if (it == by_url_.end()) return nullptr;
  kept_.splice(kept_.begin(), kept_, it->second);
  return &*it->second;
}

void RemoteSounds::load(const std::string& url, bool cacheable, Loaded loaded) {
  const Kept* known = cacheable ? find(url) : nullptr;
  if (known != nullptr && known->fresh_until > loop_.clock().now()) {
    pool_.later([loaded = std::move(loaded), pcm = known->pcm] { loaded(pcm); });
    return;
  }
  auto& waiters = waiting_[url];
  waiters.push_back(std::move(loaded));
  if (waiters.size() == 1) loop_.tasks().spawn(fetch(url, cacheable));
}

asio::awaitable<void> RemoteSounds::fetch(std::string url, bool cacheable) {
  Result<audio::SharedPcm> answer = co_await download(url, cacheable);
  const auto node = waiting_.extract(url);
  for (const Loaded& loaded : node.mapped()) loaded(answer);
}

asio::awaitable<Result<audio::SharedPcm>> RemoteSounds::download(std::string url, bool cacheable) {
  http::FetchRequest request;
  request.url = url;
  request.connect_deadline = kConnectDeadline;
  request.total_deadline = kTotalDeadline;
  request.body_bytes_max = base::limits::kPromptFileBytesMax;
  request.redirects = http::Redirects::AsBrowser;
  request.redirects_max = kRedirectsMax;
  request.private_targets = settings_.private_targets;
  request.verify_tls = settings_.verify_tls;
  if (const Kept* known = cacheable ? find(url) : nullptr; known != nullptr) {
    if (!known->etag.empty()) request.headers.add("If-None-Match", known->etag);
    if (!known->modified.empty()) request.headers.add("If-Modified-Since", known->modified);
  }
  http::FetchResult reply = co_await client_.fetch(std::move(request));
  if (!reply) co_return fail(about(url, ErrorCode::Unreachable, reply.error().detail));
  const auto fresh = cacheable ? freshness(reply->headers) : std::nullopt;
  if (Kept* known = reply->status == 304 ? find(url) : nullptr; known != nullptr) {
    known->fresh_until = loop_.clock().now() + fresh.value_or(0s);
    co_return known->pcm;
  }
  if (reply->status / 100 != 2) {
    co_return fail(about(url, ErrorCode::Unreachable, "HTTP status " + std::to_string(reply->status)));
  }
  Kept kept;
  kept.etag = reply->headers.get("ETag");
  kept.modified = reply->headers.get("Last-Modified");
  Result<audio::SharedPcm> pcm = co_await decode(std::move(reply->body));
  if (!pcm) co_return fail(about(url, pcm.error().code, pcm.error().detail));
  if (fresh) {
    kept.url = url;
    kept.pcm = *pcm;
    kept.fresh_until = loop_.clock().now() + *fresh;
    keep(std::move(kept));
  }
  co_return pcm;
}

asio::awaitable<Result<audio::SharedPcm>> RemoteSounds::decode(std::string body) {
  auto decoded = std::make_shared<net::OneShot<Result<audio::SharedPcm>>>(loop_.context());
  auto shared = std::make_shared<const std::string>(std::move(body));
  std::function<Result<audio::SharedPcm>()> work = [shared] {
    const auto* first = reinterpret_cast<const std::byte*>(shared->data());
    return decode_sound(std::vector<std::byte>(first, first + shared->size()));
  };
  std::function<void(Result<audio::SharedPcm>)> done = [decoded](Result<audio::SharedPcm> pcm) {
    decoded->set(std::move(pcm));
  };
  pool_.run<Result<audio::SharedPcm>>(std::move(work), std::move(done));
  Result<audio::SharedPcm> pcm = co_await decoded->wait();
  co_return pcm;
}

void RemoteSounds::keep(Kept kept) {
  if (const auto it = by_url_.find(kept.url); it != by_url_.end()) {
    kept_samples_ -= it->second->pcm->samples.size();
    kept_.erase(it->second);
    by_url_.erase(it);
  }
  kept_samples_ += kept.pcm->samples.size();
  kept_.push_front(std::move(kept));
  by_url_[kept_.front().url] = kept_.begin();
  while (kept_.size() > 1 && kept_samples_ > kKeptSamplesMax) {
    kept_samples_ -= kept_.back().pcm->samples.size();
    by_url_.erase(kept_.back().url);
    kept_.pop_back();
  }
}

}  // namespace sotto::sound
