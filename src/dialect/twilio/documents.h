#pragma once

#include <set>

#include "dialect/twilio/reply.h"
#include "dialect/twilio/shared.h"

namespace sotto::twilio {

// Asks apps for documents: the requests of Twilio's call control, with cookies, signature, retries and
// fallback (twilio.md §1.3, §1.4, §3.3). Control thread.
class Documents {
 public:
  explicit Documents(Shared& shared);  // outlives it

  // See flow::Documents.
  void next(flow::RequestId request, const flow::Subject& subject, const flow::DocumentRef& document,
            const flow::Outcome& outcome);
  void cancel(flow::RequestId request);
  void tell(const flow::Subject& subject, const flow::DocumentRef& document, const flow::Outcome& outcome);

  // How documents of this leg are to be read.
  Context context_of(const call::Leg& leg, Links& links, flow::Role role);
  // An inline document as a program; its problems are noted. Null: it failed.
  std::shared_ptr<const flow::Program> read_inline(const call::Leg& leg, const std::string& twiml);
  // A program for a room, such as an announcement.
  asio::awaitable<Result<std::shared_ptr<const flow::Program>>> fetch_for_room(std::string account_hex,
                                                                               call::RoomId room, Link link,
                                                                               text::Parameters form);

 private:
  struct Asked {
    std::string url;
    http::Method method = http::Method::Post;
    text::Parameters form;
    std::string account;  // hex
    std::optional<call::LegId> leg;
    flow::Role role = flow::Role::Main;
  };

  asio::awaitable<void> answer(flow::RequestId request, Asked asked);
  asio::awaitable<void> await_verdict(call::LegId leg);
  asio::awaitable<Parsed> obtain(Asked asked);
  asio::awaitable<http::FetchResult> fetch(Asked asked);
  asio::awaitable<void> tell_app(Asked asked);
  asio::awaitable<Result<std::shared_ptr<const flow::Program>>> obtain_for_room(Asked asked);
  Parsed read(const Asked& asked, const http::FetchResult& fetched);
  std::optional<Asked> ask_for(const flow::Subject& subject, const LinkTable::Entry& entry,
                               const flow::Outcome& outcome);
  void add_queue(const flow::Waiting& waiting, call::LegId leg, text::Parameters& form);
  std::optional<Asked> fallback_of(const Asked& asked, const Parsed& failed);
  void note(const Asked& asked, const Parsed& parsed, const http::FetchResult* fetched);
  flow::Answer to_answer(const Asked& asked, Parsed parsed);

  Shared& shared_;
  std::set<flow::RequestId> open_;
};

}  // namespace sotto::twilio
