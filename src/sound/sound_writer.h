#pragma once

#include <cstdio>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "audio/mp3.h"
#include "audio/ogg_opus.h"
#include "call/recording.h"
#include "sound/wav_file.h"

namespace sotto::sound {

// A compressed file that grows, one or two channels. What a crash leaves of it plays as it is.
template <typename Encoder>
class EncodedFile {
 public:
  static Result<EncodedFile> create(std::string path, const typename Encoder::Options& options);

  // One span a channel, all of one length.
  Result<void> write(std::span<const std::span<const int16_t>> channels);
  // Writes the rest and gives the file its name. Nothing may be written afterwards.
  Result<void> finish();
  uint64_t bytes() const { return bytes_; }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  EncodedFile(std::string path, Encoder encoder, std::unique_ptr<std::FILE, Close> file)
      : path_(std::move(path)), encoder_(std::move(encoder)), file_(std::move(file)) {}
  Result<void> put();

  std::string path_;
  Encoder encoder_;
  std::unique_ptr<std::FILE, Close> file_;
  uint64_t bytes_ = 0;
  base::Bytes frames_;
};
using Mp3File = EncodedFile<audio::Mp3Encoder>;
using OggFile = EncodedFile<audio::OggOpusEncoder>;

// The file of a recording: wav, or mp3 or Opus in Ogg where that was asked for and has enough channels.
class SoundWriter {
 public:
  // "wav", "mp3" or "ogg": what the file's name ends in.
  static std::string_view extension(call::RecordingFormat format, uint16_t channels);
  static Result<SoundWriter> create(const std::string& path, call::RecordingFormat format, uint32_t rate_hz,
                                    uint16_t channels);

  Result<void> write(std::span<const std::span<const int16_t>> channels);
  Result<void> finish();
  uint64_t bytes() const;

 private:
  using File = std::variant<WavFile, Mp3File, OggFile>;
  explicit SoundWriter(File file) : file_(std::move(file)) {}
  template <typename Kind>
  static Result<SoundWriter> as_writer(Result<Kind> file);
  File file_;
};

// Gives interrupted recordings of a folder their heads and names, so that what was recorded can be heard.
// Blocks; before a recorder writes there. Returns the names.
std::vector<std::string> salvage_recordings(const std::string& folder);

// A wav file's sound as another file, for a download. Blocks: for a worker. One that is compressed is mixed
// if it has more than two channels.
enum class Channels : uint8_t { All, Mixed };
Result<std::string> transcode(const std::string& wav_path, call::RecordingFormat format, Channels channels);

}  // namespace sotto::sound
