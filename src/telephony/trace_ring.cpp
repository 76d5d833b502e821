#include "telephony/trace_ring.h"

#include "sip/scan.h"
#include "telephony/loop_token.h"

namespace sotto::telephony {
namespace {

// The value of the first header of that name (or its short form) in the text; npos and 0 if there is none.
struct Span {
  size_t at = std::string::npos;
  size_t size = 0;
};

Span find_value(std::string_view text, std::string_view name, char short_name) {
  for (size_t line = text.find("\r\n"); line != std::string_view::npos; line = text.find("\r\n", line + 2)) {
    const size_t start = line + 2;
    const size_t end = std::min(text.find("\r\n", start), text.size());
    if (end <= start) break;  // the body begins
    const size_t colon = text.find(':', start);
    if (colon == std::string_view::npos || colon >= end) continue;
    const std::string_view found = sip::trim(text.substr(start, colon - start));
    const bool is_short = short_name != 0 && found.size() == 1 && sip::to_lower(found.front()) == short_name;
    if (!is_short && !sip::iequals(found, name)) continue;
    return {colon + 1, end - colon - 1};
  }
  return {};
}

std::string call_id_of(std::string_view text) {
  const Span value = find_value(text, "Call-ID", 'i');
  return value.at == std::string::npos ? std::string()
                                       : std::string(sip::trim(text.substr(value.at, value.size)));
}

// Keys of SDES (RFC 4568): "a=crypto:1 SUITE inline:KEY|...".
void blot_keys(std::string& text) {
  constexpr std::string_view kMark = "inline:";
  for (size_t at = text.find("a=crypto:"); at != std::string::npos; at = text.find("a=crypto:", at + 1)) {
    const size_t end = std::min(text.find("\r\n", at), text.size());
    const size_t mark = text.find(kMark, at);
    if (mark == std::string::npos || mark >= end) continue;
    const size_t key = mark + kMark.size();
    text.replace(key, std::min(text.find('|', key), end) - key, "...");
  }
}

}  // namespace

void TraceRing::add(TraceMessage message) {
  if (const Span secret = find_value(message.text, LoopToken::kHeader, 0); secret.at != std::string::npos)
    message.text.replace(secret.at, secret.size, " ...");
  blot_keys(message.text);
  std::string id = call_id_of(message.text);
  if (!id.empty()) ++links_[id].messages;
  bytes_ += message.text.size();
  kept_.push_back({std::move(message), std::move(id)});
  while (!kept_.empty() && (kept_.size() > messages_max_ || bytes_ > bytes_max_)) drop_first();
}

void TraceRing::drop_first() {
  const Kept& first = kept_.front();
  bytes_ -= first.message.text.size();
  const auto link = links_.find(first.sip_call_id);
  if (link != links_.end() && --link->second.messages == 0) links_.erase(link);
  kept_.pop_front();
}

void TraceRing::link(std::string_view sip_call_id, const std::string& call) {
  const auto known = links_.find(std::string(sip_call_id));
  if (known != links_.end()) known->second.call = call;
}

std::vector<TraceMessage> TraceRing::all() const {
  std::vector<TraceMessage> out;
  out.reserve(kept_.size());
  for (const Kept& one : kept_) out.push_back(one.message);
  return out;
}

std::vector<TraceMessage> TraceRing::of_call(std::string_view call) const {
  std::vector<TraceMessage> out;
  for (const Kept& one : kept_) {
    const auto link = links_.find(one.sip_call_id);
    if (link != links_.end() && link->second.call == call) out.push_back(one.message);
  }
  return out;
}

std::vector<TraceMessage> TraceRing::of_sip_call(std::string_view sip_call_id) const {
  std::vector<TraceMessage> out;
  for (const Kept& one : kept_) {
    if (one.sip_call_id == sip_call_id) out.push_back(one.message);
  }
  return out;
}

}  // namespace sotto::telephony
