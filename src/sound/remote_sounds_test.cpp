#include "sound/remote_sounds.h"

#include <gtest/gtest.h>

#include "http/server.h"
#include "net/loop.h"

namespace sotto::sound {
namespace {

using namespace std::chrono_literals;

// A wav file of that many silent samples.
std::string wav(size_t samples) {
  const auto number = [](uint32_t value, size_t bytes) {
    std::string out;
    for (size_t i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
    return out;
  };
  const auto data = static_cast<uint32_t>(samples * 2);
  return "RIFF" + number(36 + data, 4) + "WAVEfmt " + number(16, 4) + number(1, 2) + number(1, 2) +
         number(8000, 4) + number(16'000, 4) + number(2, 2) + number(16, 2) + "data" + number(data, 4) +
         std::string(data, '\0');
}

class RemoteSoundsTest : public testing::Test {
 protected:
  RemoteSoundsTest() {
    router_.add(http::Method::Get, "/{name}",
                [this](http::Request request) { return answer(std::move(request)); });
    server_ = *http::Server::start(loop_, router_, {.listen = *net::parse_endpoint("127.0.0.1:0")});
  }
  ~RemoteSoundsTest() override {
    loop_.tasks().close();
    bool stopped = false;
    asio::co_spawn(loop_.context(), server_->stop(0s), [&stopped](std::exception_ptr) { stopped = true; });
    loop_.run_until([&stopped] { return stopped; });
  }

  asio::awaitable<http::Response> answer(http::Request request) {
    ++asked_;
    const std::string name(request.parameter("name"));
    if (name == "missing.wav") co_return http::Response::text(404, "no");
    if (request.headers.get("If-None-Match") == "\"1\"") {
      ++unchanged_;
      co_return http::Response::empty(304);
    }
    http::Response response =
        http::Response::with(200, "audio/wav", name == "bad.wav" ? "no sound" : wav(800));
    response.headers.set("ETag", "\"1\"");
    if (!cache_control_.empty()) response.headers.set("Cache-Control", cache_control_);
    co_return response;
  }

  Result<audio::SharedPcm> load(const std::string& name, bool cacheable = true) {
    std::optional<Result<audio::SharedPcm>> loaded;
    sounds_.load("http://" + net::to_string(server_->address()) + "/" + name, cacheable,
                 [&loaded](Result<audio::SharedPcm> pcm) { loaded = std::move(pcm); });
    EXPECT_FALSE(loaded.has_value()) << "called back from inside";
    loop_.run_until([&loaded] { return loaded.has_value(); });
    return *loaded;
  }

  net::Loop loop_;
  http::Router router_;
  std::unique_ptr<http::Server> server_;
  http::Client client_{loop_};
  net::WorkerPool pool_{loop_, 1};
  RemoteSounds sounds_{loop_, client_, pool_, {}};
  std::string cache_control_;
  int asked_ = 0;
  int unchanged_ = 0;
};

TEST_F(RemoteSoundsTest, AFileIsFetchedAndDecoded) {
  const auto pcm = load("a.wav");
  ASSERT_TRUE(pcm) << pcm.error().detail;
  EXPECT_EQ((*pcm)->samples.size(), 800u);
}

TEST_F(RemoteSoundsTest, WithoutALifetimeItIsAskedWhetherItHasChanged) {
  ASSERT_TRUE(load("a.wav"));
  ASSERT_TRUE(load("a.wav"));
  EXPECT_EQ(asked_, 2);
  EXPECT_EQ(unchanged_, 1);
}

TEST_F(RemoteSoundsTest, OneThatIsFreshIsNotAskedFor) {
  cache_control_ = "public, max-age=60";
  ASSERT_TRUE(load("a.wav"));
  ASSERT_TRUE(load("a.wav"));
  EXPECT_EQ(asked_, 1);
}

TEST_F(RemoteSoundsTest, NoStoreAndTheDocumentForbidKeeping) {
  cache_control_ = "no-store";
  ASSERT_TRUE(load("a.wav"));
  ASSERT_TRUE(load("a.wav"));
  cache_control_ = "max-age=60";
  ASSERT_TRUE(load("b.wav", false));
  ASSERT_TRUE(load("b.wav", false));
  EXPECT_EQ(asked_, 4);
  EXPECT_EQ(unchanged_, 0);
}

TEST_F(RemoteSoundsTest, WhatCannotBeHadSaysWhy) {
  const auto missing = load("missing.wav");
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().detail.find("HTTP status 404"), std::string::npos);
  EXPECT_FALSE(load("bad.wav"));
}

TEST_F(RemoteSoundsTest, ThoseWhoWaitTogetherShareOneFetch) {
  int loaded = 0;
  for (int i = 0; i < 3; ++i) {
    sounds_.load("http://" + net::to_string(server_->address()) + "/a.wav", true,
                 [&loaded](Result<audio::SharedPcm> pcm) { loaded += pcm ? 1 : 0; });
  }
  loop_.run_until([&loaded] { return loaded == 3; });
  EXPECT_EQ(asked_, 1);
}

}  // namespace
}  // namespace sotto::sound
