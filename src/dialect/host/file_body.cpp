#include "dialect/host/file_body.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "http/byte_range.h"

namespace sotto::dialect {
namespace {

constexpr size_t kPieceBytes = 64 * 1024;

asio::awaitable<void> send_file(std::string path, http::ByteRange part, http::BodyWriter& writer) {
  std::ifstream file(path, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(part.first));
  std::string piece(kPieceBytes, '\0');
  while (part.length > 0) {
    const auto wanted = std::min<uint64_t>(part.length, piece.size());
    file.read(piece.data(), static_cast<std::streamsize>(wanted));
    const auto count = static_cast<size_t>(file.gcount());
    if (count == 0) co_return;
    part.length -= count;
    const Result<void> written = co_await writer.write(std::string_view(piece).substr(0, count));
    if (!written) co_return;
  }
}

}  // namespace

bool set_file_body(const http::Request& request, const std::string& path, http::Response& response) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) return false;
  const http::ByteRange part = http::choose_range(request, size, response);
  response.stream = [path, part](http::BodyWriter& writer) { return send_file(path, part, writer); };
  response.stream_length = part.length;
  return true;
}

}  // namespace sotto::dialect
