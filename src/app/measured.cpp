#include "app/measured.h"

#include <cmath>

#include "text/json.h"

namespace sotto::app {
namespace {

text::Json rounded(float value) {
  return static_cast<double>(std::round(value * 100.0F)) / 100.0;
}

double ms(std::chrono::microseconds time) {
  return static_cast<double>(time.count()) / 1000.0;
}

}  // namespace

std::string measured_json(const media::LegStatistics& statistics) {
  text::JsonObject out{{"packets_received", static_cast<int64_t>(statistics.packets_received)},
                       {"packets_lost", static_cast<int64_t>(statistics.packets_lost)},
                       {"packets_late", static_cast<int64_t>(statistics.packets_late)},
                       {"packets_refused", static_cast<int64_t>(statistics.packets_refused)},
                       {"packets_sent", static_cast<int64_t>(statistics.packets_sent)},
                       {"jitter_ms", ms(statistics.jitter)},
                       {"round_trip_ms", ms(statistics.round_trip)},
                       {"far_loss", rounded(statistics.far_loss)}};
  if (statistics.opinion > 0) out.set("mos", rounded(statistics.opinion));
  if (statistics.far_opinion > 0) out.set("far_mos", rounded(statistics.far_opinion));
  return text::to_text(text::Json(std::move(out)));
}

}  // namespace sotto::app
