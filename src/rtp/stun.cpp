#include "rtp/stun.h"

#include <algorithm>
#include <string>

#include "crypto/digest.h"

namespace sotto::rtp {
namespace {

constexpr uint32_t kCookie = 0x2112A442;
constexpr size_t kHeadBytes = 20;
constexpr size_t kIntegrityBytes = 20;
constexpr uint32_t kFingerprintMask = 0x5354554E;
constexpr size_t kMessageBytesMax = 1'500;

enum Attribute : uint16_t {
  kUsername = 0x0006,
  kIntegrity = 0x0008,
  kErrorCode = 0x0009,
  kXorMappedAddress = 0x0020,
  kPriority = 0x0024,
  kUseCandidate = 0x0025,
  kFingerprint = 0x8028,
};

uint32_t crc32(base::ByteView bytes) {
  uint32_t crc = 0xFFFFFFFF;
  for (const std::byte byte : bytes) {
    crc ^= std::to_integer<uint32_t>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xEDB88320 : 0);
  }
  return ~crc;
}

// The key of the address's disguise: the cookie, then the transaction.
std::array<std::byte, 16> mask_of(const std::array<std::byte, 12>& transaction) {
  std::array<std::byte, 16> mask{};
  base::ByteWriter writer(mask);
  writer.u32(kCookie);
  writer.put(transaction);
  return mask;
}

std::optional<StunAddress> read_address(base::ByteView value, const std::array<std::byte, 12>& transaction) {
  base::ByteReader reader(value);
  reader.u8();
  const uint8_t family = reader.u8();
  StunAddress address{.ipv6 = family == 2};
  address.port = static_cast<uint16_t>(reader.u16() ^ (kCookie >> 16));
  const base::ByteView ip = reader.take(address.ipv6 ? 16 : 4);
  if (reader.failed() || (family != 1 && family != 2)) return std::nullopt;
  const auto mask = mask_of(transaction);
  for (size_t i = 0; i < ip.size(); ++i) address.ip[i] = ip[i] ^ mask[i];
  return address;
}

// Where an attribute's head lies in the message, and its value.
struct Found {
  size_t at = 0;
  base::ByteView value;
};

std::optional<Found> find(base::ByteView datagram, uint16_t wanted) {
  base::ByteReader reader(datagram.subspan(std::min(kHeadBytes, datagram.size())));
  while (reader.left() >= 4) {
    const size_t at = datagram.size() - reader.left();
    const uint16_t type = reader.u16();
    const size_t bytes = reader.u16();
    const base::ByteView value = reader.take(bytes);
    if (reader.failed()) return std::nullopt;
    if (type == wanted) return Found{at, value};
    reader.take(std::min((4 - bytes % 4) % 4, reader.left()));
  }
  return std::nullopt;
}

// The message up to an attribute at `end`, its length field set as if that attribute, of `bytes`, were the
// last.
std::string head_until(base::ByteView datagram, size_t end, size_t bytes) {
  std::string text(base::as_text(datagram.first(end)));
  const size_t length = end + 4 + bytes - kHeadBytes;
  text[2] = static_cast<char>(length >> 8);
  text[3] = static_cast<char>(length);
  return text;
}

bool fingerprint_fits(base::ByteView datagram) {
  const auto found = find(datagram, kFingerprint);
  if (!found) return true;
  const std::string head = head_until(datagram, found->at, 4);
  return found->value.size() == 4 &&
         base::ByteReader(found->value).u32() == (crc32(base::as_bytes(head)) ^ kFingerprintMask);
}

void read_attribute(uint16_t type, base::ByteView value, StunMessage& message) {
  switch (type) {
    case kUsername: message.username = base::as_text(value); return;
    case kUseCandidate: message.use_candidate = true; return;
    case kIntegrity: message.has_integrity = true; return;
    case kXorMappedAddress: message.mapped_address = read_address(value, message.transaction); return;
    case kErrorCode:
      if (value.size() >= 4) {
        message.error_code = static_cast<uint16_t>((std::to_integer<uint16_t>(value[2]) & 7) * 100 +
                                                   std::to_integer<uint16_t>(value[3]));
      }
      return;
    case kPriority: return;
    default: message.unknown_required = message.unknown_required || type < 0x8000; return;
  }
}

void append(base::ByteWriter& writer, uint16_t type, base::ByteView value) {
  writer.u16(type);
  writer.u16(static_cast<uint16_t>(value.size()));
  writer.put(value);
  for (size_t i = value.size(); i % 4 != 0; ++i) writer.u8(0);
}

void append_address(base::ByteWriter& writer, const StunToWrite& message) {
  const StunAddress& address = *message.mapped_address;
  std::array<std::byte, 20> value{};
  base::ByteWriter inner(value);
  inner.u8(0);
  inner.u8(address.ipv6 ? 2 : 1);
  inner.u16(static_cast<uint16_t>(address.port ^ (kCookie >> 16)));
  const auto mask = mask_of(message.transaction);
  for (size_t i = 0; i < (address.ipv6 ? 16U : 4U); ++i)
    inner.u8(std::to_integer<uint8_t>(address.ip[i] ^ mask[i]));
  append(writer, kXorMappedAddress, std::span(value).first(inner.written()));
}

}  // namespace

std::optional<StunMessage> parse_stun(base::ByteView datagram) {
  base::ByteReader reader(datagram);
  StunMessage message;
  message.type = reader.u16();
  const size_t length = reader.u16();
  const uint32_t cookie = reader.u32();
  const base::ByteView transaction = reader.take(message.transaction.size());
  if (reader.failed() || cookie != kCookie || message.type > 0x3FFF || length != reader.left() ||
      length % 4 != 0) {
    return std::nullopt;
  }
  std::ranges::copy(transaction, message.transaction.begin());
  while (reader.left() > 0) {
    const uint16_t type = reader.u16();
    const size_t bytes = reader.u16();
    const base::ByteView value = reader.take(bytes);
    reader.take((4 - bytes % 4) % 4);
    if (reader.failed()) return std::nullopt;
    // RFC 8489 §14.5: what follows the integrity counts for nothing, but for the fingerprint.
    if (!message.has_integrity) read_attribute(type, value, message);
  }
  if (!fingerprint_fits(datagram)) return std::nullopt;
  return message;
}

bool has_valid_integrity(base::ByteView datagram, std::string_view password) {
  const auto found = find(datagram, kIntegrity);
  if (!found || found->value.size() != kIntegrityBytes) return false;
  const std::string expected =
      crypto::hmac(crypto::Digest::Sha1, password, head_until(datagram, found->at, kIntegrityBytes));
  return crypto::equal_in_constant_time(expected, base::as_text(found->value));
}

base::Bytes write_stun(const StunToWrite& message) {
  base::Bytes out(kMessageBytesMax);
  base::ByteWriter writer(out);
  writer.u16(message.type);
  writer.u16(0);
  writer.u32(kCookie);
  writer.put(message.transaction);
  if (!message.username.empty()) append(writer, kUsername, base::as_bytes(message.username.substr(0, 512)));
  if (message.mapped_address) append_address(writer, message);
  if (message.error_code) {
    const std::byte value[] = {std::byte{0}, std::byte{0}, static_cast<std::byte>(*message.error_code / 100),
                               static_cast<std::byte>(*message.error_code % 100)};
    append(writer, kErrorCode, value);
  }
  const auto so_far = [&] { return base::ByteView(out).first(writer.written()); };
  if (!message.password.empty()) {
    const std::string head = head_until(so_far(), writer.written(), kIntegrityBytes);
    append(writer, kIntegrity, base::as_bytes(crypto::hmac(crypto::Digest::Sha1, message.password, head)));
  }
  const std::string head = head_until(so_far(), writer.written(), 4);
  std::array<std::byte, 4> fingerprint{};
  base::ByteWriter(fingerprint).u32(crc32(base::as_bytes(head)) ^ kFingerprintMask);
  append(writer, kFingerprint, fingerprint);
  out.resize(writer.written());
  base::ByteWriter(std::span(out).subspan(2)).u16(static_cast<uint16_t>(out.size() - kHeadBytes));
  return out;
}

std::optional<IceAnswer> answer_check(base::ByteView datagram, const StunAddress& source,
                                      const IceCredentials& ours) {
  const auto request = parse_stun(datagram);
  if (!request || request->type != StunMessage::kBindingRequest) return std::nullopt;
  StunToWrite reply{.type = StunMessage::kBindingError, .transaction = request->transaction};
  // RFC 8489 §9.1.3: 400 without credentials, 401 with wrong ones, neither with integrity.
  const size_t colon = request->username.find(':');
  if (!request->has_integrity || colon == std::string_view::npos) {
    reply.error_code = 400;
    return IceAnswer{.datagram = write_stun(reply)};
  }
  if (request->username.substr(0, colon) != ours.user_fragment ||
      !has_valid_integrity(datagram, ours.password)) {
    reply.error_code = 401;
    return IceAnswer{.datagram = write_stun(reply)};
  }
  reply.password = ours.password;
  if (request->unknown_required) {
    // ICE-CONTROLLING and its kin are optional, so only an attribute of another use comes here.
    reply.error_code = 420;
    return IceAnswer{.datagram = write_stun(reply)};
  }
  reply.type = StunMessage::kBindingSuccess;
  reply.mapped_address = source;
  return IceAnswer{.datagram = write_stun(reply), .valid = true, .nominated = request->use_candidate};
}

}  // namespace sotto::rtp
