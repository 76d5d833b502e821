#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sotto::text {

// Well-formed by Unicode table 3-7: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text);
// Each ill-formed sequence and each NUL becomes U+FFFD, so that any store and any peer takes the text.
std::string to_valid_utf8(std::string_view text);
std::string latin1_to_utf8(std::string_view text);
void append_utf8(std::string& out, uint32_t code_point);
// Characters, not bytes; `text` is valid UTF-8.
size_t count_characters(std::string_view text);

}  // namespace sotto::text
