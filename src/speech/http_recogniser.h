#pragma once

#include <memory>
#include <unordered_map>

#include "http/client.h"
#include "net/loop.h"
#include "telephony/recogniser.h"

namespace sotto::speech {

// Recognition by an HTTP service with the widespread shape of POST /v1/audio/transcriptions: a multipart form
// with "file" (a wav of what was said), "model", "language" (two letters), "prompt" (the hints) and
// "response_format" is answered by a JSON object with "text", and "confidence" from 0 to 1 where it has one.
struct HttpRecogniserSettings {
  std::string url;      // of the whole resource: "http://127.0.0.1:8880/v1/audio/transcriptions"
  std::string api_key;  // Bearer; empty: none
  std::string model = "whisper-1";
  std::chrono::milliseconds deadline{10'000};
  std::chrono::milliseconds partial_every{1'500};  // of speech, for who wants partial results
};

// Listens until somebody has spoken and is silent again, and has the service say what it was. Control thread.
// Loop and client outlive this.
class HttpRecogniser final : public telephony::Recogniser {
 public:
  HttpRecogniser(net::Loop& loop, http::Client& client, HttpRecogniserSettings settings);
  HttpRecogniser(const HttpRecogniser&) = delete;
  ~HttpRecogniser() override;  // nobody is told

  void start(call::TapId tap, const call::RecognitionSpec& spec, std::unique_ptr<media::TapReader> sound,
             OnHeard on_heard) override;
  void stop(call::TapId tap) override;

 private:
  struct Job;
  static asio::awaitable<void> listen(std::shared_ptr<Job> job);
  static void tell_began(const Job& job);
  static asio::awaitable<void> ask_partial(std::shared_ptr<Job> job);
  static asio::awaitable<Result<std::string>> ask(std::shared_ptr<Job> job);
  static void finish(const std::shared_ptr<Job>& job, call::SpeechHeard heard);

  net::Loop& loop_;
  http::Client& client_;
  const HttpRecogniserSettings settings_;
  std::unordered_map<call::TapId, std::shared_ptr<Job>> jobs_;
};

}  // namespace sotto::speech
