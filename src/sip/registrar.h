#pragma once

#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "sip/address.h"
#include "sip/digest_auth.h"

namespace sotto::sip {

// Who may register and call. Implemented by the shell, from memory.
class Credentials {
 public:
  virtual ~Credentials() = default;
  // H(user:realm:password) in hexadecimal; nullopt if the user is unknown or has none for this algorithm.
  virtual std::optional<std::string> ha1(std::string_view user, std::string_view realm,
                                         DigestAlgorithm algorithm) = 0;
};

struct Binding {
  std::string uri;  // the Contact's URI: Request-URI of calls to it
  Flow flow;        // where it registered from, and is reached
  base::TimePoint expires;
  std::string call_id;
  uint32_t cseq = 0;
  std::string instance;  // +sip.instance, "" if none
  uint16_t q = 1000;     // thousandths
  std::string agent;     // its User-Agent
};

// The registrar for phones (RFC 3261 §10.3) and the judge of digest credentials for them (RFC 8760). Control
// thread.
class Registrar {
 public:
  struct Verdict {
    int status = 200;  // 200, 401 or 407 with a challenge, 403
    std::string user;
    std::string headers;  // lines for the response
  };
  struct Reply {
    int status = 200;
    std::string headers;
  };
  // Called after every change, with whether the user can be reached now.
  using Changed = std::function<void(std::string_view user, bool reachable)>;

  // `algorithms` are those of our challenges, best first (RFC 8760); an answer by any is taken.
  Registrar(Credentials& credentials, base::Random& random, std::string realm, Changed changed = {},
            std::vector<DigestAlgorithm> algorithms = {DigestAlgorithm::Sha256, DigestAlgorithm::Md5});

  // Checks Authorization, or Proxy-Authorization with `proxy`.
  Verdict authenticate(const Message& request, base::TimePoint now, bool proxy);
  Reply handle(const Message& request, const Flow& flow, base::TimePoint now);
  // Live bindings, most preferred and newest first.
  std::vector<Binding> bindings(std::string_view user, base::TimePoint now) const;
  void connection_closed(uint32_t connection);
  void expire(base::TimePoint now);  // call now and then
  size_t users() const { return users_.size(); }

 private:
  struct User {
    std::string name;
    std::vector<Binding> bindings;
  };
  struct Nonce {
    base::TimePoint expires;
    uint32_t count = 0;  // the highest nc seen: a lower one is a replay
  };

  std::string challenge(base::TimePoint now, bool proxy, bool stale);
  Reply update(User& user, const Message& request, const Flow& flow, base::TimePoint now);
  std::string list(const User& user, base::TimePoint now) const;

  Credentials& credentials_;
  base::Random& random_;
  const std::string realm_;
  Changed changed_;
  const std::vector<DigestAlgorithm> algorithms_;
  std::unordered_map<std::string, User> users_;
  std::unordered_map<std::string, Nonce> nonces_;
};

}  // namespace sotto::sip
