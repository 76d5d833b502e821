#include "sip/stream_framer.h"

#include <gtest/gtest.h>

namespace sotto::sip {
namespace {

std::vector<std::string> frames(StreamFramer& framer) {
  std::vector<std::string> out;
  while (true) {
    auto frame = framer.next();
    if (!frame) return out.emplace_back("error"), out;
    if (!*frame) return out;
    out.emplace_back((*frame)->kind == StreamFramer::Frame::Kind::Ping ? "ping"
                                                                       : base::as_text((*frame)->bytes));
  }
}

TEST(StreamFramerTest, CutsByContentLengthWhereverTheBytesAreSplit) {
  const std::string one = "A b SIP/2.0\r\nl : 3\r\n\r\nabc";
  const std::string two = "B b SIP/2.0\r\nContent-Length:\r\n 0\r\n\r\n";
  const std::string stream = one + "\r\n\r\n" + two + "\r\n" + one;
  for (size_t step = 1; step <= stream.size(); ++step) {
    StreamFramer framer;
    std::vector<std::string> all;
    for (size_t at = 0; at < stream.size(); at += step) {
      framer.push(base::as_bytes(std::string_view(stream).substr(at, step)));
      for (auto& frame : frames(framer)) all.push_back(std::move(frame));
    }
    EXPECT_EQ(all, (std::vector<std::string>{one, "ping", two, one})) << step;
  }
}

TEST(StreamFramerTest, NoOrTwoOrHugeLengthsEndTheStream) {
  for (const char* text : {"A b SIP/2.0\r\nX: 1\r\n\r\n", "A b SIP/2.0\r\nl: 1\r\nContent-Length: 2\r\n\r\n",
                           "A b SIP/2.0\r\nl: 99999999\r\n\r\n", "A b SIP/2.0\r\nl: -1\r\n\r\n"}) {
    StreamFramer framer;
    framer.push(base::as_bytes(text));
    EXPECT_EQ(frames(framer), std::vector<std::string>{"error"}) << text;
  }
}

}  // namespace
}  // namespace sotto::sip
