#include "dialect/voipnow/call_events.h"

#include <algorithm>

#include "base/log.h"
#include "dialect/voipnow/name.h"
#include "dialect/voipnow/scope.h"
#include "store/documents.h"
#include "text/form.h"
#include "text/json_field.h"
#include "text/time_format.h"

namespace sotto::voipnow {
namespace {

using call::EndCause;

constexpr const char* kKind = "voipnow_event";

std::string to_body(const CallEventEntry& entry) {
  text::JsonObject body{{"extension", entry.extension},
                        {"type", static_cast<int>(entry.type)},
                        {"url", entry.url},
                        {"post", entry.post},
                        {"enabled", entry.enabled},
                        {"note", entry.note}};
  body.add("modified", text::format_iso8601(entry.modified));
  return text::to_text(text::Json(std::move(body)));
}

std::optional<CallEventEntry> from_document(const store::Document& document) {
  const auto body = text::parse_json(document.body);
  if (!body) return std::nullopt;
  const text::JsonField field(*body);
  const auto type = field["type"].integer(0, 4);
  const auto post = field["post"].boolean();
  const auto enabled = field["enabled"].boolean();
  const auto modified = text::parse_iso8601(field["modified"].text().value_or(""));
  if (!type || !post || !enabled || !modified) return std::nullopt;
  return CallEventEntry{document.id,
                        document.account,
                        field["extension"].text().value_or(""),
                        static_cast<CallEventType>(*type),
                        field["url"].text().value_or(""),
                        *post,
                        *enabled,
                        field["note"].text().value_or(""),
                        *modified};
}

std::string status_word(const call::EndReason& end) {
  switch (end.cause) {
    case EndCause::Busy:
    case EndCause::Declined: return "BUSY";
    case EndCause::NoAnswer:
    case EndCause::RingTimeout: return "NOANSWER";
    case EndCause::Cancelled:
    case EndCause::AnsweredElsewhere:
    case EndCause::DriverLeft:
    case EndCause::HungUp:
    case EndCause::Transferred: return "CANCEL";
    case EndCause::Unroutable:
    case EndCause::Unreachable: return "CHANUNAVAIL";
    default: return "CONGESTION";
  }
}

std::string digits_of(const base::Address& address) {
  return address.kind == base::Address::Kind::Anonymous ? std::string() : party_text(address);
}

webhook::DeliveryPolicy once() {
  webhook::DeliveryPolicy policy;
  policy.retry.on_connect = false;
  policy.total_deadline = std::chrono::seconds(5);
  return policy;
}

}  // namespace

void CallEvents::load() {
  using Documents = std::vector<store::Document>;
  const auto report = [](const std::string& why) {
    base::log(base::LogLevel::Error, "voipnow", "call events could not be read", {{"why", why}});
  };
  const auto asked = services_.store.read<Documents>(
      [](store::Connection& connection) { return store::documents_of_kind(connection, kKind); },
      [this, report](Result<Documents> stored) {
        if (!stored) return report(stored.error().detail);
        for (const store::Document& document : *stored) {
          auto entry = from_document(document);
          if (entry) entries_.emplace(document.id, std::move(*entry));
        }
      });
  if (!asked) report(asked.error().detail);
}

std::vector<CallEventEntry> CallEvents::of(const std::string& extension) const {
  std::vector<CallEventEntry> found;
  for (const auto& [id, entry] : entries_) {
    if (entry.extension == extension) found.push_back(entry);
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const CallEventEntry& a, const CallEventEntry& b) { return a.url < b.url; });
  return found;
}

asio::awaitable<Result<void>> CallEvents::put(CallEventEntry entry) {
  store::Document document{kKind, entry.id, entry.account, 0, to_body(entry)};
  store::Store::Change change = [document,
                                 now = services_.loop.clock().wall()](store::Connection& connection) {
    return store::overwrite_document(connection, document, now);
  };
  const Result<void> written = co_await dialect::write(services_, std::move(change));
  if (written) entries_.insert_or_assign(entry.id, entry);
  co_return written;
}

asio::awaitable<Result<void>> CallEvents::erase(std::vector<std::string> ids) {
  store::Store::Change change = [ids](store::Connection& connection) -> Result<void> {
    for (const std::string& id : ids) {
      auto erased = store::erase_document(connection, kKind, id);
      if (!erased && erased.error().code != ErrorCode::NotFound) return erased;
    }
    return {};
  };
  const Result<void> written = co_await dialect::write(services_, std::move(change));
  if (!written) co_return written;
  for (const std::string& id : ids) entries_.erase(id);
  co_return written;
}

void CallEvents::on_event(const call::Event& event) {
  const bool created = std::holds_alternative<call::LegCreated>(event.what);
  const bool answered = std::holds_alternative<call::LegAnswered>(event.what);
  const bool ended = std::holds_alternative<call::LegEnded>(event.what);
  if (!created && !answered && !ended) return;
  const call::Leg* leg = services_.switchboard.leg(event.leg);
  if (leg == nullptr) return;
  if (created) on_created(*leg);
  if (answered) on_answered(*leg);
  if (ended) on_ended(*leg);
}

std::string CallEvents::extension_of(const call::Leg& leg) const {
  const directory::Phone* phone = phone_of(*services_.directory.now(), leg);
  return phone == nullptr ? std::string() : phone->extension;
}

bool CallEvents::is_calling(const call::Leg& leg) const {
  return leg.direction == call::Direction::Inbound || outgoing_.contains(leg.id);
}

void CallEvents::on_created(const call::Leg& leg) {
  const PhoneCall* call = book_.find(leg.call);
  const View* view = call == nullptr ? nullptr : call->view_of(leg.id);
  const std::string extension = extension_of(leg);
  if (!extension.empty() && leg.direction == call::Direction::Inbound) {
    outgoing_[leg.id].announced = true;
    fire(CallEventType::DialOut, leg, "CALLING");
  } else if (view != nullptr && view->calling) {
    outgoing_.emplace(leg.id, Outgoing{});  // it dials out once it has answered
  } else if (!extension.empty()) {
    fire(CallEventType::DialIn, leg, "CALLING");
  }
  // A call to a queue, a conference or a menu, which have no leg of their own.
  const directory::Phone* called = phone_at(*services_.directory.now(), leg.to);
  if (leg.direction == call::Direction::Inbound && called != nullptr &&
      called->kind != directory::ExtensionKind::PhoneTerminal) {
    fire(CallEventType::DialIn, leg, "CALLING");
  }
  const auto caller = leg.carrier ? outgoing_.find(*leg.carrier) : outgoing_.end();
  if (caller == outgoing_.end() || caller->second.announced) return;
  caller->second.announced = true;
  if (const call::Leg* calling = services_.switchboard.leg(caller->first)) {
    fire(CallEventType::DialOut, *calling, "CALLING");
  }
}

void CallEvents::on_answered(const call::Leg& leg) {
  if (leg.direction == call::Direction::Outbound && !is_calling(leg) && !extension_of(leg).empty()) {
    fire(CallEventType::AnswerIn, leg, "ANSWER");
  }
  const auto caller = leg.carrier ? outgoing_.find(*leg.carrier) : outgoing_.end();
  if (caller == outgoing_.end() || caller->second.answered) return;
  caller->second.answered = true;
  if (const call::Leg* calling = services_.switchboard.leg(caller->first)) {
    fire(CallEventType::AnswerOut, *calling, "ANSWER");
  }
}

void CallEvents::on_ended(const call::Leg& leg) {
  const auto own = outgoing_.find(leg.id);
  bool answered = leg.answered_at.has_value();
  call::EndReason end = leg.end.value_or(call::EndReason{});
  if (own != outgoing_.end()) {
    answered = own->second.answered;
    if (own->second.end) end = *own->second.end;
  }
  if (!extension_of(leg).empty()) fire(CallEventType::Hangup, leg, answered ? "ANSWER" : status_word(end));
  if (own != outgoing_.end()) outgoing_.erase(own);
  const auto caller = leg.carrier ? outgoing_.find(*leg.carrier) : outgoing_.end();
  if (caller != outgoing_.end() && leg.end) caller->second.end = leg.end;
}

text::Parameters CallEvents::parameters(const call::Leg& leg, const std::string& status) const {
  const directory::Snapshot& directory = *services_.directory.now();
  const call::Switchboard& switchboard = services_.switchboard;
  const bool calling = is_calling(leg);
  const PhoneCall* call = book_.find(leg.call);
  const View* view = call == nullptr ? nullptr : call->view_of(leg.id);
  const std::string own = extension_of(leg);
  const call::Leg* carrier = leg.carrier ? switchboard.leg(*leg.carrier) : nullptr;

  std::string caller_extension;
  std::string called_extension;
  std::string called_did;
  std::string called_number;
  CallerId caller{leg.from.display_name, digits_of(leg.from)};
  if (calling) {
    caller_extension = own;
    if (const directory::Phone* phone = directory.phone_by_extension(own)) caller = caller_id_of(*phone);
    called_number = view != nullptr && view->calling ? view->destination : digits_of(leg.to);
    if (const directory::Phone* called = phone_at(directory, leg.to);
        called != nullptr && leg.direction == call::Direction::Inbound) {
      called_extension = called->extension;
    } else if (is_extension(called_number) && directory.phone_by_extension(called_number) != nullptr) {
      called_extension = called_number;
    } else {
      called_did = called_number;
    }
  } else {
    called_extension = own;
    const base::Address& dialled = carrier != nullptr ? carrier->to : leg.to;
    called_number = digits_of(dialled);
    if (directory.number(dialled.text) != nullptr) called_did = called_number;
    if (carrier != nullptr) caller_extension = extension_of(*carrier);
  }
  return {{"CallID", leg_key(leg.id)},           {"CallerIDNum", caller.number},
          {"CallerIDName", caller.name},         {"CalledDID", called_did},
          {"CalledExtension", called_extension}, {"CallStatus", status},
          {"CallFlow", calling ? "OUT" : "IN"},  {"CallerExtension", caller_extension},
          {"CalledNumber", called_number},       {"CallAPIID", call_key(leg.call)}};
}

void CallEvents::fire(CallEventType type, const call::Leg& leg, const std::string& status) {
  if (entries_.empty()) return;
  const directory::Phone* called = phone_at(*services_.directory.now(), leg.to);
  const bool to_service = type == CallEventType::DialIn && called != nullptr &&
                          called->kind != directory::ExtensionKind::PhoneTerminal;
  const std::string extension = to_service ? called->extension : extension_of(leg);
  for (const auto& [id, entry] : entries_) {
    if (!entry.enabled || entry.type != type || entry.extension != extension) continue;
    text::Parameters sent = parameters(leg, status);
    for (auto& [name, value] : sent) {
      if (to_service && name == "CallFlow") value = "IN";
      if (to_service && name == "CalledExtension") value = extension;
    }
    deliver(entry, sent, leg.call);
  }
}

void CallEvents::deliver(const CallEventEntry& entry, const text::Parameters& parameters, call::CallId call) {
  webhook::Message message;
  message.stream = "voipnow " + entry.extension;
  message.account = entry.account;
  message.call = base::to_hex(call);
  message.dialect = kName;
  message.policy = once();
  message.url = entry.url;
  if (entry.post) {
    message.method = http::Method::Post;
    message.headers.set("Content-Type", "application/x-www-form-urlencoded");
    message.body = text::encode_form(parameters);
  } else {
    auto uri = text::parse_uri(entry.url);
    if (!uri) return;  // it was one when it was registered
    text::append_query(*uri, parameters);
    message.method = http::Method::Get;
    message.url = text::to_text(*uri);
  }
  services_.outbox.deliver(std::move(message));
}

}  // namespace sotto::voipnow
