#pragma once

#include "dialect/twilio/shared.h"

namespace sotto::twilio {

// What earlier runs of the server stored and calls need without asking for it: the queues with their names,
// and the SIP domains. In the background; `shared` outlives the loop's tasks.
asio::awaitable<void> load_stored(Shared& shared);

}  // namespace sotto::twilio
