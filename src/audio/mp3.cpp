#include "audio/mp3.h"

#include <algorithm>
#include <array>

#include <lame/lame.h>
#include <mpg123.h>

#include "base/limits.h"

namespace sotto::audio {
namespace {

struct FreeDecoder {
  void operator()(mpg123_handle* handle) const noexcept { mpg123_delete(handle); }
};
using DecoderHandle = std::unique_ptr<mpg123_handle, FreeDecoder>;

DecoderHandle make_decoder() {
  static const int ready = mpg123_init();
  if (ready != MPG123_OK) return nullptr;
  DecoderHandle handle(mpg123_new(nullptr, nullptr));
  if (!handle) return nullptr;
  mpg123_param(handle.get(), MPG123_ADD_FLAGS, MPG123_MONO_MIX | MPG123_QUIET | MPG123_SKIP_ID3V2, 0.0);
  mpg123_format_none(handle.get());
  const long* rates = nullptr;
  size_t count = 0;
  mpg123_rates(&rates, &count);
  for (size_t i = 0; i < count; ++i) mpg123_format(handle.get(), rates[i], MPG123_MONO, MPG123_ENC_SIGNED_16);
  return mpg123_open_feed(handle.get()) == MPG123_OK ? std::move(handle) : nullptr;
}

}  // namespace

Result<Mp3Sound> decode_mp3(base::ByteView file, base::Duration longest) {
  if (file.size() > base::limits::kPromptFileBytesMax)
    return fail(ErrorCode::TooLarge, "mp3: file is too large");
  const DecoderHandle decoder = make_decoder();
  if (!decoder) return fail(ErrorCode::Internal, "mp3: no decoder");
  Mp3Sound sound;
  size_t samples_max = 0;
  std::array<int16_t, 8'192> piece;
  // The file is fed in parts: given whole, the library would copy it whole.
  constexpr size_t kPart = 64 * 1024;
  for (size_t fed = 0; fed < file.size() && !sound.cut;) {
    const base::ByteView part = file.subspan(fed, std::min(kPart, file.size() - fed));
    fed += part.size();
    if (mpg123_feed(decoder.get(), reinterpret_cast<const unsigned char*>(part.data()), part.size()) !=
        MPG123_OK)
      break;
    for (;;) {
      size_t bytes = 0;
      const int status =
          mpg123_read(decoder.get(), reinterpret_cast<unsigned char*>(piece.data()), sizeof(piece), &bytes);
      if (status == MPG123_NEW_FORMAT) {
        long rate = 0;
        int channels = 0;
        int encoding = 0;
        mpg123_getformat(decoder.get(), &rate, &channels, &encoding);
        if (sound.sample_rate_hz != 0 && sound.sample_rate_hz != static_cast<uint32_t>(rate)) {
          return fail(ErrorCode::Unsupported, "mp3: sample rate changes inside the file");
        }
        sound.sample_rate_hz = static_cast<uint32_t>(rate);
        samples_max =
            static_cast<size_t>(std::chrono::duration<double>(longest).count() * static_cast<double>(rate));
      }
      const size_t count = std::min(bytes / 2, samples_max - sound.samples.size());
      sound.samples.insert(sound.samples.end(), piece.begin(),
                           piece.begin() + static_cast<std::ptrdiff_t>(count));
      sound.cut = count < bytes / 2;
      if (sound.cut || (status != MPG123_OK && status != MPG123_NEW_FORMAT)) break;
    }
  }
  if (sound.samples.empty()) return fail(ErrorCode::Invalid, "mp3: no sound in it");
  return sound;
}

struct Mp3Encoder::State {
  struct Close {
    void operator()(lame_global_flags* lame) const noexcept { lame_close(lame); }
  };
  std::unique_ptr<lame_global_flags, Close> lame;
  uint16_t channels = 1;
};

Mp3Encoder::Mp3Encoder(std::unique_ptr<State> state) : state_(std::move(state)) {}
Mp3Encoder::Mp3Encoder(Mp3Encoder&&) noexcept = default;
Mp3Encoder& Mp3Encoder::operator=(Mp3Encoder&&) noexcept = default;
Mp3Encoder::~Mp3Encoder() = default;

Result<Mp3Encoder> Mp3Encoder::create(const Options& options) {
  if (options.channels == 0 || options.channels > 2)
    return fail(ErrorCode::OutOfRange, "mp3: one or two channels");
  auto state = std::make_unique<State>();
  state->lame.reset(lame_init());
  state->channels = options.channels;
  lame_global_flags* lame = state->lame.get();
  if (lame == nullptr) return fail(ErrorCode::Internal, "mp3: no encoder");
  lame_set_in_samplerate(lame, static_cast<int>(options.sample_rate_hz));
  lame_set_out_samplerate(lame, static_cast<int>(options.sample_rate_hz));
  lame_set_num_channels(lame, options.channels);
  lame_set_mode(lame, options.channels == 1 ? MONO : STEREO);
  lame_set_brate(lame, options.bitrate_kbps);
  lame_set_quality(lame, 7);
  lame_set_bWriteVbrTag(lame, 0);
  if (lame_init_params(lame) < 0) return fail(ErrorCode::OutOfRange, "mp3: sample rate or bit rate");
  return Mp3Encoder(std::move(state));
}

Result<void> Mp3Encoder::encode(std::span<const std::span<const int16_t>> channels, base::Bytes& out) {
  if (channels.size() != state_->channels || channels[0].size() != channels.back().size()) {
    return fail(ErrorCode::Invalid, "mp3: number of channels");
  }
  const size_t before = out.size();
  const size_t frames = channels[0].size();
  out.resize(before + frames * 5 / 4 + 7'200);  // the bound that LAME documents
  const int bytes = lame_encode_buffer(
      state_->lame.get(), channels[0].data(), channels.back().data(), static_cast<int>(frames),
      reinterpret_cast<unsigned char*>(out.data() + before), static_cast<int>(out.size() - before));
  out.resize(before + static_cast<size_t>(std::max(bytes, 0)));
  if (bytes < 0) return fail(ErrorCode::Internal, "mp3: encoder failed");
  return {};
}

Result<void> Mp3Encoder::finish(base::Bytes& out) {
  const size_t before = out.size();
  out.resize(before + 7'200);
  const int bytes =
      lame_encode_flush(state_->lame.get(), reinterpret_cast<unsigned char*>(out.data() + before), 7'200);
  out.resize(before + static_cast<size_t>(std::max(bytes, 0)));
  if (bytes < 0) return fail(ErrorCode::Internal, "mp3: encoder failed");
  return {};
}

}  // namespace sotto::audio
