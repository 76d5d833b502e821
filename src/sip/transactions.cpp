#include "sip/transactions.h"

#include <algorithm>

#include "base/check.h"
#include "base/limits.h"
#include "sip/message_writer.h"

namespace sotto::sip {
namespace {
using namespace std::chrono_literals;
using base::limits::kSipTransactionsPerSourceMax;

constexpr base::Duration kT2 = 4s;
constexpr base::Duration kT4 = 5s;
constexpr base::Duration kTryingDelay = 200ms;  // RFC 3261 §17.2.1
constexpr int kTimeoutInT1 = 64;

// Whether what was sent may have to be sent again: otherwise its bytes are not kept. In Accepted the user
// sends 2xx and ACK again himself (RFC 6026 §7.1, §7.2); a failed INVITE keeps its ACK instead.
bool keeps_bytes(TransactionKind kind, TransactionState state) {
  switch (state) {
    case TransactionState::Trying:
    case TransactionState::Proceeding: return true;
    case TransactionState::Completed:
      return kind == TransactionKind::Server || kind == TransactionKind::InviteServer;
    default: return false;
  }
}

bool is_client(TransactionKind kind) {
  return kind == TransactionKind::InviteClient || kind == TransactionKind::Client;
}

void append_hex(std::string& out, uint64_t value) {
  constexpr char kHex[] = "0123456789abcdef";
  for (int shift = 60; shift >= 0; shift -= 4) out += kHex[value >> shift & 15];
}

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string text;
  text.reserve(192);
  for (const std::string_view part : parts) {
    text += part;
    text += '\n';
  }
  return text;
}

TransactionEvent event_of(int status) {
  if (status < 200) return TransactionEvent::Provisional;
  return status < 300 ? TransactionEvent::Success : TransactionEvent::Failure;
}

// The headers that ACK and CANCEL copy from their INVITE (RFC 3261 §9.1, §17.1.1.3).
MessageWriter begin_like(const Message& invite, std::string_view method, std::string_view to) {
  MessageWriter out;
  out.request_line(method, invite.request_uri);
  out.header(HeaderName::Via, invite.via.text);
  for (const Header& header : invite.headers) {
    if (header.name == HeaderName::Route || header.name == HeaderName::From ||
        header.name == HeaderName::CallId || header.name == HeaderName::MaxForwards) {
      out.header(header.name, header.value);
    }
  }
  out.header(HeaderName::To, to);
  out.begin(HeaderName::CSeq).add(invite.cseq.number).add(" ").add(method).line();
  return out;
}

}  // namespace

Transactions::Transactions(base::Timers& timers, base::Random& random, Transport& transport,
                           TransactionUser& user, base::Duration t1)
    : timers_(timers), random_(random), transport_(transport), user_(user), t1_(t1), hash_(random) {}

Transactions::~Transactions() {
  for (auto& [id, transaction] : transactions_) stop_timers(*transaction);
}

uint64_t Transactions::client_key(std::string_view branch, std::string_view method) const {
  return hash_(joined({"C", branch, method}));
}

// An ACK matches its INVITE; so does a CANCEL when asked.
uint64_t Transactions::server_key(const Message& message, std::string_view method) const {
  const Via& via = message.via;
  if (via.has_magic_branch())
    return hash_(joined({"S", via.branch, via.host, std::to_string(via.port), method}));
  return hash_(joined({"R", message.request_uri, message.from.tag(), message.call_id,
                       std::to_string(message.cseq.number), via.text, method}));
}

uint64_t Transactions::merge_key(const Message& request) const {
  return hash_(joined(
      {request.call_id, request.from.tag(), request.method_text, std::to_string(request.cseq.number)}));
}

void Transactions::receive(Message message, const Flow& flow) {
  answered_.clear();
  if (message.is_request) {
    receive_request(std::move(message), flow);
  } else {
    receive_response(message, flow);
  }
}

void Transactions::receive_response(const Message& message, const Flow& flow) {
  Transaction* transaction = find_by_key(client_key(message.via.branch, message.method_text));
  // What no transaction waits for is dropped: an ACK or BYE sent for it would let anyone make us send to
  // anywhere.
  if (transaction != nullptr) handle(*transaction, event_of(message.status), &message, flow);
}

void Transactions::receive_request(Message message, const Flow& flow) {
  const bool is_ack = message.method == Method::Ack;
  const uint64_t key = server_key(message, is_ack ? to_string(Method::Invite) : message.method_text);
  if (Transaction* transaction = find_by_key(key)) {
    handle(*transaction, is_ack ? TransactionEvent::Ack : TransactionEvent::Repeated, &message, flow);
    return;
  }
  if (is_ack) return user_.on_ack(message, flow);
  if (!admit(message, flow)) return;
  const bool is_invite = message.method == Method::Invite;
  Transaction& made = add(is_invite ? TransactionKind::InviteServer : TransactionKind::Server, key, flow);
  made.counted = true;
  made.request = std::make_unique<Message>(std::move(message));
  if (made.request->to.tag().empty()) {
    made.merge_key = merge_key(*made.request);
    ++merged_[made.merge_key];
  }
  if (is_invite) made.retransmit = timers_.start(kTryingDelay, *this, token(made, TimerPurpose::Trying));
  user_.on_request(made.id, *made.request, flow);
}

// Counts the source's transactions; over its limit a request is answered without keeping anything.
bool Transactions::admit(const Message& message, const Flow& flow) {
  Address source = flow.peer;
  source.port = 0;
  size_t& count = by_source_[source];
  if (count < kSipTransactionsPerSourceMax) {
    ++count;
    return true;
  }
  ++refused_;
  MessageWriter out = begin_response(message, flow, 503, {}, "busy");
  transport_.send(flow, base::as_bytes(out.header(HeaderName::RetryAfter, 5).finish()));
  return false;
}

void Transactions::uncount(Transaction& transaction) {
  if (!std::exchange(transaction.counted, false)) return;
  Address source = transaction.flow.peer;
  source.port = 0;
  const auto it = by_source_.find(source);
  if (it != by_source_.end() && --it->second == 0) by_source_.erase(it);
}

// The oldest give way: what they would absorb was hardly still to come.
void Transactions::keep_leftover(TransactionId id) {
  leftovers_.push_back(id);
  drop_gone_leftovers();
  if (leftovers_.size() <= kLeftoversMax) return;
  Transaction* oldest = find(leftovers_.front());
  leftovers_.pop_front();
  if (oldest != nullptr) erase(*oldest);
}

void Transactions::drop_gone_leftovers() {
  while (!leftovers_.empty() && find(leftovers_.front()) == nullptr) leftovers_.pop_front();
}

void Transactions::connection_closed(uint32_t connection) {
  std::vector<TransactionId> hit;
  for (const auto& [id, transaction] : transactions_) {
    if (transaction->flow.connection == connection && is_stream(transaction->flow.protocol))
      hit.push_back(transaction->id);
  }
  std::sort(hit.begin(), hit.end());
  for (const TransactionId id : hit) {
    if (Transaction* transaction = find(id)) {
      handle(*transaction, TransactionEvent::TransportFailed, nullptr, transaction->flow);
    }
  }
}

std::string Transactions::make_branch() {
  std::string branch = "z9hG4bK";
  append_hex(branch, random_.next());
  return branch;
}

TransactionId Transactions::request(Method method, std::string_view branch, std::string bytes,
                                    const Flow& flow, uint64_t owner) {
  const bool is_invite = method == Method::Invite;
  const auto named = transport_.connect(flow);
  Transaction& made = add(is_invite ? TransactionKind::InviteClient : TransactionKind::Client,
                          client_key(branch, to_string(method)), named.value_or(flow));
  made.owner = owner;
  made.bytes = std::move(bytes);
  const TransactionId id = made.id;
  start_deadline(made, TimerPurpose::Deadline, t1_ * kTimeoutInT1);
  if (named && transport_.send(*named, base::as_bytes(made.bytes))) {
    start_retransmit(made);
  } else {
    // Told later, so that the caller has the id first.
    timers_.stop(made.deadline);
    made.deadline = timers_.start(0ms, *this, token(made, TimerPurpose::Deadline));
    made.interval = base::Duration(-1);
  }
  return id;
}

TransactionId Transactions::cancel(TransactionId invite, const std::vector<std::string>& header_lines,
                                   uint64_t owner) {
  Transaction* transaction = find(invite);
  if (transaction == nullptr || transaction->state != TransactionState::Proceeding)
    return TransactionId::None;
  const auto original = parse_message(base::as_bytes(transaction->bytes));
  CHECK(original.has_value());
  if (find_by_key(client_key(original->via.branch, to_string(Method::Cancel))) != nullptr)
    return TransactionId::None;
  MessageWriter out = begin_like(*original, to_string(Method::Cancel), original->to.text);
  for (const std::string& text : header_lines) out.add(text);
  // A peer that never answers the CANCELled INVITE ends it after 64 T1 (RFC 3261 §9.1).
  start_deadline(*transaction, TimerPurpose::Deadline, t1_ * kTimeoutInT1);
  return request(Method::Cancel, original->via.branch, out.finish(), transaction->flow, owner);
}

void Transactions::abandon(TransactionId invite) {
  Transaction* transaction = find(invite);
  if (transaction == nullptr) return;
  timers_.stop(transaction->retransmit);
  if (transaction->state == TransactionState::Proceeding)
    start_deadline(*transaction, TimerPurpose::Deadline, t1_ * kTimeoutInT1);
}

bool Transactions::respond(TransactionId id, int status, std::string bytes) {
  Transaction* transaction = find(id);
  if (transaction == nullptr) return false;
  if (find_row(transaction->kind, transaction->state, event_of(status)) == nullptr) return false;
  transaction->bytes = std::move(bytes);
  if (status >= 200) transaction->bytes.shrink_to_fit();
  if (status >= 200 && transaction->request != nullptr) answered_.push_back(std::move(transaction->request));
  const bool first_final = status >= 200 && transaction->counted;
  if (first_final) uncount(*transaction);
  handle(*transaction, event_of(status), nullptr, transaction->flow);
  if (first_final) keep_leftover(id);
  return true;
}

const Message* Transactions::request_of(TransactionId id) const {
  const Transaction* transaction = find(id);
  return transaction != nullptr ? transaction->request.get() : nullptr;
}

const Flow* Transactions::flow_of(TransactionId id) const {
  const Transaction* transaction = find(id);
  return transaction != nullptr ? &transaction->flow : nullptr;
}

TransactionId Transactions::cancelled_by(const Message& cancel) const {
  const Transaction* transaction = find_by_key(server_key(cancel, to_string(Method::Invite)));
  return transaction != nullptr ? transaction->id : TransactionId::None;
}

bool Transactions::is_merged(TransactionId id) const {
  const Transaction* transaction = find(id);
  if (transaction == nullptr || transaction->merge_key == 0) return false;
  return merged_.at(transaction->merge_key) > 1;
}

void Transactions::handle(Transaction& transaction, TransactionEvent event, const Message* message,
                          const Flow& flow) {
  const TransactionRow* row = find_row(transaction.kind, transaction.state, event);
  if (row == nullptr) return;
  const TransactionId id = transaction.id;
  const uint64_t owner = transaction.owner;
  const bool stream = is_stream(transaction.flow.protocol);
  transaction.state = row->next;
  if ((row->actions & kTimersOff) != 0) stop_timers(transaction);
  if ((row->actions & kSend) != 0) send(transaction);
  if ((row->actions & kSendAck) != 0) send_ack(transaction, message);
  if ((row->actions & kRetransmitOn) != 0) start_retransmit(transaction);
  if ((row->actions & kTimeoutOn) != 0)
    start_deadline(transaction, TimerPurpose::Deadline, t1_ * kTimeoutInT1);
  if ((row->actions & kLingerLong) != 0) {
    // A stream repeats nothing; only 2xx to INVITE are end to end and may come again.
    const bool keep = !stream || row->next == TransactionState::Accepted;
    start_deadline(transaction, TimerPurpose::Linger, keep ? t1_ * kTimeoutInT1 : base::Duration::zero());
  }
  if ((row->actions & kLingerShort) != 0) {
    start_deadline(transaction, TimerPurpose::Linger, stream ? base::Duration::zero() : kT4);
  }
  if (!keeps_bytes(transaction.kind, row->next)) std::string().swap(transaction.bytes);
  if (row->next == TransactionState::Terminated) erase(transaction);
  // The user may do anything, so nothing of the transaction is touched after this.
  if ((row->actions & kPass) != 0 && event == TransactionEvent::Ack) user_.on_ack(*message, flow);
  if ((row->actions & kPass) != 0 && event != TransactionEvent::Ack)
    user_.on_client_response(id, owner, *message, flow);
  if ((row->actions & kReport) != 0 && owner != 0) {
    user_.on_client_failed(id, owner, event == TransactionEvent::TimedOut ? 408 : 503);
  }
}

void Transactions::send(Transaction& transaction) {
  // A response that cannot be sent is lost like one on the wire: the timers clean up.
  if (!transaction.bytes.empty()) transport_.send(transaction.flow, base::as_bytes(transaction.bytes));
}

void Transactions::send_ack(Transaction& transaction, const Message* response) {
  if (transaction.ack.empty()) {
    const auto invite = parse_message(base::as_bytes(transaction.bytes));
    CHECK(invite.has_value());
    transaction.ack = begin_like(*invite, to_string(Method::Ack), response->to.text).finish();
  }
  transport_.send(transaction.flow, base::as_bytes(transaction.ack));
}

void Transactions::start_retransmit(Transaction& transaction) {
  if (is_stream(transaction.flow.protocol)) return;
  // INVITE requests double without limit; everything else stops at T2 (§17.1.1.2, §17.1.2.2, §17.2.1).
  base::Duration next = transaction.interval == base::Duration::zero() ? t1_ : transaction.interval * 2;
  if (transaction.kind != TransactionKind::InviteClient) next = std::min(next, kT2);
  if (transaction.kind == TransactionKind::Client && transaction.state == TransactionState::Proceeding)
    next = kT2;
  transaction.interval = next;
  timers_.stop(transaction.retransmit);
  transaction.retransmit = timers_.start(next, *this, token(transaction, TimerPurpose::Retransmit));
}

void Transactions::start_deadline(Transaction& transaction, TimerPurpose purpose, base::Duration delay) {
  timers_.stop(transaction.deadline);
  transaction.deadline = timers_.start(delay, *this, token(transaction, purpose));
}

void Transactions::stop_timers(Transaction& transaction) {
  timers_.stop(transaction.retransmit);
  timers_.stop(transaction.deadline);
}

uint64_t Transactions::token(const Transaction& transaction, TimerPurpose purpose) const {
  return static_cast<uint64_t>(transaction.id) * 4 + static_cast<uint64_t>(purpose);
}

void Transactions::on_timer(uint64_t token) {
  Transaction* transaction = find(static_cast<TransactionId>(token / 4));
  if (transaction == nullptr) return;
  const Flow flow = transaction->flow;
  switch (static_cast<TimerPurpose>(token % 4)) {
    case TimerPurpose::Retransmit:
      transaction->retransmit = base::TimerId::None;
      return handle(*transaction, TransactionEvent::RetransmitDue, nullptr, flow);
    case TimerPurpose::Linger:
      transaction->deadline = base::TimerId::None;
      return handle(*transaction, TransactionEvent::LingerOver, nullptr, flow);
    case TimerPurpose::Trying:
      transaction->retransmit = base::TimerId::None;
      if (transaction->request == nullptr) return;
      respond(transaction->id, 100, begin_response(*transaction->request, flow, 100, {}, {}).finish());
      return;
    case TimerPurpose::Deadline: {
      transaction->deadline = base::TimerId::None;
      const bool unsent = transaction->interval < base::Duration::zero();
      // A CANCELled INVITE times out in Proceeding too, where RFC 3261's table has no timer.
      if (transaction->kind == TransactionKind::InviteClient) transaction->state = TransactionState::Trying;
      return handle(*transaction, unsent ? TransactionEvent::TransportFailed : TransactionEvent::TimedOut,
                    nullptr, flow);
    }
  }
}

Transactions::Transaction& Transactions::add(TransactionKind kind, uint64_t key, const Flow& flow) {
  auto made = std::make_unique<Transaction>();
  made->id = static_cast<TransactionId>(next_id_++);
  made->kind = kind;
  made->flow = flow;
  made->key = key;
  ++(is_client(kind) ? clients_ : servers_);
  Transaction& transaction = *made;
  by_key_.emplace(key, &transaction);
  transactions_.emplace(static_cast<uint64_t>(transaction.id), std::move(made));
  return transaction;
}

void Transactions::erase(Transaction& transaction) {
  stop_timers(transaction);
  if (is_client(transaction.kind)) {
    --clients_;
  } else {
    --servers_;
    uncount(transaction);
  }
  const auto merged = merged_.find(transaction.merge_key);
  if (merged != merged_.end() && --merged->second == 0) merged_.erase(merged);
  by_key_.erase(transaction.key);
  transactions_.erase(static_cast<uint64_t>(transaction.id));
}

Transactions::Transaction* Transactions::find(TransactionId id) const {
  const auto it = transactions_.find(static_cast<uint64_t>(id));
  return it != transactions_.end() ? it->second.get() : nullptr;
}

Transactions::Transaction* Transactions::find_by_key(uint64_t key) const {
  const auto it = by_key_.find(key);
  return it != by_key_.end() ? it->second : nullptr;
}

}  // namespace sotto::sip
