#pragma once

#include <memory>
#include <string_view>

#include "dialect/vonage/ncco/scope.h"
#include "flow/program.h"
#include "text/json.h"

namespace sotto::vonage {

// A call control object (vonage.md §4) as a program. It is checked whole before anything of it runs. The
// error names the action by its place, and the option: "[1].endpoint[0].number: is required".
Result<std::shared_ptr<const flow::Program>> parse_ncco(const text::Json& document, Scope& scope,
                                                        flow::Role role);
// What the service calls a document that it cannot follow.
inline constexpr std::string_view kSyntaxError = "Syntax error in NCCO. Invalid value type or action.";

}  // namespace sotto::vonage
