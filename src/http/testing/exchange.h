#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "net/tcp.h"

namespace sotto::http {

// Sends a text, in the given pieces, and returns all that comes back until the server closes.
inline asio::awaitable<std::string> exchange(net::Loop& loop, net::Endpoint where,
                                             std::vector<std::string> pieces) {
  auto stream = co_await net::connect_tcp(loop, where, std::chrono::seconds(5));
  EXPECT_TRUE(stream);
  std::string got;
  char buffer[4096];
  for (const std::string& piece : pieces) {
    auto written = co_await (*stream)->write(piece);
    if (!written) break;
    co_await loop.sleep(std::chrono::milliseconds(1));  // so that the pieces are not read as one
  }
  while (true) {
    auto count = co_await (*stream)->read_some(buffer);
    if (!count) got += "<reset>";
    if (!count || *count == 0) break;
    got.append(buffer, *count);
  }
  co_return got;
}

}  // namespace sotto::http
