#pragma once

#include "dialect/vonage/api/api.h"

namespace sotto::vonage {

// A bearer token that one of our applications signed (vonage.md §1.2), for this path. Unauthorized.
Result<Caller> caller_of_token(const ApiContext& context, const http::Request& request);
// Key and secret: Basic header, query, form or JSON body, in this order (vonage.md §1.1). Unauthorized.
Result<Caller> caller_of_secret(const ApiContext& context, const http::Request& request);

// Whether a path is one of those that a token's "acl" names. `*` is a segment, `**` any number of them.
bool acl_allows(const text::Json& acl, std::string_view method, std::string_view path);

// What a request says of its business: query, form and JSON body together, without credentials.
Result<text::Parameters> fields_of(const http::Request& request);
Result<text::Json> json_body(const http::Request& request);  // an object

}  // namespace sotto::vonage
