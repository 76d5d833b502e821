// Requests of every resource with good credentials: the first line is a method and a target, the rest a body.
// Whatever comes, there is an answer, and it is JSON or nothing.
#include <cstddef>
#include <cstdint>

#include "dialect/vonage/testing/account_bench.h"

namespace sotto::vonage {
namespace {

constexpr int kInputsOfBench = 500;  // then the calls and applications that they made are forgotten

void ask(testing::AccountBench& bench, std::string_view input) {
  const size_t end = std::min(input.find('\n'), input.size());
  const std::string_view line = input.substr(0, end);
  const size_t space = line.find(' ');
  if (space == std::string_view::npos) return;
  testing::AccountBench::Sent sent;
  sent.method = http::parse_method(line.substr(0, space));
  sent.target = line.substr(space + 1);
  if (end < input.size()) sent.body = input.substr(end + 1);
  // Tokens open what is under /v1/calls, keys the rest.
  const bool voice = sent.target.starts_with("/v1/calls") || sent.target.find("/files/") != std::string::npos;
  sent.headers.add("Authorization", voice ? bench.bearer(bench.claims()) : testing::kBasic);
  const bool form = !sent.body.empty() && sent.body.front() != '{' && sent.body.front() != '[';
  sent.headers.add("Content-Type", form ? "application/x-www-form-urlencoded" : "application/json");
  const http::Response response = bench.send(sent);
  CHECK(response.status >= 200 && response.status < 600 && response.status != 500);
  CHECK(response.body.empty() || text::parse_json(response.body).has_value());
}

}  // namespace
}  // namespace sotto::vonage

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using sotto::vonage::testing::AccountBench;
  // Made where it is declared, so that at exit its threads end before the crypto library that they used.
  static auto bench = std::make_unique<AccountBench>();
  static int asked = 0;
  if (++asked % sotto::vonage::kInputsOfBench == 0) bench = std::make_unique<AccountBench>();
  sotto::vonage::ask(*bench, {reinterpret_cast<const char*>(data), size});
  return 0;
}
