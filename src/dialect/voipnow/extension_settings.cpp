#include "dialect/voipnow/extension_settings.h"

#include "dialect/voipnow/name.h"
#include "dialect/voipnow/values.h"
#include "text/json_field.h"

namespace sotto::voipnow {

Result<ExtensionSettings> parse_extension_settings(const directory::Phone& phone) {
  ExtensionSettings settings;
  const auto it = phone.settings.find(std::string(kName));
  if (it == phone.settings.end()) return settings;
  const auto document = text::parse_json(it->second);
  if (!document) return fail(document.error());
  const text::JsonField field(*document, "phone \"" + phone.user + "\".voipnow");
  for (const text::JsonField& agent : field["agents"].one_or_more()) {
    auto number = agent.lenient_text();
    if (!number) return fail(number.error());
    settings.agents.push_back(std::move(*number));
  }
  for (const auto& [key, value] :
       {std::pair{"music", &settings.music}, std::pair{"greeting", &settings.greeting},
        std::pair{"voicemail_url", &settings.voicemail_url}, std::pair{"pin", &settings.pin}}) {
    if (field[key].null_or_absent()) continue;
    auto text = field[key].lenient_text();
    if (!text) return fail(text.error());
    *value = std::move(*text);
  }
  const text::Json& menu = field["menu"].value();
  if (menu.object() == nullptr) return settings;
  for (const text::JsonMember& choice : menu.object()->members()) {
    const auto number = read_text(choice.value);
    if (choice.key.size() != 1 || !number) {
      return field["menu"].refuse(ErrorCode::Invalid, "one key each, with an extension or a number");
    }
    settings.menu[choice.key] = *number;
  }
  return settings;
}

}  // namespace sotto::voipnow
