#include "base/check.h"
#include "dialect/twilio/twiml/parser.h"

namespace {

struct CountedLinks final : sotto::twilio::Links {
  sotto::flow::DocumentRef add(sotto::twilio::Link) override { return {"twilio", ++count}; }
  uint64_t count = 0;
};

}  // namespace

// Whatever an app answers: a program that its role may run, or a reason why there is none.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sotto;
  if (size == 0) return 0;
  constexpr flow::Role kRoles[] = {flow::Role::Main, flow::Role::Screening, flow::Role::ConferenceWait,
                                   flow::Role::QueueWait};
  CountedLinks links;
  twilio::Context context{.links = links};
  context.role = kRoles[data[0] % std::size(kRoles)];
  context.base_url = "http://app/voice";
  context.scope = "acc";
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const twilio::Parsed parsed = twilio::parse_twiml(text, {}, context);
  CHECK((parsed.program != nullptr) == (parsed.failure() == nullptr));
  return 0;
}
