#include "sound/sound_writer.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "audio/level.h"
#include "audio/tone.h"
#include "audio/wav.h"
#include "sound/sound_files.h"

namespace sotto::sound {
namespace {

struct SoundWriterTest : testing::Test {
  std::string folder = [] {
    std::string name = (std::filesystem::temp_directory_path() / "sotto-writer-XXXXXX").string();
    return std::string(::mkdtemp(name.data()));
  }();
  ~SoundWriterTest() override { std::filesystem::remove_all(folder); }

  std::string path(const std::string& name) const { return folder + "/" + name; }
  // A second of tones, another in each channel.
  static void record(SoundWriter& writer, uint16_t channels) {
    std::vector<std::vector<int16_t>> sound(channels, std::vector<int16_t>(8000));
    std::vector<std::span<const int16_t>> spans;
    for (uint16_t i = 0; i < channels; ++i) {
      audio::ToneGenerator(audio::sine_tone(500.0F + 100.0F * i, -12.0F), 8000).render(sound[i]);
      spans.emplace_back(sound[i]);
    }
    ASSERT_TRUE(writer.write(spans));
  }
  audio::SharedPcm decoded(const std::string& name) const {
    std::ifstream file(path(name), std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    const base::ByteView bytes = base::as_bytes(text);
    auto pcm = decode_sound({bytes.begin(), bytes.end()});
    EXPECT_TRUE(pcm) << name;
    return pcm ? *pcm : std::make_shared<audio::Pcm>();
  }
  static bool sounds(const audio::SharedPcm& pcm, float hz) {
    if (pcm->samples.size() < 6000) return false;
    return audio::has_tone(std::span(pcm->samples).subspan(3000, 2400), pcm->rate_hz, hz);
  }
};

TEST_F(SoundWriterTest, WritesMp3) {
  auto writer = SoundWriter::create(path("a.mp3"), call::RecordingFormat::Mp3, 8000, 1);
  ASSERT_TRUE(writer);
  record(*writer, 1);
  EXPECT_FALSE(std::filesystem::exists(path("a.mp3")));
  ASSERT_TRUE(writer->finish());
  EXPECT_EQ(writer->bytes(), std::filesystem::file_size(path("a.mp3")));
  EXPECT_LT(writer->bytes(), 8000U);
  EXPECT_TRUE(sounds(decoded("a.mp3"), 500));
}

TEST_F(SoundWriterTest, WritesOpusInOgg) {
  for (const uint16_t channels : {1, 2}) {
    EXPECT_EQ(SoundWriter::extension(call::RecordingFormat::Ogg, channels), "ogg");
    const std::string file = path(std::to_string(channels) + ".ogg");
    auto writer = SoundWriter::create(file, call::RecordingFormat::Ogg, 8000, channels);
    ASSERT_TRUE(writer);
    record(*writer, channels);
    EXPECT_FALSE(std::filesystem::exists(file));
    ASSERT_TRUE(writer->finish());
    EXPECT_EQ(writer->bytes(), std::filesystem::file_size(file));
    EXPECT_GT(writer->bytes(), 1000U);
    EXPECT_LT(writer->bytes(), 8000U * channels);
  }
  EXPECT_EQ(SoundWriter::extension(call::RecordingFormat::Ogg, 3), "wav");
}

TEST_F(SoundWriterTest, WritesThirtyTwoChannelsAsWavWhateverWasAskedFor) {
  EXPECT_EQ(SoundWriter::extension(call::RecordingFormat::Mp3, 2), "mp3");
  EXPECT_EQ(SoundWriter::extension(call::RecordingFormat::Mp3, 3), "wav");
  auto writer = SoundWriter::create(path("a.wav"), call::RecordingFormat::Mp3, 8000, 32);
  ASSERT_TRUE(writer);
  record(*writer, 32);
  ASSERT_TRUE(writer->finish());
  std::ifstream file(path("a.wav"), std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const auto reader = audio::WavReader::create(base::as_bytes(text));
  ASSERT_TRUE(reader);
  EXPECT_EQ(reader->format().channels, 32);
  std::vector<int16_t> last(8000);
  reader->read(0, 31, last);
  EXPECT_TRUE(audio::has_tone(last, 8000, 3600));
}

TEST_F(SoundWriterTest, SalvagesWhatACrashLeft) {
  for (const char* name : {"a.wav", "b.mp3"}) {
    const bool mp3 = std::string_view(name).ends_with("mp3");
    auto writer = SoundWriter::create(path(name),
                                      mp3 ? call::RecordingFormat::Mp3 : call::RecordingFormat::Wav, 8000, 1);
    ASSERT_TRUE(writer);
    record(*writer, 1);
    // No finish(): its owner has died.
  }
  std::ofstream(path("c.wav.part")) << "short";
  auto salvaged = salvage_recordings(folder);
  std::sort(salvaged.begin(), salvaged.end());
  EXPECT_EQ(salvaged, (std::vector<std::string>{"a.wav", "b.mp3"}));
  EXPECT_EQ(decoded("a.wav")->samples.size(), 8000U);
  EXPECT_TRUE(sounds(decoded("b.mp3"), 500));
  EXPECT_TRUE(salvage_recordings(path("no-such-folder")).empty());
}

TEST_F(SoundWriterTest, MakesMp3OfWavForADownload) {
  for (const uint16_t channels : {1, 2, 4}) {
    auto writer = SoundWriter::create(path("a.wav"), call::RecordingFormat::Wav, 8000, channels);
    ASSERT_TRUE(writer);
    record(*writer, channels);
    ASSERT_TRUE(writer->finish());
    for (const Channels wanted : {Channels::All, Channels::Mixed}) {
      const auto mp3 = transcode(path("a.wav"), call::RecordingFormat::Mp3, wanted);
      ASSERT_TRUE(mp3) << mp3.error().detail;
      std::ofstream(path("a.mp3"), std::ios::binary) << *mp3;
      EXPECT_TRUE(sounds(decoded("a.mp3"), 500)) << channels;
      const auto wav = transcode(path("a.wav"), call::RecordingFormat::Wav, wanted);
      ASSERT_TRUE(wav) << wav.error().detail;
      const auto reader = audio::WavReader::create(base::as_bytes(*wav));
      ASSERT_TRUE(reader);
      EXPECT_EQ(reader->format().channels, wanted == Channels::Mixed ? 1 : channels);
      EXPECT_EQ(reader->frames(), 8000U);
    }
  }
  EXPECT_FALSE(transcode(path("none.wav"), call::RecordingFormat::Mp3, Channels::All));
}

}  // namespace
}  // namespace sotto::sound
