#pragma once

#include <memory>
#include <string>
#include <vector>

#include "campaign/campaign.h"
#include "dialect/host/services.h"
#include "text/json.h"

// What the admin API stands on. Control thread.
namespace sotto::admin {

// The campaigns of this server: those of the operator's file, which only the file changes, and stored ones.
class CampaignBook {
 public:
  virtual ~CampaignBook() = default;
  struct Entry {
    std::shared_ptr<const campaign::Campaign> campaign;
    bool configured = false;
  };
  virtual std::vector<Entry> all() const = 0;
  // `campaign` has the names of the file's [[campaign]]. AlreadyExists for a name or number that is taken;
  // other errors name the key, what was found and what is allowed.
  virtual asio::awaitable<Result<void>> add(text::Json campaign) = 0;
  // NotFound; Forbidden for one of the file. Calls that are up go on.
  virtual asio::awaitable<Result<void>> remove(std::string name) = 0;
};

// What is done to the server as a whole.
class Operations {
 public:
  virtual ~Operations() = default;
  // Reads the operator's file again. A file that is wrong changes nothing, and the error says all about it.
  virtual Result<void> reload() = 0;
  // What is wrong with the server and its surroundings, for `sotto doctor`: {"findings": [...]}. May take
  // some seconds.
  virtual asio::awaitable<text::Json> diagnose() = 0;
  // Erases what is older than the retention says, and tells how much.
  virtual asio::awaitable<Result<text::Json>> purge() = 0;
  // The last SIP messages, oldest first: of one call (its id in hexadecimal digits), of one SIP Call-ID, or
  // of all calls where `call` is empty. A ladder and the messages are for a terminal, pcap is for Wireshark.
  enum class TraceFormat { Ladder, Messages, Pcap };
  virtual std::string sip_trace(const std::string& call, TraceFormat format) = 0;
};

struct Context {
  dialect::Services services;
  CampaignBook& campaigns;
  Operations& operations;
};

}  // namespace sotto::admin
