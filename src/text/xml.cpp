#include "text/xml.h"

#include <algorithm>

#include "text/ascii.h"
#include "text/utf8.h"

namespace sotto::text {
namespace {

void append_element(std::string& out, const XmlElement& element) {
  out += "<" + element.name;
  for (const XmlAttribute& attribute : element.attributes) {
    out += " " + attribute.name + "=\"" + xml_escape(attribute.value) + "\"";
  }
  if (element.children.empty()) {
    out += "/>";
    return;
  }
  out += ">";
  for (const XmlNode& child : element.children) {
    if (const XmlElement* nested = child.element()) append_element(out, *nested);
    if (const std::string* text = child.text()) out += xml_escape(*text);
  }
  out += "</" + element.name + ">";
}

}  // namespace

const std::string* XmlElement::attribute(std::string_view wanted) const {
  const auto found =
      std::find_if(attributes.begin(), attributes.end(), [&](const auto& a) { return a.name == wanted; });
  return found == attributes.end() ? nullptr : &found->value;
}

std::string XmlElement::text() const {
  std::string joined;
  for (const XmlNode& child : children) {
    if (const std::string* text = child.text()) joined += *text;
  }
  return collapse_space(joined);
}

std::vector<const XmlElement*> XmlElement::elements() const {
  std::vector<const XmlElement*> found;
  for (const XmlNode& child : children) {
    if (const XmlElement* element = child.element()) found.push_back(element);
  }
  return found;
}

std::string xml_escape(std::string_view text) {
  if (!is_utf8(text)) return xml_escape(to_valid_utf8(text));
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\n': out += "&#10;"; break;
      case '\r': out += "&#13;"; break;
      case '\t': out += "&#9;"; break;
      default:
        if (static_cast<unsigned char>(c) >= 0x20) {
          out += c;
        } else {
          append_utf8(out, 0xFFFD);  // XML has no way to write it
        }
    }
  }
  return out;
}

std::string to_text(const XmlElement& root) {
  std::string out;
  append_element(out, root);
  return out;
}

}  // namespace sotto::text
