#include "dialect/twilio/api/request.h"
#include "dialect/twilio/sid.h"
#include "dialect/twilio/signature.h"

namespace sotto::twilio {
namespace {

text::Json render(const ApiParts& parts, const ApiRequest& request, call::TapId stream,
                  const std::string& name, std::string_view status) {
  const std::string call(request.parameter("CallSid"));
  const std::string id = sid("MZ", stream);
  text::JsonObject out;
  out.add("sid", id);
  out.add("account_sid", request.account.settings.account_sid);
  out.add("call_sid", call);
  out.add("name", name.empty() ? text::Json() : text::Json(name));
  out.add("status", status);
  out.add("date_updated", rfc2822(parts.shared.services.loop.clock().wall()));
  out.add("uri", request.base + "/Calls/" + call + "/Streams/" + id + ".json");
  return text::Json(std::move(out));
}

// Parameter1.Name and Parameter1.Value, up to 99.
text::JsonObject read_custom(const ApiRequest& request) {
  text::JsonObject custom;
  for (int i = 1; i <= 99; ++i) {
    const std::string prefix = "Parameter" + std::to_string(i);
    const std::string* name = request.find(prefix + ".Name");
    if (name != nullptr && !name->empty()) custom.set(*name, request.text(prefix + ".Value"));
  }
  return custom;
}

}  // namespace

asio::awaitable<ApiResult<ApiReply>> create_stream(ApiParts& parts, ApiRequest request) {
  ApiResult<FoundLeg> found = co_await find_leg(parts, request, "CallSid");
  if (!found) co_return tl::unexpected(found.error());
  if (!found->leg.live()) co_return refuse(400, 21220, "Call is not in-progress");
  const auto track =
      request.choice("Track", {"inbound_track", "outbound_track", "both_tracks"}, "inbound_track", 31941);
  if (!track) co_return tl::unexpected(track.error());
  auto status = read_callback(request, "StatusCallback", "StatusCallbackMethod", {}, {}, 21402);
  if (!status) co_return tl::unexpected(status.error());
  StreamSettings settings;
  settings.track = *track;
  settings.status = *status;
  settings.custom = text::Json(read_custom(request));
  StreamOwner owner;
  owner.leg = found->leg.id;
  owner.account_sid = request.account.settings.account_sid;
  owner.unencrypted = request.account.settings.unencrypted_streams;
  owner.sign = [token = request.account.settings.auth_token](const std::string& url) {
    return sign(token, signed_url(url), {});
  };
  const std::string name = request.text("Name");
  auto spec = make_stream(request.text("Url"), name, false, settings, owner);
  if (!spec)
    co_return refuse(400, spec.error().code == ErrorCode::Unsupported ? 31922 : 31923, spec.error().detail);
  parts.shared.legs.open(found->leg.id).streams_expected.push_back({name, *status});
  auto stream = parts.shared.services.switchboard.open_stream(found->leg.id, *spec);
  if (!stream) co_return refuse(stream.error());
  parts.callbacks.name_stream(*stream, found->leg.id, name);
  co_return ApiReply{200, render(parts, request, *stream, name, "in-progress"), {}};
}

asio::awaitable<ApiResult<ApiReply>> update_stream(ApiParts& parts, ApiRequest request) {
  const auto status = request.choice("Status", {"stopped"}, "", 20001);
  if (!status) co_return tl::unexpected(status.error());
  if (status->empty()) co_return refuse(400, 20001, "Status is required");
  ApiResult<FoundLeg> found = co_await find_leg(parts, request, "CallSid");
  if (!found) co_return tl::unexpected(found.error());
  const std::string given(request.parameter("Sid"));
  const auto stream = parts.callbacks.find_stream(found->leg.id, given);
  if (!stream) co_return not_found(request.http.path);
  parts.shared.services.switchboard.close_stream(stream->first);
  co_return ApiReply{200, render(parts, request, stream->first, stream->second, "stopped"), {}};
}

}  // namespace sotto::twilio
