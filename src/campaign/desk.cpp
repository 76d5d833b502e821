#include "campaign/desk.h"

namespace sotto::campaign {
namespace {

// A document is a call's serial number and what is asked about it.
enum class Kind : uint64_t { Whisper, Missed };
constexpr uint64_t kKinds = 2;

flow::DocumentRef document(uint64_t serial, Kind kind) {
  return flow::DocumentRef{std::string(kDialect), serial * kKinds + static_cast<uint64_t>(kind)};
}

flow::Answer replace(flow::Program program) {
  return flow::Replace{std::make_shared<const flow::Program>(std::move(program))};
}

}  // namespace

Desk::Desk(const base::Clock& clock, AnswerLater answer_later)
    : clock_(clock), answer_later_(std::move(answer_later)) {}

Desk::Taken Desk::take(std::shared_ptr<const Campaign> campaign, const call::Leg& caller,
                       const TimeZone& zone) {
  const uint64_t serial = next_serial_++;
  const bool open = !campaign->hours || is_open(*campaign->hours, zone, clock_.wall());
  const Later later{document(serial, Kind::Whisper), document(serial, Kind::Missed)};
  Taken taken;
  taken.open = open ? Open::Yes : Open::No;
  taken.program =
      std::make_shared<const flow::Program>(inbound_program(*campaign, caller, taken.open, later));
  serial_of_[caller.id] = serial;
  calls_[serial] = OpenCall{std::move(campaign), caller.from, clock_.now()};
  return taken;
}

void Desk::next(flow::RequestId request, const flow::Subject&, const flow::DocumentRef& document,
                const flow::Outcome& outcome) {
  answer_later_(request, answer(document, outcome));
}

// Answers are under way already, and the engine drops those that nobody waits for.
void Desk::cancel(flow::RequestId) {}

// No step of ours asks to be told once the caller is gone: that is the tracker's.
void Desk::tell(const flow::Subject&, const flow::DocumentRef&, const flow::Outcome&) {}

void Desk::on_event(const call::Event& event) {
  if (!std::holds_alternative<call::LegEnded>(event.what)) return;
  const auto found = serial_of_.find(event.leg);
  if (found == serial_of_.end()) return;
  calls_.erase(found->second);
  serial_of_.erase(found);
}

Result<flow::Answer> Desk::answer(const flow::DocumentRef& document, const flow::Outcome& outcome) const {
  const auto found = calls_.find(document.id / kKinds);
  if (document.dialect != kDialect || found == calls_.end()) {
    return fail(ErrorCode::NotFound, "campaign: its call has ended");
  }
  const OpenCall& call = found->second;
  if (static_cast<Kind>(document.id % kKinds) == Kind::Whisper) {
    const auto waited = std::chrono::floor<std::chrono::seconds>(clock_.now() - call.since);
    return replace(whisper_program(*call.campaign, call.caller, waited));
  }
  // Only who never talked to anybody is told that nobody could take the call.
  const auto* dialled = std::get_if<flow::Dialled>(&outcome);
  const bool talked =
      dialled != nullptr && (dialled->bridged || dialled->status == flow::DialStatus::ChildTaken);
  if (talked) return flow::Continue{};
  return replace(missed_program(*call.campaign));
}

}  // namespace sotto::campaign
