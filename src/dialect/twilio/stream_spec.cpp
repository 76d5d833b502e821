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
  spec.framing.protocol = kProtocol;
  spec.both_ways = both_ways;
  if (settings.track != "outbound_track") spec.tracks.emplace_back(hearing::SaidBy{owner.leg});
  if (settings.track != "inbound_track") spec.tracks.emplace_back(hearing::HeardBy{owner.leg});
  text::JsonObject headers;
  if (owner.sign) headers.add("X-Twilio-Signature", owner.sign(url));
  text::JsonObject parameters{{"handshake", std::move(headers)},
                              {"stream_prefix", "MZ"},
                              {"account", owner.account_sid},
                              {"call", sid("CA", owner.leg)},
                              {"custom", settings.custom}};
  // Ours alone: where the app wants to be told of the stream.
  if (settings.status) parameters.add("note", to_json(settings.status));
  spec.framing.parameters = text::to_text(text::Json(std::move(parameters)));
  return spec;
}

Callback stream_callback(const call::StreamSpec& spec) {
  const auto parameters = text::parse_json(spec.framing.parameters);
  return parameters ? read_callback((*parameters)["note"]) : Callback{};
}

}  // namespace sotto::twilio
