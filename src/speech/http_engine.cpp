#include "speech/http_engine.h"

#include <condition_variable>
#include <mutex>
#include <optional>

#include "audio/mp3.h"
#include "audio/wav.h"
#include "speech/http_service.h"
#include "text/json.h"

namespace sotto::speech {
namespace {

using namespace std::chrono_literals;

// One answer that a worker waits for and the transfers' thread delivers.
struct Box {
  std::mutex mutex;  // guards `result`
  std::condition_variable filled;
  std::optional<http::FetchResult> result;
};

Result<audio::Pcm> decode(const std::string& body) {
  const auto bytes = std::as_bytes(std::span(body));
  if (body.starts_with("RIFF")) {
    auto wav = audio::WavReader::create(bytes);
    if (!wav) return fail(wav.error());
    audio::Pcm sound{wav->format().sample_rate_hz, std::vector<int16_t>(wav->frames())};
    sound.samples.resize(wav->read_mixed(0, sound.samples));
    return sound;
  }
  auto mp3 = audio::decode_mp3(bytes, base::limits::kPromptLengthMax);
  if (!mp3) return fail(ErrorCode::Invalid, "speech: the service's answer is neither wav nor mp3");
  return audio::Pcm{mp3->sample_rate_hz, std::move(mp3->samples)};
}

}  // namespace

HttpEngine::HttpEngine(HttpEngineSettings settings)
    : settings_(std::move(settings)), transfers_(settings_.client) {}

Result<audio::Pcm> HttpEngine::synthesise(const Utterance& utterance) {
  http::FetchRequest request = service_request(settings_.url, settings_.key, settings_.time_max);
  request.headers.set("Content-Type", "application/json");
  request.body = text::to_text(text::JsonObject{{"model", settings_.model},
                                                {"input", utterance.text},
                                                {"voice", utterance.voice},
                                                {"speed", static_cast<double>(utterance.rate)},
                                                {"response_format", "wav"}});
  const auto box = std::make_shared<Box>();
  const uint64_t id = transfers_.start(std::move(request), [box](http::FetchResult result) {
    const std::lock_guard lock(box->mutex);
    box->result = std::move(result);
    box->filled.notify_one();
  });
  std::unique_lock lock(box->mutex);
  // The transfer has its own deadline; this one is for a thread that is stuck.
  if (!box->filled.wait_for(lock, settings_.time_max + 1s, [&] { return box->result.has_value(); })) {
    transfers_.cancel(id);
    return fail(ErrorCode::TimedOut, "speech: the service took too long");
  }
  const auto body = good_reply(std::move(*box->result));
  if (!body) return fail(body.error());
  auto sound = decode(*body);
  if (!sound || sound->rate_hz == 0)
    return fail(ErrorCode::Invalid, "speech: the service's answer is no sound");
  return sound;
}

}  // namespace sotto::speech
