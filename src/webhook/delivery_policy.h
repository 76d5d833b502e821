#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/client.h"

namespace sotto::webhook {

// What a failed attempt may be followed by. A row of data for each kind of request that a dialect makes.
struct RetryPolicy {
  std::vector<base::Duration> pauses;  // one for each further attempt; empty: a single attempt
  bool on_connect = true;              // name, refused, connect timeout: the app saw nothing
  bool on_tls = true;                  // nor here, but a certificate seldom mends itself
  bool on_timeout = false;             // no answer in time, or a broken one: the app may have seen it
  bool on_5xx = false;
  bool on_4xx = false;
  std::vector<int> on_statuses = {};  // and these

  // Whether `result` is a failure that this policy tries again; a 2xx never is.
  bool retries(const http::FetchResult& result) const;
  bool operator==(const RetryPolicy&) const = default;
};

// Of a request that is stored until it is acknowledged by a 2xx.
struct DeliveryPolicy {
  RetryPolicy retry;
  base::Duration connect_deadline = std::chrono::seconds(5);
  base::Duration total_deadline = std::chrono::seconds(15);
  http::Redirects redirects = http::Redirects::None;
  // Those of one stream go one after the other, each when the one before was acknowledged or given up; with
  // this, also when it has been without an answer for so long.
  std::optional<base::Duration> patience = {};

  bool operator==(const DeliveryPolicy&) const = default;
};

// As the store keeps it: one JSON object.
std::string to_json(const DeliveryPolicy& policy);
Result<DeliveryPolicy> parse_delivery_policy(std::string_view json);

}  // namespace sotto::webhook
