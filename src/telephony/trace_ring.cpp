#include "telephony/trace_ring.h"

#include <unordered_map>

#include "sip/scan.h"
#include "telephony/loop_token.h"

namespace sotto::telephony {
namespace {

// Part of a text; without a size there is none.
struct Span {
  size_t at = 0;
  size_t size = 0;
};

// What we look for in a message: values of headers, and its body.
struct Marks {
  Span call_id;
  Span secret;
  size_t body = 0;  // all of it, if none is told apart
};

Marks find_marks(std::string_view text) {
  Marks marks;
  for (size_t start = std::min(text.find("\r\n"), text.size()) + 2; start < text.size();) {
    const size_t end = std::min(text.find("\r\n", start), text.size());
    if (end == start) {
      marks.body = start;
      break;
    }
    const size_t colon = text.substr(start, end - start).find(':');
    if (colon != std::string_view::npos) {
      const std::string_view name = sip::trim(text.substr(start, colon));
      const Span value{start + colon + 1, end - start - colon - 1};
      if (marks.call_id.size == 0 && (sip::iequals(name, "Call-ID") || sip::iequals(name, "i")))
        marks.call_id = value;
      if (marks.secret.size == 0 && sip::iequals(name, LoopToken::kHeader)) marks.secret = value;
    }
    start = end + 2;
  }
  return marks;
}

// Keys of SDES (RFC 4568): "a=crypto:1 SUITE inline:KEY|...".
void blot_keys(std::string& text, size_t body) {
  constexpr std::string_view kMark = "inline:";
  for (size_t at = text.find("a=crypto:", body); at != std::string::npos;
       at = text.find("a=crypto:", at + 1)) {
    const size_t end = std::min(text.find("\r\n", at), text.size());
    const size_t mark = text.find(kMark, at);
    if (mark == std::string::npos || mark >= end) continue;
    const size_t key = mark + kMark.size();
    text.replace(key, std::min(text.find('|', key), end) - key, "...");
  }
}

}  // namespace

void TraceRing::add(TraceMessage message) {
  bytes_ += message.text.size();
  kept_.push_back(std::move(message));
  while (!kept_.empty() && (kept_.size() > messages_max_ || bytes_ > bytes_max_)) drop_first();
}

void TraceRing::drop_first() {
  bytes_ -= kept_.front().text.size();
  kept_.pop_front();
}

void TraceRing::link(std::string_view sip_call_id, const std::string& call) {
  links_.push_back({std::string(sip_call_id), call});
  if (links_.size() > messages_max_) links_.pop_front();
}

// Those whose SIP Call-ID is wanted, fit to be shown.
template <typename Wanted>
std::vector<TraceMessage> TraceRing::select(const Wanted& wanted) const {
  std::vector<TraceMessage> out;
  for (const TraceMessage& one : kept_) {
    const Marks marks = find_marks(one.text);
    if (!wanted(sip::trim(std::string_view(one.text).substr(marks.call_id.at, marks.call_id.size)))) continue;
    TraceMessage& shown = out.emplace_back(one);
    blot_keys(shown.text, marks.body);
    if (marks.secret.size > 0) shown.text.replace(marks.secret.at, marks.secret.size, " ...");
  }
  return out;
}

std::vector<TraceMessage> TraceRing::all() const {
  return select([](std::string_view) { return true; });
}

std::vector<TraceMessage> TraceRing::of_call(std::string_view call) const {
  std::unordered_map<std::string_view, std::string_view> call_of;
  for (const Link& one : links_) call_of.insert_or_assign(one.sip_call_id, one.call);
  return select([&](std::string_view sip_call_id) {
    const auto known = call_of.find(sip_call_id);
    return call == (known != call_of.end() ? known->second : std::string_view());
  });
}

std::vector<TraceMessage> TraceRing::of_sip_call(std::string_view sip_call_id) const {
  return select([&](std::string_view one) { return one == sip_call_id; });
}

}  // namespace sotto::telephony
