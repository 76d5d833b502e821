#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sotto::telephony {

// Whether a page of that origin may open a SIP WebSocket to us (RFC 6455 §10.2): our own pages (`host` is the
// request's Host), those that are listed ("https://desk.example.com", "*" for every page), and whoever is no
// browser and sends none. Phones authenticate all the same: this keeps strangers' pages from using a
// visitor's network to reach us.
bool is_allowed_origin(std::string_view origin, std::string_view host,
                       const std::vector<std::string>& allowed);

}  // namespace sotto::telephony
