#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

// Telephone numbers as ITU-T E.164 wants them: digits with the country's code first. We keep them without the
// '+'.
namespace sotto::text {

// "+1 (415) 555-0100", "tel:+14155550100", "0044 20 7946 0000" → digits. With `country` (ISO 3166-1 alpha-2,
// that of the trunk or the account) national forms are understood too: "020 7946 0000" in GB →
// "442079460000". Without a country, bare digits are taken to be international already. Invalid unless 7 to
// 15 digits result and the code is assigned.
Result<std::string> to_e164(std::string_view number, std::string_view country = {});

// E.164 digits as they are dialled in a country: "0301234567" in DE, "00442079460000" there, "2025550101" in
// US. An unknown country leaves them as they are.
std::string national_form(std::string_view digits, std::string_view country);

// ISO 3166-1 alpha-2 of digits in international form (a '+' is skipped); empty when the code is not assigned.
std::string_view country_of(std::string_view number);

// The calling code of a country: "44" for GB; empty for an unknown country.
std::string_view calling_code(std::string_view country);

}  // namespace sotto::text
