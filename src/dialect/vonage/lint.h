#pragma once

#include <string>
#include <vector>

#include "text/json.h"

namespace sotto::vonage {

// One remark on an NCCO, for who writes it.
struct Remark {
  enum class Level { Error, Warning, Note };
  Level level = Level::Note;
  std::string place;  // "[1].startOnEnter"
  std::string text;
  bool operator==(const Remark&) const = default;
};

// What this server makes of an NCCO: what it refuses, honours nearly or ignores, which actions nobody
// reaches, who may wait for ever and who is left alone. By place.
std::vector<Remark> lint_ncco(const text::Json& ncco);

}  // namespace sotto::vonage
