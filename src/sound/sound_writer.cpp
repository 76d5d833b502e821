#include "sound/sound_writer.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

#include "audio/wav.h"
#include "base/limits.h"
#include "sound/file_error.h"

namespace sotto::sound {
namespace {

constexpr uint16_t kEncodedChannelsMax = 2;
constexpr size_t kFramesAtATime = 8000;
constexpr std::string_view kPart = ".part";

template <typename Encoder>
typename Encoder::Options options_of(uint32_t rate_hz, uint16_t channels) {
  const int one = rate_hz <= 8000 ? 24 : rate_hz <= 16'000 ? 32 : 64;
  typename Encoder::Options options;
  options.sample_rate_hz = rate_hz;
  options.channels = channels;
  options.bitrate_kbps = one * channels;
  return options;
}

// Of a file that was not finished: the head's own format, with the length that is there.
Result<void> mend_head(const std::string& path) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  std::vector<std::byte> head(audio::kWavHeaderBytes);
  file.read(reinterpret_cast<char*>(head.data()), static_cast<std::streamsize>(head.size()));
  if (!file) return fail(ErrorCode::Invalid, path + ": too short");
  auto reader = audio::WavReader::create(head);
  if (!reader) return fail(reader.error());
  std::error_code error;
  const auto bytes = std::filesystem::file_size(path, error);
  if (error) return fail(ErrorCode::Io, path + ": " + error.message());
  const auto mended = audio::wav_header(reader->format(), bytes - head.size());
  file.seekp(0);
  file.write(reinterpret_cast<const char*>(mended.data()), static_cast<std::streamsize>(mended.size()));
  file.flush();
  return file ? Result<void>() : file_error(path);
}

Result<std::vector<std::byte>> read_file(const std::string& path) {
  std::error_code error;
  const auto bytes = std::filesystem::file_size(path, error);
  if (error) return fail(ErrorCode::NotFound, path + ": " + error.message());
  std::vector<std::byte> content(bytes);
  std::ifstream file(path, std::ios::binary);
  file.read(reinterpret_cast<char*>(content.data()), static_cast<std::streamsize>(bytes));
  if (!file) return file_error(path);
  return content;
}

}  // namespace

// ---- compressed

template <typename Encoder>
Result<EncodedFile<Encoder>> EncodedFile<Encoder>::create(std::string path,
                                                          const typename Encoder::Options& options) {
  auto encoder = Encoder::create(options);
  if (!encoder) return fail(encoder.error());
  std::unique_ptr<std::FILE, Close> file(std::fopen((path + ".part").c_str(), "wb"));
  if (!file) return file_error(path);
  return EncodedFile(std::move(path), std::move(*encoder), std::move(file));
}

template <typename Encoder>
Result<void> EncodedFile<Encoder>::put() {
  if (std::fwrite(frames_.data(), 1, frames_.size(), file_.get()) != frames_.size()) return file_error(path_);
  bytes_ += frames_.size();
  frames_.clear();
  return {};
}

template <typename Encoder>
Result<void> EncodedFile<Encoder>::write(std::span<const std::span<const int16_t>> channels) {
  if (auto encoded = encoder_.encode(channels, frames_); !encoded) return encoded;
  return put();
}

template <typename Encoder>
Result<void> EncodedFile<Encoder>::finish() {
  if (auto encoded = encoder_.finish(frames_); !encoded) return encoded;
  if (auto written = put(); !written) return written;
  if (std::fflush(file_.get()) != 0) return file_error(path_);
  file_.reset();
  if (std::rename((path_ + ".part").c_str(), path_.c_str()) != 0) return file_error(path_);
  return {};
}

template class EncodedFile<audio::Mp3Encoder>;
template class EncodedFile<audio::OggOpusEncoder>;

// ---- either

std::string_view SoundWriter::extension(call::RecordingFormat format, uint16_t channels) {
  if (channels > kEncodedChannelsMax) return "wav";
  switch (format) {
    case call::RecordingFormat::Wav: return "wav";
    case call::RecordingFormat::Mp3: return "mp3";
    case call::RecordingFormat::Ogg: return "ogg";
  }
  return "wav";
}

template <typename Kind>
Result<SoundWriter> SoundWriter::as_writer(Result<Kind> file) {
  if (!file) return fail(file.error());
  return SoundWriter(File(std::move(*file)));
}

Result<SoundWriter> SoundWriter::create(const std::string& path, call::RecordingFormat format,
                                        uint32_t rate_hz, uint16_t channels) {
  const std::string_view kind = extension(format, channels);
  if (kind == "mp3") {
    return as_writer(Mp3File::create(path, options_of<audio::Mp3Encoder>(rate_hz, channels)));
  }
  if (kind == "ogg") {
    return as_writer(OggFile::create(path, options_of<audio::OggOpusEncoder>(rate_hz, channels)));
  }
  return as_writer(WavFile::create(path, {audio::WavEncoding::Pcm16, rate_hz, channels}));
}

Result<void> SoundWriter::write(std::span<const std::span<const int16_t>> channels) {
  return std::visit([&](auto& file) { return file.write(channels); }, file_);
}

Result<void> SoundWriter::finish() {
  return std::visit([](auto& file) { return file.finish(); }, file_);
}

uint64_t SoundWriter::bytes() const {
  return std::visit([](const auto& file) { return file.bytes(); }, file_);
}

// ---- files as a whole

std::vector<std::string> salvage_recordings(const std::string& folder) {
  std::vector<std::string> salvaged;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string part = entry.path().string();
    if (!part.ends_with(kPart)) continue;
    const std::string whole = part.substr(0, part.size() - kPart.size());
    if (whole.ends_with(".wav") && !mend_head(part)) continue;
    std::filesystem::rename(part, whole, error);
    if (!error) salvaged.push_back(std::filesystem::path(whole).filename().string());
  }
  return salvaged;
}

namespace {

Result<std::string> mixed_wav(const audio::WavReader& reader) {
  std::vector<int16_t> samples(reader.frames());
  samples.resize(reader.read_mixed(0, samples));
  const std::array<std::span<const int16_t>, 1> channels{samples};
  base::Bytes sound;
  audio::write_wav_frames(channels, sound);
  const audio::WavFormat format{audio::WavEncoding::Pcm16, reader.format().sample_rate_hz, 1};
  const auto head = audio::wav_header(format, sound.size());
  return std::string(base::as_text(head)) + std::string(base::as_text(sound));
}

template <typename Encoder>
Result<std::string> encoded(const audio::WavReader& reader, uint16_t channels) {
  const audio::WavFormat& format = reader.format();
  auto encoder = Encoder::create(options_of<Encoder>(format.sample_rate_hz, channels));
  if (!encoder) return fail(encoder.error());
  std::array<std::vector<int16_t>, kEncodedChannelsMax> sound;
  base::Bytes out;
  for (uint64_t at = 0; at < reader.frames(); at += kFramesAtATime) {
    std::vector<std::span<const int16_t>> spans;
    for (uint16_t i = 0; i < channels; ++i) {
      sound[i].resize(kFramesAtATime);
      const bool mixed = channels != format.channels;
      sound[i].resize(mixed ? reader.read_mixed(at, sound[i]) : reader.read(at, i, sound[i]));
      spans.emplace_back(sound[i]);
    }
    if (auto made = encoder->encode(spans, out); !made) return fail(made.error());
  }
  if (auto finished = encoder->finish(out); !finished) return fail(finished.error());
  return std::string(base::as_text(out));
}

}  // namespace

Result<std::string> transcode(const std::string& wav_path, call::RecordingFormat format, Channels channels) {
  const auto file = read_file(wav_path);
  if (!file) return fail(file.error());
  const auto reader = audio::WavReader::create(*file);
  if (!reader) return fail(reader.error());
  const uint16_t count = reader->format().channels;
  const bool mixed = channels == Channels::Mixed;
  const uint16_t kept = mixed || count > kEncodedChannelsMax ? uint16_t{1} : count;
  if (format == call::RecordingFormat::Mp3) return encoded<audio::Mp3Encoder>(*reader, kept);
  if (format == call::RecordingFormat::Ogg) return encoded<audio::OggOpusEncoder>(*reader, kept);
  if (mixed) return mixed_wav(*reader);
  return std::string(base::as_text(*file));
}

}  // namespace sotto::sound
