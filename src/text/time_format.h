#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

// Moments as the dialects write them; always in UTC.
namespace sotto::text {

enum class Precision { Seconds, Milliseconds, Microseconds };

std::string format_iso8601(base::WallTime time,
                           Precision precision = Precision::Milliseconds);  // 2020-01-01T12:00:00.000Z
std::string format_date(base::WallTime time);                               // 2020-01-01
std::string format_rfc2822(base::WallTime time);                            // Tue, 31 Aug 2010 20:36:28 +0000
std::string format_http_date(base::WallTime time);                          // Tue, 31 Aug 2010 20:36:28 GMT

// A date (midnight UTC), or a date and a time with 'T' or a space between, with or without seconds, a
// fraction and an offset (none is UTC). Years 1970 to 9999.
Result<base::WallTime> parse_iso8601(std::string_view text);
// The weekday may be missing and is not checked; zones are numeric, GMT, UT and UTC.
Result<base::WallTime> parse_rfc2822(std::string_view text);

}  // namespace sotto::text
