#include "stream/framing.h"

#include "stream/json_mulaw.h"
#include "stream/raw_l16.h"

namespace sotto::stream {

std::unique_ptr<Framing> make_framing(const Parameters& parameters, Names names, Ways ways) {
  if (parameters.protocol == Protocol::RawL16) return std::make_unique<RawL16>(parameters);
  return std::make_unique<JsonMulaw>(parameters, std::move(names), ways);
}

}  // namespace sotto::stream
