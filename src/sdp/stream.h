#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "sdp/offer_answer.h"
#include "sdp/session.h"

// What the attributes of one m= line mean, with the session's where the line has none.
namespace sotto::sdp {

const Attribute* find(const Session& session, const Media& media, std::string_view name);
Direction direction_of(const Session& session, const Media& media);
std::string_view to_string(Direction direction);
std::optional<Address> address_of(const Session& session, const Media& media);
// 0.0.0.0 or ::, the hold of old.
bool is_unspecified(const Address& address);
std::vector<Crypto> cryptos_of(const Media& media);
std::optional<Dtls> dtls_of(const Session& session, const Media& media);
std::optional<Ice> ice_of(const Session& session, const Media& media);
// By the protocol of the m= line; nothing for one that we do not speak.
std::optional<Security> security_of(const Session& session, const Media& media);
std::string_view to_string(Setup setup);
// How long the packets we send may be, by a=ptime and a=maxptime of the other side.
uint32_t ptime_of(const Session& session, const Media& media, uint32_t ours_ms);

bool may_send(Direction direction);
bool may_receive(Direction direction);
Direction make_direction(bool sends, bool receives);

// Fills address, ports, RTCP and ICE of `agreed` from the other side's description. Invalid without an
// address.
Result<void> read_remote(const Session& session, const Media& media, Agreed& agreed);

}  // namespace sotto::sdp
