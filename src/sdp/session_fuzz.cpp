#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/check.h"
#include "sdp/offer_answer.h"

// Whatever parses is written back the same, and can be answered and accepted without harm.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace sdp = sotto::sdp;
  const auto session = sdp::parse({reinterpret_cast<const char*>(data), size});
  if (!session) return 0;
  const auto again = sdp::parse(sdp::serialize(*session));
  CHECK(again.has_value());
  CHECK(sdp::serialize(*again) == sdp::serialize(*session));
  sdp::Local local{.address = {false, "192.0.2.1"}, .port = 4000};
  local.codecs = {{"opus", 48'000, 2, std::nullopt, ""}, {"PCMU", 8'000, 1, 0, ""}};
  local.rtcp_mux = true;
  local.cryptos = {{1, "AES_CM_128_HMAC_SHA1_80", "inline:key"}};
  local.dtls = sdp::Dtls{"sha-256 00", sdp::Setup::ActPass};
  local.ice = sdp::Ice{"user", "password", true, {}};
  const auto answered = sdp::answer(*session, local);
  if (answered) {
    CHECK(answered->answer.media.size() == session->media.size());
    CHECK(sdp::parse(sdp::serialize(answered->answer)).has_value());
    static_cast<void>(sdp::make_offer(local, answered->answer));
  }
  static_cast<void>(sdp::accept_answer(sdp::make_offer(local), *session, local));
  return 0;
}
