#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace sotto::bench {

struct HttpLoadOptions {
  uint16_t port = 0;  // on 127.0.0.1
  uint32_t connections = 64;
  std::string request;  // whole; sent again as soon as it is answered
  std::chrono::milliseconds warm_up{500};
  std::chrono::milliseconds window{2000};
};

// Plain data: goes through a pipe.
struct HttpLoadResult {
  uint64_t answered = 0;  // in the window
  uint64_t failed = 0;    // other than 200, or a connection that broke
  double seconds = 0;
  double p50_ms = 0;
  double p99_ms = 0;
  double max_ms = 0;
};

// Keeps every connection busy with one request after the other. Blocks until the window is over.
HttpLoadResult run_http_load(const HttpLoadOptions& options);

}  // namespace sotto::bench
