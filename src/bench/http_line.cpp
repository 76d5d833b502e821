#include "bench/http_line.h"

#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/loopback.h"

namespace sotto::bench {
namespace {

constexpr std::string_view kLength = "\r\nContent-Length: ";
constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr size_t kStatusAt = 9;  // behind "HTTP/1.1 "

}  // namespace

size_t answer_size(std::string_view text) {
  const size_t head = text.find(kHeadEnd);
  if (head == std::string_view::npos) return 0;
  const size_t field = text.find(kLength);
  size_t length = 0;
  if (field != std::string_view::npos && field < head) {
    std::from_chars(text.data() + field + kLength.size(), text.data() + head, length);
  }
  return head + kHeadEnd.size() + length;
}

Result<HttpLine> HttpLine::open(uint16_t port) {
  HttpLine line(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = loopback(port);
  const int on = 1;
  ::setsockopt(line.socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  if (::connect(line.socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
    return fail(ErrorCode::Unreachable, "the server's HTTP port does not answer");
  return line;
}

HttpLine::HttpLine(HttpLine&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), pending_(std::move(other.pending_)) {}

HttpLine::~HttpLine() {
  if (socket_ >= 0) ::close(socket_);
}

Result<std::string> HttpLine::receive() {
  std::array<char, 16'384> bytes;
  for (size_t size = 0; (size = answer_size(pending_)) == 0 || pending_.size() < size;) {
    const ssize_t got = ::recv(socket_, bytes.data(), bytes.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return fail(ErrorCode::Closed, "the server closed the connection");
    pending_.append(bytes.data(), static_cast<size_t>(got));
  }
  std::string answer = pending_.substr(0, answer_size(pending_));
  pending_.erase(0, answer.size());
  return answer;
}

Result<HttpLine::Answer> HttpLine::ask(std::string_view method, std::string_view path,
                                       std::string_view header, std::string_view body) {
  const std::string request =
      fmt::format("{} {} HTTP/1.1\r\nHost: 127.0.0.1\r\n{}{}Content-Length: {}\r\n\r\n{}", method, path,
                  header, header.empty() ? "" : "\r\n", body.size(), body);
  if (::send(socket_, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
    return fail(ErrorCode::Closed, "the request could not be sent");
  const auto received = receive();
  if (!received) return fail(received.error());
  Answer answer;
  std::from_chars(received->data() + kStatusAt, received->data() + received->size(), answer.status);
  if (auto json =
          text::parse_json(std::string_view(*received).substr(received->find(kHeadEnd) + kHeadEnd.size())))
    answer.body = std::move(*json);
  return answer;
}

}  // namespace sotto::bench
