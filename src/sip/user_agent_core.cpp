#include "sip/user_agent_core.h"

#include <algorithm>

#include "base/ids.h"
#include "base/limits.h"
#include "sip/registrar.h"
#include "sip/scanner.h"

namespace sotto::sip {
namespace {
using namespace std::chrono_literals;
constexpr auto kSilenceLength = 60s;  // how long a source that was refused too often gets nothing
constexpr size_t kRefusedSourcesMax = 10'000;
}  // namespace

std::string header_line(HeaderName name, std::string_view value) {
  std::string out(to_string(name));
  return out.append(": ").append(value).append("\r\n");
}

std::string header_lines(const std::vector<ExtraHeader>& headers) {
  std::string out;
  for (const ExtraHeader& header : headers)
    out.append(header.name).append(": ").append(header.value).append("\r\n");
  return out;
}

UserAgentCore::UserAgentCore(UserAgentConfig config_in, UserAgentPorts ports_in)
    : config(std::move(config_in)),
      ports(ports_in),
      transactions(ports.timers, ports.random, ports.transport, *this, config.t1),
      gate(ports, config.retry_after) {}

UserAgentCore::~UserAgentCore() {
  ports.timers.stop(sweep);
}

std::string UserAgentCore::retry_after() const {
  return header_line(HeaderName::RetryAfter, std::to_string(config.retry_after.count()));
}

std::string UserAgentCore::random_text() {
  return base::id_to_hex(ports.random.next(), ports.random.next());
}

Session* UserAgentCore::find(SessionId id) const {
  const auto it = sessions.find(static_cast<uint64_t>(id));
  return it != sessions.end() ? it->second.get() : nullptr;
}

Session* UserAgentCore::find_by_tag(std::string_view local_tag) const {
  const auto it = by_tag.find(local_tag);
  return it != by_tag.end() ? it->second : nullptr;
}

Session& UserAgentCore::add_session() {
  const uint64_t id = next_id++;
  auto made = std::make_unique<Session>(*this, static_cast<SessionId>(id), random_text());
  Session& session = *made;
  by_tag.emplace(session.tag(), &session);
  sessions.emplace(id, std::move(made));
  return session;
}

// The session may be on the call stack: it is freed in a turn of its own.
void UserAgentCore::remove(Session& session) {
  const auto it = sessions.find(static_cast<uint64_t>(session.id()));
  if (it == sessions.end()) return;
  by_tag.erase(session.tag());
  dead.push_back(std::move(it->second));
  sessions.erase(it);
  if (sweep == base::TimerId::None) sweep = ports.timers.start(0ms, *this, 0);
}

void UserAgentCore::on_timer(uint64_t) {
  sweep = base::TimerId::None;
  dead.clear();
}

void UserAgentCore::receive(const Flow& flow, base::ByteView bytes) {
  ++counts.messages_in;
  const bool silenced = is_silenced(flow);
  if (!silenced && gate.stops(flow, base::as_text(bytes))) return;
  ports.transport.note_received(flow, bytes);
  if (silenced) {
    ++counts.messages_dropped;
    return;
  }
  auto message = parse_message(bytes);
  if (!message || (message->defect && (!message->is_request || message->method == Method::Ack ||
                                       message->find(HeaderName::Via) == nullptr))) {
    ++counts.messages_dropped;
    return;
  }
  if (message->defect) {
    MessageWriter out = begin_response(*message, flow, message->defect->status, {}, "invalid");
    out.begin(HeaderName::Warning).add("399 sotto \"").add(message->defect->why).add("\"").line();
    ports.transport.send(flow, base::as_bytes(out.finish()));
    return;
  }
  const Flow reply = message->is_request ? reply_flow(message->via, flow) : flow;
  transactions.receive(std::move(*message), reply);
}

void UserAgentCore::respond(TransactionId id, int status, std::string_view tag, std::string_view headers,
                            std::string_view content_type, std::string_view body, std::string_view reason) {
  const Message* request = transactions.request_of(id);
  const Flow* flow = transactions.flow_of(id);
  if (request == nullptr || flow == nullptr) return;
  MessageWriter out =
      begin_response(*request, *flow, status, reason, tag.empty() ? random_text() : std::string(tag));
  out.header(HeaderName::Server, config.product).add(headers);
  transactions.respond(id, status, out.finish(content_type, body));
}

// RFC 3261 §8.2: the checks that come before the method's own; 0 if it may pass.
int UserAgentCore::unacceptable(const Message& request, std::string& headers) const {
  for (const Header& header : request.headers) {
    if (header.name != HeaderName::Require) continue;
    for (std::string_view list = header.value; !list.empty();) {
      const size_t comma = std::min(list.find(','), list.size());
      const std::string_view option = trim(list.substr(0, comma));
      if (!list_has(kSupported, option)) headers += header_line(HeaderName::Unsupported, option);
      list.remove_prefix(std::min(comma + 1, list.size()));
    }
  }
  if (!headers.empty()) return 420;
  if (request.method != Method::Invite && request.method != Method::Update && request.method != Method::Prack)
    return 0;
  const std::string_view type = request.value(HeaderName::ContentType);
  if (!request.body.empty() && !iequals(trim(type.substr(0, type.find(';'))), kSdpType)) {
    headers = header_line(HeaderName::Accept, kSdpType);
    return 415;
  }
  const Header* accept = request.find(HeaderName::Accept);
  const bool takes_sdp = accept == nullptr || request.lists(HeaderName::Accept, kSdpType) ||
                         accept->value.find("*/*") != std::string_view::npos ||
                         accept->value.find("application/*") != std::string_view::npos ||
                         accept->value.find(kSdpType) != std::string_view::npos;
  if (!takes_sdp) return 406;
  const auto interval = parse_number(request.value(HeaderName::SessionExpires)
                                         .substr(0, request.value(HeaderName::SessionExpires).find(';')),
                                     0xffffffff);
  if (interval && *interval < static_cast<uint64_t>(config.min_session_expires.count())) {
    headers = header_line(HeaderName::MinSE, std::to_string(config.min_session_expires.count()));
    return 422;
  }
  return 0;
}

void UserAgentCore::on_request(TransactionId id, const Message& request, const Flow& flow) {
  if (request.method == Method::Cancel) return on_cancel(id, request);
  if (to_string(request.method).empty() || request.method == Method::Subscribe ||
      request.method == Method::Message || request.method == Method::Publish) {
    return respond(id, 405, {}, header_line(HeaderName::Allow, kAllow));
  }
  std::string headers;
  if (const int status = unacceptable(request, headers); status != 0) return respond(id, status, {}, headers);
  if (!request.to.tag().empty()) {
    Session* session = find_by_tag(request.to.tag());
    if (session != nullptr && session->matches(request.call_id, request.from.tag())) {
      return session->on_request(id, request, flow);
    }
    return respond(id, 481);
  }
  if (is_scanner(request.value(HeaderName::UserAgent))) ++counts.scanners;
  if (transactions.is_merged(id)) return respond(id, 482);
  if (request.method == Method::Invite) return on_new_invite(id, request, flow);
  on_outside_request(id, request, flow);
}

void UserAgentCore::on_outside_request(TransactionId id, const Message& request, const Flow& flow) {
  if (request.method == Method::Options) {
    std::string headers = header_line(HeaderName::Allow, kAllow) +
                          header_line(HeaderName::Supported, kSupported) +
                          header_line(HeaderName::Accept, kSdpType);
    if (request.to.tag().empty() && gate.closed()) return respond(id, 503, {}, retry_after());
    return respond(id, 200, {}, headers);
  }
  if (request.method == Method::Register && ports.registrar != nullptr) {
    const Registrar::Reply reply = ports.registrar->handle(request, flow, ports.timers.now());
    note_answer(flow, reply.status);
    return respond(id, reply.status, {}, reply.headers);
  }
  if (request.method == Method::Register) return respond(id, 403);
  respond(id, request.method == Method::Refer ? 403 : 481);
}

// A right password makes up for everything. Many phones may be challenged at once behind one address, so
// challenges weigh less than wrong passwords. Who holds a connection has not made up where he is: a wrong
// password there speaks against the connection, and against its address no more than a challenge does; and a
// thousand phones behind one address may come back at once.
void UserAgentCore::note_answer(const Flow& flow, int status) {
  Address source = flow.peer;
  source.port = 0;
  const bool challenge = status == 401 || status == 407;
  const bool stream = is_stream(flow.protocol);
  if (status < 300) refusals.erase(source);
  if (status < 300 && stream) refused_connections.erase(flow.connection);
  if (challenge) ++counts.challenged;
  if (!challenge && status != 403) return;
  if (challenge && stream) return;
  if (stream) ++refused_connections[flow.connection];
  if (refusals.size() >= kRefusedSourcesMax && !refusals.contains(source)) return;
  Refusals& entry = refusals[source];
  ++(challenge || stream ? entry.challenged : entry.refused);
  entry.last = ports.timers.now();
}

bool UserAgentCore::is_silenced(const Flow& flow) {
  if (is_stream(flow.protocol)) {
    const auto refused = refused_connections.find(flow.connection);
    if (refused != refused_connections.end() && refused->second > base::limits::kSipUnknownSourceAnswersMax)
      return true;
  }
  Address source = flow.peer;
  source.port = 0;
  const auto it = refusals.find(source);
  if (it == refusals.end()) return false;
  if (ports.timers.now() - it->second.last > kSilenceLength) {
    refusals.erase(it);
    return false;
  }
  const bool refused = it->second.refused > base::limits::kSipUnknownSourceAnswersMax;
  return (refused && !is_stream(flow.protocol)) ||
         it->second.challenged > base::limits::kSipChallengesUnansweredMax;
}

bool UserAgentCore::check_access(TransactionId id, const Message& request, const Flow& flow,
                                 std::string& user) {
  const auto access =
      ports.policy != nullptr ? ports.policy->access(request, flow) : AccessPolicy::Access::Allow;
  if (access == AccessPolicy::Access::Allow) return true;
  int status = 403;
  std::string headers;
  if (access == AccessPolicy::Access::Challenge && ports.registrar != nullptr) {
    const Registrar::Verdict verdict = ports.registrar->authenticate(request, ports.timers.now(), true);
    if (verdict.status == 200) {
      user = verdict.user;
      note_answer(flow, verdict.status);
      return true;
    }
    status = verdict.status;
    headers = verdict.headers;
  }
  note_answer(flow, status);
  respond(id, status, {}, headers);
  return false;
}

void UserAgentCore::on_new_invite(TransactionId id, const Message& request, const Flow& flow) {
  if (gate.was_closed() || sessions.size() >= config.sessions_max) {  // it has just looked at this one
    ++counts.refused_busy;
    return respond(id, 503, {}, retry_after());
  }
  std::string user;
  if (!check_access(id, request, flow, user)) return;
  SessionId replaces = SessionId::None;
  if (const Header* header = request.find(HeaderName::Replaces)) {
    const std::string_view value = header->value;
    const std::string_view params = value.substr(std::min(value.find(';'), value.size()));
    Session* replaced = find_by_tag(find_param(params, "to-tag").value_or(""));
    if (replaced == nullptr || !replaced->matches(trim(value.substr(0, value.find(';'))),
                                                  find_param(params, "from-tag").value_or(""))) {
      return respond(id, 481);
    }
    if (replaced->confirmed() && find_param(params, "early-only")) return respond(id, 486);
    replaces = replaced->id();
  }
  Session& session = add_session();
  by_invite.emplace(static_cast<uint64_t>(id), &session);
  session.accept_invite(id, request, flow);
  ports.events.on_invite(session.id(),
                         {.message = request,
                          .flow = flow,
                          .sdp = request.body,
                          .replaces = replaces,
                          .user = user,
                          .reliable_provisionals = request.lists(HeaderName::Supported, "100rel") ||
                                                   request.lists(HeaderName::Require, "100rel")});
}

void UserAgentCore::on_cancel(TransactionId id, const Message& request) {
  const TransactionId invite = transactions.cancelled_by(request);
  if (invite == TransactionId::None) return respond(id, 481);
  const auto it = by_invite.find(static_cast<uint64_t>(invite));
  Session* session = it != by_invite.end() ? it->second : nullptr;
  respond(id, 200, session != nullptr ? session->tag() : std::string());
  if (session != nullptr) session->on_cancel(request);
}

void UserAgentCore::on_ack(const Message& ack, const Flow&) {
  Session* session = find_by_tag(ack.to.tag());
  if (session != nullptr && session->matches(ack.call_id, ack.from.tag())) session->on_ack(ack);
}

void UserAgentCore::on_client_response(TransactionId id, uint64_t owner, const Message& response,
                                       const Flow& flow) {
  if (owner == 0) return;
  if (Session* session = find(static_cast<SessionId>(owner)))
    return session->on_client_response(id, response, flow);
  if (response.method == Method::Invite) {
    if (response.status < 200) transactions.cancel(id, {}, 0);  // it was abandoned
    if (response.status >= 200 && response.status < 300) acknowledge_and_end(response, flow);
    return;
  }
  if (response.status >= 200 && (owner & kOutsideRequest) != 0) {
    ports.events.on_response(owner & ~kOutsideRequest, response.status, &response);
  }
}

void UserAgentCore::on_client_failed(TransactionId id, uint64_t owner, int status) {
  if (Session* session = find(static_cast<SessionId>(owner))) return session->on_client_failed(id, status);
  if ((owner & kOutsideRequest) != 0) ports.events.on_response(owner & ~kOutsideRequest, status, nullptr);
}

Flow UserAgentCore::flow_for(const Flow& flow, size_t bytes, std::string_view target) const {
  if (flow.protocol != Protocol::Udp || bytes <= base::limits::kSipDatagramBytesMax ||
      !ports.transport.has_tcp())
    return flow;
  const auto uri = parse_uri(target);
  if (uri && find_param(uri->params, "transport")) return flow;
  return Flow{Protocol::Tcp, 0, flow.peer};
}

// A 2xx that nobody wants: another fork, or one whose session has ended (RFC 3261 §13.2.2.4).
void UserAgentCore::acknowledge_and_end(const Message& response, const Flow& flow) {
  Dialog dialog;
  dialog.call_id = response.call_id;
  dialog.local_uri = without_tag(response.from);
  dialog.local_tag = response.from.tag();
  dialog.remote_uri = without_tag(response.to);
  dialog.flow = flow;
  dialog.local_cseq = response.cseq.number + 100;  // beyond whatever the ended session has used
  dialog.learn(response);
  if (dialog.remote_target.empty() || dialog.remote_tag.empty()) return;
  const Flow hop = dialog.next_hop(ports.transport);
  const std::string sent_by = ports.transport.local_host_port(hop);
  const std::string ack_branch = transactions.make_branch();
  const std::string ack =
      dialog.begin_request({Method::Ack, response.cseq.number, ack_branch, sent_by, hop.protocol}).finish();
  ports.transport.send(hop, base::as_bytes(ack));
  const std::string branch = transactions.make_branch();
  transactions.request(
      Method::Bye, branch,
      dialog.begin_request({Method::Bye, dialog.local_cseq, branch, sent_by, hop.protocol}).finish(), hop, 0);
}

}  // namespace sotto::sip
