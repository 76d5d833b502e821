#include "base/check.h"
#include "sip/digest_auth.h"
#include "sip/message_writer.h"
#include "sip/stream_framer.h"

// Parses arbitrary bytes; what is without defect survives being written and read again.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sotto;
  const base::ByteView bytes = std::as_bytes(std::span(data, size));
  sip::StreamFramer framer;
  framer.push(bytes);
  for (auto frame = framer.next(); frame && *frame; frame = framer.next()) {
  }
  const auto message = sip::parse_message(bytes);
  if (!message) return 0;
  for (const sip::Header& header : message->headers) (void)sip::parse_digest(header.value);
  (void)sip::parse_rack(message->value(sip::HeaderName::RAck));
  const sip::Flow flow{.peer = *sip::parse_ip("192.0.2.1", 1024)};
  if (message->is_request) (void)sip::begin_response(*message, flow, 200, {}, "tag").finish();
  if (message->defect) return 0;
  const std::string text = sip::serialize(*message);
  const auto again = sip::parse_message(base::as_bytes(text));
  if (text.size() <= 64 * 1024) CHECK(again && !again->defect && sip::serialize(*again) == text);
  return 0;
}
