#include "sound/wav_file.h"

#include "sound/file_error.h"

namespace sotto::sound {

Result<WavFile> WavFile::create(std::string path, const audio::WavFormat& format) {
  std::unique_ptr<std::FILE, Close> file(std::fopen((path + ".part").c_str(), "wb"));
  if (!file) return file_error(path);
  const auto head = audio::wav_header(format, 0);
  if (std::fwrite(head.data(), 1, head.size(), file.get()) != head.size()) return file_error(path);
  return WavFile(std::move(path), format, std::move(file));
}

Result<void> WavFile::write(std::span<const std::span<const int16_t>> channels) {
  audio::write_wav_frames(channels, frames_);
  if (std::fwrite(frames_.data(), 1, frames_.size(), file_.get()) != frames_.size()) return file_error(path_);
  data_bytes_ += frames_.size();
  return {};
}

Result<void> WavFile::finish() {
  const auto head = audio::wav_header(format_, data_bytes_);
  if (std::fseek(file_.get(), 0, SEEK_SET) != 0 ||
      std::fwrite(head.data(), 1, head.size(), file_.get()) != head.size() || std::fflush(file_.get()) != 0) {
    return file_error(path_);
  }
  file_.reset();
  if (std::rename((path_ + ".part").c_str(), path_.c_str()) != 0) return file_error(path_);
  return {};
}

}  // namespace sotto::sound
