#include "dialect/twilio/lint.h"

namespace sotto::twilio {
namespace {

struct NoLinks final : Links {
  flow::DocumentRef add(Link) override { return {"twilio", 1}; }
};

}  // namespace

std::vector<Problem> lint_twiml(std::string_view twiml) {
  NoLinks links;
  Context context{.links = links};
  context.base_url = "https://app.example.com/voice";
  context.scope = "lint";
  return parse_twiml(twiml, {}, context).problems;
}

}  // namespace sotto::twilio
