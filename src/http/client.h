#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "base/limits.h"
#include "base/time.h"
#include "http/headers.h"
#include "http/method.h"
#include "net/loop.h"

namespace sotto::http {

class TransferThread;

// What becomes of the method when a redirect is followed.
enum class Redirects : uint8_t {
  None,       // a 3xx is an answer like any other
  AsBrowser,  // 301, 302, 303 turn POST into GET without its body; 307 and 308 keep both (RFC 9110
              // section 15.4)
  KeepMethod  // every one keeps method and body
};

enum class PrivateTargets : uint8_t { Allowed, Refused };

struct FetchRequest {
  Method method = Method::Get;
  std::string url;  // http or https; a fragment is not sent
  Headers headers;
  std::string body;
  base::Duration connect_deadline = std::chrono::seconds(5);  // name, TCP and TLS
  base::Duration total_deadline = std::chrono::seconds(15);
  size_t body_bytes_max = base::limits::kHttpBodyBytesMax;
  Redirects redirects = Redirects::None;
  uint32_t redirects_max = 10;
  PrivateTargets private_targets =
      PrivateTargets::Allowed;  // looked up in the address, after DNS, at each hop
  bool verify_tls = true;
  std::string user;  // Basic, sent at once; wins over the one in the URL
  std::string password;
};

struct FetchReply {
  int status = 0;
  Headers headers;  // of the last answer
  std::string body;
  std::string url;  // that answered, after redirects
  uint32_t redirects = 0;
  std::vector<std::string> cookies;  // every Set-Cookie on the way, in order
  base::Duration time{};
};

// Why there was no answer. A retry policy tells these apart.
enum class FetchFault : uint8_t {
  BadUrl,
  HostName,  // does not resolve
  Refused,   // refused or no route
  ConnectTimeout,
  TlsHandshake,   // incl. a certificate that does not verify
  PrivateTarget,  // refused by policy; the setting is [webhooks] private_targets
  TotalTimeout,
  Reset,  // the connection broke before the answer was whole, or the answer was not HTTP
  TooLarge,
  TooManyRedirects,
  Exhausted,  // limits::kFetchesMax requests are under way
  Cancelled,
};

std::string_view to_string(FetchFault fault);

struct FetchError {
  FetchFault fault = FetchFault::Reset;
  std::string detail;  // a sentence for a person
};

using FetchResult = tl::expected<FetchReply, FetchError>;

struct ClientOptions {
  std::string ca_file;  // in place of the system's; for own authorities and tests
  std::string proxy;    // "http://proxy:3128"; empty: none, whatever the environment says
  std::string user_agent = "Sotto";
  bool http2 = false;
};

struct ClientStats {
  size_t open = 0;
  uint64_t total = 0;
  uint64_t failed = 0;
};

// Outgoing HTTP on one thread of its own. Called on the control thread. Connections are kept and used again.
// Retries are the caller's decision.
class Client {
 public:
  // `loop` outlives the client.
  explicit Client(net::Loop& loop, ClientOptions options = {});
  // Cancels what is under way: whoever waits must have been cancelled before.
  ~Client();

  // Cancelling the awaiting task ends the transfer.
  asio::awaitable<FetchResult> fetch(FetchRequest request);
  const ClientStats& stats() const { return stats_; }

 private:
  ClientStats stats_;
  net::Loop& loop_;  // outlives this
  std::unique_ptr<TransferThread> transfers_;
};

}  // namespace sotto::http
