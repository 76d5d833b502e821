#include "base/check.h"
#include "sip/address.h"
#include "sip/name_addr.h"
#include "sip/via.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sotto::sip;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto uri = parse_uri(text)) CHECK(equivalent(*uri, *uri));
  std::vector<NameAddr> all;
  (void)parse_name_addrs(text, all);
  (void)parse_first_via(text);
  if (const auto address = parse_ip(text)) CHECK(parse_ip(ip_text(*address)) == address);
  return 0;
}
