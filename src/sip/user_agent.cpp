#include "sip/user_agent.h"

#include "sip/registrar.h"
#include "sip/user_agent_core.h"

namespace sotto::sip {
namespace {

Result<void> check(const InviteOptions& options) {
  const auto target = parse_uri(options.target);
  if (!target) return fail(target.error());
  for (const std::string& route : options.route) {
    if (const auto parsed = parse_name_addr(route); !parsed) return fail(parsed.error());
  }
  for (const ExtraHeader& header : options.headers) {
    if (!is_allowed_extra(header.name, header.value))
      return fail(ErrorCode::Invalid, "invite: header " + header.name);
  }
  return {};
}

auto gone() {
  return fail(ErrorCode::NotFound, "session: it has ended");
}

}  // namespace

UserAgent::UserAgent(UserAgentConfig config, UserAgentPorts ports)
    : core_(std::make_unique<UserAgentCore>(std::move(config), ports)) {}

UserAgent::~UserAgent() = default;

void UserAgent::receive(const Flow& flow, base::ByteView bytes) {
  core_->receive(flow, bytes);
}

void UserAgent::connection_closed(uint32_t connection) {
  if (core_->ports.registrar != nullptr) core_->ports.registrar->connection_closed(connection);
  core_->transactions.connection_closed(connection);
  core_->refused_connections.erase(connection);
  std::vector<SessionId> ids;
  for (const auto& [id, session] : core_->sessions) ids.push_back(session->id());
  for (const SessionId id : ids) {
    if (Session* session = core_->find(id)) session->connection_closed(connection);
  }
}

Result<SessionId> UserAgent::invite(InviteOptions options) {
  if (auto checked = check(options); !checked) return fail(checked.error());
  if (core_->sessions.size() >= core_->config.sessions_max)
    return fail(ErrorCode::Exhausted, "invite: too many sessions");
  Session& session = core_->add_session();
  const SessionId id = session.id();
  // The end of the Call-ID says that it is ours: see the glare timers.
  auto called = session.call(std::move(options), core_->random_text() + session.tag().substr(0, 8));
  if (called) return id;
  core_->remove(session);
  return fail(called.error());
}

Result<void> UserAgent::progress(SessionId id, Progress progress) {
  Session* session = core_->find(id);
  return session != nullptr ? session->progress(progress) : gone();
}

Result<void> UserAgent::answer(SessionId id, Answer answer) {
  Session* session = core_->find(id);
  return session != nullptr ? session->answer(answer) : gone();
}

Result<void> UserAgent::reject(SessionId id, Rejection rejection) {
  Session* session = core_->find(id);
  return session != nullptr ? session->reject(rejection) : gone();
}

Result<void> UserAgent::hang_up(SessionId id, HangUp hang_up) {
  for (const ExtraHeader& header : hang_up.headers) {
    if (!is_allowed_extra(header.name, header.value))
      return fail(ErrorCode::Invalid, "hang up: header " + header.name);
  }
  if (!is_allowed_extra("Reason", hang_up.reason_header)) return fail(ErrorCode::Invalid, "hang up: reason");
  Session* session = core_->find(id);
  return session != nullptr ? session->hang_up(hang_up) : gone();
}

Result<void> UserAgent::offer(SessionId id, std::string sdp, OfferMethod method) {
  Session* session = core_->find(id);
  return session != nullptr ? session->offer(std::move(sdp), method) : gone();
}

Result<void> UserAgent::answer_offer(SessionId id, std::string sdp) {
  Session* session = core_->find(id);
  return session != nullptr ? session->answer_offer(std::move(sdp)) : gone();
}

Result<void> UserAgent::refuse_offer(SessionId id, int status) {
  Session* session = core_->find(id);
  return session != nullptr ? session->refuse_offer(status) : gone();
}

Result<void> UserAgent::info(SessionId id, std::string content_type, std::string body) {
  Session* session = core_->find(id);
  return session != nullptr ? session->info(std::move(content_type), std::move(body)) : gone();
}

Result<TransferId> UserAgent::refer(SessionId id, std::string target, std::string replaces,
                                    std::string referred_by) {
  Session* session = core_->find(id);
  if (session == nullptr) return gone();
  return session->refer(target, replaces, referred_by);
}

Result<void> UserAgent::accept_refer(SessionId id, TransferId transfer) {
  Session* session = core_->find(id);
  return session != nullptr ? session->answer_refer(transfer, 202) : gone();
}

Result<void> UserAgent::refuse_refer(SessionId id, TransferId transfer, int status) {
  Session* session = core_->find(id);
  if (status < 300 || status > 699) return fail(ErrorCode::OutOfRange, "refer: status");
  return session != nullptr ? session->answer_refer(transfer, status) : gone();
}

Result<void> UserAgent::notify_refer(SessionId id, TransferId transfer, int status, bool done) {
  Session* session = core_->find(id);
  return session != nullptr ? session->notify_refer(transfer, status, done) : gone();
}

Result<std::string> UserAgent::replaces_value(SessionId id) const {
  const Session* session = core_->find(id);
  if (session == nullptr) return gone();
  if (!session->confirmed()) return fail(ErrorCode::Conflict, "replaces: the call is not confirmed");
  // As the far side sees the dialog: its own tag is the to-tag.
  const Dialog& dialog = session->dialog();
  return dialog.call_id + ";to-tag=" + dialog.remote_tag + ";from-tag=" + dialog.local_tag;
}

Result<uint64_t> UserAgent::request(Request request) {
  const auto from = parse_name_addr(request.from);
  if (!from) return fail(from.error());
  const std::string to = request.to.empty() ? "<" + request.target + ">" : request.to;
  const auto parsed_to = parse_name_addr(to);
  if (!parsed_to || !parse_uri(request.target)) return fail(ErrorCode::Invalid, "request: target");
  for (const ExtraHeader& header : request.headers) {
    if (!is_allowed_extra("X-Any", header.value) || !all_in(header.name, kToken))
      return fail(ErrorCode::Invalid, "request: header");
  }
  if (request.method == Method::Invite || request.method == Method::Ack ||
      to_string(request.method).empty()) {
    return fail(ErrorCode::Unsupported, "request: method");
  }
  Dialog dialog;
  dialog.call_id = request.call_id.empty() ? core_->random_text() : request.call_id;
  dialog.local_uri = without_tag(*from);
  dialog.local_tag = core_->random_text();
  dialog.remote_uri = without_tag(*parsed_to);
  dialog.remote_target = request.target;
  const std::string branch = core_->transactions.make_branch();
  const std::string host_port = core_->ports.transport.local_host_port(request.flow);
  MessageWriter out =
      dialog.begin_request({request.method, request.cseq, branch, host_port, request.flow.protocol});
  out.header(HeaderName::UserAgent, core_->config.product).add(header_lines(request.headers));
  const uint64_t id = core_->next_id++;
  core_->transactions.request(request.method, branch, out.finish(request.content_type, request.body),
                              request.flow, id | kOutsideRequest);
  return id;
}

Result<std::string> UserAgent::call_id(SessionId id) const {
  const Session* session = core_->find(id);
  if (session == nullptr) return gone();
  return session->dialog().call_id;
}

UserAgentCounts UserAgent::counts() const {
  UserAgentCounts counts = core_->counts;
  counts.sessions = core_->sessions.size();
  counts.client_transactions = core_->transactions.clients();
  counts.server_transactions = core_->transactions.servers();
  counts.refused_busy += core_->transactions.refused();
  counts.refused_overload = core_->gate.refused();
  counts.dropped_overload = core_->gate.dropped();
  counts.overloaded = core_->gate.overloaded();
  return counts;
}

}  // namespace sotto::sip
