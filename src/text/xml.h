#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/limits.h"
#include "base/result.h"

// XML 1.0 without document types, as strict as the documents' vendors are (twilio.md §1.2).
namespace sotto::text {

struct XmlNode;

struct XmlAttribute {
  std::string name;
  std::string value;
};

// Values own what they hold. Comments and processing instructions are dropped; text and elements keep their
// order.
struct XmlElement {
  std::string name;
  std::vector<XmlAttribute> attributes;
  std::vector<XmlNode> children;
  size_t line = 0;

  const std::string* attribute(std::string_view wanted) const;
  // The element's own text without that of its children: trimmed, inner white space collapsed.
  std::string text() const;
  std::vector<const XmlElement*> elements() const;
};

struct XmlNode {
  std::variant<std::string, XmlElement> content;

  const std::string* text() const { return std::get_if<std::string>(&content); }
  const XmlElement* element() const { return std::get_if<XmlElement>(&content); }
};

struct XmlLimits {
  size_t depth_max = base::limits::kXmlDepthMax;
  size_t nodes_max = base::limits::kXmlNodesMax;  // elements, attributes and texts
  size_t bytes_max = base::limits::kDocumentBytesMax;
};

// Exactly one root element. Errors name the line:
//   Invalid      not well-formed: anything before "<?xml" (a byte order mark too), a bare '&', an entity
//   other than the five
//                and numeric ones, a repeated attribute, two roots, an encoding other than UTF-8 and
//                ISO-8859-1
//   Unsupported  an XML version other than 1.0
//   Forbidden    a DOCTYPE
//   TooLarge     over a limit
// `charset` is that of the Content-Type; it wins over the prolog's. Empty: as the prolog says, else UTF-8.
Result<XmlElement> parse_xml(std::string_view text, std::string_view charset = {},
                             const XmlLimits& limits = {});

// For text and for attribute values in double quotes. What XML cannot hold becomes U+FFFD.
std::string xml_escape(std::string_view text);
std::string to_text(const XmlElement& root);

}  // namespace sotto::text
