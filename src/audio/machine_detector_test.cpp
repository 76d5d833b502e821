#include "audio/machine_detector.h"

#include <cmath>
#include <map>
#include <numbers>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "audio/g711.h"
#include "audio/tone.h"
#include "base/random.h"

namespace sotto::audio {
namespace {

using namespace std::chrono_literals;
using Verdict = MachineDetector::Verdict;
using Sound = std::vector<int16_t>;

constexpr uint32_t kRate = 8000;

// What a line sounds like: made of pieces, then through µ-law with a little noise.
class Line {
 public:
  explicit Line(uint64_t seed) : random_(seed) {}

  Line& silence(std::chrono::milliseconds length) {
    sound_.resize(sound_.size() + samples(length));
    return *this;
  }
  // Syllables of a voice: harmonics under two moving formants, four a second, with short gaps.
  Line& speech(std::chrono::milliseconds length, float pitch_hz) {
    const size_t count = samples(length);
    double phase = 0;
    for (size_t i = 0; i < count; ++i) {
      const double seconds = static_cast<double>(i) / kRate;
      const double syllable = std::pow(std::abs(std::sin(std::numbers::pi * 4.1 * seconds)), 0.6);
      const double glide = 1 + 0.06 * std::sin(2 * std::numbers::pi * 1.3 * seconds);
      phase += 2 * std::numbers::pi * static_cast<double>(pitch_hz) * glide / kRate;
      double sample = 0;
      for (int harmonic = 1; harmonic <= 14; ++harmonic) {
        const double hz = harmonic * static_cast<double>(pitch_hz);
        const double first = 500 + 200 * std::sin(2 * std::numbers::pi * 2.3 * seconds);
        const double second = 1500 + 400 * std::sin(2 * std::numbers::pi * 1.7 * seconds);
        const double weight =
            std::exp(-std::pow((hz - first) / 250, 2)) + 0.6 * std::exp(-std::pow((hz - second) / 300, 2));
        sample += weight * std::sin(harmonic * phase);
      }
      sound_.push_back(static_cast<int16_t>(2500 * syllable * sample));
    }
    return *this;
  }
  Line& tone(float hz, std::chrono::milliseconds length, float level_db = -15.0F) {
    Sound tone(samples(length));
    ToneGenerator(sine_tone(hz, level_db), kRate).render(tone);
    sound_.insert(sound_.end(), tone.begin(), tone.end());
    return *this;
  }

  struct Judged {
    Verdict verdict = Verdict::None;
    std::chrono::milliseconds after{0};
  };
  Judged judge(const MachineRules& rules) {
    for (int16_t& sample : sound_)
      sample = static_cast<int16_t>(sample + static_cast<int>(random_.below(21)) - 10);
    std::vector<std::byte> bytes(sound_.size());
    ulaw_encode(sound_, bytes);
    ulaw_decode(bytes, sound_);
    MachineDetector detector(rules, kRate);
    for (size_t at = 0; at + 160 <= sound_.size(); at += 160) {
      const Verdict verdict = detector.feed(std::span(sound_).subspan(at, 160));
      if (verdict != Verdict::None) return {verdict, detector.elapsed()};
    }
    for (int i = 0; i < 3000; ++i) {
      const Verdict verdict = detector.feed_silence(20ms);
      if (verdict != Verdict::None) return {verdict, detector.elapsed()};
    }
    return {};
  }

 private:
  static size_t samples(std::chrono::milliseconds length) {
    return static_cast<size_t>(length.count()) * kRate / 1000;
  }
  base::SeededRandom random_;
  Sound sound_;
};

struct Case {
  std::string name;
  Verdict at_once;     // what is to be found
  Verdict at_the_end;  // and where the end of the message is waited for
  Line line;
};

std::vector<Case> cases() {
  using enum Verdict;
  std::vector<Case> all;
  // People.
  all.push_back({"hello", Human, Human, Line(1).silence(500ms).speech(450ms, 120).silence(3s)});
  all.push_back({"hello, high voice", Human, Human, Line(2).silence(300ms).speech(600ms, 220).silence(3s)});
  all.push_back({"name", Human, Human, Line(3).silence(900ms).speech(1100ms, 140).silence(3s)});
  all.push_back({"firm and name", Human, Human, Line(4).silence(700ms).speech(1900ms, 180).silence(3s)});
  all.push_back({"hello? hello?", Human, Human,
                 Line(5).silence(400ms).speech(400ms, 110).silence(700ms).speech(400ms, 115).silence(3s)});
  all.push_back({"late hello", Human, Human, Line(6).silence(3500ms).speech(500ms, 130).silence(3s)});
  // Machines.
  all.push_back({"greeting and beep", MachineStart, MachineEndBeep,
                 Line(7).silence(600ms).speech(6s, 125).silence(500ms).tone(1000, 400ms).silence(5s)});
  all.push_back({"greeting, low beep", MachineStart, MachineEndBeep,
                 Line(8).silence(600ms).speech(5s, 210).silence(300ms).tone(440, 250ms).silence(5s)});
  all.push_back({"greeting, high beep", MachineStart, MachineEndBeep,
                 Line(9).silence(200ms).speech(8s, 150).silence(800ms).tone(1400, 500ms).silence(5s)});
  all.push_back({"greeting, short beep", MachineStart, MachineEndBeep,
                 Line(10).silence(300ms).speech(4s, 170).silence(200ms).tone(850, 180ms).silence(5s)});
  all.push_back({"greeting, soft beep", MachineStart, MachineEndBeep,
                 Line(11).silence(300ms).speech(4s, 130).silence(400ms).tone(1100, 300ms, -30).silence(5s)});
  all.push_back(
      {"two sentences and a beep", MachineStart, MachineEndBeep,
       Line(12).silence(300ms).speech(3s, 120).silence(900ms).speech(3s, 120).tone(950, 350ms).silence(5s)});
  all.push_back({"short greeting and beep", MachineStart, MachineEndBeep,
                 Line(13).silence(300ms).speech(1500ms, 190).silence(300ms).tone(1000, 300ms).silence(5s)});
  all.push_back({"greeting without a beep", MachineStart, MachineEndSilence,
                 Line(14).silence(500ms).speech(7s, 140).silence(6s)});
  all.push_back({"long pause before the beep", MachineStart, MachineEndSilence,
                 Line(15).silence(500ms).speech(5s, 200).silence(2s).tone(1000, 300ms).silence(5s)});
  all.push_back({"greeting without an end", MachineStart, MachineEndOther, Line(16).speech(40s, 160)});
  // Neither.
  all.push_back(
      {"fax calls", Fax, Fax, Line(17).silence(800ms).tone(1100, 500ms).silence(3s).tone(1100, 500ms)});
  all.push_back({"fax answers", Fax, Fax, Line(18).silence(1500ms).tone(2100, 3s).silence(3s)});
  all.push_back({"nothing", Unknown, Unknown, Line(19).silence(20s)});
  all.push_back({"hum", Unknown, Unknown, Line(20).tone(50, 20s, -55)});
  return all;
}

std::string name_of(Verdict verdict) {
  constexpr const char* kNames[] = {"none",        "human",     "start", "end_beep",
                                    "end_silence", "end_other", "fax",   "unknown"};
  return kNames[static_cast<size_t>(verdict)];
}

// Counts of (what it was, what it was taken for); all of them belong on the diagonal.
void expect_diagonal(bool wait) {
  std::map<std::pair<std::string, std::string>, int> confusion;
  int wrong = 0;
  for (Case& one : cases()) {
    const Verdict expected = wait ? one.at_the_end : one.at_once;
    const auto judged = one.line.judge({.wait_for_message_end = wait});
    ++confusion[{name_of(expected), name_of(judged.verdict)}];
    EXPECT_EQ(name_of(judged.verdict), name_of(expected))
        << one.name << " after " << judged.after.count() << " ms";
    wrong += judged.verdict != expected;
  }
  for (const auto& [pair, count] : confusion) {
    if (pair.first != pair.second)
      ADD_FAILURE() << pair.first << " taken for " << pair.second << ": " << count;
  }
  EXPECT_EQ(wrong, 0);
}

TEST(MachineDetector, TellsTwentyLinesApart) {
  expect_diagonal(false);
}

TEST(MachineDetector, TellsTwentyLinesApartAtTheEndOfTheMessage) {
  expect_diagonal(true);
}

TEST(MachineDetector, DecidesInTimeForAPersonNotToHangUp) {
  const auto judged = Line(1).silence(500ms).speech(450ms, 120).silence(3s).judge({});
  EXPECT_EQ(judged.verdict, Verdict::Human);
  EXPECT_LE(judged.after, 2500ms);
}

TEST(MachineDetector, FollowsItsRules) {
  const auto line = [] { return Line(3).silence(500ms).speech(1500ms, 140).silence(6s); };
  EXPECT_EQ(line().judge({.speech_threshold = 1000ms}).verdict, Verdict::MachineStart);
  EXPECT_EQ(line().judge({}).verdict, Verdict::Human);
  EXPECT_LE(Line(1).silence(9s).judge({.silence_timeout = 2s}).after, 2020ms);
  EXPECT_EQ(Line(1).speech(20s, 120).judge({.wait_for_message_end = true, .timeout = 4s}).verdict,
            Verdict::MachineEndOther);
}

}  // namespace
}  // namespace sotto::audio
