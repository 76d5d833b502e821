#include "speech/http_recogniser.h"

#include "audio/voice_activity.h"
#include "audio/wav.h"
#include "speech/http_service.h"
#include "text/json.h"

namespace sotto::speech {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kBlock{20};
constexpr milliseconds kLeadIn{200};  // of sound before speech was noticed
constexpr char kBoundary[] = "sotto-7f3a9c52e1";

std::string wav_of(const std::vector<int16_t>& samples, uint32_t rate_hz) {
  const auto header =
      audio::wav_header({audio::WavEncoding::Pcm16, rate_hz, 1}, samples.size() * sizeof(int16_t));
  std::vector<std::byte> data;
  const std::span<const int16_t> channel(samples);
  audio::write_wav_frames(std::span(&channel, 1), data);
  std::string out(reinterpret_cast<const char*>(header.data()), header.size());
  out.append(reinterpret_cast<const char*>(data.data()), data.size());
  return out;
}

void add_field(std::string& form, std::string_view name, std::string_view value) {
  form += std::string("--") + kBoundary + "\r\nContent-Disposition: form-data; name=\"" + std::string(name) +
          "\"\r\n\r\n";
  form += value;
  form += "\r\n";
}

std::string form_of(const HttpRecogniserSettings& settings, const call::RecognitionSpec& spec,
                    const std::string& wav) {
  std::string form;
  add_field(form, "model", settings.model);
  add_field(form, "response_format", "json");
  add_field(form, "language", spec.language.substr(0, spec.language.find('-')));
  std::string hints;
  for (const std::string& hint : spec.hints) hints += (hints.empty() ? "" : ", ") + hint;
  if (!hints.empty()) add_field(form, "prompt", hints);
  form += std::string("--") + kBoundary +
          "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"speech.wav\"\r\n"
          "Content-Type: audio/wav\r\n\r\n";
  form += wav + "\r\n--" + kBoundary + "--\r\n";
  return form;
}

// Adds what the service understood.
Result<void> read_answer(const std::string& body, call::SpeechHeard& heard) {
  const auto json = text::parse_json(body);
  if (!json)
    return fail(ErrorCode::Invalid, "speech: the service's answer is no JSON: " + json.error().detail);
  const std::string* text = (*json)["text"].text();
  if (text == nullptr) return fail(ErrorCode::Invalid, "speech: the service's answer has no \"text\"");
  const size_t begin = text->find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) return {};
  const std::string words = text->substr(begin, text->find_last_not_of(" \t\r\n") - begin + 1);
  const text::Json& confidence = (*json)["confidence"];
  double sure = 1.0;
  if (const double* real = confidence.real()) sure = *real;
  if (const int64_t* whole = confidence.integer()) sure = static_cast<double>(*whole);
  heard.guesses.push_back({words, static_cast<float>(std::clamp(sure, 0.0, 1.0))});
  return {};
}

}  // namespace

// Held by its coroutines; `on_heard` is gone once nobody is to be told any more.
struct HttpRecogniser::Job {
  Job(HttpRecogniser& owner, call::TapId id, const call::RecognitionSpec& wanted,
      std::unique_ptr<media::TapReader> reader)
      : loop(owner.loop_),
        client(owner.client_),
        settings(owner.settings_),
        tap(id),
        spec(wanted),
        sound(std::move(reader)),
        rate_hz(sound->rate_hz()),
        activity(rate_hz) {}

  // Takes what has come. The reason why it is over, or empty.
  std::string take() {
    for (auto block = sound->front(); !block.samples.empty(); block = sound->front()) {
      const std::string over = take(block.samples);
      sound->release();
      if (!over.empty()) return over;
    }
    return sound->finished() ? "hung_up" : "";
  }
  std::string take(std::span<const int16_t> block) {
    const bool speech = activity.feed(block);
    said.insert(said.end(), block.begin(), block.end());
    heard_for += kBlock;
    if (!speaking && speech) {
      speaking = true;
      began_now = true;
      speech_for = milliseconds(0);
    }
    if (!speaking) {
      const size_t lead_in = rate_hz / 1000 * static_cast<size_t>(kLeadIn.count());
      if (said.size() > lead_in) said.erase(said.begin(), said.end() - static_cast<ptrdiff_t>(lead_in));
      return spec.start_timeout.count() > 0 && heard_for >= spec.start_timeout ? "start_timeout" : "";
    }
    speech_for += kBlock;
    if (spec.length_max.count() > 0 && speech_for >= spec.length_max) return "max_duration";
    return !speech && activity.since_change() >= spec.end_silence ? "end_on_silence" : "";
  }

  net::Loop& loop;
  http::Client& client;
  const HttpRecogniserSettings settings;
  const call::TapId tap;
  const call::RecognitionSpec spec;
  const std::unique_ptr<media::TapReader> sound;
  const uint32_t rate_hz;
  OnHeard on_heard;

  audio::VoiceActivity activity;
  std::vector<int16_t> said;
  milliseconds heard_for{0};
  milliseconds speech_for{0};
  milliseconds asked_at{0};
  bool speaking = false;
  bool began_now = false;  // and nobody has been told
  bool asking = false;
};

HttpRecogniser::HttpRecogniser(net::Loop& loop, http::Client& client, HttpRecogniserSettings settings)
    : loop_(loop), client_(client), settings_(std::move(settings)) {}

HttpRecogniser::~HttpRecogniser() {
  for (const auto& [tap, job] : jobs_) job->on_heard = nullptr;
}

void HttpRecogniser::start(call::TapId tap, const call::RecognitionSpec& spec,
                           std::unique_ptr<media::TapReader> sound, OnHeard on_heard) {
  auto job = std::make_shared<Job>(*this, tap, spec, std::move(sound));
  job->on_heard = [this, tap, on_heard = std::move(on_heard)](call::SpeechHeard heard) {
    if (heard.final) jobs_.erase(tap);
    on_heard(std::move(heard));
  };
  jobs_[tap] = job;
  loop_.tasks().spawn(listen(std::move(job)));
}

void HttpRecogniser::stop(call::TapId tap) {
  const auto node = jobs_.extract(tap);
  if (!node.empty()) node.mapped()->on_heard = nullptr;
}

asio::awaitable<void> HttpRecogniser::listen(std::shared_ptr<Job> job) {
  std::string reason;
  while (job->on_heard) {
    reason = job->take();
    if (std::exchange(job->began_now, false)) tell_began(*job);
    if (!job->on_heard) co_return;
    if (!reason.empty()) break;
    const bool partial = job->spec.partial_results && job->speaking && !job->asking &&
                         job->speech_for - job->asked_at >= job->settings.partial_every;
    if (partial) job->loop.tasks().spawn(ask_partial(job));
    co_await job->loop.sleep(kBlock);
  }
  call::SpeechHeard heard;
  heard.tap = job->tap;
  heard.reason = reason;
  if (!job->on_heard) co_return;
  if (!job->speaking) {
    finish(job, std::move(heard));
    co_return;
  }
  auto answer = co_await ask(job);
  auto read = answer ? read_answer(*answer, heard) : Result<void>(fail(answer.error()));
  if (!read) heard.reason = "error: " + read.error().detail;
  finish(job, std::move(heard));
}

void HttpRecogniser::tell_began(const Job& job) {
  call::SpeechHeard began;
  began.tap = job.tap;
  began.final = false;
  const OnHeard on_heard = job.on_heard;  // whom it tells may stop this job
  if (on_heard) on_heard(std::move(began));
}

// What was understood so far. One that fails is no matter: the final one tells.
asio::awaitable<void> HttpRecogniser::ask_partial(std::shared_ptr<Job> job) {
  job->asking = true;
  job->asked_at = job->speech_for;
  auto answer = co_await ask(job);
  job->asking = false;
  call::SpeechHeard heard;
  heard.tap = job->tap;
  heard.final = false;
  if (!answer || !job->on_heard || !read_answer(*answer, heard) || heard.guesses.empty()) co_return;
  job->on_heard(std::move(heard));
}

asio::awaitable<Result<std::string>> HttpRecogniser::ask(std::shared_ptr<Job> job) {
  http::FetchRequest request =
      service_request(job->settings.url, job->settings.api_key, job->settings.deadline);
  request.headers.set("Content-Type", std::string("multipart/form-data; boundary=") + kBoundary);
  request.body = form_of(job->settings, job->spec, wav_of(job->said, job->rate_hz));
  auto result = co_await job->client.fetch(std::move(request));
  co_return good_reply(std::move(result));
}

void HttpRecogniser::finish(const std::shared_ptr<Job>& job, call::SpeechHeard heard) {
  const OnHeard on_heard = std::exchange(job->on_heard, nullptr);
  if (on_heard) on_heard(std::move(heard));
}

}  // namespace sotto::speech
