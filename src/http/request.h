#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "http/headers.h"
#include "http/method.h"
#include "net/endpoint.h"
#include "text/uri.h"

namespace sotto::http {

// One request, whole. A value: tests make one by hand.
struct Request {
  Method method = Method::Get;
  std::string target = "/";  // as it was sent, without scheme and host
  std::string path = "/";    // still percent-encoded, slashes collapsed, without a trailing one
  std::string query_text;    // after the '?', still encoded
  std::string host;          // with its port, as the client named us
  Headers headers;
  std::string body;
  text::Parameters parameters;  // of the path, decoded
  net::Endpoint peer;
  bool secure = false;  // came over TLS

  // A parameter that the route's pattern has; naming another is our bug.
  std::string_view parameter(std::string_view name) const;
  // Fails with TooLarge.
  Result<text::Parameters> query() const;
  // A form or multipart body. Fails: Unsupported for another type of body, Invalid, TooLarge.
  Result<text::Parameters> form() const;
  // How the client reached us: "https://api.example.com:8443".
  std::string base_url() const;
};

}  // namespace sotto::http
