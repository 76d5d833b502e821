#pragma once

#include <string>

#include "sip/message_writer.h"
#include "sip/transport.h"

namespace sotto::sip {

// What both sides remember of a dialog (RFC 3261 §12), and the requests made from it.
struct Dialog {
  std::string call_id;
  std::string local_uri;  // value of From in our requests, without tag
  std::string local_tag;
  std::string remote_uri;  // value of To, without tag
  std::string remote_tag;
  std::string remote_target;  // Request-URI
  std::string route;          // value of Route, "" for none
  std::string contact;        // value of our Contact
  Flow flow;
  uint32_t local_cseq = 0;
  uint32_t remote_cseq = 0;
  uint32_t remote_rseq = 0;  // last reliable provisional response
  bool flow_bound = false;
  bool peer_takes_update = false;

  static Dialog from_invite(const Message& invite, const Flow& flow, std::string local_tag,
                            std::string contact);
  // Takes tag, target, routes and abilities from a response to our INVITE.
  void learn(const Message& response);
  // Takes target and abilities from a request or response in the dialog (RFC 3261 §12.2).
  void refresh_target(const Message& message);
  // RFC 3261 §12.2.1.1 and RFC 3263; a far side behind NAT is answered where it came from.
  Flow next_hop(Transport& transport) const;
  struct Start {
    Method method = Method::Other;
    uint32_t cseq = 0;
    std::string_view branch;
    std::string_view sent_by;
    Protocol protocol = Protocol::Udp;
    uint32_t max_forwards = kMaxForwards;
  };
  MessageWriter begin_request(const Start& start) const;
};

// The value of From or To without its tag, in brackets.
std::string without_tag(const NameAddr& address);
std::string make_contact(std::string_view user, std::string_view host_port, Protocol protocol);

}  // namespace sotto::sip
