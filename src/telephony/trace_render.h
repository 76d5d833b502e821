#pragma once

#include <string>
#include <vector>

#include "telephony/trace_ring.h"

// What a person or Wireshark reads. Pure.
namespace sotto::telephony {

// A ladder for the terminal: us on the left, each far end in a column of its own, one line a message.
std::string render_ladder(const std::vector<TraceMessage>& messages);

// The messages as they were, each under a line that says when, whence and whither.
std::string render_messages(const std::vector<TraceMessage>& messages);

// A pcap file: every message as one UDP packet, whatever carried it, so that tools show it as SIP.
std::string render_pcap(const std::vector<TraceMessage>& messages);

}  // namespace sotto::telephony
