#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "text/ascii.h"
#include "text/utf8.h"
#include "text/xml.h"

namespace sotto::text {
namespace {

constexpr std::array<std::pair<std::string_view, char>, 5> kEntities = {
    {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}}};

bool starts_name(char c) {
  return is_letter(c) || c == '_' || c == ':' || static_cast<unsigned char>(c) >= 0x80;
}

bool continues_name(char c) {
  return starts_name(c) || is_digit(c) || c == '-' || c == '.';
}

// The Char production of XML 1.0, for numeric references.
bool is_xml_character(uint32_t c) {
  if (c == 9 || c == 10 || c == 13) return true;
  return (c >= 0x20 && c <= 0xD7FF) || (c >= 0xE000 && c <= 0xFFFD) || (c >= 0x10000 && c <= 0x10FFFF);
}

bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\r' && c != '\n';
  });
}

class XmlParser {
 public:
  XmlParser(std::string_view text, const XmlLimits& limits) : text_(text), limits_(limits) {}

  Result<XmlElement> document() {
    if (at("<?xml") && !continues_name(peek(5))) {
      if (const auto skipped = skip_past("?>", "the XML declaration has no end"); !skipped)
        return fail(skipped.error());
    }
    if (const auto skipped = misc(); !skipped) return fail(skipped.error());
    if (!at("<")) return malformed("expected an element");
    auto root = element(1);
    if (!root) return root;
    if (const auto skipped = misc(); !skipped) return fail(skipped.error());
    if (left() != 0) return malformed("something follows the root element");
    return root;
  }

 private:
  size_t left() const { return text_.size() - position_; }
  char peek(size_t ahead = 0) const { return ahead < left() ? text_[position_ + ahead] : '\0'; }
  bool at(std::string_view expected) const { return text_.substr(position_).starts_with(expected); }
  bool take(std::string_view expected) {
    if (!at(expected)) return false;
    position_ += expected.size();
    return true;
  }

  size_t line() const {
    return 1 + static_cast<size_t>(
                   std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(position_), '\n'));
  }
  tl::unexpected<Error> refuse(ErrorCode code, std::string_view why) const {
    return fail(code, "XML: " + std::string(why) + ", line " + std::to_string(line()));
  }
  tl::unexpected<Error> malformed(std::string_view why) const { return refuse(ErrorCode::Invalid, why); }

  bool skip_space() {
    const size_t before = position_;
    while (left() > 0 && is_space(text_[position_])) ++position_;
    return position_ != before;
  }

  Result<void> skip_past(std::string_view end, std::string_view why) {
    const size_t found = text_.find(end, position_);
    if (found == std::string_view::npos) return malformed(why);
    position_ = found + end.size();
    return {};
  }

  Result<void> comment() {
    if (const auto skipped = skip_past("--", "a comment has no end"); !skipped) return skipped;
    if (!take(">")) return malformed("a comment holds \"--\"");
    return {};
  }

  Result<void> instruction() {
    const auto target = name();
    if (!target) return fail(target.error());
    if (equal_ignoring_case(*target, "xml"))
      return malformed("the XML declaration must be the first thing in the document");
    return skip_past("?>", "a processing instruction has no end");
  }

  // What may stand around the root: white space, comments, instructions.
  Result<void> misc() {
    while (true) {
      skip_space();
      Result<void> skipped;
      if (take("<!--")) {
        skipped = comment();
      } else if (take("<?")) {
        skipped = instruction();
      } else if (at("<!DOCTYPE")) {
        return refuse(ErrorCode::Forbidden, "DOCTYPE is not allowed");
      } else {
        return {};
      }
      if (!skipped) return skipped;
    }
  }

  Result<std::string> name() {
    const size_t start = position_;
    if (left() == 0 || !starts_name(text_[position_])) return malformed("expected a name");
    while (left() > 0 && continues_name(text_[position_])) ++position_;
    return std::string(text_.substr(start, position_ - start));
  }

  Result<void> count_node() {
    if (++nodes_ > limits_.nodes_max) return refuse(ErrorCode::TooLarge, "too many elements");
    return {};
  }

  // After the '&'.
  Result<void> reference(std::string& out) {
    const size_t end = text_.substr(position_, 12).find(';');
    if (end == std::string_view::npos) return malformed("a '&' must be written as &amp;");
    const std::string_view body = text_.substr(position_, end);
    position_ += end + 1;
    if (!body.starts_with('#')) {
      const auto found =
          std::find_if(kEntities.begin(), kEntities.end(), [&](const auto& e) { return e.first == body; });
      if (found == kEntities.end()) return malformed("unknown entity &" + std::string(body) + ";");
      out += found->second;
      return {};
    }
    const bool hexadecimal = body.starts_with("#x");
    const std::string_view digits = body.substr(hexadecimal ? 2 : 1);
    uint32_t code_point = 0;
    const auto parsed =
        std::from_chars(digits.data(), digits.data() + digits.size(), code_point, hexadecimal ? 16 : 10);
    if (digits.empty() || parsed.ec != std::errc{} || parsed.ptr != digits.data() + digits.size() ||
        !is_xml_character(code_point)) {
      return malformed("&" + std::string(body) + "; is no character");
    }
    append_utf8(out, code_point);
    return {};
  }

  Result<void> attribute(XmlElement& element) {
    auto key = name();
    if (!key) return fail(key.error());
    if (element.attribute(*key) != nullptr) return malformed("attribute " + *key + " is given twice");
    skip_space();
    if (!take("=")) return malformed("attribute " + *key + " has no value");
    skip_space();
    const char quote = peek();
    if (quote != '"' && quote != '\'') return malformed("the value of " + *key + " must be in quotes");
    ++position_;
    std::string value;
    while (left() > 0 && peek() != quote) {
      const char c = text_[position_++];
      if (c == '<') return malformed("a '<' must be written as &lt;");
      if (c == '&') {
        if (const auto read = reference(value); !read) return read;
        continue;
      }
      if (c == '\r' && peek() == '\n') continue;
      value += is_space(c) ? ' ' : c;
    }
    if (left() == 0) return malformed("the value of " + *key + " has no end");
    ++position_;
    element.attributes.push_back({std::move(*key), std::move(value)});
    return count_node();
  }

  Result<XmlElement> element(size_t depth) {
    if (depth > limits_.depth_max) return refuse(ErrorCode::TooLarge, "elements are nested too deep");
    if (const auto counted = count_node(); !counted) return fail(counted.error());
    XmlElement out;
    out.line = line_cached();
    ++position_;
    auto tag = name();
    if (!tag) return fail(tag.error());
    out.name = std::move(*tag);
    while (true) {
      const bool spaced = skip_space();
      if (take("/>")) return out;
      if (take(">")) break;
      if (!spaced) return malformed("element " + out.name + " is not written rightly");
      if (const auto read = attribute(out); !read) return fail(read.error());
    }
    if (const auto read = content(out, depth); !read) return fail(read.error());
    return out;
  }

  // Everything up to and including the end tag.
  Result<void> content(XmlElement& parent, size_t depth) {
    std::string text;
    while (left() > 0) {
      Result<void> read;
      if (at("</")) {
        if (read = flush(parent, text); !read) return read;
        return end_tag(parent.name);
      }
      if (take("<!--")) {
        read = comment();
      } else if (take("<![CDATA[")) {
        read = character_data(text);
      } else if (take("<?")) {
        read = instruction();
      } else if (at("<!")) {
        read = refuse(ErrorCode::Forbidden, "declarations are not allowed");
      } else if (at("<")) {
        read = flush(parent, text);
        if (read) read = child(parent, depth);
      } else {
        read = characters(text);
      }
      if (!read) return read;
    }
    return malformed("element " + parent.name + " has no end");
  }

  Result<void> child(XmlElement& parent, size_t depth) {
    auto nested = element(depth + 1);
    if (!nested) return fail(nested.error());
    parent.children.push_back({std::move(*nested)});
    return {};
  }

  Result<void> flush(XmlElement& parent, std::string& text) {
    if (text.empty()) return {};
    parent.children.push_back({std::move(text)});
    text.clear();
    return count_node();
  }

  Result<void> end_tag(const std::string& expected) {
    position_ += 2;
    const auto found = name();
    if (!found) return fail(found.error());
    if (*found != expected) return malformed("element " + expected + " is closed by </" + *found + ">");
    skip_space();
    if (!take(">")) return malformed("the end tag of " + expected + " is not written rightly");
    return {};
  }

  Result<void> character_data(std::string& out) {
    const size_t start = position_;
    if (const auto skipped = skip_past("]]>", "a CDATA section has no end"); !skipped) return skipped;
    out += text_.substr(start, position_ - 3 - start);
    return {};
  }

  Result<void> characters(std::string& out) {
    while (left() > 0 && peek() != '<') {
      if (at("]]>")) return malformed("\"]]>\" outside of a CDATA section");
      const char c = text_[position_++];
      if (c == '&') {
        if (const auto read = reference(out); !read) return read;
        continue;
      }
      if (c == '\r') {
        if (peek() != '\n') out += '\n';
        continue;
      }
      out += c;
    }
    return {};
  }

  // Counts on from the last element, so that a document of many elements stays linear.
  size_t line_cached() {
    const auto from = text_.begin() + static_cast<std::ptrdiff_t>(counted_to_);
    line_ +=
        static_cast<size_t>(std::count(from, text_.begin() + static_cast<std::ptrdiff_t>(position_), '\n'));
    counted_to_ = position_;
    return line_;
  }

  std::string_view text_;
  const XmlLimits& limits_;
  size_t position_ = 0;
  size_t nodes_ = 0;
  size_t line_ = 1;
  size_t counted_to_ = 0;
};

// The value of a pseudo-attribute of the XML declaration.
std::optional<std::string_view> declared(std::string_view declaration, std::string_view key) {
  const size_t found = declaration.find(" " + std::string(key));
  if (found == std::string_view::npos) return std::nullopt;
  std::string_view rest = trim(declaration.substr(found + 1 + key.size()));
  if (!rest.starts_with('=')) return std::nullopt;
  rest = trim(rest.substr(1));
  if (rest.empty() || (rest.front() != '"' && rest.front() != '\'')) return std::nullopt;
  const size_t end = rest.find(rest.front(), 1);
  if (end == std::string_view::npos) return std::nullopt;
  return rest.substr(1, end - 1);
}

// The text in UTF-8, after looking at the declaration.
Result<std::string> decode(std::string_view text, std::string_view charset) {
  std::string declaration;
  if (text.starts_with("<?xml") && text.size() > 5 && is_space(text[5])) {
    declaration = std::string(text.substr(0, text.find("?>")));
    std::replace_if(declaration.begin(), declaration.end(), is_space, ' ');
    const auto version = declared(declaration, "version");
    if (!version) return fail(ErrorCode::Invalid, "XML: the declaration has no version, line 1");
    if (*version != "1.0") return fail(ErrorCode::Unsupported, "XML: version must be 1.0, line 1");
  }
  if (charset.empty()) charset = declared(declaration, "encoding").value_or("UTF-8");
  const std::string wanted = lower_case(trim(charset));
  if (wanted == "iso-8859-1" || wanted == "latin1") return latin1_to_utf8(text);
  if (wanted != "utf-8" && wanted != "utf8" && wanted != "us-ascii" && wanted != "ascii") {
    return fail(ErrorCode::Invalid, "XML: encoding " + to_valid_utf8(wanted) + " is not supported, line 1");
  }
  if (!is_utf8(text)) return fail(ErrorCode::Invalid, "XML: the text is not valid UTF-8");
  return std::string(text);
}

}  // namespace

Result<XmlElement> parse_xml(std::string_view text, std::string_view charset, const XmlLimits& limits) {
  if (text.size() > limits.bytes_max) {
    return fail(ErrorCode::TooLarge, "XML: over " + std::to_string(limits.bytes_max) + " bytes");
  }
  const auto decoded = decode(text, charset);
  if (!decoded) return fail(decoded.error());
  if (has_control_character(*decoded)) return fail(ErrorCode::Invalid, "XML: holds a control character");
  return XmlParser(*decoded, limits).document();
}

}  // namespace sotto::text
