#pragma once

#include <string>

#include "http/method.h"

namespace sotto::vonage {

// An address of the app's.
struct Hook {
  std::string url;
  http::Method method = http::Method::Post;

  explicit operator bool() const { return !url.empty(); }
  bool operator==(const Hook&) const = default;
};

}  // namespace sotto::vonage
