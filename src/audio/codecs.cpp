#include <algorithm>

#include "audio/codec.h"
#include "audio/codec/factories.h"
#include "base/check.h"

namespace sotto::audio {
namespace {

constexpr CodecSpec kCodecs[] = {
    {CodecId::Opus, "opus", std::nullopt, 48'000, 48'000, 2, "useinbandfec=1;minptime=10", 400, 5,
     make_opus_encoder, make_opus_decoder, opus_ticks},
    {CodecId::G722, "G722", 9, 8'000, 16'000, 1, "", 160, 5, make_g722_encoder, make_g722_decoder,
     g722_ticks},
    {CodecId::Pcma, "PCMA", 8, 8'000, 8'000, 1, "", 160, 2, make_pcma_encoder, make_pcma_decoder, g711_ticks},
    {CodecId::Pcmu, "PCMU", 0, 8'000, 8'000, 1, "", 160, 2, make_pcmu_encoder, make_pcmu_decoder, g711_ticks},
    {CodecId::L16Wide, "L16", std::nullopt, 16'000, 16'000, 1, "", 640, 2, make_l16_wide_encoder,
     make_l16_wide_decoder, l16_ticks},
    {CodecId::L16Narrow, "L16", std::nullopt, 8'000, 8'000, 1, "", 320, 2, make_l16_narrow_encoder,
     make_l16_narrow_decoder, l16_ticks},
};

char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool equal_in_any_case(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, [](char a, char b) { return lower(a) == lower(b); });
}

}  // namespace

std::span<const CodecSpec> codecs() {
  return kCodecs;
}

const CodecSpec& codec(CodecId id) {
  const auto* found = std::ranges::find(kCodecs, id, &CodecSpec::id);
  CHECK(found != std::end(kCodecs));
  return *found;
}

const CodecSpec* find_codec(std::string_view name, uint32_t clock_rate_hz) {
  const auto* found = std::ranges::find_if(kCodecs, [&](const CodecSpec& row) {
    return row.clock_rate_hz == clock_rate_hz && equal_in_any_case(row.name, name);
  });
  return found == std::end(kCodecs) ? nullptr : found;
}

}  // namespace sotto::audio
