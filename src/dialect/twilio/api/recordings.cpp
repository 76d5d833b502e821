#include <algorithm>
#include <filesystem>

#include "dialect/host/await.h"
#include "dialect/host/file_body.h"
#include "dialect/twilio/api/calls.h"
#include "dialect/twilio/sid.h"
#include "http/byte_range.h"
#include "store/recording_store.h"
#include "text/ascii.h"

namespace sotto::twilio {
namespace {

std::string status_of(const ApiParts& parts, const call::RecordingInfo& info) {
  if (parts.shared.services.switchboard.recording(info.id) != nullptr) {
    return parts.shared.paused.contains(info.id) ? "paused" : "in-progress";
  }
  if (!info.ended) return "processing";
  return info.bytes == 0 || info.end == call::RecordingEnd::Failed ? "absent" : "completed";
}

text::Json render_recording(const ApiParts& parts, const ApiRequest& request,
                            const call::RecordingInfo& info) {
  const RecordingOwner owner = read_recording_owner(info.spec.owner);
  const std::string id = sid("RE", info.id);
  const std::string uri = request.base + "/Recordings/" + id;
  const std::string status = status_of(parts, info);
  const bool done = status == "completed";
  text::JsonObject out;
  out.add("account_sid", request.account.settings.account_sid);
  out.add("api_version", "2010-04-01");
  out.add("call_sid", info.leg ? text::Json(sid("CA", *info.leg)) : text::Json());
  out.add("conference_sid", info.leg ? text::Json() : text::Json(sid("CF", info.room)));
  out.add("date_created", rfc2822(info.started));
  out.add("date_updated", rfc2822(info.ended.value_or(info.started)));
  out.add("start_time", rfc2822(info.started));
  out.add(
      "duration",
      done ? text::Json(std::to_string(std::chrono::duration_cast<std::chrono::seconds>(info.length).count()))
           : text::Json());
  out.add("sid", id);
  out.add("price", text::Json());
  out.add("price_unit", "USD");
  out.add("status", status);
  out.add("channels", info.spec.channels);
  out.add("source", owner.source.empty() ? std::string("StartCallRecordingAPI") : owner.source);
  out.add("error_code", status == "absent" ? text::Json(16101) : text::Json());
  out.add("uri", uri + ".json");
  out.add("encryption_details", text::Json());
  out.add("subresource_uris", text::JsonObject{{"add_on_results", uri + "/AddOnResults.json"},
                                               {"transcriptions", uri + "/Transcriptions.json"}});
  if (request.http.path.find("/Calls/") != std::string::npos) {
    out.add("track", owner.track);
  } else {
    out.add("media_url", parts.shared.services.settings.public_url + uri);
  }
  return text::Json(std::move(out));
}

// The latest recording of a leg or room that still runs.
std::optional<call::RecordingId> current(const ApiParts& parts, const ApiRequest& request) {
  const std::string owner = text::find_parameter(request.http.parameters, "CallSid") != nullptr
                                ? std::string(request.parameter("CallSid"))
                                : std::string(request.parameter("ConferenceSid"));
  for (auto it = parts.shared.recording.rbegin(); it != parts.shared.recording.rend(); ++it) {
    const call::RecordingInfo* info = parts.shared.services.switchboard.recording(*it);
    if (info == nullptr) continue;
    const std::string of = info->leg ? sid("CA", *info->leg) : sid("CF", info->room);
    if (of == owner) return info->id;
  }
  return std::nullopt;
}

asio::awaitable<ApiResult<call::RecordingInfo>> find(ApiParts& parts, ApiRequest request) {
  const std::string path = request.http.path;
  const std::string given(request.parameter("Sid"));
  auto id = parse_sid<call::RecordingId>(given, "RE");
  if (given == "Twilio.CURRENT") id = current(parts, request);
  if (!id) co_return not_found(path);
  if (const call::RecordingInfo* live = parts.shared.services.switchboard.recording(*id)) {
    co_return *live;
  }
  for (const Shared::EndedRecording& each : parts.shared.ended) {
    if (each.info.id == *id && each.account == request.account.hex) co_return each.info;
  }
  std::function<Result<store::RecordingRecord>(store::Connection&)> query =
      [id](store::Connection& connection) { return store::find_recording(connection, *id); };
  const Result<store::RecordingRecord> stored =
      co_await dialect::read<store::RecordingRecord>(parts.shared.services, std::move(query));
  if (!stored || stored->account != request.account.hex) co_return not_found(path);
  co_return stored->info;
}

asio::awaitable<ApiResult<std::vector<call::RecordingInfo>>> find_all(ApiParts& parts, ApiRequest request,
                                                                      TimeFilter times) {
  store::RecordingQuery query;
  query.account = request.account.hex;
  query.started_from = times.from;
  query.started_until = times.until;
  query.count_max = 5000;
  std::function<Result<std::vector<store::RecordingRecord>>(store::Connection&)> ask =
      [query](store::Connection& connection) { return store::find_recordings(connection, query); };
  const Result<std::vector<store::RecordingRecord>> stored =
      co_await dialect::read<std::vector<store::RecordingRecord>>(parts.shared.services, std::move(ask));
  if (!stored) co_return refuse(stored.error());
  std::vector<call::RecordingInfo> out;
  for (const store::RecordingRecord& each : *stored) out.push_back(each.info);
  // The store learns of a recording when it begins; one of this very moment may be here alone.
  for (const call::RecordingId id : parts.shared.recording) {
    const call::RecordingInfo* live = parts.shared.services.switchboard.recording(id);
    const call::Leg* leg =
        live != nullptr && live->leg ? parts.shared.services.switchboard.leg(*live->leg) : nullptr;
    const bool known = std::any_of(out.begin(), out.end(), [id](const auto& each) { return each.id == id; });
    if (live == nullptr || known || leg == nullptr || leg->origin.account != request.account.hex) continue;
    if (times.admits(live->started)) out.insert(out.begin(), *live);
  }
  co_return out;
}

asio::awaitable<ApiResult<ApiReply>> list(ApiParts& parts, ApiRequest request, std::string call_sid,
                                          std::string conference_sid) {
  auto times = read_times(request, "DateCreated");
  if (!times) co_return tl::unexpected(times.error());
  ApiResult<std::vector<call::RecordingInfo>> all = co_await find_all(parts, request, *times);
  if (!all) co_return tl::unexpected(all.error());
  std::vector<text::Json> items;
  for (const call::RecordingInfo& info : *all) {
    const std::string leg = info.leg ? sid("CA", *info.leg) : std::string();
    const std::string room = info.leg ? std::string() : sid("CF", info.room);
    if (!call_sid.empty() && leg != call_sid) continue;
    if (!conference_sid.empty() && room != conference_sid) continue;
    items.push_back(render_recording(parts, request, info));
  }
  co_return paginate(request, "recordings", std::move(items));
}

ApiResult<ApiReply> file_reply(const ApiRequest& request, const std::string& path, std::string_view type) {
  http::Response response = http::Response::with(200, type, {});
  if (!dialect::set_file_body(request.http, path, response)) return not_found(request.http.path);
  return ApiReply{200, {}, std::move(response)};
}

struct FoundFile {
  std::string path;
  bool mixed = false;  // one channel was asked for, and there are more
};

asio::awaitable<ApiResult<FoundFile>> find_file(ApiParts& parts, ApiRequest request) {
  ApiResult<call::RecordingInfo> found = co_await find(parts, request);
  if (!found) co_return tl::unexpected(found.error());
  if (status_of(parts, *found) != "completed") co_return not_found(request.http.path);
  const auto channels = request.whole("RequestedChannels", found->spec.channels, 1, 2, 16113);
  if (!channels) co_return tl::unexpected(channels.error());
  if (*channels > found->spec.channels)
    co_return refuse(400, 16113, "RequestedChannels: the recording has one");
  FoundFile file{parts.shared.services.settings.recordings_folder + "/" + found->path,
                 *channels < found->spec.channels};
  std::error_code error;
  if (!std::filesystem::exists(file.path, error)) co_return not_found(request.http.path);
  co_return file;
}

// What a recording is that was not made as wav; null for wav.
const char* compressed_type(const std::string& path) {
  if (path.ends_with(".mp3")) return "audio/mpeg";
  return path.ends_with(".ogg") ? "audio/ogg" : nullptr;
}

asio::awaitable<ApiResult<ApiReply>> render_file(ApiParts& parts, ApiRequest request, FoundFile file,
                                                 call::RecordingFormat format) {
  const char* type = format == call::RecordingFormat::Mp3 ? "audio/mpeg" : "audio/x-wav";
  if (!parts.shared.services.render_recording) co_return refuse(503, 20503, "recordings cannot be converted");
  dialect::Services::Rendering what{file.path, format, file.mixed};
  Result<std::string> made = co_await parts.shared.services.render_recording(std::move(what));
  if (!made) co_return refuse(made.error());
  http::Response response = http::Response::with(200, type, std::move(*made));
  const http::ByteRange part = http::choose_range(request.http, response.body.size(), response);
  response.body = response.body.substr(part.first, part.length);
  co_return ApiReply{200, {}, std::move(response)};
}

}  // namespace

asio::awaitable<ApiResult<ApiReply>> list_recordings(ApiParts& parts, ApiRequest request) {
  const std::string call_sid = request.text("CallSid");
  const std::string conference_sid = request.text("ConferenceSid");
  ApiResult<ApiReply> reply = co_await list(parts, request, call_sid, conference_sid);
  co_return reply;
}

asio::awaitable<ApiResult<ApiReply>> list_call_recordings(ApiParts& parts, ApiRequest request) {
  const std::string call_sid(request.parameter("CallSid"));
  const std::string none;
  ApiResult<ApiReply> reply = co_await list(parts, request, call_sid, none);
  co_return reply;
}

asio::awaitable<ApiResult<ApiReply>> list_conference_recordings(ApiParts& parts, ApiRequest request) {
  const std::string conference_sid(request.parameter("ConferenceSid"));
  const std::string none;
  ApiResult<ApiReply> reply = co_await list(parts, request, none, conference_sid);
  co_return reply;
}

asio::awaitable<ApiResult<ApiReply>> create_call_recording(ApiParts& parts, ApiRequest request) {
  ApiResult<FoundLeg> found = co_await find_leg(parts, request, "CallSid");
  if (!found) co_return tl::unexpected(found.error());
  auto spec = read_recording(request, "StartCallRecordingAPI", "");
  if (!spec) co_return tl::unexpected(spec.error());
  if (!found->leg.answered()) {
    co_return refuse(400, 21220,
                     "Requested resource is not eligible for recording: the call is not in progress");
  }
  auto recording = parts.shared.services.switchboard.record(found->leg.id, *spec);
  if (!recording) co_return refuse(recording.error());
  const call::RecordingInfo* info = parts.shared.services.switchboard.recording(*recording);
  co_return ApiReply{201, render_recording(parts, request, *info), {}};
}

asio::awaitable<ApiResult<ApiReply>> show_recording(ApiParts& parts, ApiRequest request) {
  ApiResult<call::RecordingInfo> found = co_await find(parts, request);
  if (!found) co_return tl::unexpected(found.error());
  co_return ApiReply{200, render_recording(parts, request, *found), {}};
}

asio::awaitable<ApiResult<ApiReply>> update_recording(ApiParts& parts, ApiRequest request) {
  const auto status = request.choice("Status", {"in-progress", "paused", "stopped"}, "", 20001);
  if (!status) co_return tl::unexpected(status.error());
  if (status->empty()) co_return refuse(400, 20001, "Status is required");
  const auto behaviour = request.choice("PauseBehavior", {"skip", "silence"}, "silence", 20001);
  if (!behaviour) co_return tl::unexpected(behaviour.error());
  ApiResult<call::RecordingInfo> found = co_await find(parts, request);
  if (!found) co_return tl::unexpected(found.error());
  call::Switchboard& board = parts.shared.services.switchboard;
  if (board.recording(found->id) == nullptr) co_return refuse(400, 21220, "The recording is not in progress");
  text::Json shown;
  if (*status == "stopped") {
    shown = render_recording(parts, request, *found);
    shown.object()->set("status", "stopped");
    board.stop_recording(found->id);
    co_return ApiReply{200, std::move(shown), {}};
  }
  const bool pause = *status == "paused";
  if (auto paused = board.pause_recording(found->id, pause); !paused) co_return refuse(paused.error());
  if (pause) {
    parts.shared.paused.insert(found->id);
  } else {
    parts.shared.paused.erase(found->id);
  }
  shown = render_recording(parts, request, *found);
  co_return ApiReply{200, std::move(shown), {}};
}

asio::awaitable<ApiResult<ApiReply>> erase_recording(ApiParts& parts, ApiRequest request) {
  ApiResult<call::RecordingInfo> found = co_await find(parts, request);
  if (!found) co_return tl::unexpected(found.error());
  if (parts.shared.services.switchboard.recording(found->id) != nullptr) {
    co_return refuse(409, 20009, "Cannot delete a recording before it is complete");
  }
  const call::RecordingId id = found->id;
  std::erase_if(parts.shared.ended, [id](const auto& each) { return each.info.id == id; });
  store::Store::Change change = [id](store::Connection& connection) {
    return store::erase_recording(connection, id);
  };
  const Result<void> erased = co_await dialect::write(parts.shared.services, std::move(change));
  if (!erased) co_return refuse(erased.error());
  std::error_code error;
  std::filesystem::remove(parts.shared.services.settings.recordings_folder + "/" + found->path, error);
  co_return ApiReply{204, {}, {}};
}

// A recording that was made as mp3 or ogg is given as it is, whatever was asked for.
asio::awaitable<ApiResult<ApiReply>> download_wav(ApiParts& parts, ApiRequest request) {
  ApiResult<FoundFile> file = co_await find_file(parts, request);
  if (!file) co_return tl::unexpected(file.error());
  if (const char* type = compressed_type(file->path)) co_return file_reply(request, file->path, type);
  if (!file->mixed) co_return file_reply(request, file->path, "audio/x-wav");
  const FoundFile found = *file;
  ApiResult<ApiReply> reply = co_await render_file(parts, request, found, call::RecordingFormat::Wav);
  co_return reply;
}

asio::awaitable<ApiResult<ApiReply>> download_mp3(ApiParts& parts, ApiRequest request) {
  ApiResult<FoundFile> file = co_await find_file(parts, request);
  if (!file) co_return tl::unexpected(file.error());
  if (const char* type = compressed_type(file->path)) co_return file_reply(request, file->path, type);
  const FoundFile found = *file;
  ApiResult<ApiReply> reply = co_await render_file(parts, request, found, call::RecordingFormat::Mp3);
  co_return reply;
}

// No engine writes down what was said: the lists are empty, and each is told so.
asio::awaitable<ApiResult<ApiReply>> list_transcriptions(ApiParts&, ApiRequest request) {
  co_return paginate(request, "transcriptions", {});
}

asio::awaitable<ApiResult<ApiReply>> show_transcription(ApiParts&, ApiRequest request) {
  co_return not_found(request.http.path);
}

asio::awaitable<ApiResult<ApiReply>> refuse_transcription(ApiParts&, ApiRequest) {
  co_return refuse(400, 20001, "Real-time transcription is not configured on this server");
}

asio::awaitable<ApiResult<ApiReply>> refuse_siprec(ApiParts&, ApiRequest) {
  co_return refuse(400, 20001, "SIPREC is not supported by this server");
}

}  // namespace sotto::twilio
