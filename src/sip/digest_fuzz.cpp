// Challenges and credentials: what we make of any challenge can be read again and says the same.
#include "base/bytes.h"
#include "base/check.h"
#include "sip/digest_auth.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sotto::sip;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto challenge = parse_digest(text);
  if (!challenge) return 0;
  const std::string made =
      make_credentials(*challenge, "ann", "secret", "REGISTER", "sip:example.com", "0a1b2c", 1);
  const auto read = parse_digest(made);
  CHECK(read.has_value());
  CHECK(read->user == "ann" && read->realm == challenge->realm && read->nonce == challenge->nonce);
  const std::string key = ha1(challenge->algorithm, "ann", challenge->realm, "secret");
  CHECK(digest_response(*read, key, "REGISTER") == read->response);
  return 0;
}
