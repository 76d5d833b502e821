#include "dialect/host/await.h"
#include "dialect/host/file_body.h"
#include "dialect/vonage/api/api.h"
#include "dialect/vonage/api/errors.h"
#include "dialect/vonage/ncco/recording.h"
#include "store/recording_store.h"

namespace sotto::vonage {
namespace {

constexpr auto kKept = std::chrono::days(30);

// Some clients take nothing but the general type for a file (vonage.md §6); a browser asks for audio.
std::string content_type(const http::Request& request, std::string_view format) {
  const std::string_view accept = request.headers.get("Accept");
  if (accept.find("audio/") == std::string_view::npos) return "application/octet-stream";
  return format == "mp3" ? "audio/mpeg" : "audio/" + std::string(format);
}

bool may_have(const Caller& caller, const store::RecordingRecord& record, base::WallTime now) {
  if (record.account != base::to_hex(caller.account)) return false;
  if (record.info.ended.value_or(record.info.started) < now - kKept) return false;
  const auto owner = parse_recording_owner(record.info.spec.owner);
  return !owner || !caller.application || owner->application == base::to_uuid(*caller.application);
}

http::Response file_response(const http::Request& request, const std::string& name, std::string_view format) {
  http::Response response = http::Response::empty(200);
  response.headers.set("Content-Type", content_type(request, format));
  response.headers.set("Content-Disposition",
                       "attachment; filename=\"" + name + "." + std::string(format) + "\"");
  return response;
}

}  // namespace

ApiReply download_recording(ApiContext& context, Caller caller, http::Request request) {
  const auto id = base::parse_id<call::RecordingId>(request.parameter("id"));
  if (!id) co_return voice_error(404, "There is no such recording.");
  std::function<Result<store::RecordingRecord>(store::Connection&)> query =
      [id = *id](store::Connection& connection) { return store::find_recording(connection, id); };
  Result<store::RecordingRecord> record = co_await dialect::read(context.services, std::move(query));
  const base::WallTime now = context.services.loop.clock().wall();
  if (!record || !may_have(caller, *record, now)) co_return voice_error(404, "There is no such recording.");
  const std::string path = context.services.settings.recordings_folder + "/" + record->info.path;
  const std::string name = base::to_uuid(*id);
  std::string_view format = "wav";
  for (const std::string_view other : {"mp3", "ogg"}) {
    if (path.ends_with("." + std::string(other))) format = other;
  }
  http::Response response = file_response(request, name, format);
  if (!dialect::set_file_body(request, path, response))
    co_return voice_error(404, "The recording's file is gone.");
  co_return response;
}

}  // namespace sotto::vonage
