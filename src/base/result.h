#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

// What the world can do to us is a value: every operation that can be refused returns Result<T>.
namespace sotto::base {

enum class ErrorCode {
  Invalid,     // does not follow its syntax or type
  OutOfRange,  // well-formed, but outside what is allowed
  TooLarge,    // over a limit of base/limits.h
  NotFound,
  AlreadyExists,
  Conflict,      // not possible in the present state
  Unsupported,   // understood and refused
  Unauthorized,  // no or wrong credentials
  Forbidden,     // known, but not allowed
  Exhausted,     // a pool or table is full
  TimedOut,
  Unreachable,  // no route, refused, name not found
  Closed,       // the other side or we are gone
  Io,           // disk, socket, database
  Internal,
};

std::string_view to_string(ErrorCode code);

// `detail` is a sentence for a person and names the field at fault; programs look at `code` only.
struct Error {
  ErrorCode code = ErrorCode::Internal;
  std::string detail;

  bool operator==(const Error&) const = default;
};

template <typename T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(ErrorCode code, std::string detail) {
  return tl::unexpected<Error>(Error{code, std::move(detail)});
}

inline tl::unexpected<Error> fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace sotto::base

namespace sotto {
using base::Error;
using base::ErrorCode;
using base::fail;
using base::Result;
}  // namespace sotto
