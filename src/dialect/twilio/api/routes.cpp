#include <set>

#include "crypto/base64.h"
#include "crypto/digest.h"
#include "crypto/password.h"
#include "dialect/twilio/api/request.h"
#include "dialect/twilio/api/stored.h"
#include "dialect/twilio/sid.h"
#include "text/ascii.h"

namespace sotto::twilio {
namespace {

using http::Method;

constexpr char kRoot[] = "/2010-04-01";
constexpr char kAccount[] = "/2010-04-01/Accounts/{AccountSid}";

// Below /2010-04-01/Accounts/{AccountSid}; stored resources are added from their own table.
const ApiRoute kRoutes[] = {
    {Method::Get, "/Balance", show_balance},
    {Method::Post, "/Tokens", create_token},

    {Method::Get, "/Calls", list_calls},
    {Method::Post, "/Calls", create_call},
    {Method::Get, "/Calls/{Sid}", show_call},
    {Method::Post, "/Calls/{Sid}", update_call},
    {Method::Delete, "/Calls/{Sid}", erase_call},
    {Method::Get, "/Calls/{CallSid}/Events", list_call_events},
    {Method::Get, "/Calls/{CallSid}/Notifications", list_notifications},
    {Method::Get, "/Calls/{CallSid}/Notifications/{Sid}", show_notification},
    {Method::Get, "/Calls/{CallSid}/Recordings", list_call_recordings},
    {Method::Post, "/Calls/{CallSid}/Recordings", create_call_recording},
    {Method::Get, "/Calls/{CallSid}/Recordings/{Sid}", show_recording},
    {Method::Post, "/Calls/{CallSid}/Recordings/{Sid}", update_recording},
    {Method::Delete, "/Calls/{CallSid}/Recordings/{Sid}", erase_recording},
    {Method::Post, "/Calls/{CallSid}/Streams", create_stream},
    {Method::Post, "/Calls/{CallSid}/Streams/{Sid}", update_stream},
    {Method::Post, "/Calls/{CallSid}/Siprec", refuse_siprec},
    {Method::Post, "/Calls/{CallSid}/Siprec/{Sid}", refuse_siprec},
    {Method::Post, "/Calls/{CallSid}/Transcriptions", refuse_transcription},
    {Method::Post, "/Calls/{CallSid}/Transcriptions/{Sid}", refuse_transcription},

    {Method::Get, "/Conferences", list_conferences},
    {Method::Get, "/Conferences/{Sid}", show_conference},
    {Method::Post, "/Conferences/{Sid}", update_conference},
    {Method::Get, "/Conferences/{ConferenceSid}/Recordings", list_conference_recordings},
    {Method::Get, "/Conferences/{ConferenceSid}/Recordings/{Sid}", show_recording},
    {Method::Post, "/Conferences/{ConferenceSid}/Recordings/{Sid}", update_recording},
    {Method::Delete, "/Conferences/{ConferenceSid}/Recordings/{Sid}", erase_recording},
    {Method::Get, "/Conferences/{ConferenceSid}/Participants", list_participants},
    {Method::Post, "/Conferences/{ConferenceSid}/Participants", create_participant},
    {Method::Get, "/Conferences/{ConferenceSid}/Participants/{CallSid}", show_participant},
    {Method::Post, "/Conferences/{ConferenceSid}/Participants/{CallSid}", update_participant},
    {Method::Delete, "/Conferences/{ConferenceSid}/Participants/{CallSid}", erase_participant},

    {Method::Get, "/Recordings", list_recordings},
    {Method::Get, "/Recordings/{Sid}", show_recording},
    {Method::Delete, "/Recordings/{Sid}", erase_recording},
    {Method::Get, "/Recordings/{RecordingSid}/Transcriptions", list_transcriptions},
    {Method::Get, "/Recordings/{RecordingSid}/Transcriptions/{Sid}", show_transcription},
    {Method::Delete, "/Recordings/{RecordingSid}/Transcriptions/{Sid}", show_transcription},
    {Method::Get, "/Transcriptions", list_transcriptions},
    {Method::Get, "/Transcriptions/{Sid}", show_transcription},
    {Method::Delete, "/Transcriptions/{Sid}", show_transcription},

    {Method::Get, "/Queues", list_queues},
    {Method::Post, "/Queues", create_queue},
    {Method::Get, "/Queues/{Sid}", show_queue},
    {Method::Post, "/Queues/{Sid}", update_queue},
    {Method::Delete, "/Queues/{Sid}", erase_queue},
    {Method::Get, "/Queues/{QueueSid}/Members", list_members},
    {Method::Get, "/Queues/{QueueSid}/Members/{CallSid}", show_member},
    {Method::Post, "/Queues/{QueueSid}/Members/{CallSid}", update_member},

    {Method::Get, "/IncomingPhoneNumbers", list_numbers},
    {Method::Post, "/IncomingPhoneNumbers", create_number},
    {Method::Get, "/IncomingPhoneNumbers/Local", list_numbers},
    {Method::Post, "/IncomingPhoneNumbers/Local", create_number},
    {Method::Get, "/IncomingPhoneNumbers/Mobile", list_numbers},
    {Method::Post, "/IncomingPhoneNumbers/Mobile", create_number},
    {Method::Get, "/IncomingPhoneNumbers/TollFree", list_numbers},
    {Method::Post, "/IncomingPhoneNumbers/TollFree", create_number},
    {Method::Get, "/IncomingPhoneNumbers/{Sid}", show_number},
    {Method::Post, "/IncomingPhoneNumbers/{Sid}", update_number},
    {Method::Delete, "/IncomingPhoneNumbers/{Sid}", erase_number},
    {Method::Get, "/AvailablePhoneNumbers", list_countries},
    {Method::Get, "/AvailablePhoneNumbers/{CountryCode}", show_country},
    {Method::Get, "/AvailablePhoneNumbers/{CountryCode}/Local", list_available},
    {Method::Get, "/AvailablePhoneNumbers/{CountryCode}/Mobile", list_none_available},
    {Method::Get, "/AvailablePhoneNumbers/{CountryCode}/TollFree", list_none_available},
    {Method::Get, "/AvailablePhoneNumbers/{CountryCode}/National", list_none_available},
    {Method::Get, "/AvailablePhoneNumbers/{CountryCode}/Voip", list_none_available},
    {Method::Get, "/AvailablePhoneNumbers/{CountryCode}/SharedCost", list_none_available},
    {Method::Get, "/AvailablePhoneNumbers/{CountryCode}/MachineToMachine", list_none_available},

    {Method::Get, "/Applications", list_applications},
    {Method::Post, "/Applications", create_application},
    {Method::Get, "/Applications/{Sid}", show_application},
    {Method::Post, "/Applications/{Sid}", update_application},
    {Method::Delete, "/Applications/{Sid}", erase_application},

    {Method::Get, "/Notifications", list_notifications},
    {Method::Get, "/Notifications/{Sid}", show_notification},
};

struct Credentials {
  std::string user;
  std::string password;
};

std::optional<Credentials> basic_credentials(const http::Request& request) {
  const std::string_view header = request.headers.get("Authorization");
  if (!text::equal_ignoring_case(header.substr(0, 6), "basic ")) return std::nullopt;
  const auto decoded = crypto::base64_decode(text::trim(header.substr(6)));
  if (!decoded) return std::nullopt;
  const size_t colon = decoded->find(':');
  if (colon == std::string::npos) return std::nullopt;
  return Credentials{decoded->substr(0, colon), decoded->substr(colon + 1)};
}

const ApiError kUnauthorized{401, 20003, "Authenticate"};

// The account whose token or key this is.
asio::awaitable<ApiResult<Accounts::Account>> sender_of(ApiParts& parts, http::Request request) {
  const auto given = basic_credentials(request);
  if (!given) co_return tl::unexpected(kUnauthorized);
  if (is_sid(given->user, "SK")) {
    const std::string kind = kKeyKind;
    const std::string user = given->user;
    const Result<store::Document> key = co_await stored_document(parts, kind, user);
    const auto body = key ? text::parse_json(key->body) : Result<text::Json>(text::Json());
    const std::string* fingerprint = body ? (*body)["fingerprint"].text() : nullptr;
    const bool right =
        fingerprint != nullptr &&
        crypto::equal_in_constant_time(*fingerprint, crypto::token_fingerprint(given->password));
    const Accounts::Account* account = right ? parts.shared.accounts.by_hex(key->account) : nullptr;
    if (account == nullptr) co_return tl::unexpected(kUnauthorized);
    co_return *account;
  }
  const Accounts::Account* account = parts.shared.accounts.by_sid(given->user);
  const bool right =
      account != nullptr && crypto::equal_in_constant_time(account->settings.auth_token, given->password);
  if (!right) co_return tl::unexpected(kUnauthorized);
  co_return *account;
}

// The account in the path: the sender's own, or a sub-account of it.
ApiResult<Accounts::Account> subject_of(const ApiParts& parts, const Accounts::Account& sender,
                                        const std::string& sid, const std::string& path) {
  if (sender.settings.status != "active" || !sender.active) return refuse(401, 20005, "Account not active");
  if (sid.empty() || sid == sender.settings.account_sid) return sender;
  const Accounts::Account* account = parts.shared.accounts.by_sid(sid);
  if (account == nullptr || account->parent != sender.id) return not_found(path);
  return *account;
}

// Recordings may be had without credentials where the account says so (twilio.md §4.6).
bool is_open(const ApiParts& parts, const ApiRoute& route, const http::Request& request) {
  const std::string* sid = text::find_parameter(request.parameters, "AccountSid");
  const Accounts::Account* account = sid == nullptr ? nullptr : parts.shared.accounts.by_sid(*sid);
  const bool download = route.handler == download_wav || route.handler == download_mp3;
  return download && account != nullptr && !account->settings.recordings_need_auth;
}

asio::awaitable<http::Response> serve(ApiParts parts, const ApiRoute* route, http::Request request) {
  ApiResult<Accounts::Account> sender = tl::unexpected(kUnauthorized);
  if (is_open(parts, *route, request)) {
    sender = *parts.shared.accounts.by_sid(std::string(request.parameter("AccountSid")));
  } else {
    sender = co_await sender_of(parts, request);
  }
  if (!sender) co_return render_error(sender.error());
  const std::string* sid = text::find_parameter(request.parameters, "AccountSid");
  auto subject = subject_of(parts, *sender, sid == nullptr ? std::string() : *sid, request.path);
  if (!subject) co_return render_error(subject.error());
  const bool has_body = request.method == Method::Post;
  auto fields = has_body ? request.form() : request.query();
  if (has_body && !fields && request.body.empty()) fields = text::Parameters{};
  if (!fields) co_return render_error({400, 20001, fields.error().detail});
  ApiRequest asked;
  asked.http = std::move(request);
  asked.fields = std::move(*fields);
  asked.account = std::move(*subject);
  asked.base = std::string(kRoot) + "/Accounts/" + asked.account.settings.account_sid;
  asked.kind = route->kind;
  ApiResult<ApiReply> reply = co_await route->handler(parts, std::move(asked));
  if (!reply) co_return render_error(reply.error());
  if (reply->raw) co_return std::move(*reply->raw);
  if (reply->status == 204) co_return http::Response::empty(204);
  co_return http::Response::json(reply->status, text::to_text(reply->body));
}

http::Response render_problem(const http::Problem& problem) {
  int code = 20001;
  if (problem.status == 404) code = 20404;
  if (problem.status == 405) code = 20004;
  if (problem.status == 413) code = 20413;
  if (problem.status >= 500) code = 20500;
  std::string message = problem.detail;
  if (problem.status == 404) message = "The requested resource " + problem.path + " was not found";
  return render_error({problem.status, code, std::move(message)});
}

void add(http::Router& router, const ApiParts& parts, const ApiRoute& route, const std::string& pattern) {
  http::Handler handler = [parts, route = &route](http::Request request) {
    return serve(parts, route, std::move(request));
  };
  router.add(route.method, pattern + ".json", handler);
  router.add(route.method, pattern, handler);
}

const ApiRoute kAccountRoutes[] = {
    {Method::Get, "/Accounts", list_accounts},
    {Method::Post, "/Accounts", create_account},
    {Method::Get, "/Accounts/{AccountSid}", show_account},
    {Method::Post, "/Accounts/{AccountSid}", update_account},
};

const ApiRoute kDownloads[] = {
    {Method::Get, "/Recordings/{Sid}.wav", download_wav},
    {Method::Get, "/Recordings/{Sid}.mp3", download_mp3},
    {Method::Get, "/Recordings/{Sid}", download_wav},
};

// Made once: the handlers keep pointers to its rows.
const std::vector<ApiRoute>& stored_routes() {
  static const std::vector<ApiRoute> routes = [] {
    std::vector<ApiRoute> made;
    for (const StoredKind& kind : stored_kinds()) {
      made.push_back({Method::Get, kind.collection, list_stored, &kind});
      made.push_back({Method::Post, kind.collection, create_stored, &kind});
    }
    return made;
  }();
  return routes;
}

const std::vector<ApiRoute>& stored_instance_routes() {
  static const std::vector<ApiRoute> routes = [] {
    std::vector<ApiRoute> made;
    for (const StoredKind& kind : stored_kinds()) {
      made.push_back({Method::Get, kind.collection, show_stored, &kind});
      made.push_back({Method::Post, kind.collection, update_stored, &kind});
      made.push_back({Method::Delete, kind.collection, erase_stored, &kind});
    }
    return made;
  }();
  return routes;
}

}  // namespace

void Api::add_routes(http::Router& router) {
  http::Mount mount;
  mount.render_error = render_problem;
  router.mount(kRoot, std::move(mount));
  for (const ApiRoute& route : kAccountRoutes) add(router, parts_, route, kRoot + std::string(route.path));
  for (const ApiRoute& route : kRoutes) {
    // Without a suffix a recording is its sound (twilio.md §4.6).
    const bool bare = route.path == "/Recordings/{Sid}" && route.method == Method::Get;
    const std::string pattern = kAccount + std::string(route.path);
    if (!bare) {
      add(router, parts_, route, pattern);
      continue;
    }
    router.add(route.method, pattern + ".json", [parts = parts_, row = &route](http::Request request) {
      return serve(parts, row, std::move(request));
    });
  }
  for (const ApiRoute& route : kDownloads) {
    router.add(route.method, kAccount + std::string(route.path),
               [parts = parts_, row = &route](http::Request request) {
                 return serve(parts, row, std::move(request));
               });
  }
  for (const ApiRoute& route : stored_routes())
    add(router, parts_, route, kAccount + std::string(route.path));
  for (const ApiRoute& route : stored_instance_routes()) {
    add(router, parts_, route, kAccount + std::string(route.path) + "/{Sid}");
  }
}

}  // namespace sotto::twilio
