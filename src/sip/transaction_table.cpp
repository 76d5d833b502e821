#include "sip/transaction_table.h"

namespace sotto::sip {
namespace {
using enum TransactionState;
using enum TransactionEvent;

// RFC 3261 figure 5, RFC 6026 figure 4 (Accepted: 2xx go to the user, who acknowledges each).
constexpr TransactionRow kInviteClient[] = {
    {Trying, RetransmitDue, Trying, kSend | kRetransmitOn},
    {Trying, Provisional, Proceeding, kPass | kTimersOff},
    {Trying, Success, Accepted, kPass | kTimersOff | kLingerLong},
    {Trying, Failure, Completed, kPass | kSendAck | kTimersOff | kLingerLong},
    {Trying, TimedOut, Terminated, kReport},
    {Trying, TransportFailed, Terminated, kReport},
    {Proceeding, Provisional, Proceeding, kPass},
    {Proceeding, Success, Accepted, kPass | kLingerLong},
    {Proceeding, Failure, Completed, kPass | kSendAck | kLingerLong},
    {Proceeding, TransportFailed, Terminated, kReport},
    {Completed, Failure, Completed, kSendAck},
    {Completed, LingerOver, Terminated, kNothing},
    {Accepted, Success, Accepted, kPass},
    {Accepted, LingerOver, Terminated, kNothing},
};

// Figure 6.
constexpr TransactionRow kClient[] = {
    {Trying, RetransmitDue, Trying, kSend | kRetransmitOn},
    {Trying, Provisional, Proceeding, kPass},
    {Trying, Success, Completed, kPass | kTimersOff | kLingerShort},
    {Trying, Failure, Completed, kPass | kTimersOff | kLingerShort},
    {Trying, TimedOut, Terminated, kReport},
    {Trying, TransportFailed, Terminated, kReport},
    {Proceeding, RetransmitDue, Proceeding, kSend | kRetransmitOn},
    {Proceeding, Provisional, Proceeding, kPass},
    {Proceeding, Success, Completed, kPass | kTimersOff | kLingerShort},
    {Proceeding, Failure, Completed, kPass | kTimersOff | kLingerShort},
    {Proceeding, TimedOut, Terminated, kReport},
    {Proceeding, TransportFailed, Terminated, kReport},
    {Completed, LingerOver, Terminated, kNothing},
};

// Figure 7, RFC 6026 figure 5.
constexpr TransactionRow kInviteServer[] = {
    {Trying, Provisional, Proceeding, kSend | kTimersOff},
    {Trying, Success, Accepted, kSend | kTimersOff | kLingerLong},
    {Trying, Failure, Completed, kSend | kTimersOff | kRetransmitOn | kTimeoutOn},
    {Proceeding, Repeated, Proceeding, kSend},
    {Proceeding, Provisional, Proceeding, kSend},
    {Proceeding, Success, Accepted, kSend | kLingerLong},
    {Proceeding, Failure, Completed, kSend | kRetransmitOn | kTimeoutOn},
    {Completed, Repeated, Completed, kSend},
    {Completed, RetransmitDue, Completed, kSend | kRetransmitOn},
    {Completed, Ack, Confirmed, kTimersOff | kLingerShort},
    {Completed, TimedOut, Terminated, kReport},
    {Confirmed, LingerOver, Terminated, kNothing},
    {Accepted, Success, Accepted, kSend},
    {Accepted, Ack, Accepted, kPass},
    {Accepted, LingerOver, Terminated, kNothing},
};

// Figure 8.
constexpr TransactionRow kServer[] = {
    {Trying, Provisional, Proceeding, kSend},
    {Trying, Success, Completed, kSend | kLingerLong},
    {Trying, Failure, Completed, kSend | kLingerLong},
    {Proceeding, Repeated, Proceeding, kSend},
    {Proceeding, Provisional, Proceeding, kSend},
    {Proceeding, Success, Completed, kSend | kLingerLong},
    {Proceeding, Failure, Completed, kSend | kLingerLong},
    {Completed, Repeated, Completed, kSend},
    {Completed, LingerOver, Terminated, kNothing},
};

constexpr std::span<const TransactionRow> kTables[] = {kInviteClient, kClient, kInviteServer, kServer};

}  // namespace

const TransactionRow* find_row(TransactionKind kind, TransactionState state, TransactionEvent event) {
  for (const TransactionRow& row : kTables[static_cast<size_t>(kind)]) {
    if (row.state == state && row.event == event) return &row;
  }
  return nullptr;
}

}  // namespace sotto::sip
