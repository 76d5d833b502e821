// Paths, queries and bodies of requests, up to what they name: the first line is a request target, the rest a
// body.
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "dialect/voipnow/listing.h"
#include "dialect/voipnow/scope.h"
#include "http/request_parser.h"
#include "text/ascii.h"
#include "text/json.h"

namespace sotto::voipnow {
namespace {

Scope make_scope() {
  directory::Entities all;
  directory::Account account;
  account.id = {0, 1};
  all.accounts = {account};
  all.organisations = {{{0, 7}, account.id, "Harbor Desk", "0042", true}};
  for (const char* extension : {"0042*310", "0042*318"}) {
    directory::Phone phone;
    phone.id = {0, all.phones.size() + 1};
    phone.account = account.id;
    phone.organisation = {0, 7};
    phone.user = extension;
    phone.extension = extension;
    phone.owner = "57";
    all.phones.push_back(phone);
  }
  return Scope(account.id, App{}, AccountSettings{}, *directory::Snapshot::create(std::move(all)));
}

void check_path(const Scope& scope, std::string_view target) {
  http::RequestHead head;
  if (!http::parse_target(target, head)) return;
  http::Request request;
  request.query_text = head.query_text;
  request.path = head.path;
  const auto query = parse_list_query(request, {{"id"}, {"id", "published"}});
  if (query) {
    const text::Json entry = text::JsonObject{{"id", "5d0c"}, {"published", "x"}};
    const text::JsonObject page = make_collection(*query, {entry, entry}, "http://pbx.example" + head.path);
    CHECK(page.find("entry")->array()->size() <= 2);
  }
  for (const std::string_view raw : text::split(head.path, '/')) {
    const std::string segment = text::percent_decode(raw);
    const auto user = scope.user(segment);
    const UserRef me{UserRef::Kind::Me, {}, "@me"};
    const auto extension = scope.extension(segment, user ? *user : me);
    if (extension && !extension->is_self()) CHECK(is_extension(segment));
  }
}

void check_value(const text::Json& value) {
  if (const auto text = read_text(value)) {
    if (const auto caller_id = parse_caller_id(*text)) {
      const auto again = parse_caller_id(to_text(*caller_id));
      CHECK(again == caller_id);
    }
    if (const auto number = parse_phone_number(*text)) CHECK(is_digits(*number));
  }
  if (const auto view = read_view_id(value)) {
    CHECK(read_view_id(text::Json(view_id(*view))) == view);
  }
  (void)read_number(value);
  (void)read_flag(value);
  if (value.array() != nullptr) {
    for (const text::Json& each : *value.array()) check_value(each);
  }
  if (value.object() != nullptr) {
    for (const text::JsonMember& member : value.object()->members()) check_value(member.value);
  }
}

}  // namespace
}  // namespace sotto::voipnow

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sotto;
  static const voipnow::Scope scope = voipnow::make_scope();
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t line = input.find('\n');
  voipnow::check_path(scope, input.substr(0, line));
  const std::string_view body = line == std::string_view::npos ? std::string_view() : input.substr(line + 1);
  const auto json = text::parse_json(body);
  if (json) voipnow::check_value(*json);
  (void)voipnow::parse_settings(body);
  return 0;
}
