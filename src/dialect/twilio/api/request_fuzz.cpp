// What a REST request says, up to what it names: the first line is a request target, the rest a form.
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "dialect/twilio/api/calls.h"
#include "dialect/twilio/api/request.h"
#include "dialect/twilio/overrides.h"
#include "dialect/twilio/sid.h"
#include "http/request_parser.h"
#include "text/form.h"

namespace sotto::twilio {
namespace {

void check_error(const ApiError& error) {
  CHECK(error.status >= 400 && error.status < 600 && error.code > 0 && !error.message.empty());
  const http::Response response = render_error(error);
  CHECK(text::parse_json(response.body).has_value());
}

// A page never shows more than was asked for, and says where it stands.
void check_pages(const ApiRequest& request) {
  const auto page = read_page(request);
  if (!page) return check_error(page.error());
  CHECK(page->size >= 1 && page->size <= 1000 && page->number >= 0);
  const std::vector<text::Json> items(7, text::Json("x"));
  const auto shown = paginate(request, "items", items);
  CHECK(shown.has_value());
  const auto count = static_cast<int64_t>(shown->body["items"].array()->size());
  CHECK(count <= page->size && *shown->body["page"].integer() == page->number);
  CHECK(text::parse_json(text::to_text(shown->body)).has_value());
}

void check_fields(const ApiRequest& request) {
  for (const char* name : {"StartTime", "DateCreated"}) {
    if (const auto times = read_times(request, name); !times) check_error(times.error());
  }
  if (const auto spec = read_recording(request, "OutboundAPI", ""); !spec) check_error(spec.error());
  const auto callback = read_callback(request, "StatusCallback", "StatusCallbackMethod",
                                      "StatusCallbackEvent", {"completed"}, 21402);
  if (!callback) check_error(callback.error());
  if (callback && *callback) CHECK(callback->url.starts_with("http"));
  if (const auto timeout = request.whole("Timeout", 60, 1, 600, 21208))
    CHECK(*timeout >= 1 && *timeout <= 600);
  if (const auto record = request.flag("Record", false); !record) check_error(record.error());
  for (const auto& [name, value] : request.fields) {
    (void)parse_overrides(value);
    (void)request.all(name);
    const auto address = parse_address(value, "US");
    if (address && address->kind == call::Address::Kind::Number) {
      const auto again = parse_address(address_text(*address), "US");
      CHECK(again && *again == *address);
    }
    if (is_sid(value, "CA")) CHECK(parse_sid<call::LegId>(value, "CA").has_value());
  }
}

}  // namespace
}  // namespace sotto::twilio

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sotto;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t line = input.find('\n');
  http::RequestHead head;
  if (!http::parse_target(input.substr(0, line), head)) return 0;
  const auto query = text::parse_form(head.query_text);
  const auto body =
      text::parse_form(line == std::string_view::npos ? std::string_view() : input.substr(line + 1));
  twilio::ApiRequest request;
  request.http.path = head.path;
  for (const auto& form : {query, body}) {
    if (!form) continue;
    request.fields = *form;
    twilio::check_pages(request);
    twilio::check_fields(request);
  }
  return 0;
}
