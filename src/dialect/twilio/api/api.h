#pragma once

#include "dialect/twilio/callbacks.h"
#include "dialect/twilio/conferences.h"
#include "dialect/twilio/documents.h"
#include "http/router.h"

namespace sotto::twilio {

// What a handler may use. All of it outlives the server.
struct ApiParts {
  Shared& shared;
  Documents& documents;
  Callbacks& callbacks;
  Conferences& conferences;
};

// The REST API 2010-04-01, voice part (twilio.md §4). Control thread.
class Api {
 public:
  Api(Shared& shared, Documents& documents, Callbacks& callbacks, Conferences& conferences)
      : parts_{shared, documents, callbacks, conferences} {}

  void add_routes(http::Router& router);

 private:
  ApiParts parts_;
};

}  // namespace sotto::twilio
