#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace sotto::bench {

// What the HTTP server bears: a POST of 450 bytes of JSON, which is parsed and answered with JSON.
struct HttpBenchOptions {
  uint32_t connections = 64;
  std::chrono::milliseconds window{2000};
  std::string listen;  // "127.0.0.1:8099": only serve there, for another program to load, until killed
};

// The server has one CPU, the load another. Gives `print` one line of JSON. The process's exit status: 1
// where a request failed. Call it from a process with one thread.
int bench_http(const HttpBenchOptions& options, const std::function<void(const std::string&)>& print);

}  // namespace sotto::bench
