#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"
#include "campaign/tzif.h"

// Time zone files made in memory, so that tests need none of the machine's.
namespace sotto::campaign::testing {

struct ZoneChange {
  int64_t at = 0;
  int32_t offset = 0;
};

// `version` is 0 or the character '2' to '4'.
inline base::Bytes zone_file(char version, const std::vector<ZoneChange>& changes, int32_t first_offset,
                             std::string_view footer) {
  base::Bytes buffer(4096);
  base::ByteWriter writer(buffer);
  const auto header = [&](size_t transitions) {
    writer.put(base::as_bytes("TZif"));
    writer.u8(static_cast<uint8_t>(version));
    for (int i = 0; i < 15; ++i) writer.u8(0);
    for (int i = 0; i < 3; ++i) writer.u32(0);
    writer.u32(static_cast<uint32_t>(transitions));
    writer.u32(static_cast<uint32_t>(transitions + 1));
    writer.u32(4);
  };
  const auto block = [&](bool wide, const std::vector<ZoneChange>& rows) {
    header(rows.size());
    for (const ZoneChange& row : rows) {
      wide ? writer.u64(static_cast<uint64_t>(row.at)) : writer.u32(static_cast<uint32_t>(row.at));
    }
    for (size_t i = 0; i < rows.size(); ++i) writer.u8(static_cast<uint8_t>(i + 1));
    writer.u32(static_cast<uint32_t>(first_offset));
    writer.u16(0);
    for (const ZoneChange& row : rows) {
      writer.u32(static_cast<uint32_t>(row.offset));
      writer.u16(0);
    }
    writer.put(base::as_bytes(std::string_view("LMT\0", 4)));
  };
  if (version == 0) {
    block(false, changes);
  } else {
    block(false, {});
    block(true, changes);
    writer.u8('\n');
    writer.put(base::as_bytes(footer));
    writer.u8('\n');
  }
  CHECK(!writer.failed());
  buffer.resize(writer.written());
  return buffer;
}

inline TimeZone zone_of(std::string_view footer) {
  auto zone = TimeZone::parse("Test/Zone", zone_file('2', {}, 0, footer));
  CHECK(zone.has_value());
  return *zone;
}
inline TimeZone berlin() {
  return zone_of("CET-1CEST,M3.5.0,M10.5.0/3");
}
inline TimeZone new_york() {
  return zone_of("EST5EDT,M3.2.0,M11.1.0");
}

}  // namespace sotto::campaign::testing
