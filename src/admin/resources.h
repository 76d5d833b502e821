#pragma once

#include <span>

#include "admin/context.h"
#include "http/request.h"
#include "http/response.h"

namespace sotto::admin {

// One resource: answers, or fails with an error whose code becomes the status.
using Handle = asio::awaitable<Result<http::Response>> (*)(Context context, http::Request request);
using Answer = asio::awaitable<Result<http::Response>>;

struct Resource {
  http::Method method;
  std::string_view pattern;  // below /admin/v1
  Handle handle;
};
std::span<const Resource> resources();

// calls.cpp
Answer list_calls(Context context, http::Request request);
Answer show_call(Context context, http::Request request);
Answer show_hearing(Context context, http::Request request);
// call_control.cpp
Answer hang_up_call(Context context, http::Request request);
Answer supervise_call(Context context, http::Request request);
// campaigns.cpp
Answer list_campaigns(Context context, http::Request request);
Answer show_campaign(Context context, http::Request request);
Answer add_campaign(Context context, http::Request request);
Answer remove_campaign(Context context, http::Request request);
// report.cpp
Answer show_report(Context context, http::Request request);
// directory.cpp
Answer list_numbers(Context context, http::Request request);
Answer list_phones(Context context, http::Request request);
Answer list_trunks(Context context, http::Request request);
Answer list_applications(Context context, http::Request request);
Answer explain_route(Context context, http::Request request);
// webhooks.cpp
Answer list_dead_letters(Context context, http::Request request);
Answer show_dead_letter(Context context, http::Request request);
Answer replay_dead_letter(Context context, http::Request request);
// sip.cpp
Answer trace_sip(Context context, http::Request request);
// system.cpp
Answer reload_config(Context context, http::Request request);
Answer diagnose_server(Context context, http::Request request);
Answer purge_store(Context context, http::Request request);

}  // namespace sotto::admin
