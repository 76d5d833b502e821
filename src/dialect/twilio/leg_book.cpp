#include "dialect/twilio/leg_book.h"

#include "dialect/host/await.h"
#include "dialect/twilio/json_text.h"
#include "dialect/twilio/stream_spec.h"

namespace sotto::twilio {
namespace {

// For the last webhooks of a leg, and the recordings that become whole after it.
constexpr auto kKept = std::chrono::minutes(2);

}  // namespace

LegBook::LegBook(const dialect::Services& services) : services_(services) {}

LegNotes& LegBook::open(call::LegId leg) {
  return notes_[leg];
}

LegNotes* LegBook::find(call::LegId leg) {
  const auto it = notes_.find(leg);
  return it == notes_.end() ? nullptr : &it->second;
}

std::optional<call::Leg> LegBook::leg(call::LegId leg) const {
  if (const call::Leg* live = services_.switchboard.leg(leg)) return *live;
  const auto it = notes_.find(leg);
  return it == notes_.end() ? std::nullopt : it->second.ended;
}

void LegBook::save(call::LegId leg) {
  const LegNotes* notes = find(leg);
  if (notes == nullptr) return;
  text::JsonObject extra;
  if (notes->status) extra.add("status", to_json(notes->status));
  if (!notes->parent_sid.empty()) extra.add("parent", notes->parent_sid);
  if (!notes->application_sid.empty()) extra.add("application", notes->application_sid);
  if (!notes->answered_by.empty()) extra.add("answered_by", notes->answered_by);
  if (notes->sequence != 0) extra.add("sequence", notes->sequence);
  dialect::keep_leg_extra(services_, leg, text::to_text(text::Json(std::move(extra))));
}

void LegBook::runs(call::LegId leg, std::shared_ptr<const flow::Program> program) {
  LegNotes& notes = open(leg);
  // Those of a call that is not answered yet have still to begin.
  const std::optional<call::Leg> now = this->leg(leg);
  if (!now || now->answered()) notes.streams_expected.clear();
  for (const flow::Step& step : program->steps) {
    if (const auto* enqueue = std::get_if<flow::EnqueueStep>(&step.spec)) {
      notes.queue_size_max = enqueue->size_max;
    }
    const auto* stream = std::get_if<flow::StreamStep>(&step.spec);
    if (stream == nullptr) continue;
    notes.streams_expected.push_back({stream->spec.name, stream_callback(stream->spec)});
  }
  notes.program = std::move(program);
}

LegNotes LegBook::read(const std::string& extra) {
  LegNotes notes;
  const auto json = text::parse_json(extra);
  if (!json) return notes;
  notes.status = read_callback((*json)["status"]);
  notes.parent_sid = text_of((*json)["parent"]);
  notes.application_sid = text_of((*json)["application"]);
  notes.answered_by = text_of((*json)["answered_by"]);
  const int64_t* sequence = (*json)["sequence"].integer();
  if (sequence != nullptr) notes.sequence = static_cast<int>(*sequence);
  return notes;
}

void LegBook::close(const call::Leg& leg) {
  sweep();
  const auto it = notes_.find(leg.id);
  if (it == notes_.end()) return;
  it->second.ended = leg;
  closed_.emplace_back(services_.loop.clock().now(), leg.id);
}

void LegBook::sweep() {
  while (!closed_.empty() && services_.loop.clock().now() - closed_.front().first > kKept) {
    notes_.erase(closed_.front().second);
    closed_.pop_front();
  }
}

}  // namespace sotto::twilio
