// Transfers: REFER and the NOTIFYs of its subscription, both ways (RFC 3515, RFC 3891).
#include <algorithm>

#include "sip/status.h"
#include "sip/user_agent_core.h"

namespace sotto::sip {
namespace {
constexpr size_t kTransfersMax = 4;

std::string escape_header(std::string_view text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_in(c, kUriHeader) && c != '%') {
      out += c;
    } else {
      out += '%';
      out += kHex[static_cast<unsigned char>(c) >> 4];
      out += kHex[c & 15];
    }
  }
  return out;
}

// The value of one header in a URI's "?name=value&..." part, unescaped.
std::string uri_header(std::string_view headers, std::string_view name) {
  while (!headers.empty()) {
    const size_t end = std::min(headers.find('&'), headers.size());
    const std::string_view one = headers.substr(0, end);
    const size_t equals = std::min(one.find('='), one.size());
    if (iequals(one.substr(0, equals), name))
      return unescape_percent(one.substr(std::min(equals + 1, one.size())));
    headers.remove_prefix(std::min(end + 1, headers.size()));
  }
  return {};
}
}  // namespace

Result<TransferId> Session::refer(std::string_view target, std::string_view replaces,
                                  std::string_view referred_by) {
  if (phase_ != Phase::Confirmed) return fail(ErrorCode::Conflict, "refer: the call is not confirmed");
  if (!parse_uri(target)) return fail(ErrorCode::Invalid, "refer: target");
  if (!referred_by.empty() && !parse_name_addr(referred_by))
    return fail(ErrorCode::Invalid, "refer: referred-by");
  if (transfers_.size() >= kTransfersMax) return fail(ErrorCode::Exhausted, "refer: too many at once");
  std::string headers = "Refer-To: <" + std::string(target);
  if (!replaces.empty()) headers += "?Replaces=" + escape_header(replaces);
  headers += ">\r\n";
  if (!referred_by.empty()) headers += header_line(HeaderName::ReferredBy, referred_by);
  const auto id = static_cast<TransferId>(core_.next_id++);
  transfers_.push_back({.id = id, .cseq = dialog_.local_cseq + 1, .ours = true});
  send_request(Outgoing{.method = Method::Refer, .headers = std::move(headers), .transfer = id});
  return id;
}

void Session::on_refer(TransactionId id, const Message& request) {
  if (phase_ != Phase::Confirmed) return respond(id, 481);
  const auto target = parse_name_addr(request.value(HeaderName::ReferTo));
  if (!target) return respond(id, 400);
  if (transfers_.size() >= kTransfersMax) return respond(id, 503, "Retry-After: 5\r\n");
  ReferEvent event{.message = request};
  event.transfer = static_cast<TransferId>(core_.next_id++);
  const std::string_view text = target->uri.text;
  event.target = text.substr(0, target->uri.headers.empty() ? text.size() : text.find('?'));
  event.replaces = uri_header(target->uri.headers, "Replaces");
  const std::string_view params =
      std::string_view(event.replaces).substr(std::min(event.replaces.find(';'), event.replaces.size()));
  if (const Session* replaced = core_.find_by_tag(find_param(params, "to-tag").value_or("")))
    event.replaced = replaced->id();
  event.referred_by = request.value(HeaderName::ReferredBy);
  transfers_.push_back({.id = event.transfer, .request = id, .cseq = request.cseq.number});
  core_.ports.events.on_refer(id_, event);
}

Result<void> Session::answer_refer(TransferId transfer, int status) {
  Transfer* found = find_transfer(transfer);
  if (found == nullptr || found->ours || found->request == TransactionId::None) {
    return fail(ErrorCode::Conflict, "refer: not open");
  }
  respond(std::exchange(found->request, TransactionId::None), status,
          header_line(HeaderName::Contact, dialog_.contact));
  if (status < 300) return notify_refer(transfer, 100, false);
  std::erase_if(transfers_, [&](const Transfer& one) { return one.id == transfer; });
  return {};
}

Result<void> Session::notify_refer(TransferId transfer, int status, bool done) {
  Transfer* found = find_transfer(transfer);
  if (found == nullptr || found->ours || found->request != TransactionId::None) {
    return fail(ErrorCode::NotFound, "refer: not accepted or done");
  }
  std::string headers = "Event: refer;id=" + std::to_string(found->cseq) + "\r\nSubscription-State: ";
  headers += done ? "terminated;reason=noresource\r\n" : "active;expires=60\r\n";
  headers += header_line(HeaderName::Contact, dialog_.contact);
  if (done) std::erase_if(transfers_, [&](const Transfer& one) { return one.id == transfer; });
  send_request(Outgoing{
      .method = Method::Notify,
      .headers = std::move(headers),
      .content_type = "message/sipfrag;version=2.0",
      .body = "SIP/2.0 " + std::to_string(status) + " " + std::string(status_phrase(status)) + "\r\n"});
  return {};
}

void Session::on_notify(TransactionId id, const Message& request) {
  const std::string_view event = request.value(HeaderName::Event);
  const auto number = find_param(event.substr(std::min(event.find(';'), event.size())), "id");
  const auto it = std::find_if(transfers_.begin(), transfers_.end(), [&](const Transfer& one) {
    return one.ours && (!number || *number == std::to_string(one.cseq));
  });
  if (it == transfers_.end()) return respond(id, 481);
  respond(id, 200);
  const TransferId transfer = it->id;
  const bool done = request.value(HeaderName::SubscriptionState).starts_with("terminated");
  const auto status =
      parse_number(request.body.substr(0, 8) == "SIP/2.0 " ? request.body.substr(8, 3) : "", 699);
  if (done) transfers_.erase(it);
  core_.ports.events.on_transfer_progress(id_, transfer, static_cast<int>(status.value_or(200)), done);
}

}  // namespace sotto::sip
