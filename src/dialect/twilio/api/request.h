#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dialect/twilio/api/api.h"

// What the handlers of the API have in common. Private to this folder.
namespace sotto::twilio {

// As the vendor's clients turn it into an exception.
struct ApiError {
  int status = 400;
  int code = 20001;
  std::string message;
};
template <typename T>
using ApiResult = tl::expected<T, ApiError>;

inline tl::unexpected<ApiError> refuse(int status, int code, std::string message) {
  return tl::unexpected(ApiError{status, code, std::move(message)});
}
tl::unexpected<ApiError> not_found(const std::string& path);
// An error of ours, as the vendor would call it.
tl::unexpected<ApiError> refuse(const Error& error);
http::Response render_error(const ApiError& error);

struct StoredKind;

// A request whose sender is known.
struct ApiRequest {
  http::Request http;
  text::Parameters fields;  // of the query, or of the body
  Accounts::Account account;
  std::string base;                  // "/2010-04-01/Accounts/AC…"
  const StoredKind* kind = nullptr;  // of a resource that is only stored

  const std::string* find(std::string_view name) const;
  std::string text(std::string_view name, std::string fallback = {}) const;
  bool has(std::string_view name) const { return find(name) != nullptr; }
  std::vector<std::string> all(std::string_view name) const;  // also words of one value
  // Refused with `code` when it is something else.
  ApiResult<bool> flag(std::string_view name, bool fallback, int code = 20001) const;
  ApiResult<int64_t> whole(std::string_view name, int64_t fallback, int64_t min, int64_t max, int code) const;
  ApiResult<http::Method> method(std::string_view name, http::Method fallback = http::Method::Post,
                                 int code = 21403) const;
  ApiResult<std::string> choice(std::string_view name, std::initializer_list<std::string_view> choices,
                                std::string fallback, int code) const;
  // An absolute http or https URL, or nothing.
  ApiResult<std::string> url(std::string_view name, int code) const;
  std::string_view parameter(std::string_view name) const { return http.parameter(name); }
};

struct ApiReply {
  int status = 200;
  text::Json body;
  std::optional<http::Response> raw;  // in place of the body
};

// Reads one callback: a URL with a method and events.
ApiResult<Callback> read_callback(const ApiRequest& request, std::string_view url, std::string_view method,
                                  std::string_view events, std::vector<std::string> fallback, int code);

// That those of these parameters that are given name a method, whether or not they are used.
ApiResult<void> check_methods(const ApiRequest& request, std::initializer_list<std::string_view> names);

// One page of a list (twilio.md §4.1).
struct Page {
  int64_t number = 0;
  int64_t size = 50;
};
ApiResult<Page> read_page(const ApiRequest& request);
// `items` are those of the page; `more`: others follow.
ApiReply render_page(const ApiRequest& request, const Page& page, std::string_view key,
                     std::vector<text::Json> items, bool more);
// The whole list, of which the page that was asked for is shown.
ApiResult<ApiReply> paginate(const ApiRequest& request, std::string_view key, std::vector<text::Json> items);

std::string rfc2822(base::WallTime time);
text::Json rfc2822(const std::optional<base::WallTime>& time);
// "YYYY-MM-DD" or a moment in name, "name>" and "name<".
struct TimeFilter {
  std::optional<base::WallTime> from;
  std::optional<base::WallTime> until;  // exclusive
  bool admits(const std::optional<base::WallTime>& time) const;
};
ApiResult<TimeFilter> read_times(const ApiRequest& request, const std::string& name);

using ApiHandler = asio::awaitable<ApiResult<ApiReply>> (*)(ApiParts&, ApiRequest);

struct ApiRoute {
  http::Method method;
  std::string_view path;  // below the account, without .json
  ApiHandler handler;
  const StoredKind* kind = nullptr;
};

// A leg of the account: live, or from the store.
struct FoundLeg {
  call::Leg leg;
  LegNotes notes;
};
// `parameter` is that of the path with the CallSid.
asio::awaitable<ApiResult<FoundLeg>> find_leg(ApiParts& parts, ApiRequest request, const char* parameter);

// The handlers, by resource; their table is in routes.cpp.
#define SOTTO_TWILIO_HANDLER(name) \
  asio::awaitable<ApiResult<ApiReply>> name(ApiParts& parts, ApiRequest request)
SOTTO_TWILIO_HANDLER(list_accounts);
SOTTO_TWILIO_HANDLER(create_account);
SOTTO_TWILIO_HANDLER(show_account);
SOTTO_TWILIO_HANDLER(update_account);
SOTTO_TWILIO_HANDLER(show_balance);
SOTTO_TWILIO_HANDLER(create_token);
SOTTO_TWILIO_HANDLER(list_calls);
SOTTO_TWILIO_HANDLER(create_call);
SOTTO_TWILIO_HANDLER(show_call);
SOTTO_TWILIO_HANDLER(update_call);
SOTTO_TWILIO_HANDLER(erase_call);
SOTTO_TWILIO_HANDLER(list_call_events);
SOTTO_TWILIO_HANDLER(list_call_recordings);
SOTTO_TWILIO_HANDLER(create_call_recording);
SOTTO_TWILIO_HANDLER(show_recording);
SOTTO_TWILIO_HANDLER(update_recording);
SOTTO_TWILIO_HANDLER(erase_recording);
SOTTO_TWILIO_HANDLER(list_recordings);
SOTTO_TWILIO_HANDLER(list_conference_recordings);
SOTTO_TWILIO_HANDLER(download_wav);
SOTTO_TWILIO_HANDLER(download_mp3);
SOTTO_TWILIO_HANDLER(list_transcriptions);
SOTTO_TWILIO_HANDLER(show_transcription);
SOTTO_TWILIO_HANDLER(refuse_transcription);
SOTTO_TWILIO_HANDLER(refuse_siprec);
SOTTO_TWILIO_HANDLER(create_stream);
SOTTO_TWILIO_HANDLER(update_stream);
SOTTO_TWILIO_HANDLER(list_conferences);
SOTTO_TWILIO_HANDLER(show_conference);
SOTTO_TWILIO_HANDLER(update_conference);
SOTTO_TWILIO_HANDLER(list_participants);
SOTTO_TWILIO_HANDLER(create_participant);
SOTTO_TWILIO_HANDLER(show_participant);
SOTTO_TWILIO_HANDLER(update_participant);
SOTTO_TWILIO_HANDLER(erase_participant);
SOTTO_TWILIO_HANDLER(list_queues);
SOTTO_TWILIO_HANDLER(create_queue);
SOTTO_TWILIO_HANDLER(show_queue);
SOTTO_TWILIO_HANDLER(update_queue);
SOTTO_TWILIO_HANDLER(erase_queue);
SOTTO_TWILIO_HANDLER(list_members);
SOTTO_TWILIO_HANDLER(show_member);
SOTTO_TWILIO_HANDLER(update_member);
SOTTO_TWILIO_HANDLER(list_numbers);
SOTTO_TWILIO_HANDLER(create_number);
SOTTO_TWILIO_HANDLER(show_number);
SOTTO_TWILIO_HANDLER(update_number);
SOTTO_TWILIO_HANDLER(erase_number);
SOTTO_TWILIO_HANDLER(list_countries);
SOTTO_TWILIO_HANDLER(show_country);
SOTTO_TWILIO_HANDLER(list_available);
SOTTO_TWILIO_HANDLER(list_none_available);
SOTTO_TWILIO_HANDLER(list_applications);
SOTTO_TWILIO_HANDLER(create_application);
SOTTO_TWILIO_HANDLER(show_application);
SOTTO_TWILIO_HANDLER(update_application);
SOTTO_TWILIO_HANDLER(erase_application);
SOTTO_TWILIO_HANDLER(list_notifications);
SOTTO_TWILIO_HANDLER(show_notification);
SOTTO_TWILIO_HANDLER(list_stored);
SOTTO_TWILIO_HANDLER(create_stored);
SOTTO_TWILIO_HANDLER(show_stored);
SOTTO_TWILIO_HANDLER(update_stored);
SOTTO_TWILIO_HANDLER(erase_stored);
#undef SOTTO_TWILIO_HANDLER

}  // namespace sotto::twilio
