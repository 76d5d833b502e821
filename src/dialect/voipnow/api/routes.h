#pragma once

#include "dialect/voipnow/parts.h"
#include "dialect/voipnow/scope.h"
#include "http/router.h"

namespace sotto::voipnow {

using Reply = Checked<http::Response>;

// A request with a good token. What a handler refuses becomes the error envelope.
struct Ask {
  Parts& parts;
  Scope scope;
  http::Request request;

  std::string base() const;  // how clients reach us, without a slash at the end
};
using Handler = asio::awaitable<Reply> (*)(Ask);

void add_routes(http::Router& router, Parts& parts);

// Every resource's requests; api/<resource>.cpp.
asio::awaitable<http::Response> post_token(Parts& parts, http::Request request);
asio::awaitable<http::Response> show_consent(Parts& parts, http::Request request);
asio::awaitable<http::Response> give_consent(Parts& parts, http::Request request);
asio::awaitable<Reply> get_phone_calls(Ask ask);
asio::awaitable<Reply> put_phone_call(Ask ask);
asio::awaitable<Reply> delete_phone_calls(Ask ask);
asio::awaitable<Reply> create_simple(Ask ask);
asio::awaitable<Reply> create_callback(Ask ask);
asio::awaitable<Reply> create_conference_invite(Ask ask);
asio::awaitable<Reply> get_phone_call_events(Ask ask);
asio::awaitable<Reply> post_phone_call_event(Ask ask);
asio::awaitable<Reply> put_phone_call_event(Ask ask);
asio::awaitable<Reply> delete_phone_call_events(Ask ask);
asio::awaitable<Reply> get_presence(Ask ask);
asio::awaitable<Reply> get_queue_agents(Ask ask);
asio::awaitable<Reply> put_queue_agent(Ask ask);

}  // namespace sotto::voipnow
