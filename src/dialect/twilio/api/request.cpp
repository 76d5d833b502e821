#include "dialect/twilio/api/request.h"

#include <algorithm>
#include <charconv>

#include "dialect/host/await.h"
#include "dialect/twilio/sid.h"
#include "store/leg_store.h"
#include "text/ascii.h"
#include "text/form.h"
#include "text/time_format.h"

namespace sotto::twilio {
namespace {

constexpr int64_t kPageSizeMax = 1000;

// The address of a page, with the filters that were asked for.
std::string page_uri(const ApiRequest& request, const Page& page, int64_t number) {
  text::Parameters query = {{"PageSize", std::to_string(page.size)}, {"Page", std::to_string(number)}};
  for (const auto& [name, value] : request.fields) {
    if (name != "PageSize" && name != "Page" && name != "PageToken") query.emplace_back(name, value);
  }
  if (number > 0) query.emplace_back("PageToken", "PA" + std::to_string(number));
  return request.http.path + "?" + text::encode_form(query);
}

// The events that a callback may ask for, by the name of its parameter.
bool is_event(std::string_view parameter, std::string_view event) {
  const auto one_of = [event](std::initializer_list<std::string_view> all) {
    return std::find(all.begin(), all.end(), event) != all.end();
  };
  if (parameter.find("Recording") != std::string_view::npos)
    return one_of({"in-progress", "completed", "absent"});
  if (parameter.starts_with("Conference")) {
    return one_of({"start", "end", "join", "leave", "mute", "hold", "modify", "speaker", "announcement"});
  }
  return one_of({"initiated", "ringing", "answered", "completed"});
}

}  // namespace

tl::unexpected<ApiError> not_found(const std::string& path) {
  return refuse(404, 20404, "The requested resource " + path + " was not found");
}

tl::unexpected<ApiError> refuse(const Error& error) {
  switch (error.code) {
    case ErrorCode::NotFound: return refuse(404, 20404, error.detail);
    case ErrorCode::Conflict:
    case ErrorCode::AlreadyExists: return refuse(409, 20409, error.detail);
    case ErrorCode::Forbidden: return refuse(403, 20403, error.detail);
    case ErrorCode::Exhausted: return refuse(429, 20429, error.detail);
    case ErrorCode::Io:
    case ErrorCode::Internal:
    case ErrorCode::Closed: return refuse(500, 20500, error.detail);
    default: return refuse(400, 20001, error.detail);
  }
}

http::Response render_error(const ApiError& error) {
  text::JsonObject body{{"code", error.code},
                        {"message", error.message},
                        {"more_info", "https://www.twilio.com/docs/errors/" + std::to_string(error.code)},
                        {"status", error.status}};
  if (error.status == 401) body.add("detail", "Your AccountSid or AuthToken was incorrect.");
  http::Response response = http::Response::json(error.status, text::to_text(text::Json(std::move(body))));
  if (error.status == 401) response.headers.add("WWW-Authenticate", "Basic realm=\"Twilio API\"");
  return response;
}

const std::string* ApiRequest::find(std::string_view name) const {
  return text::find_parameter(fields, name);
}

std::string ApiRequest::text(std::string_view name, std::string fallback) const {
  const std::string* value = find(name);
  return value == nullptr ? fallback : *value;
}

std::vector<std::string> ApiRequest::all(std::string_view name) const {
  std::vector<std::string> out;
  for (const auto& [key, value] : fields) {
    if (key != name) continue;
    const std::string collapsed = text::collapse_space(value);
    for (const std::string_view word : text::split(collapsed, ' ')) {
      if (!word.empty()) out.emplace_back(word);
    }
  }
  return out;
}

ApiResult<bool> ApiRequest::flag(std::string_view name, bool fallback, int code) const {
  const std::string* value = find(name);
  if (value == nullptr || value->empty()) return fallback;
  if (text::equal_ignoring_case(*value, "true")) return true;
  if (text::equal_ignoring_case(*value, "false")) return false;
  return refuse(400, code, std::string(name) + ": expected true or false");
}

ApiResult<int64_t> ApiRequest::whole(std::string_view name, int64_t fallback, int64_t min, int64_t max,
                                     int code) const {
  const std::string* value = find(name);
  if (value == nullptr || value->empty()) return fallback;
  int64_t number = 0;
  const auto [end, wrong] = std::from_chars(value->data(), value->data() + value->size(), number);
  const bool read = wrong == std::errc() && end == value->data() + value->size();
  if (read && number >= min && number <= max) return number;
  return refuse(400, code,
                std::string(name) + ": expected a whole number from " + std::to_string(min) + " to " +
                    std::to_string(max));
}

ApiResult<http::Method> ApiRequest::method(std::string_view name, http::Method fallback, int code) const {
  const std::string* value = find(name);
  if (value == nullptr || value->empty()) return fallback;
  if (text::equal_ignoring_case(*value, "GET")) return http::Method::Get;
  if (text::equal_ignoring_case(*value, "POST")) return http::Method::Post;
  return refuse(400, code, std::string(name) + ": expected GET or POST");
}

ApiResult<std::string> ApiRequest::choice(std::string_view name,
                                          std::initializer_list<std::string_view> choices,
                                          std::string fallback, int code) const {
  const std::string* value = find(name);
  if (value == nullptr || value->empty()) return fallback;
  for (const std::string_view choice : choices) {
    if (text::equal_ignoring_case(*value, choice)) return std::string(choice);
  }
  return refuse(400, code, std::string(name) + ": \"" + *value + "\" is not one of its values");
}

ApiResult<std::string> ApiRequest::url(std::string_view name, int code) const {
  const std::string* value = find(name);
  if (value == nullptr || value->empty()) return std::string();
  const auto uri = text::parse_uri(*value);
  const bool web = uri && uri->has_authority && (uri->scheme == "http" || uri->scheme == "https");
  if (web && !uri->host.empty()) return *value;
  return refuse(400, code, std::string(name) + ": \"" + *value + "\" is not a valid URL");
}

ApiResult<Callback> read_callback(const ApiRequest& request, std::string_view url, std::string_view method,
                                  std::string_view events, std::vector<std::string> fallback, int code) {
  auto where = request.url(url, code);
  if (!where) return tl::unexpected(where.error());
  auto how = request.method(method);
  if (!how) return tl::unexpected(how.error());
  std::vector<std::string> wanted = events.empty() ? std::vector<std::string>() : request.all(events);
  for (const std::string& each : wanted) {
    if (!is_event(events, each))
      return refuse(400, 20001, std::string(events) + ": \"" + each + "\" is not one of its values");
  }
  return Callback{*where, *how, wanted.empty() ? std::move(fallback) : std::move(wanted)};
}

ApiResult<void> check_methods(const ApiRequest& request, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const auto method = request.method(name);
    if (!method) return tl::unexpected(method.error());
  }
  return {};
}

ApiResult<Page> read_page(const ApiRequest& request) {
  const auto size = request.whole("PageSize", 50, 1, std::numeric_limits<int64_t>::max(), 20001);
  if (!size) return tl::unexpected(size.error());
  if (*size > kPageSizeMax) return refuse(400, 20007, "Page size too large");
  const auto number = request.whole("Page", 0, 0, 1'000'000, 20001);
  if (!number) return tl::unexpected(number.error());
  const std::string token = request.text("PageToken");
  if (!token.empty() && !token.starts_with("PA")) return refuse(400, 21481, "Invalid Page Token");
  return Page{*number, *size};
}

ApiReply render_page(const ApiRequest& request, const Page& page, std::string_view key,
                     std::vector<text::Json> items, bool more) {
  const auto count = static_cast<int64_t>(items.size());
  const int64_t start = count == 0 ? 0 : page.number * page.size;
  text::JsonObject out;
  out.add("first_page_uri", page_uri(request, page, 0));
  out.add("end", count == 0 ? 0 : start + count - 1);
  out.add("previous_page_uri",
          page.number > 0 ? text::Json(page_uri(request, page, page.number - 1)) : text::Json());
  out.add(std::string(key), text::JsonArray(std::move(items)));
  out.add("uri", page_uri(request, page, page.number));
  out.add("page_size", page.size);
  out.add("start", start);
  out.add("next_page_uri", more ? text::Json(page_uri(request, page, page.number + 1)) : text::Json());
  out.add("page", page.number);
  return {200, text::Json(std::move(out)), {}};
}

ApiResult<ApiReply> paginate(const ApiRequest& request, std::string_view key, std::vector<text::Json> items) {
  const auto page = read_page(request);
  if (!page) return tl::unexpected(page.error());
  const auto total = static_cast<int64_t>(items.size());
  const int64_t begin = std::min(page->number * page->size, total);
  const int64_t end = std::min(begin + page->size, total);
  std::vector<text::Json> shown(items.begin() + begin, items.begin() + end);
  return render_page(request, *page, key, std::move(shown), end < total);
}

std::string rfc2822(base::WallTime time) {
  return text::format_rfc2822(time);
}

text::Json rfc2822(const std::optional<base::WallTime>& time) {
  return time ? text::Json(text::format_rfc2822(*time)) : text::Json();
}

bool TimeFilter::admits(const std::optional<base::WallTime>& time) const {
  if (!from && !until) return true;
  return time && (!from || *time >= *from) && (!until || *time < *until);
}

ApiResult<TimeFilter> read_times(const ApiRequest& request, const std::string& name) {
  TimeFilter filter;
  for (const char* sign : {"", ">", "<"}) {
    const std::string* value = request.find(name + sign);
    if (value == nullptr || value->empty()) continue;
    const auto time = text::parse_iso8601(*value);
    if (!time) return refuse(400, 20001, name + ": expected a date such as 2026-01-31");
    const bool whole_day = value->size() == 10;
    const base::WallTime after = *time + (whole_day ? std::chrono::hours(24) : std::chrono::hours(0));
    if (*sign != '<') filter.from = *time;
    if (*sign == '<') filter.until = whole_day ? after : *time + std::chrono::microseconds(1);
    if (*sign == '\0') filter.until = whole_day ? after : *time + std::chrono::seconds(1);
  }
  return filter;
}

asio::awaitable<ApiResult<FoundLeg>> find_leg(ApiParts& parts, ApiRequest request, const char* parameter) {
  const std::string path = request.http.path;
  const auto id = parse_sid<call::LegId>(request.parameter(parameter), "CA");
  if (!id) co_return not_found(path);
  if (const call::Leg* live = parts.shared.services.switchboard.leg(*id)) {
    if (live->origin.account != request.account.hex) co_return not_found(path);
    const LegNotes* notes = parts.shared.legs.find(*id);
    co_return FoundLeg{*live, notes == nullptr ? LegNotes{} : *notes};
  }
  // One that has just ended, and that the store may not have yet.
  const LegNotes* closed = parts.shared.legs.find(*id);
  if (closed != nullptr && closed->ended && closed->ended->origin.account == request.account.hex) {
    co_return FoundLeg{*closed->ended, *closed};
  }
  std::function<Result<store::LegRecord>(store::Connection&)> query = [id](store::Connection& connection) {
    return store::find_leg(connection, *id);
  };
  const Result<store::LegRecord> stored =
      co_await dialect::read<store::LegRecord>(parts.shared.services, std::move(query));
  if (!stored || stored->leg.origin.account != request.account.hex) co_return not_found(path);
  co_return FoundLeg{stored->leg, LegBook::read(stored->extra)};
}

}  // namespace sotto::twilio
