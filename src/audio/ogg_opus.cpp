#include "audio/ogg_opus.h"

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <opus/opus.h>

namespace sotto::audio {
namespace {

constexpr uint64_t kClockRateHz = 48'000;  // of granule positions, whatever the input (RFC 7845 §4)
constexpr int kFramesPerSecond = 50;
constexpr int kPacketsOfPageMax = 50;  // a second: what a crash may take
constexpr size_t kSegmentsMax = 255;
constexpr size_t kSegmentBytes = 255;
constexpr size_t kPacketBytesMax = 1'275 * 2;
constexpr size_t kChecksumAt = 22;
constexpr uint32_t kSerial = 0x536f7474;  // the only stream of its file
constexpr uint8_t kFirstPage = 2;
constexpr uint8_t kLastPage = 4;

constexpr std::array<uint32_t, 256> checksum_table() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < table.size(); ++i) {
    uint32_t value = i << 24U;
    for (int bit = 0; bit < 8; ++bit) {
      value = (value << 1U) ^ ((value & 0x8000'0000U) != 0 ? 0x04c1'1db7U : 0U);
    }
    table[i] = value;
  }
  return table;
}
constexpr std::array<uint32_t, 256> kChecksums = checksum_table();

template <typename Number>
void put_little(base::Bytes& out, Number number) {
  for (size_t i = 0; i < sizeof(Number); ++i) out.push_back(static_cast<std::byte>(number >> (8 * i)));
}

void put_text(base::Bytes& out, std::string_view text) {
  const base::ByteView bytes = base::as_bytes(text);
  out.insert(out.end(), bytes.begin(), bytes.end());
}

// Pages from packets.
class Pages {
 public:
  // `granule` is the position at the packet's end.
  void add(base::ByteView packet, uint64_t granule, base::Bytes& out) {
    const size_t segments = packet.size() / kSegmentBytes + 1;
    if (lacing_.size() + segments > kSegmentsMax || packets_ == kPacketsOfPageMax) flush(0, out);
    for (size_t i = 0; i + 1 < segments; ++i) lacing_.push_back(std::byte{kSegmentBytes});
    lacing_.push_back(static_cast<std::byte>(packet.size() % kSegmentBytes));
    body_.insert(body_.end(), packet.begin(), packet.end());
    granule_ = granule;
    ++packets_;
  }

  void end_at(uint64_t granule) { granule_ = granule; }

  void flush(uint8_t flags, base::Bytes& out) {
    const size_t start = out.size();
    put_text(out, "OggS");
    out.push_back(std::byte{0});
    out.push_back(static_cast<std::byte>(flags));
    put_little(out, granule_);
    put_little(out, kSerial);
    put_little(out, sequence_++);
    put_little(out, uint32_t{0});
    out.push_back(static_cast<std::byte>(lacing_.size()));
    out.insert(out.end(), lacing_.begin(), lacing_.end());
    out.insert(out.end(), body_.begin(), body_.end());
    const uint32_t checksum = ogg_checksum(base::ByteView(out).subspan(start));
    for (size_t i = 0; i < 4; ++i) out[start + kChecksumAt + i] = static_cast<std::byte>(checksum >> (8 * i));
    lacing_.clear();
    body_.clear();
    packets_ = 0;
  }

 private:
  base::Bytes lacing_;
  base::Bytes body_;
  uint64_t granule_ = 0;
  uint32_t sequence_ = 0;
  int packets_ = 0;
};

struct Destroy {
  void operator()(OpusEncoder* encoder) const noexcept { opus_encoder_destroy(encoder); }
};

}  // namespace

uint32_t ogg_checksum(base::ByteView page) {
  uint32_t checksum = 0;
  for (const std::byte byte : page) {
    checksum = (checksum << 8U) ^ kChecksums[(checksum >> 24U) ^ static_cast<uint32_t>(byte)];
  }
  return checksum;
}

struct OggOpusEncoder::State {
  Options options;
  std::unique_ptr<OpusEncoder, Destroy> opus;
  Pages pages;
  std::vector<int16_t> waiting;  // interleaved, less than a frame once encode() has returned
  uint64_t pre_skip = 0;         // of the clock rate
  uint64_t samples = 0;          // a channel, that were given
  uint64_t encoded = 0;          // a channel, with what filled up the last frame
  bool begun = false;

  size_t frame() const { return options.sample_rate_hz / kFramesPerSecond; }
  uint64_t granules(uint64_t count) const { return count * kClockRateHz / options.sample_rate_hz; }

  // RFC 7845 §5.
  void write_heads(base::Bytes& out) {
    base::Bytes head;
    put_text(head, "OpusHead");
    head.push_back(std::byte{1});
    head.push_back(static_cast<std::byte>(options.channels));
    put_little(head, static_cast<uint16_t>(pre_skip));
    put_little(head, options.sample_rate_hz);
    put_little(head, uint16_t{0});  // gain
    head.push_back(std::byte{0});   // mono, or left and right
    pages.add(head, 0, out);
    pages.flush(kFirstPage, out);
    base::Bytes tags;
    constexpr std::string_view kVendor = "Sotto";
    put_text(tags, "OpusTags");
    put_little(tags, static_cast<uint32_t>(kVendor.size()));
    put_text(tags, kVendor);
    put_little(tags, uint32_t{0});
    pages.add(tags, 0, out);
    pages.flush(0, out);
    begun = true;
  }

  Result<void> encode_frames(base::Bytes& out) {
    const size_t values = frame() * options.channels;
    size_t at = 0;
    for (; at + values <= waiting.size(); at += values) {
      std::array<unsigned char, kPacketBytesMax> packet;
      const int bytes = opus_encode(opus.get(), waiting.data() + at, static_cast<int>(frame()), packet.data(),
                                    static_cast<opus_int32>(packet.size()));
      if (bytes < 0) return fail(ErrorCode::Internal, std::string("opus: ") + opus_strerror(bytes));
      encoded += frame();
      const auto* data = reinterpret_cast<const std::byte*>(packet.data());
      pages.add({data, static_cast<size_t>(bytes)}, granules(encoded), out);
    }
    waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(at));
    return {};
  }
};

OggOpusEncoder::OggOpusEncoder(std::unique_ptr<State> state) : state_(std::move(state)) {}
OggOpusEncoder::OggOpusEncoder(OggOpusEncoder&&) noexcept = default;
OggOpusEncoder& OggOpusEncoder::operator=(OggOpusEncoder&&) noexcept = default;
OggOpusEncoder::~OggOpusEncoder() = default;

Result<OggOpusEncoder> OggOpusEncoder::create(const Options& options) {
  if (options.channels == 0 || options.channels > 2) {
    return fail(ErrorCode::OutOfRange, "ogg: one or two channels");
  }
  auto state = std::make_unique<State>();
  state->options = options;
  int error = OPUS_OK;
  state->opus.reset(opus_encoder_create(static_cast<opus_int32>(options.sample_rate_hz), options.channels,
                                        OPUS_APPLICATION_VOIP, &error));
  if (error != OPUS_OK) return fail(ErrorCode::OutOfRange, "ogg: a sample rate that Opus does not know");
  opus_int32 lookahead = 0;
  opus_encoder_ctl(state->opus.get(), OPUS_SET_BITRATE(options.bitrate_kbps * 1000));
  opus_encoder_ctl(state->opus.get(), OPUS_GET_LOOKAHEAD(&lookahead));
  state->pre_skip = state->granules(static_cast<uint64_t>(lookahead));
  return OggOpusEncoder(std::move(state));
}

Result<void> OggOpusEncoder::encode(std::span<const std::span<const int16_t>> channels, base::Bytes& out) {
  if (channels.size() != state_->options.channels || channels[0].size() != channels.back().size()) {
    return fail(ErrorCode::Invalid, "ogg: number of channels");
  }
  if (!state_->begun) state_->write_heads(out);
  const size_t frames = channels[0].size();
  for (size_t i = 0; i < frames; ++i) {
    for (const std::span<const int16_t> channel : channels) state_->waiting.push_back(channel[i]);
  }
  state_->samples += frames;
  return state_->encode_frames(out);
}

// The last page says where the sound ends; what filled up its frame is not played (RFC 7845 §4.4).
Result<void> OggOpusEncoder::finish(base::Bytes& out) {
  State& state = *state_;
  if (!state.begun) state.write_heads(out);
  const uint64_t end = state.granules(state.samples) + state.pre_skip;
  const size_t values = state.frame() * state.options.channels;
  while (state.granules(state.encoded) < end) {
    state.waiting.resize(values);
    if (auto encoded = state.encode_frames(out); !encoded) return encoded;
  }
  state.pages.end_at(end);
  state.pages.flush(kLastPage, out);
  return {};
}

}  // namespace sotto::audio
