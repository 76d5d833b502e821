#include "sdp/offer_answer.h"

#include <algorithm>
#include <bitset>

#include "sdp/payload.h"
#include "sdp/stream.h"

namespace sotto::sdp {
namespace {

constexpr uint8_t kDynamicFirst = 96;
constexpr uint8_t kEventsUsual = 101;
constexpr std::string_view kEventsFmtp = "0-15";

Session begin_session(const Local& local) {
  Session session{.id = local.session_id, .version = local.session_version, .origin = local.address};
  session.connection = local.address;
  if (local.ice && local.ice->lite) session.attributes.push_back({"ice-lite", {}});
  return session;
}

void append_ice(Media& media, const Ice& ice) {
  media.attributes.push_back({"ice-ufrag", ice.user_fragment});
  media.attributes.push_back({"ice-pwd", ice.password});
  for (const std::string& candidate : ice.candidates) media.attributes.push_back({"candidate", candidate});
}

void append_crypto(Media& media, const Crypto& crypto) {
  media.attributes.push_back({"crypto", std::to_string(crypto.tag) + " " + crypto.suite + " " + crypto.key});
}

void append_dtls(Media& media, const Dtls& dtls) {
  media.attributes.push_back({"fingerprint", dtls.fingerprint});
  media.attributes.push_back({"setup", std::string(to_string(dtls.setup))});
}

// Hands out payload types: those that a description of ours used before stay what they were (RFC 3264
// §8.3.2).
class PayloadTypes {
 public:
  explicit PayloadTypes(const std::vector<Payload>& earlier) : earlier_(earlier) {
    for (const Payload& payload : earlier_) used_.set(payload.type);
    used_.set(kEventsUsual);
  }
  Payload take(const Codec& codec) {
    Payload payload{0, codec.name, codec.clock_rate_hz, codec.channels, codec.fmtp};
    const auto same = std::ranges::find_if(earlier_, [&](const Payload& row) { return matches(row, codec); });
    if (same != earlier_.end()) {
      payload.type = same->type;
    } else {
      payload.type = codec.static_payload_type ? *codec.static_payload_type : free_type();
    }
    used_.set(payload.type);
    return payload;
  }
  Payload take_events(uint32_t clock_rate_hz) {
    Payload payload = {0, std::string(kTelephoneEvent), clock_rate_hz, 1, std::string(kEventsFmtp)};
    const auto same = std::ranges::find_if(earlier_, [&](const Payload& row) {
      return is_telephone_event(row) && row.clock_rate_hz == clock_rate_hz;
    });
    const bool usual_taken =
        std::ranges::find(earlier_, kEventsUsual, &Payload::type) != earlier_.end() || usual_given_;
    if (same != earlier_.end()) {
      payload.type = same->type;
    } else {
      payload.type = usual_taken ? free_type() : kEventsUsual;
    }
    usual_given_ = usual_given_ || payload.type == kEventsUsual;
    used_.set(payload.type);
    return payload;
  }

 private:
  uint8_t free_type() const {
    for (uint8_t type = kDynamicFirst; type < 127; ++type) {
      if (!used_.test(type)) return type;
    }
    return 127;
  }

  const std::vector<Payload>& earlier_;
  std::bitset<256> used_;
  bool usual_given_ = false;
};

Media offered_stream(const Local& local, const std::vector<Payload>& earlier) {
  Media media{.type = "audio", .port = local.port};
  switch (local.security) {
    case Security::None: media.protocol = "RTP/AVP"; break;
    case Security::Sdes: media.protocol = "RTP/SAVP"; break;
    case Security::Dtls: media.protocol = "UDP/TLS/RTP/SAVPF"; break;
  }
  PayloadTypes types(earlier);
  std::vector<uint32_t> event_rates;
  for (const Codec& codec : local.codecs) {
    append(media, types.take(codec));
    if (std::ranges::find(event_rates, codec.clock_rate_hz) == event_rates.end()) {
      event_rates.push_back(codec.clock_rate_hz);
    }
  }
  for (const uint32_t rate : event_rates) {
    if (local.telephone_events) append(media, types.take_events(rate));
  }
  media.attributes.push_back({"ptime", std::to_string(local.ptime_ms)});
  media.attributes.push_back({std::string(to_string(local.direction)), {}});
  if (local.rtcp_mux) media.attributes.push_back({"rtcp-mux", {}});
  uint32_t tag = 1;
  for (Crypto crypto : local.cryptos) {
    if (local.security != Security::Sdes) break;
    crypto.tag = tag++;
    append_crypto(media, crypto);
  }
  if (local.security == Security::Dtls && local.dtls) append_dtls(media, *local.dtls);
  if (local.ice) append_ice(media, *local.ice);
  return media;
}

// RFC 3264 §6: a stream is refused by port 0; the line must name a format, and says nothing by it.
Media refused(const Media& offered) {
  Media media{.type = offered.type, .port = 0, .protocol = offered.protocol, .formats = offered.formats};
  if (const Attribute* mid = find(offered.attributes, "mid")) media.attributes.push_back(*mid);
  return media;
}

// Our stream among the m= lines of a description of ours; its end when there is none.
size_t own_stream(const Session& session) {
  const auto found = std::ranges::find_if(
      session.media, [](const Media& media) { return media.type == "audio" && media.port != 0; });
  return static_cast<size_t>(found - session.media.begin());
}

// Keeps a=mid of our stream, and bundles it with itself where the other side bundles it.
void echo_bundle(const Session& offer, const Media& offered, Session& session, Media& media) {
  const Attribute* mid = find(offered.attributes, "mid");
  if (mid == nullptr) return;
  media.attributes.push_back(*mid);
  for (const Attribute& group : offer.attributes) {
    const std::string padded = group.value + " ";
    if (group.name != "group" || !group.value.starts_with("BUNDLE ")) continue;
    if (padded.find(" " + mid->value + " ") == std::string::npos) continue;
    session.attributes.push_back({"group", "BUNDLE " + mid->value});
    return;
  }
}

AgreedCodec agree(const Codec& codec, const Payload& theirs, uint8_t our_type) {
  return {.codec = codec,
          .send_payload_type = theirs.type,
          .receive_payload_type = our_type,
          .remote_fmtp = theirs.fmtp};
}

// In an answer each codec keeps the offer's payload type.
std::optional<AgreedCodec> choose_codec(const std::vector<Payload>& offered, const Local& local) {
  const auto first_of_theirs = [&](const Codec& codec) {
    return std::ranges::find_if(offered, [&](const Payload& payload) { return matches(payload, codec); });
  };
  if (local.codec_order == CodecOrder::Ours) {
    for (const Codec& codec : local.codecs) {
      const auto found = first_of_theirs(codec);
      if (found != offered.end()) return agree(codec, *found, found->type);
    }
    return std::nullopt;
  }
  for (const Payload& payload : offered) {
    const auto found =
        std::ranges::find_if(local.codecs, [&](const Codec& codec) { return matches(payload, codec); });
    if (found != local.codecs.end()) return agree(*found, payload, payload.type);
  }
  return std::nullopt;
}

// RFC 4733 §2.1: events run on the clock of their codec; one at another rate is better than none.
const Payload* choose_events(const std::vector<Payload>& theirs, uint32_t clock_rate_hz) {
  const Payload* any = nullptr;
  for (const Payload& payload : theirs) {
    if (!is_telephone_event(payload)) continue;
    if (payload.clock_rate_hz == clock_rate_hz) return &payload;
    if (any == nullptr) any = &payload;
  }
  return any;
}

// Chooses how sound is protected and writes our half of it.
Result<void> secure(const Session& offer, const Media& offered, const Local& local, Media& media,
                    Agreed& agreed) {
  const auto security = security_of(offer, offered);
  if (!security) return fail(ErrorCode::Unsupported, "sdp: protocol " + offered.protocol);
  agreed.security = *security;
  if (*security == Security::None) {
    if (local.security_required) return fail(ErrorCode::Unsupported, "sdp: plain RTP is refused here");
    return {};
  }
  if (*security == Security::Dtls) {
    agreed.remote_dtls = dtls_of(offer, offered);
    if (!agreed.remote_dtls || !local.dtls) return fail(ErrorCode::Unsupported, "sdp: DTLS");
    // RFC 5763 §5: who is offered "passive" connects; else we wait, as a server does.
    agreed.local_setup = agreed.remote_dtls->setup == Setup::Passive ? Setup::Active : Setup::Passive;
    if (agreed.remote_dtls->setup == Setup::ActPass) agreed.remote_dtls->setup = Setup::Active;
    append_dtls(media, {.fingerprint = local.dtls->fingerprint, .setup = agreed.local_setup});
    return {};
  }
  const std::vector<Crypto> theirs = cryptos_of(offered);
  for (const Crypto& ours : local.cryptos) {
    const auto same = std::ranges::find(theirs, ours.suite, &Crypto::suite);
    if (same == theirs.end()) continue;
    agreed.remote_crypto = *same;
    agreed.local_crypto = Crypto{.tag = same->tag, .suite = ours.suite, .key = ours.key};
    append_crypto(media, *agreed.local_crypto);
    return {};
  }
  return fail(ErrorCode::Unsupported, "sdp: no crypto suite in common");
}

void answer_events(const std::vector<Payload>& offered, const Local& local, Media& media, Agreed& agreed) {
  if (!local.telephone_events) return;
  const Payload* events = choose_events(offered, agreed.codec.codec.clock_rate_hz);
  if (events == nullptr) return;
  append(media,
         {events->type, std::string(kTelephoneEvent), events->clock_rate_hz, 1, std::string(kEventsFmtp)});
  agreed.events = AgreedEvents{events->type, events->type, events->clock_rate_hz};
}

// What each side may do: theirs seen from here, less what we do not want, less sending to nowhere.
void agree_direction(Direction theirs, Direction ours, Agreed& agreed) {
  // With ICE the address is no matter (RFC 8839 §4.2.1.3).
  const bool nowhere = is_unspecified(agreed.remote_address) && !agreed.remote_ice;
  agreed.remote_holds = nowhere || !may_receive(theirs);
  agreed.direction = make_direction(may_send(ours) && may_receive(theirs) && !nowhere,
                                    may_receive(ours) && may_send(theirs));
}

Result<Media> answer_stream(const Session& offer, const Media& offered, const Local& local, Agreed& agreed) {
  const std::vector<Payload> payloads = payloads_of(offered);
  const auto codec = choose_codec(payloads, local);
  if (!codec) return fail(ErrorCode::Unsupported, "sdp: no codec in common");
  agreed.codec = *codec;
  agreed.codecs = {*codec};
  agreed.rtcp_mux = local.rtcp_mux && find(offered.attributes, "rtcp-mux") != nullptr;
  const auto remote = read_remote(offer, offered, agreed);
  if (!remote) return fail(remote.error());
  Media media{.type = offered.type, .port = local.port, .protocol = offered.protocol};
  append(media, {codec->send_payload_type, codec->codec.name, codec->codec.clock_rate_hz,
                 codec->codec.channels, codec->codec.fmtp});
  answer_events(payloads, local, media, agreed);
  agree_direction(direction_of(offer, offered), local.direction, agreed);
  agreed.ptime_ms = ptime_of(offer, offered, local.ptime_ms);
  media.attributes.push_back({"ptime", std::to_string(local.ptime_ms)});
  media.attributes.push_back({std::string(to_string(agreed.direction)), {}});
  if (agreed.rtcp_mux) media.attributes.push_back({"rtcp-mux", {}});
  const auto secured = secure(offer, offered, local, media, agreed);
  if (!secured) return fail(secured.error());
  if (agreed.remote_ice && local.ice) append_ice(media, *local.ice);
  return media;
}

// Our description's half of what a stream needs, from the other side's answer.
Result<void> accept_security(const Session& answer, const Media& answered, const Media& offered,
                             const Local& local, Agreed& agreed) {
  agreed.security = local.security;
  if (local.security == Security::Dtls) {
    agreed.remote_dtls = dtls_of(answer, answered);
    if (!agreed.remote_dtls) return fail(ErrorCode::Invalid, "sdp: answer without a fingerprint");
    if (agreed.remote_dtls->setup == Setup::ActPass)
      return fail(ErrorCode::Invalid, "sdp: actpass in an answer");
    agreed.local_setup = agreed.remote_dtls->setup == Setup::Active ? Setup::Passive : Setup::Active;
  }
  if (local.security != Security::Sdes) return {};
  const std::vector<Crypto> ours = cryptos_of(offered);
  for (const Crypto& crypto : cryptos_of(answered)) {
    const auto same = std::ranges::find(ours, crypto.tag, &Crypto::tag);
    if (same == ours.end() || same->suite != crypto.suite) continue;
    agreed.local_crypto = *same;
    agreed.remote_crypto = crypto;
    return {};
  }
  return fail(ErrorCode::Invalid, "sdp: answer without a crypto line of ours");
}

// RFC 3264 §6.1: the answer's payload types are what it wants to receive, ours stay what we offered.
void accept_codecs(const std::vector<Payload>& theirs, const std::vector<Payload>& ours, const Local& local,
                   Agreed& agreed) {
  for (const Payload& payload : theirs) {
    const auto codec =
        std::ranges::find_if(local.codecs, [&](const Codec& row) { return matches(payload, row); });
    if (codec == local.codecs.end()) continue;
    const auto own = std::ranges::find_if(ours, [&](const Payload& row) { return matches(row, *codec); });
    if (own != ours.end()) agreed.codecs.push_back(agree(*codec, payload, own->type));
  }
  if (agreed.codecs.empty()) return;
  agreed.codec = agreed.codecs.front();
  const Payload* events = choose_events(theirs, agreed.codec.codec.clock_rate_hz);
  if (events == nullptr || !local.telephone_events) return;
  const auto own = std::ranges::find_if(ours, [&](const Payload& row) {
    return is_telephone_event(row) && row.clock_rate_hz == events->clock_rate_hz;
  });
  if (own != ours.end()) agreed.events = AgreedEvents{events->type, own->type, events->clock_rate_hz};
}

}  // namespace

Session make_offer(const Local& local) {
  Session session = begin_session(local);
  session.media.push_back(offered_stream(local, {}));
  return session;
}

Session make_offer(const Local& local, const Session& previous) {
  Session session = begin_session(local);
  const size_t stream = own_stream(previous);
  for (size_t i = 0; i < previous.media.size(); ++i) {
    const Media& before = previous.media[i];
    if (i != stream) {
      session.media.push_back(refused(before));
      continue;
    }
    Media media = offered_stream(local, payloads_of(before));
    echo_bundle(previous, before, session, media);
    session.media.push_back(std::move(media));
  }
  if (stream == previous.media.size()) session.media.push_back(offered_stream(local, {}));
  return session;
}

Result<Answered> answer(const Session& offer, const Local& local) {
  Error reason{ErrorCode::Unsupported, "sdp: no audio stream"};
  for (size_t chosen = 0; chosen < offer.media.size(); ++chosen) {
    const Media& offered = offer.media[chosen];
    if (offered.type != "audio" || offered.port == 0) continue;
    Answered answered{.answer = begin_session(local), .agreed = {}};
    auto media = answer_stream(offer, offered, local, answered.agreed);
    if (!media) {
      reason = std::move(media.error());
      continue;
    }
    if (!answered.agreed.remote_ice) std::erase(answered.answer.attributes, Attribute{"ice-lite", {}});
    echo_bundle(offer, offered, answered.answer, *media);
    for (size_t i = 0; i < offer.media.size(); ++i) {
      answered.answer.media.push_back(i == chosen ? *media : refused(offer.media[i]));
    }
    return answered;
  }
  return fail(std::move(reason));
}

Result<Agreed> accept_answer(const Session& offer, const Session& answer, const Local& local) {
  const size_t stream = own_stream(offer);
  if (answer.media.size() != offer.media.size() || stream == offer.media.size()) {
    return fail(ErrorCode::Invalid, "sdp: answer's m= lines do not match the offer's");
  }
  for (size_t i = 0; i < offer.media.size(); ++i) {
    if (answer.media[i].type == offer.media[i].type) continue;
    return fail(ErrorCode::Invalid, "sdp: answer's m= lines do not match the offer's");
  }
  const Media& offered = offer.media[stream];
  const Media& answered = answer.media[stream];
  if (answered.port == 0) return fail(ErrorCode::Unsupported, "sdp: the stream was refused");
  if (security_of(answer, answered) != security_of(offer, offered)) {
    return fail(ErrorCode::Invalid, "sdp: answer's protocol is not the offer's");
  }
  Agreed agreed;
  accept_codecs(payloads_of(answered), payloads_of(offered), local, agreed);
  if (agreed.codecs.empty()) return fail(ErrorCode::Unsupported, "sdp: no codec in common");
  agreed.rtcp_mux = local.rtcp_mux && find(answered.attributes, "rtcp-mux") != nullptr;
  const auto remote = read_remote(answer, answered, agreed);
  if (!remote) return fail(remote.error());
  const auto secured = accept_security(answer, answered, offered, local, agreed);
  if (!secured) return fail(secured.error());
  agree_direction(direction_of(answer, answered), direction_of(offer, offered), agreed);
  agreed.ptime_ms = ptime_of(answer, answered, local.ptime_ms);
  return agreed;
}

}  // namespace sotto::sdp
