#pragma once

#include <unordered_map>
#include <unordered_set>

#include "dialect/host/services.h"
#include "dialect/vonage/call_state.h"
#include "dialect/vonage/ncco/scope.h"
#include "dialect/vonage/webhooks/sender.h"

namespace sotto::vonage {

// Fetches NCCOs and asks apps what follows (vonage.md §3.3, §4.10). What a leg's programs ask for is kept as
// long as the leg. Control thread.
class Documents {
 public:
  // All outlive it; the loop's tasks have ended before it does.
  Documents(dialect::Services services, CallStates& states, Sender& sender);

  // An NCCO of that leg. The error is the parser's.
  Result<std::shared_ptr<const flow::Program>> parse(call::LegId leg, const text::Json& ncco,
                                                     flow::Role role);
  flow::DocumentRef keep(call::LegId leg, Document document);
  void forget(const CallState& state);  // with its leg
  // See Scope.
  std::string socket_token(directory::ApplicationId application) const {
    return sender_.token(application, {});
  }

  void next(flow::RequestId request, const flow::Subject& subject, const flow::DocumentRef& ref,
            const flow::Outcome& outcome);
  void cancel(flow::RequestId request);

  // The leg has another conversation from now on, and whoever listens is told; he may answer with an NCCO.
  void move_conversation(call::LegId leg, std::string conversation);
  void tell(call::LegId leg, const Hook& hook, text::Json event,  // an empty hook: the leg's own
            webhook::Outbox::OnReply on_reply = {});
  void tell_error(call::LegId leg, const std::string& reason);
  // Who has answered that leg, told by a request whose answer may be an NCCO.
  void ask_verdict(call::LegId leg, text::Json event);

 private:
  class LegScope;
  struct Question {
    flow::RequestId request;
    call::LegId leg;
    flow::Outcome outcome;
  };
  // An app's answer: an NCCO, nothing, or why there is none.
  struct Reply {
    std::optional<text::Json> ncco;
    std::string failure;
  };

  asio::awaitable<void> serve(Question question, Document document);
  asio::awaitable<flow::Answer> answer(Question question, AnswerDocument document);
  asio::awaitable<flow::Answer> answer(Question question, WhisperDocument document);
  asio::awaitable<flow::Answer> answer(Question question, InputDocument document);
  asio::awaitable<flow::Answer> answer(Question question, NotifyDocument document);
  asio::awaitable<flow::Answer> answer(Question question, ConnectDocument document);
  asio::awaitable<flow::Answer> answer(Question question, SubscribeDocument document);
  asio::awaitable<Reply> fetch(Question question, Webhook webhook, text::Parameters parameters);
  asio::awaitable<Reply> fetch_answer(Question question, AnswerDocument document,
                                      text::Parameters parameters);
  asio::awaitable<flow::Answer> instruct(Question question, Hook hook, text::Json event);
  asio::awaitable<void> follow_verdict(call::LegId leg, text::Json event);
  void follow_transfer(call::LegId leg, const http::FetchResult& reply);
  void replace(call::LegId leg, std::shared_ptr<const flow::Program> program);
  flow::Answer no_first_document(const Question& question, const std::string& reason);

  const call::Leg* leg(call::LegId id) const { return services_.switchboard.leg(id); }
  CallState* state(call::LegId id);
  const directory::Application* application(const CallState& state) const;
  Webhook with_timeouts(const CallState& state, Hook hook) const;
  base::WallTime now() const { return services_.loop.clock().wall(); }

  dialect::Services services_;
  CallStates& states_;
  Sender& sender_;
  uint64_t next_id_ = 1;
  std::unordered_map<uint64_t, Document> kept_;
  std::unordered_set<flow::RequestId> open_;
};

}  // namespace sotto::vonage
