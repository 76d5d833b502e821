#include "app/dialects.h"

namespace sotto::app {

std::vector<std::unique_ptr<dialect::Dialect>> make_dialects(const dialect::Services&) {
  return {};
}

}  // namespace sotto::app
