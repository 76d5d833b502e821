#pragma once

#include <optional>
#include <string>
#include <variant>

#include "dialect/vonage/hook.h"
#include "flow/document.h"
#include "text/json.h"

// What the programs made of NCCOs ask for. The keeper numbers them; flow carries the number.
namespace sotto::vonage {

struct AnswerDocument {  // the first NCCO of a call, or of a transfer by URL
  Hook hook;
  Hook fallback;      // may be none
  bool first = true;  // without it the call ends
};
struct WhisperDocument {  // an endpoint's onAnswer
  std::string url;
  std::string from;  // of the connect: what the app tells its campaigns apart by
};
struct InputDocument {
  Hook hook;  // none: the leg's own
  bool legacy = false;
  bool digits = false;
  bool speech = false;
};
struct NotifyDocument {
  Hook hook;
  text::Json payload;
};
struct ConnectDocument {  // a connect whose event may be answered by an NCCO
  Hook hook;
};
struct SubscribeDocument {  // digits are told one by one from here on
  Hook hook;
};
using Document = std::variant<AnswerDocument, WhisperDocument, InputDocument, NotifyDocument, ConnectDocument,
                              SubscribeDocument>;

class DocumentKeeper {
 public:
  virtual ~DocumentKeeper() = default;
  virtual flow::DocumentRef keep(Document document) = 0;
};

}  // namespace sotto::vonage
