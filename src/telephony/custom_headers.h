#pragma once

#include "base/address.h"
#include "sip/message.h"

namespace sotto::telephony {

// The header fields that belong to the application, not to SIP, and travel with the call both ways: X- and
// User-to-User, less our own mark. Null: none.
base::HeaderFields custom_headers(const sip::Message* message);

}  // namespace sotto::telephony
