#pragma once

#include <string>
#include <string_view>

#include "directory/model.h"

// How a trunk writes numbers, and what it means by them. Inside, a number is E.164 digits without plus.
namespace sotto::directory {

// "+4930123", "4930123", or as its country dials it: "030123", "0044207..." (National; a country that we do
// not know is written as Bare). What is no E.164 number (under 7 digits, or with "*" or "#") stays as it is.
std::string format_number(std::string_view digits, NumberFormat format, std::string_view country);

// The E.164 digits of what came from a trunk: plus and international prefix taken off, a national number
// completed if the trunk writes them (National). What is no number comes back as it was.
std::string normalise_number(std::string_view text, NumberFormat format, std::string_view country);

}  // namespace sotto::directory
