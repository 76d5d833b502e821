#pragma once

#include <cstdio>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "audio/wav.h"
#include "base/result.h"

namespace sotto::sound {

// A wav file that grows. Its head claims nothing until finish(), so what a crash leaves can be salvaged by
// its size.
class WavFile {
 public:
  static Result<WavFile> create(std::string path, const audio::WavFormat& format);

  // One span a channel, all of one length.
  Result<void> write(std::span<const std::span<const int16_t>> channels);
  // Writes the head anew and gives the file its name. Nothing may be written afterwards.
  Result<void> finish();
  uint64_t bytes() const { return audio::kWavHeaderBytes + data_bytes_; }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  WavFile(std::string path, const audio::WavFormat& format, std::unique_ptr<std::FILE, Close> file)
      : path_(std::move(path)), format_(format), file_(std::move(file)) {}

  std::string path_;
  audio::WavFormat format_;
  std::unique_ptr<std::FILE, Close> file_;
  uint64_t data_bytes_ = 0;
  std::vector<std::byte> frames_;
};

}  // namespace sotto::sound
