#pragma once

#include <optional>
#include <string>

#include "dialect/host/key_maker.h"
#include "dialect/vonage/account.h"
#include "dialect/vonage/api/rate_limits.h"
#include "dialect/vonage/application.h"
#include "dialect/vonage/documents.h"
#include "dialect/vonage/events.h"
#include "http/router.h"

// The REST interfaces: one file for each resource, the table of them in routes.cpp.
namespace sotto::vonage {

struct ApiContext {
  dialect::Services& services;
  CallStates& states;
  Documents& documents;
  Events& events;
  dialect::KeyMaker& keys;
  RateLimits limits = {};
};

// Who asks: an account, and with a token one of its applications.
struct Caller {
  directory::AccountId account;
  std::optional<directory::ApplicationId> application;
};

// `context` outlives the router's server.
void add_api_routes(http::Router& router, ApiContext& context);

using ApiReply = asio::awaitable<http::Response>;

// Calls, with a token.
ApiReply create_call(ApiContext& context, Caller caller, http::Request request);
ApiReply list_calls(ApiContext& context, Caller caller, http::Request request);
ApiReply show_call(ApiContext& context, Caller caller, http::Request request);
ApiReply modify_call(ApiContext& context, Caller caller, http::Request request);
ApiReply start_stream(ApiContext& context, Caller caller, http::Request request);
ApiReply stop_stream(ApiContext& context, Caller caller, http::Request request);
ApiReply start_talk(ApiContext& context, Caller caller, http::Request request);
ApiReply stop_talk(ApiContext& context, Caller caller, http::Request request);
ApiReply send_dtmf(ApiContext& context, Caller caller, http::Request request);
ApiReply subscribe_dtmf(ApiContext& context, Caller caller, http::Request request);
ApiReply unsubscribe_dtmf(ApiContext& context, Caller caller, http::Request request);
ApiReply download_recording(ApiContext& context, Caller caller, http::Request request);

// Applications.
ApiReply list_applications(ApiContext& context, Caller caller, http::Request request);
ApiReply create_application(ApiContext& context, Caller caller, http::Request request);
ApiReply show_application(ApiContext& context, Caller caller, http::Request request);
ApiReply update_application(ApiContext& context, Caller caller, http::Request request);
ApiReply delete_application(ApiContext& context, Caller caller, http::Request request);
ApiReply list_applications_v1(ApiContext& context, Caller caller, http::Request request);
ApiReply create_application_v1(ApiContext& context, Caller caller, http::Request request);
ApiReply show_application_v1(ApiContext& context, Caller caller, http::Request request);
ApiReply update_application_v1(ApiContext& context, Caller caller, http::Request request);

// Numbers.
ApiReply list_numbers(ApiContext& context, Caller caller, http::Request request);
ApiReply search_numbers(ApiContext& context, Caller caller, http::Request request);
ApiReply buy_number(ApiContext& context, Caller caller, http::Request request);
ApiReply cancel_number(ApiContext& context, Caller caller, http::Request request);
ApiReply update_number(ApiContext& context, Caller caller, http::Request request);

// What the CLIs ask for beside.
ApiReply show_balance(ApiContext& context, Caller caller, http::Request request);
ApiReply top_up(ApiContext& context, Caller caller, http::Request request);
ApiReply account_settings(ApiContext& context, Caller caller, http::Request request);
ApiReply show_pricing(ApiContext& context, Caller caller, http::Request request);
ApiReply number_insight(ApiContext& context, Caller caller, http::Request request);
ApiReply list_secrets(ApiContext& context, Caller caller, http::Request request);
ApiReply create_secret(ApiContext& context, Caller caller, http::Request request);
ApiReply show_secret(ApiContext& context, Caller caller, http::Request request);
ApiReply delete_secret(ApiContext& context, Caller caller, http::Request request);

}  // namespace sotto::vonage
