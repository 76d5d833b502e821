#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "audio/level.h"
#include "audio/tone.h"
#include "net/loop.h"
#include "sound/prompts.h"
#include "sound/wav_file.h"

namespace sotto::sound {
namespace {

using namespace std::chrono_literals;

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "sotto-sound-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

void write_tone(const std::string& path, size_t samples) {
  audio::ToneGenerator tone(audio::sine_tone(700, -12.0F), 8000);
  std::vector<int16_t> pcm(samples);
  tone.render(pcm);
  auto file = WavFile::create(path, {});
  ASSERT_TRUE(file);
  const std::span<const int16_t> channel(pcm);
  ASSERT_TRUE(file->write(std::span(&channel, 1)));
  ASSERT_TRUE(file->finish());
}

struct SoundTest : testing::Test {
  TemporaryFolder folder;
  net::Loop loop;
  net::WorkerPool pool{loop, 1};
  SoundFiles files{pool, folder.path()};
  Prompts prompts{
      pool, files, [this](const call::Speech&, Prompts::Spoken spoken) {
        pool.later([spoken = std::move(spoken)] { spoken(fail(ErrorCode::Internal, "speech: no engine")); });
      }};

  Result<audio::SharedPcm> load(const std::string& url) {
    std::optional<Result<audio::SharedPcm>> loaded;
    files.load({url}, [&](Result<audio::SharedPcm> pcm) { loaded = std::move(pcm); });
    EXPECT_FALSE(loaded.has_value()) << "never from inside load()";
    loop.run_until([&] { return loaded.has_value(); });
    return *loaded;
  }
  Result<media::Playlist> make(call::PromptSpec spec) {
    std::optional<Result<media::Playlist>> made;
    prompts.make(spec, [&](Result<media::Playlist> playlist) { made = std::move(playlist); });
    EXPECT_FALSE(made.has_value()) << "never from inside make()";
    loop.run_until([&] { return made.has_value(); });
    return std::move(*made);
  }
};

TEST_F(SoundTest, AFileIsReadOnceAndAgainWhenItChanges) {
  write_tone(folder.file("a.wav"), 8000);
  const auto first = load("a.wav");
  ASSERT_TRUE(first);
  EXPECT_TRUE(audio::has_tone((*first)->samples, 8000, 700));
  EXPECT_EQ(load("a.wav")->get(), first->get());
  write_tone(folder.file("a.wav"), 4000);
  EXPECT_EQ((*load("a.wav"))->samples.size(), 4000u);
}

TEST_F(SoundTest, WhatIsMissingOrNoSoundOrOutsideTheFolderIsAnErrorThatNamesTheFile) {
  std::ofstream(folder.file("text.wav")) << "this is not audio";
  EXPECT_EQ(load("none.wav").error().code, ErrorCode::NotFound);
  for (const char* url : {"none.wav", "text.wav", "../escape.wav", "/etc/hostname"}) {
    const auto loaded = load(url);
    ASSERT_FALSE(loaded) << url;
    EXPECT_NE(loaded.error().detail.find(url), std::string::npos);
  }
}

TEST_F(SoundTest, APlaylistKeepsItsOrderAndItsSettings) {
  write_tone(folder.file("a.wav"), 800);
  call::PromptSpec spec;
  spec.playlist = {call::Tone{}, call::AudioFile{"a.wav"}, call::Silence{300ms}};
  spec.loops = 3;
  spec.gain_db = -6.0F;
  const auto made = make(spec);
  ASSERT_TRUE(made);
  ASSERT_EQ(made->clips.size(), 3u);
  EXPECT_TRUE(std::holds_alternative<media::ToneClip>(made->clips[0]));
  EXPECT_EQ(std::get<media::PcmClip>(made->clips[1]).pcm->samples.size(), 800u);
  EXPECT_EQ(std::get<media::SilenceClip>(made->clips[2]).length, 300ms);
  EXPECT_EQ(made->loops, 3);
}

TEST_F(SoundTest, OneClipThatCannotBeHadFailsThePromptOnce) {
  call::PromptSpec spec;
  spec.playlist = {call::Speech{}, call::AudioFile{"none.wav"}, call::Tone{}};
  EXPECT_FALSE(make(spec));
}

TEST_F(SoundTest, ARecordingHasItsNameOnlyWhenItIsWhole) {
  auto file = WavFile::create(folder.file("r.wav"), {});
  ASSERT_TRUE(file);
  EXPECT_FALSE(std::filesystem::exists(folder.file("r.wav")));
  EXPECT_TRUE(std::filesystem::exists(folder.file("r.wav.part")));
  ASSERT_TRUE(file->finish());
  EXPECT_TRUE(std::filesystem::exists(folder.file("r.wav")));
  EXPECT_FALSE(std::filesystem::exists(folder.file("r.wav.part")));
}

}  // namespace
}  // namespace sotto::sound
