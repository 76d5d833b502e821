#include "sip/cseq.h"

#include "sip/scan.h"

namespace sotto::sip {

Result<CSeq> parse_cseq(std::string_view value) {
  Scanner scanner(value);
  const auto number = parse_number(scanner.take_token(), 0x7fffffff);
  if (!number || !is_space(scanner.peek())) return fail(ErrorCode::Invalid, "cseq: bad number");
  scanner.skip_spaces();
  CSeq cseq{.number = static_cast<uint32_t>(*number)};
  cseq.method_text = scanner.take_token();
  if (cseq.method_text.empty() || !scanner.at_end()) return fail(ErrorCode::Invalid, "cseq: bad method");
  cseq.method = method_from(cseq.method_text);
  return cseq;
}

Result<RAck> parse_rack(std::string_view value) {
  const size_t space = value.find_first_of(" \t");
  if (space == std::string_view::npos) return fail(ErrorCode::Invalid, "rack: incomplete");
  const auto rseq = parse_number(value.substr(0, space), 0x7fffffff);
  if (!rseq) return fail(ErrorCode::Invalid, "rack: bad number");
  auto cseq = parse_cseq(trim(value.substr(space)));
  if (!cseq) return fail(std::move(cseq.error()));
  return RAck{static_cast<uint32_t>(*rseq), *cseq};
}

}  // namespace sotto::sip
