#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dialect/vonage/application.h"
#include "http/response.h"
#include "http/router.h"

// Answers in JSON, and refusals, of which each API has a family of its own (vonage.md §1.3).
namespace sotto::vonage {

http::Response json_reply(int status, const text::Json& body);

http::Response voice_error(int status, std::string_view detail);
// {"invalid_parameters":{field: reason}}
http::Response voice_invalid(std::string_view field, std::string_view reason);
// Of what a parser refused: "to[0].type: must be …". A number's refusal has its own form.
http::Response voice_invalid(const Error& error);
// An error of an NCCO that stands in the field `place` of a request.
Error inside(std::string_view place, const Error& error);
// Of a number: the older form, a list of name and reason.
http::Response voice_invalid_number(std::string_view name, std::string_view reason);

http::Response application_error(int status, std::string_view detail, base::Random& random);
http::Response application_invalid(std::string_view kind, const std::vector<InvalidParameter>& invalid,
                                   base::Random& random);

http::Response number_result(int status, std::string_view label);  // 200 is success

enum class ErrorFamily { Voice, Application, Number };
http::Response render_error(ErrorFamily family, int status, std::string_view detail, base::Random& random);

}  // namespace sotto::vonage
