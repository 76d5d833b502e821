#include "dialect/twilio/notifications.h"

#include "dialect/twilio/api/request.h"
#include "text/form.h"

namespace sotto::twilio {
namespace {

text::JsonObject render(const ApiRequest& request, const Notification& note) {
  const std::string code = std::to_string(note.code);
  const text::Parameters message = {{"Msg", note.text},
                                    {"ErrorCode", code},
                                    {"url", note.url},
                                    {"LogLevel", note.error ? "ERROR" : "WARN"},
                                    {"httpResponse", std::to_string(note.status)}};
  text::JsonObject out;
  out.add("account_sid", request.account.settings.account_sid);
  out.add("api_version", "2010-04-01");
  out.add("call_sid", note.call_sid.empty() ? text::Json() : text::Json(note.call_sid));
  out.add("date_created", rfc2822(note.at));
  out.add("date_updated", rfc2822(note.at));
  out.add("error_code", code);
  out.add("log", note.error ? "0" : "1");
  out.add("message_date", rfc2822(note.at));
  out.add("message_text", text::encode_form(message));
  out.add("more_info", "https://www.twilio.com/docs/errors/" + code);
  out.add("request_method", note.method.empty() ? text::Json() : text::Json(note.method));
  out.add("request_url", note.url);
  out.add("sid", note.sid);
  out.add("uri", request.base + "/Notifications/" + note.sid + ".json");
  return out;
}

bool is_of(const ApiRequest& request, const Notification& note) {
  const std::string* call = text::find_parameter(request.http.parameters, "CallSid");
  return note.account == request.account.hex && (call == nullptr || note.call_sid == *call);
}

}  // namespace

asio::awaitable<ApiResult<ApiReply>> list_notifications(ApiParts& parts, ApiRequest request) {
  auto times = read_times(request, "MessageDate");
  if (!times) co_return tl::unexpected(times.error());
  const auto log = request.whole("Log", -1, 0, 1, 20001);
  if (!log) co_return tl::unexpected(log.error());
  std::vector<text::Json> items;
  for (const Notification& note : parts.shared.notifications.all()) {
    const bool level = *log == -1 || (*log == 0) == note.error;
    if (is_of(request, note) && level && times->admits(note.at))
      items.push_back(text::Json(render(request, note)));
  }
  co_return paginate(request, "notifications", std::move(items));
}

asio::awaitable<ApiResult<ApiReply>> show_notification(ApiParts& parts, ApiRequest request) {
  const std::string_view sid = request.parameter("Sid");
  for (const Notification& note : parts.shared.notifications.all()) {
    if (note.sid != sid || !is_of(request, note)) continue;
    text::JsonObject out = render(request, note);
    out.add("request_variables", text::encode_form(note.variables));
    out.add("response_headers", "");
    out.add("response_body", note.body);
    co_return ApiReply{200, text::Json(std::move(out)), {}};
  }
  co_return not_found(request.http.path);
}

}  // namespace sotto::twilio
