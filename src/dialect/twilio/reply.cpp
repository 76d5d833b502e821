#include "dialect/twilio/reply.h"

#include "base/limits.h"
#include "http/headers.h"
#include "text/ascii.h"
#include "text/utf8.h"

namespace sotto::twilio {
namespace {

Parsed failure(int code, std::string text) {
  return {nullptr, {{code, true, std::move(text), 0}}};
}

bool is_audio(std::string_view type) {
  for (const std::string_view known :
       {"audio/mpeg", "audio/wav", "audio/wave", "audio/x-wav", "audio/aiff", "audio/x-aifc", "audio/x-aiff",
        "audio/x-gsm", "audio/gsm", "audio/ulaw", "audio/mp3", "audio/basic"}) {
    if (type == known) return true;
  }
  return false;
}

call::PromptSpec sentence(std::string text) {
  call::Speech speech;
  speech.runs = {call::SpeechRun{std::move(text)}};
  return {{std::move(speech)}, 1, 0.0F};
}

// In a wait document it is music and goes on; anywhere else it is the whole answer.
Parsed play_and_end(call::PromptSpec prompt, flow::Role role) {
  auto program = std::make_shared<flow::Program>();
  flow::PlayStep play;
  play.prompt = std::move(prompt);
  if (role == flow::Role::ConferenceWait || role == flow::Role::Hold) play.prompt.loops = 0;
  program->steps.push_back({std::move(play), flow::Needs::Answering});
  if (role == flow::Role::Main) program->steps.push_back({flow::HangUpStep{}, flow::Needs::Nothing});
  return {std::move(program), {}};
}

}  // namespace

Parsed read_reply(int status, std::string_view content_type, std::string_view body, const std::string& url,
                  Context context) {
  if (status / 100 != 2) {
    return failure(11200, "the answer to the request was " + std::to_string(status));
  }
  if (body.size() > base::limits::kDocumentBytesMax) return failure(11750, "the document is over 64 kB");
  context.base_url = url;
  const std::string type = http::media_type(content_type);
  const std::string charset = http::header_parameter(content_type, "charset").value_or("");
  if (is_audio(type)) return play_and_end({{call::AudioFile{url, true}}, 1, 0.0F}, context.role);
  if (text::trim(body).empty()) return failure(11770, "the document is empty");
  if (type == "text/xml" || type == "application/xml" || type == "text/html") {
    return parse_twiml(body, charset, context);
  }
  if (type == "text/plain") {
    Parsed parsed = parse_twiml(body, charset, context);
    if (parsed.program) return parsed;
    return play_and_end(sentence(text::to_valid_utf8(body)), context.role);
  }
  if (type.empty()) return failure(11200, "the answer has no Content-Type");
  return failure(12300, "the answer's Content-Type is " + type);
}

std::shared_ptr<const flow::Program> application_error(flow::Role role) {
  auto program = std::make_shared<flow::Program>();
  flow::PlayStep play;
  play.prompt = sentence("We are sorry, an application error has occurred. Goodbye.");
  program->steps.push_back({std::move(play), flow::Needs::Answering});
  flow::HangUpStep end;
  if (role == flow::Role::Screening) end.reason.cause = call::EndCause::NotAccepted;
  program->steps.push_back({std::move(end), flow::Needs::Nothing});
  return program;
}

}  // namespace sotto::twilio
