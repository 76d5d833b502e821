#pragma once

#include <memory>

#include "audio/codec.h"

// What codecs.cpp builds its rows from: each codec's file defines its own three.
namespace sotto::audio {

std::unique_ptr<Encoder> make_pcmu_encoder(const CodecSettings& settings);
std::unique_ptr<Decoder> make_pcmu_decoder(const CodecSettings& settings);
std::unique_ptr<Encoder> make_pcma_encoder(const CodecSettings& settings);
std::unique_ptr<Decoder> make_pcma_decoder(const CodecSettings& settings);
uint32_t g711_ticks(base::ByteView payload) noexcept;

std::unique_ptr<Encoder> make_g722_encoder(const CodecSettings& settings);
std::unique_ptr<Decoder> make_g722_decoder(const CodecSettings& settings);
uint32_t g722_ticks(base::ByteView payload) noexcept;

std::unique_ptr<Encoder> make_opus_encoder(const CodecSettings& settings);
std::unique_ptr<Decoder> make_opus_decoder(const CodecSettings& settings);
uint32_t opus_ticks(base::ByteView payload) noexcept;

std::unique_ptr<Encoder> make_l16_narrow_encoder(const CodecSettings& settings);
std::unique_ptr<Decoder> make_l16_narrow_decoder(const CodecSettings& settings);
std::unique_ptr<Encoder> make_l16_wide_encoder(const CodecSettings& settings);
std::unique_ptr<Decoder> make_l16_wide_decoder(const CodecSettings& settings);
uint32_t l16_ticks(base::ByteView payload) noexcept;

}  // namespace sotto::audio
