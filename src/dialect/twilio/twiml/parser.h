#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dialect/twilio/stream_spec.h"
#include "flow/program.h"
#include "http/method.h"

// TwiML (twilio.md §1 and §2) as programs of neutral steps. Pure: what a document refers to is handed to
// Links.
namespace sotto::twilio {

// Twilio's own number of what is wrong, a sentence, and where. An error fails the document; after a warning
// the attribute has its default, or the element is skipped.
struct Problem {
  int code = 0;
  bool error = false;
  std::string text;
  size_t line = 0;

  bool operator==(const Problem&) const = default;
};

// A URL that a document refers to and that may have to be fetched.
struct Link {
  std::string url;  // absolute, as written; empty if there was nothing to resolve it against
  http::Method method = http::Method::Post;
  flow::Role role = flow::Role::Main;
  enum class For {
    Next,          // what the step does next: an action, a redirect, a whisper, a wait document
    QueueWhisper,  // heard by a queued caller before he is connected
    Refer,         // what the party does that is left when the other one is transferred
  } use = For::Next;
  std::string about;  // the queue or room it is about

  bool operator==(const Link&) const = default;
};

class Links {
 public:
  virtual ~Links() = default;
  virtual flow::DocumentRef add(Link link) = 0;
};

struct Context {
  Links& links;  // outlives the parsing
  flow::Role role = flow::Role::Main;
  std::string base_url;  // of the document itself; empty: it came inline
  std::string scope;     // before the names of rooms and queues: the account
  call::Address from;    // shown to callees where the document says nothing else
  std::string country = "US";
  bool silence_accepts = true;
  std::chrono::seconds room_wait_max{900};
  std::function<bool(const call::Address&)> may_present;  // as a caller id; empty: anything
  // What the engine knows the queue of that scoped name by; empty: the name itself.
  std::function<std::string(const std::string&)> queue_key;
  StreamOwner stream;
};

struct Parsed {
  std::shared_ptr<const flow::Program> program;  // null: the document failed
  std::vector<Problem> problems;

  const Problem* failure() const;  // the first error
};

// `charset` is that of the Content-Type, or empty.
Parsed parse_twiml(std::string_view text, std::string_view charset, const Context& context);

// "+14155550100", "client:alice", "sip:…", "anonymous" and "app:AP…" as addresses; national numbers are those
// of `country`. Fails with Invalid.
Result<call::Address> parse_address(std::string_view text, std::string_view country);
std::string address_text(const call::Address& address);

// Played where Twilio plays its classical playlist.
call::PromptSpec default_music();

// Names of rooms and queues, unique over accounts.
std::string scoped_name(const std::string& scope, const std::string& name);
std::string name_without_scope(std::string_view scoped);

}  // namespace sotto::twilio
