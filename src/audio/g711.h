#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

// ITU-T G.711 by table. The spans of one call have the same length.
namespace sotto::audio {

void ulaw_encode(std::span<const int16_t> samples, std::span<std::byte> bytes) noexcept;
void ulaw_decode(std::span<const std::byte> bytes, std::span<int16_t> samples) noexcept;
void alaw_encode(std::span<const int16_t> samples, std::span<std::byte> bytes) noexcept;
void alaw_decode(std::span<const std::byte> bytes, std::span<int16_t> samples) noexcept;

inline constexpr std::byte kUlawSilence{0xFF};
inline constexpr std::byte kAlawSilence{0xD5};

}  // namespace sotto::audio
