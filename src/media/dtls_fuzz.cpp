#include "base/check.h"
#include "media/dtls_association.h"

// What a stranger may send to a port that waits for a handshake, in datagrams of up to 400 bytes.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using sotto::media::DtlsAssociation;
  static const auto identity = sotto::media::DtlsIdentity::create();
  CHECK(identity.has_value());
  auto association = DtlsAssociation::create(**identity, DtlsAssociation::Role::Server, "sha-256 00");
  CHECK(association.has_value());
  const sotto::base::ByteView all(reinterpret_cast<const std::byte*>(data), size);
  for (size_t at = 0; at < all.size(); at += 400) {
    (*association)->on_datagram(all.subspan(at, std::min<size_t>(400, all.size() - at)));
  }
  CHECK((*association)->state() != DtlsAssociation::State::Done);
  return 0;
}
