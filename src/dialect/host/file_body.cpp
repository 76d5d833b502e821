#include "dialect/host/file_body.h"

#include <filesystem>
#include <fstream>

namespace sotto::dialect {
namespace {

constexpr size_t kPieceBytes = 64 * 1024;

asio::awaitable<void> send_file(std::string path, http::BodyWriter& writer) {
  std::ifstream file(path, std::ios::binary);
  std::string piece(kPieceBytes, '\0');
  while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())) || file.gcount() > 0) {
    const Result<void> written =
        co_await writer.write(std::string_view(piece).substr(0, static_cast<size_t>(file.gcount())));
    if (!written) co_return;
  }
}

}  // namespace

bool set_file_body(http::Response& response, const std::string& path) {
  response.stream = [path](http::BodyWriter& writer) { return send_file(path, writer); };
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) return false;
  response.stream_length = size;
  return true;
}

}  // namespace sotto::dialect
