#include "base/log.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"

namespace sotto::base {
namespace {

// The strictest reader of one flat JSON object of strings: false for anything else. A second opinion, and
// small.
class FlatJson {
 public:
  static bool parse(std::string_view text, std::vector<std::pair<std::string, std::string>>& members) {
    FlatJson reader{text};
    return reader.object(members) && reader.at_ == text.size();
  }

 private:
  explicit FlatJson(std::string_view text) : text_(text) {}

  bool object(std::vector<std::pair<std::string, std::string>>& members) {
    if (!eat('{')) return false;
    do {
      auto& [key, value] = members.emplace_back();
      if (!string(key) || !eat(':') || !string(value)) return false;
    } while (eat(','));
    return eat('}');
  }

  bool string(std::string& out) {
    if (!eat('"')) return false;
    while (at_ < text_.size() && text_[at_] != '"') {
      const char c = text_[at_++];
      if (static_cast<unsigned char>(c) < 0x20) return false;
      if (c != '\\') {
        out += c;
      } else if (!escape(out)) {
        return false;
      }
    }
    return eat('"');
  }

  bool escape(std::string& out) {
    if (eat('"') || eat('\\')) {
      out += text_[at_ - 1];
      return true;
    }
    const bool unicode = eat('u') && text_.size() - at_ >= 4 &&
                         text_.substr(at_, 4).find_first_not_of("0123456789abcdef") == std::string_view::npos;
    out += '?';
    at_ += 4;
    return unicode;
  }

  bool eat(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
};

struct LogTest : testing::Test {
  ~LogTest() override { configure_log(LogLevel::Warning, LogFormat::Human); }

  static std::string written(LogLevel level, std::string_view message,
                             std::initializer_list<LogField> fields) {
    testing::internal::CaptureStderr();
    log(level, "base", message, fields);
    return testing::internal::GetCapturedStderr();
  }

  static std::vector<std::pair<std::string, std::string>> members_of(std::string line) {
    EXPECT_TRUE(line.ends_with('\n')) << line;
    if (line.ends_with('\n')) line.pop_back();
    std::vector<std::pair<std::string, std::string>> members;
    EXPECT_TRUE(FlatJson::parse(line, members)) << line;
    return members;
  }
};

TEST_F(LogTest, AJsonLineIsOneObjectWithTimeLevelAreaMessageAndFields) {
  configure_log(LogLevel::Info, LogFormat::Json);
  const auto members =
      members_of(written(LogLevel::Warning, "leg answered", {{"leg", "0779"}, {"codec", "PCMU"}}));
  ASSERT_EQ(members.size(), 6u);
  EXPECT_EQ(members[0].first, "time");
  EXPECT_EQ(members[0].second.size(), std::string("2026-01-01T00:00:00.000000Z").size());
  EXPECT_EQ(members[1], (std::pair<std::string, std::string>("level", "warning")));
  EXPECT_EQ(members[2], (std::pair<std::string, std::string>("area", "base")));
  EXPECT_EQ(members[3], (std::pair<std::string, std::string>("message", "leg answered")));
  EXPECT_EQ(members[4], (std::pair<std::string, std::string>("leg", "0779")));
  EXPECT_EQ(members[5], (std::pair<std::string, std::string>("codec", "PCMU")));
}

TEST_F(LogTest, WhateverBytesAFieldHoldsTheLineStaysJson) {
  configure_log(LogLevel::Info, LogFormat::Json);
  SeededRandom random(11);
  for (int round = 0; round < 500; ++round) {
    std::string value(random.below(40), '\0');
    random.fill(std::as_writable_bytes(std::span(value)));
    const auto members = members_of(written(LogLevel::Error, "{} %v", {{"value", value}}));
    ASSERT_EQ(members.size(), 5u);
    EXPECT_EQ(members[3].second, "{} %v");
  }
}

TEST_F(LogTest, WellFormedUtf8PassesAndTheRestIsReplaced) {
  configure_log(LogLevel::Info, LogFormat::Json);
  const struct {
    std::string value, expected;
  } kRows[] = {
      {"Zoë 中 🙂", "Zoë 中 🙂"},
      {"a\xff", "a?"},
      {"\xc0\xaf", "??"},
      {"\xed\xa0\x80", "???"},
      {"\xf4\x90\x80\x80", "????"},
      {"\xe4\xb8", "??"},
      {"\xf0\x9f\x99", "???"},
      {"quote\" back\\slash", "quote\" back\\slash"},
      {"line\nbreak", "line?break"},
      {"\x7f\x1b[31m", "??[31m"},
  };
  for (const auto& [value, expected] : kRows) {
    const auto members = members_of(written(LogLevel::Error, "x", {{"value", value}}));
    EXPECT_EQ(members.back().second, expected);
  }
}

TEST_F(LogTest, AFieldNamedLikeASecretIsHiddenInBothFormats) {
  for (const LogFormat format : {LogFormat::Human, LogFormat::Json}) {
    configure_log(LogLevel::Info, format);
    for (const char* key :
         {"password", "api_secret", "token", "access_token", "authorization", "private_key"}) {
      const std::string line = written(LogLevel::Error, "refused", {{key, "hunter2"}, {"user", "carol"}});
      EXPECT_EQ(line.find("hunter2"), std::string::npos) << line;
      EXPECT_NE(line.find("carol"), std::string::npos) << line;
    }
  }
}

TEST_F(LogTest, AStrangersTextCannotForgeASecondLine) {
  configure_log(LogLevel::Info, LogFormat::Human);
  const std::string line = written(LogLevel::Error, "first\nsecond", {{"value", "a\r\nb"}});
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1) << line;
}

TEST_F(LogTest, WhatIsBelowTheLevelIsNotWritten) {
  configure_log(LogLevel::Warning, LogFormat::Human);
  EXPECT_FALSE(log_enabled(LogLevel::Info));
  EXPECT_TRUE(log_enabled(LogLevel::Warning));
  EXPECT_EQ(written(LogLevel::Info, "quiet", {}), "");
  EXPECT_NE(written(LogLevel::Warning, "loud", {}).find("base: loud"), std::string::npos);
}

}  // namespace
}  // namespace sotto::base
