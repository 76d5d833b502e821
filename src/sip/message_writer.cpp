#include "sip/message_writer.h"

#include <charconv>

#include "sip/scan.h"
#include "sip/status.h"

namespace sotto::sip {
namespace {

// The topmost Via of a response says where the request really came from (RFC 3261 §18.2.1, RFC 3581 §4).
void add_top_via(MessageWriter& out, const Via& via, const Flow& flow, std::string_view rest) {
  const auto sent_by = parse_ip(via.host);
  const bool differs = !sent_by || !sent_by->same_host(flow.peer);
  out.begin(HeaderName::Via);
  std::string_view params = via.params;
  out.add(via.text.substr(0, via.text.size() - params.size()));
  while (!params.empty()) {
    // Our own view replaces what the sender may have written.
    Scanner scanner(params);
    scanner.take_separator(';');
    const std::string_view name = scanner.take_token();
    scanner = Scanner(params);
    scanner.take_separator(';');
    scanner.take_token();
    if (scanner.take_separator('='))
      scanner.peek() == '"' ? scanner.take_quoted() : scanner.take_until("; \t");
    if (!iequals(name, "received") && !iequals(name, "rport"))
      out.add(";").add(trim(params.substr(0, scanner.position()).substr(1)));
    params = trim(scanner.rest());
  }
  if (differs || via.rport) out.add(";received=").add(ip_text(flow.peer));
  if (via.rport) out.add(";rport=").add(flow.peer.port);
  out.add(rest).line();
}

}  // namespace

bool is_allowed_extra(std::string_view name, std::string_view value) {
  if (!all_in(name, kToken)) return false;
  for (const char c : value) {
    if ((static_cast<unsigned char>(c) < ' ' && c != '\t') || c == 0x7f) return false;
  }
  switch (header_name_from(name)) {
    case HeaderName::Via:
    case HeaderName::From:
    case HeaderName::To:
    case HeaderName::CallId:
    case HeaderName::CSeq:
    case HeaderName::Contact:
    case HeaderName::ContentLength:
    case HeaderName::ContentType:
    case HeaderName::MaxForwards:
    case HeaderName::Route:
    case HeaderName::RecordRoute:
    case HeaderName::Require:
    case HeaderName::RSeq:
    case HeaderName::RAck:
    case HeaderName::SessionExpires:
    case HeaderName::Authorization:
    case HeaderName::ProxyAuthorization: return false;
    default: return true;
  }
}

MessageWriter& MessageWriter::request_line(std::string_view method, std::string_view uri) {
  return add(method).add(" ").add(uri).add(" SIP/2.0\r\n");
}

MessageWriter& MessageWriter::status_line(int status, std::string_view reason) {
  return add("SIP/2.0 ")
      .add(static_cast<uint64_t>(status))
      .add(" ")
      .add(reason.empty() ? status_phrase(status) : reason)
      .line();
}

MessageWriter& MessageWriter::header(std::string_view name, std::string_view value) {
  return add(name).add(": ").add(value).line();
}

MessageWriter& MessageWriter::header(HeaderName name, uint64_t number) {
  return begin(name).add(number).line();
}

MessageWriter& MessageWriter::begin(HeaderName name) {
  return add(to_string(name)).add(": ");
}

MessageWriter& MessageWriter::add(uint64_t number) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof(digits), number).ptr;
  return add(std::string_view(digits, static_cast<size_t>(end - digits)));
}

std::string MessageWriter::finish(std::string_view content_type, std::string_view body) {
  if (!body.empty()) header(HeaderName::ContentType, content_type);
  header(HeaderName::ContentLength, body.size());
  line().add(body);
  return std::move(out_);
}

MessageWriter begin_response(const Message& request, const Flow& flow, int status, std::string_view reason,
                             std::string_view to_tag) {
  MessageWriter out;
  out.status_line(status, reason);
  bool first_via = true;
  const bool makes_dialog = status > 100 && status < 300 && request.method == Method::Invite;
  for (const Header& header : request.headers) {
    if (header.name == HeaderName::Via && first_via && !request.via.text.empty()) {
      first_via = false;
      const size_t used =
          static_cast<size_t>(request.via.text.data() - header.value.data()) + request.via.text.size();
      add_top_via(out, request.via, flow, header.value.substr(used));
    } else if (header.name == HeaderName::Via || header.name == HeaderName::CallId ||
               header.name == HeaderName::CSeq || header.name == HeaderName::From) {
      out.header(header.name, header.value);
    } else if (header.name == HeaderName::RecordRoute && makes_dialog) {
      out.header(header.name, header.value);
    } else if (header.name == HeaderName::To) {
      out.begin(HeaderName::To).add(header.value);
      if (!to_tag.empty() && request.to.tag().empty()) out.add(";tag=").add(to_tag);
      out.line();
    }
  }
  return out;
}

std::string serialize(const Message& message) {
  MessageWriter out(message.body.size() + 1024);
  if (message.is_request) {
    out.request_line(message.method_text, message.request_uri);
  } else {
    out.add("SIP/2.0 ").add(static_cast<uint64_t>(message.status)).add(" ").add(message.reason).line();
  }
  for (const Header& header : message.headers) {
    if (header.name != HeaderName::ContentLength) out.header(header.text, header.value);
  }
  out.header(HeaderName::ContentLength, message.body.size());
  return out.line().add(message.body).take();
}

}  // namespace sotto::sip
