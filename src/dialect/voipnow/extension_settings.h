#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "directory/model.h"

namespace sotto::voipnow {

// What this dialect keeps on an extension ([phone.voipnow] in the operator's file).
struct ExtensionSettings {
  std::vector<std::string> agents;          // of a queue: extensions or public numbers
  std::string music;                        // of a queue: URL or file
  std::string greeting;                     // of a mailbox or a menu: URL or file; empty: spoken
  std::string voicemail_url;                // told of each message
  std::string pin;                          // of a conference
  std::map<std::string, std::string> menu;  // of an IVR: key to extension or number
};

Result<ExtensionSettings> parse_extension_settings(const directory::Phone& phone);

}  // namespace sotto::voipnow
