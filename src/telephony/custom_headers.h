#pragma once

#include "base/address.h"
#include "sip/message.h"

namespace sotto::telephony {

// What an app may read of a message: its X- headers and User-to-User, less our own mark. Null: none.
base::HeaderFields custom_headers(const sip::Message* message);

}  // namespace sotto::telephony
