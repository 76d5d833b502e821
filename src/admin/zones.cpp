#include "admin/zones.h"

#include <algorithm>
#include <fstream>
#include <vector>

#include "text/ascii.h"

namespace sotto::admin {
namespace {

constexpr std::string_view kFolder = "/usr/share/zoneinfo/";
constexpr size_t kZoneBytesMax = 1024 * 1024;

// "Europe/Berlin", "Etc/GMT+1": nothing that leads out of the folder.
bool is_name(std::string_view name) {
  return !name.empty() && name.size() < 64 && text::is_letter(name.front()) &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return text::is_letter(c) || text::is_digit(c) || c == '/' || c == '_' || c == '-' || c == '+';
         });
}

}  // namespace

Result<campaign::TimeZone> load_zone(const std::string& name) {
  if (name == "UTC") return campaign::TimeZone::utc();
  const auto unknown = [&] {
    return fail(ErrorCode::NotFound,
                "time_zone: \"" + name +
                    "\" is not known to this machine; names are like \"Europe/Berlin\" and come "
                    "from the package tzdata");
  };
  if (!is_name(name)) return unknown();
  std::ifstream file(std::string(kFolder) + name, std::ios::binary);
  std::vector<char> bytes(kZoneBytesMax);
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<size_t>(std::max<std::streamsize>(0, file.gcount())));
  auto zone = campaign::TimeZone::parse(name, std::as_bytes(std::span(bytes)));
  if (bytes.empty() || !zone) return unknown();
  return zone;
}

}  // namespace sotto::admin
