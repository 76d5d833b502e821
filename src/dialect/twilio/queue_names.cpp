#include "dialect/twilio/queue_names.h"

#include <algorithm>

#include "dialect/twilio/json_text.h"
#include "dialect/twilio/twiml/parser.h"

namespace sotto::twilio {

std::string QueueNames::key(const std::string& name) const {
  const auto renamed =
      std::find_if(names_.begin(), names_.end(), [&name](const auto& each) { return each.second == name; });
  if (renamed != names_.end()) return renamed->first;
  // A line feed is in no name that a document or the API can give.
  std::string key = name;
  while (names_.contains(key)) key += '\n';
  return key;
}

std::string QueueNames::name(const std::string& key) const {
  const auto renamed = names_.find(key);
  if (renamed != names_.end()) return renamed->second;
  return key.substr(0, key.find('\n'));
}

void QueueNames::set(const std::string& key, const std::string& name) {
  names_.erase(key);
  if (this->name(key) != name || this->key(name) != key) names_[key] = name;
}

void QueueNames::forget(const std::string& key) {
  names_.erase(key);
}

std::string stored_queue_key(const std::string& account_hex, const text::Json& body) {
  const std::string* key = body["key"].text();
  return key != nullptr ? *key : scoped_name(account_hex, text_of(body["friendly_name"]));
}

}  // namespace sotto::twilio
