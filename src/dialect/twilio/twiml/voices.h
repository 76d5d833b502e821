#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// Twilio's names of voices, and what our engines need to know of them: a language and whether it is a man's.
namespace sotto::twilio {

struct Voice {
  std::string language = "en-US";
  bool male = false;
  bool known = true;           // else the language's default speaks
  bool language_known = true;  // else en-US
  size_t characters_max = 4000;
};

// Either may be empty. The named voices of Polly and Google bring their own language.
Voice choose_voice(std::string_view voice, std::string_view language);

}  // namespace sotto::twilio
