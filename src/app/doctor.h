#pragma once

#include <string>
#include <vector>

#include "http/client.h"
#include "net/endpoint.h"
#include "net/loop.h"
#include "text/json.h"

// `sotto doctor`: what is wrong with a running server and its surroundings, and what to do about it.
namespace sotto::app {

enum class Health { Good, Warning, Problem };

struct Finding {
  std::string check;  // "trunk carrier"
  Health health = Health::Good;
  std::string found;
  std::string fix;  // empty when all is well
};

// What is to be looked at.
struct Checkup {
  net::Endpoint sip;
  net::Endpoint http;
  std::string advertised_host;
  std::string certificate_file;  // empty: no TLS
  std::string data_folder;
  uint16_t rtp_port_min = 0;
  uint16_t rtp_port_max = 0;
  size_t open_files_max = 0;
  bool private_targets = true;
  bool espeak = true;
  struct Trunk {
    std::string name;
    std::vector<std::string> hosts;
  };
  std::vector<Trunk> trunks;
  std::vector<std::string> webhook_urls;
};

// Takes some seconds where far ends do not answer. `loop` and `client` outlive it.
asio::awaitable<std::vector<Finding>> examine(net::Loop& loop, http::Client& client, Checkup what);

// Every http URL that a JSON text holds.
std::vector<std::string> urls_in(const text::Json& json);
text::Json to_json(const std::vector<Finding>& findings);

}  // namespace sotto::app
