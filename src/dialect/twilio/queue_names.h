#pragma once

#include <map>
#include <string>

#include "text/json.h"

namespace sotto::twilio {

// A queue that was renamed stays the queue it was, with its sid and those who wait in it: the engine goes on
// knowing it by its key, which is the name that it began with. Names and keys carry the account's scope.
// Pure.
class QueueNames {
 public:
  // Of the queue that has this name now. Another queue may have begun with it and been renamed since.
  std::string key(const std::string& name) const;
  std::string name(const std::string& key) const;
  void set(const std::string& key, const std::string& name);
  void forget(const std::string& key);

 private:
  std::map<std::string, std::string> names_;  // by key, of those whose key is not their name
};

// The key of a queue as it is stored; those of before queues could be renamed have none of their own.
std::string stored_queue_key(const std::string& account_hex, const text::Json& body);

}  // namespace sotto::twilio
