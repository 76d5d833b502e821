#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dialect/host/await.h"
#include "dialect/voipnow/call_book.h"
#include "text/json.h"
#include "text/uri.h"

namespace sotto::voipnow {

enum class CallEventType { DialIn = 0, DialOut = 1, Hangup = 2, AnswerIn = 3, AnswerOut = 4 };

// "Tell this address of such events of that extension."
struct CallEventEntry {
  std::string id;
  std::string account;  // hex
  std::string extension;
  CallEventType type = CallEventType::DialIn;
  std::string url;
  bool post = false;
  bool enabled = true;
  std::string note;
  base::WallTime modified;
};

// Registrations, kept in the store, and the requests that they cause. Control thread.
class CallEvents {
 public:
  // The book outlives it.
  CallEvents(dialect::Services services, CallBook& book) : services_(std::move(services)), book_(book) {}

  void load();                                                         // once, at the start
  std::vector<CallEventEntry> of(const std::string& extension) const;  // by URL
  asio::awaitable<Result<void>> put(CallEventEntry entry);
  asio::awaitable<Result<void>> erase(std::vector<std::string> ids);

  // Before the book hears of a leg's end, after it has heard of all else.
  void on_event(const call::Event& event);

 private:
  void on_created(const call::Leg& leg);
  void on_answered(const call::Leg& leg);
  void on_ended(const call::Leg& leg);
  void fire(CallEventType type, const call::Leg& leg, const std::string& status);
  void deliver(const CallEventEntry& entry, const text::Parameters& parameters, call::CallId call);
  text::Parameters parameters(const call::Leg& leg, const std::string& status) const;
  bool is_calling(const call::Leg& leg) const;
  std::string extension_of(const call::Leg& leg) const;

  dialect::Services services_;
  CallBook& book_;
  std::map<std::string, CallEventEntry> entries_;  // by id
  struct Outgoing {
    bool announced = false;
    bool answered = false;
    std::optional<call::EndReason> end;  // of whom it called last
  };
  std::map<call::LegId, Outgoing> outgoing_;  // legs of extensions that call somebody
};

}  // namespace sotto::voipnow
