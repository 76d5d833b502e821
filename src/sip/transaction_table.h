#pragma once

#include <cstdint>
#include <span>

// The four transaction machines of RFC 3261 §17 with RFC 6026, as data.
namespace sotto::sip {

enum class TransactionKind : uint8_t { InviteClient, Client, InviteServer, Server };
enum class TransactionState : uint8_t { Trying, Proceeding, Completed, Confirmed, Accepted, Terminated };
enum class TransactionEvent : uint8_t {
  Provisional,
  Success,
  Failure,   // a response: received by a client, sent by a server
  Repeated,  // the request again
  Ack,
  RetransmitDue,  // timers A, E, G
  TimedOut,       // timers B, F, H
  LingerOver,     // timers D, I, J, K, L, M
  TransportFailed,
};

// What to do on the way, as bits.
enum TransactionAction : uint16_t {
  kNothing = 0,
  kPass = 1,          // tell the user
  kSend = 2,          // what was sent last, again or for the first time
  kSendAck = 4,       // of a failed INVITE
  kRetransmitOn = 8,  // start or go on, with backoff
  kTimersOff = 16,
  kLingerLong = 32,   // 64 T1, or nothing on a stream where the state only absorbs retransmissions
  kLingerShort = 64,  // T4, or nothing on a stream
  kTimeoutOn = 128,   // 64 T1
  kReport = 256,      // the user learns of the failure
};

struct TransactionRow {
  TransactionState state;
  TransactionEvent event;
  TransactionState next;
  uint16_t actions;
};

// Nullptr: the event means nothing in that state and is ignored.
const TransactionRow* find_row(TransactionKind kind, TransactionState state, TransactionEvent event);

}  // namespace sotto::sip
