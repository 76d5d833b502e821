#include "dialect/twilio/stream_spec.h"

#include "dialect/twilio/sid.h"
#include "text/uri.h"

namespace sotto::twilio {
namespace {

// Twilio's frames: JSON text with base64 of G.711 µ-law.
constexpr char kProtocol[] = "json-mulaw";

}  // namespace

Result<call::StreamSpec> make_stream(const std::string& url, const std::string& name, bool both_ways,
                                     const StreamSettings& settings, const StreamOwner& owner) {
  const auto uri = text::parse_uri(url);
  if (!uri || !uri->has_authority) return fail(ErrorCode::Invalid, "url: expected wss://…");
  const bool scheme = uri->scheme == "wss" || (owner.unencrypted && uri->scheme == "ws");
  if (!scheme) return fail(ErrorCode::Unsupported, "url: expected the scheme wss");
  if (uri->query) return fail(ErrorCode::Invalid, "url: it may have no query; use <Parameter>");
  call::StreamSpec spec;
  spec.url = url;
  spec.name = name;
  spec.protocol = kProtocol;
  spec.both_ways = both_ways;
  text::JsonArray tracks;
  if (settings.track != "outbound_track") {
    spec.tracks.emplace_back(hearing::SaidBy{owner.leg});
    tracks.emplace_back("inbound");
  }
  if (settings.track != "inbound_track") {
    spec.tracks.emplace_back(hearing::HeardBy{owner.leg});
    tracks.emplace_back("outbound");
  }
  text::JsonObject headers;
  if (owner.sign) headers.add("X-Twilio-Signature", owner.sign(url));
  text::JsonObject parameters{{"idPrefix", "MZ"},
                              {"accountSid", owner.account_sid},
                              {"callSid", sid("CA", owner.leg)},
                              {"tracks", std::move(tracks)},
                              {"customParameters", settings.custom},
                              {"headers", std::move(headers)}};
  if (settings.status) parameters.add("statusCallback", to_json(settings.status));
  spec.parameters = text::to_text(text::Json(std::move(parameters)));
  return spec;
}

Callback stream_callback(const call::StreamSpec& spec) {
  const auto parameters = text::parse_json(spec.parameters);
  return parameters ? read_callback((*parameters)["statusCallback"]) : Callback{};
}

}  // namespace sotto::twilio
