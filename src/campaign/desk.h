#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/time.h"
#include "call/event.h"
#include "campaign/program.h"
#include "flow/document.h"

// Takes the calls of campaigns: makes their programs, and answers for what those leave open, which are the
// documents of dialect "campaign". It remembers a call for as long as its inbound leg lives. Control thread.
namespace sotto::campaign {

class Desk final : public flow::Documents, public call::EventSink {
 public:
  // Hands an answer to flow::Engine::on_document() in a later turn of the loop.
  using AnswerLater = std::function<void(flow::RequestId, Result<flow::Answer>)>;

  // `clock` outlives it. It is to be a sink of the switchboard.
  Desk(const base::Clock& clock, AnswerLater answer_later);

  // The program for an inbound leg that was offered to one of the campaign's numbers. `zone` is that of the
  // campaign's hours, and is not looked at without any.
  struct Taken {
    Open open = Open::Yes;
    std::shared_ptr<const flow::Program> program;
  };
  Taken take(std::shared_ptr<const Campaign> campaign, const call::Leg& caller, const TimeZone& zone);
  size_t calls() const { return calls_.size(); }

  void next(flow::RequestId request, const flow::Subject& subject, const flow::DocumentRef& document,
            const flow::Outcome& outcome) override;
  void cancel(flow::RequestId request) override;
  void tell(const flow::Subject& subject, const flow::DocumentRef& document,
            const flow::Outcome& outcome) override;
  void on_event(const call::Event& event) override;

 private:
  struct OpenCall {
    std::shared_ptr<const Campaign> campaign;
    base::Address caller;
    base::TimePoint since;
  };

  Result<flow::Answer> answer(const flow::DocumentRef& document, const flow::Outcome& outcome) const;

  const base::Clock& clock_;
  const AnswerLater answer_later_;
  uint64_t next_serial_ = 1;
  std::unordered_map<uint64_t, OpenCall> calls_;
  std::unordered_map<call::LegId, uint64_t> serial_of_;
};

}  // namespace sotto::campaign
