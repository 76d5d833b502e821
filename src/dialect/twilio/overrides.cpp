#include "dialect/twilio/overrides.h"

#include <charconv>

#include "text/ascii.h"

namespace sotto::twilio {
namespace {

constexpr std::chrono::milliseconds kRetryPause{100};

Result<int> whole(std::string_view name, std::string_view text, int min, int max) {
  int value = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (wrong == std::errc() && end == text.data() + text.size() && value >= min && value <= max) return value;
  return fail(ErrorCode::Invalid, std::string(name) + ": expected a whole number from " +
                                      std::to_string(min) + " to " + std::to_string(max));
}

Result<void> read_policy(std::string_view text, webhook::RetryPolicy& retry) {
  retry.on_connect = false;
  for (const std::string_view word : text::split(text, ',')) {
    const bool all = word == "all";
    if (!all && word != "4xx" && word != "5xx" && word != "ct" && word != "rt") {
      return fail(ErrorCode::Invalid, "rp: \"" + std::string(word) + "\" is no cause");
    }
    retry.on_4xx = retry.on_4xx || all || word == "4xx";
    retry.on_5xx = retry.on_5xx || all || word == "5xx";
    retry.on_connect = retry.on_connect || all || word == "ct";
    retry.on_timeout = retry.on_timeout || all || word == "rt";
  }
  return {};
}

}  // namespace

std::string without_fragment(std::string_view url) {
  return std::string(url.substr(0, url.find('#')));
}

// A fragment that is no list of names and values is just a fragment.
Result<Overrides> parse_overrides(std::string_view url) {
  Overrides overrides;
  int retries = 1;
  const size_t hash = url.find('#');
  const std::string_view fragment =
      hash == std::string_view::npos ? std::string_view() : url.substr(hash + 1);
  for (const std::string_view piece : text::split(fragment, '&')) {
    const size_t equals = piece.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = piece.substr(0, equals);
    const std::string_view value = piece.substr(equals + 1);
    Result<int> number = 0;
    if (name == "ct") {
      number = whole(name, value, 100, 10'000);
      if (number) overrides.connect = std::chrono::milliseconds(*number);
    } else if (name == "rt" || name == "tt") {
      number = whole(name, value, 100, 15'000);
      if (number) (name == "rt" ? overrides.read : overrides.total) = std::chrono::milliseconds(*number);
    } else if (name == "rc") {
      number = whole(name, value, 0, 5);
      if (number) retries = *number;
    } else if (name == "rp") {
      if (auto read = read_policy(value, overrides.retry); !read) return fail(read.error());
    }
    if (!number) return fail(number.error());
  }
  overrides.total = std::min(overrides.total, overrides.connect + overrides.read);
  overrides.retry.pauses.assign(static_cast<size_t>(retries), kRetryPause);
  return overrides;
}

int error_of(http::FetchFault fault) {
  using http::FetchFault;
  switch (fault) {
    case FetchFault::BadUrl: return 11100;
    case FetchFault::HostName: return 11210;
    case FetchFault::Refused: return 11202;
    case FetchFault::ConnectTimeout: return 11201;
    case FetchFault::TlsHandshake: return 11220;
    case FetchFault::TotalTimeout: return 11203;
    case FetchFault::Reset: return 11205;
    case FetchFault::TooLarge: return 11750;
    case FetchFault::TooManyRedirects: return 11215;
    case FetchFault::PrivateTarget:
    case FetchFault::Exhausted:
    case FetchFault::Cancelled: return 11200;
  }
  return 11200;
}

}  // namespace sotto::twilio
