#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/keyed_hash.h"
#include "base/random.h"
#include "base/timers.h"
#include "sip/message.h"
#include "sip/transaction_table.h"
#include "sip/transport.h"

namespace sotto::sip {

// Of answered transactions, which stay for some 32 s to absorb what is sent again.
inline constexpr size_t kLeftoversMax = 100'000;

enum class TransactionId : uint64_t { None = 0 };

// What transactions tell the layer above. `owner` is what it gave with the request.
class TransactionUser {
 public:
  virtual ~TransactionUser() = default;
  // A new request; `request` lives until the next receive() after its final response. Respond with
  // Transactions::respond(), now or later.
  virtual void on_request(TransactionId id, const Message& request, const Flow& flow) = 0;
  // ACK of a 2xx: no transaction answers it.
  virtual void on_ack(const Message& ack, const Flow& flow) = 0;
  virtual void on_client_response(TransactionId id, uint64_t owner, const Message& response,
                                  const Flow& flow) = 0;
  // No final response: 408 after 64 T1, 503 if the transport failed.
  virtual void on_client_failed(TransactionId id, uint64_t owner, int status) = 0;
};

// The transaction layer (RFC 3261 §17, RFC 6026): retransmits, absorbs repetitions, tells timeouts. Those
// without a final response are bounded per source, what is left of the others altogether.
class Transactions final : public base::TimerSink {
 public:
  Transactions(base::Timers& timers, base::Random& random, Transport& transport, TransactionUser& user,
               base::Duration t1);
  ~Transactions() override;

  // Routes one message to its transaction, or makes one for a request. `message` is taken.
  void receive(Message message, const Flow& flow);
  void connection_closed(uint32_t connection);

  // A new branch for the Via of a request.
  std::string make_branch();
  // Sends `bytes`, whose topmost Via has `branch`, and waits for its responses.
  TransactionId request(Method method, std::string_view branch, std::string bytes, const Flow& flow,
                        uint64_t owner);
  // CANCEL for an INVITE transaction that has seen a provisional response (RFC 3261 §9.1).
  TransactionId cancel(TransactionId invite, const std::vector<std::string>& header_lines, uint64_t owner);
  // Nobody waits for that INVITE any more: it is not sent again, cancelled should it be answered after all,
  // and forgotten if it stays without a final response.
  void abandon(TransactionId invite);
  // False if the transaction is gone.
  bool respond(TransactionId id, int status, std::string bytes);

  // The request of a server transaction that is not answered yet; nullptr otherwise. Views of it stay good
  // until the next receive(), also when it is answered meanwhile.
  const Message* request_of(TransactionId id) const;
  const Flow* flow_of(TransactionId id) const;
  // The INVITE transaction that a CANCEL means.
  TransactionId cancelled_by(const Message& cancel) const;
  // Another live transaction has the same request by another path (RFC 3261 §8.2.2.2).
  bool is_merged(TransactionId id) const;

  size_t clients() const { return clients_; }
  size_t servers() const { return servers_; }
  uint64_t refused() const { return refused_; }

 private:
  struct Transaction {
    TransactionId id = TransactionId::None;
    TransactionKind kind = TransactionKind::Client;
    TransactionState state = TransactionState::Trying;
    Flow flow;
    uint64_t owner = 0;
    uint64_t key = 0;
    uint64_t merge_key = 0;
    std::string bytes;  // the request, or the last response
    std::string ack;
    base::Duration interval{};
    bool counted = false;  // among its source's: a server transaction without a final response
    base::TimerId retransmit = base::TimerId::None;
    base::TimerId deadline = base::TimerId::None;
    std::unique_ptr<Message> request;
  };
  enum class TimerPurpose : uint64_t { Retransmit, Deadline, Linger, Trying };

  void on_timer(uint64_t token) override;
  void receive_request(Message message, const Flow& flow);
  void receive_response(const Message& message, const Flow& flow);
  bool admit(const Message& message, const Flow& flow);
  void uncount(Transaction& transaction);
  void keep_leftover(TransactionId id);
  void drop_gone_leftovers();
  Transaction& add(TransactionKind kind, uint64_t key, const Flow& flow);
  // Of what tells a transaction from others (RFC 3261 §17.1.3, §17.2.3).
  uint64_t client_key(std::string_view branch, std::string_view method) const;
  uint64_t server_key(const Message& message, std::string_view method) const;
  uint64_t merge_key(const Message& request) const;
  // Applies the table; the transaction may be gone afterwards.
  void handle(Transaction& transaction, TransactionEvent event, const Message* message, const Flow& flow);
  void send(Transaction& transaction);
  void send_ack(Transaction& transaction, const Message* response);
  void start_retransmit(Transaction& transaction);
  void start_deadline(Transaction& transaction, TimerPurpose purpose, base::Duration delay);
  void stop_timers(Transaction& transaction);
  void erase(Transaction& transaction);
  Transaction* find(TransactionId id) const;
  Transaction* find_by_key(uint64_t key) const;
  uint64_t token(const Transaction& transaction, TimerPurpose purpose) const;

  base::Timers& timers_;
  base::Random& random_;
  Transport& transport_;
  TransactionUser& user_;
  const base::Duration t1_;
  // Two keys that are equal by chance would cost one message in some centuries; nobody can choose them.
  const base::KeyedHash hash_;
  uint64_t next_id_ = 1;
  uint64_t refused_ = 0;
  size_t clients_ = 0;
  size_t servers_ = 0;
  // By id, by key, and how many have that merge key. Flat: of 100,000 hardly any is in the processor's cache.
  boost::unordered_flat_map<uint64_t, std::unique_ptr<Transaction>> transactions_;
  boost::unordered_flat_map<uint64_t, Transaction*> by_key_;
  boost::unordered_flat_map<uint64_t, uint32_t> merged_;
  std::unordered_map<Address, size_t> by_source_;  // that have no final response yet
  // Server transactions that are answered and only absorb what is sent again, oldest first; some are gone.
  std::deque<TransactionId> leftovers_;
  std::vector<std::unique_ptr<Message>> answered_;  // requests whose views may still be in use
};

}  // namespace sotto::sip
