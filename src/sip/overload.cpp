#include "sip/overload.h"

#include <iterator>

namespace sotto::sip {
namespace {
using namespace std::chrono_literals;

struct Bounds {
  LoadLevel level;
  double backlog_enter, backlog_enter_again, backlog_leave;
  base::Duration lag_enter, lag_leave;
  double sound_enter, sound_leave;
};

constexpr double kNever = 2;

// Beyond a lag of T1 callers send their INVITEs again, which makes it worse; less than twice that may be a
// machine that has something else to do for a moment. Sound that is late in half of its turns is torn for
// everybody, and one more call makes it worse. Dropping is for floods alone: a thread that is late can still
// say that it is.
constexpr Bounds kBounds[] = {
    {LoadLevel::Refusing, 0.5, 0.1, 0.05, 1s, 400ms, 0.5, 0.1},
    {LoadLevel::Dropping, 0.85, 0.85, 0.6, base::Duration::max(), base::Duration::max(), kNever, kNever},
};
static_assert(std::size(kBounds) == static_cast<size_t>(LoadLevel::Dropping));

bool holds(const Bounds& bounds, const Pressure& pressure, LoadLevel now, bool lately) {
  const bool inside = now >= bounds.level;
  const double enter = lately ? bounds.backlog_enter_again : bounds.backlog_enter;
  return pressure.backlog >= (inside ? bounds.backlog_leave : enter) ||
         pressure.lag >= (inside ? bounds.lag_leave : bounds.lag_enter) ||
         pressure.sound_late >= (inside ? bounds.sound_leave : bounds.sound_enter);
}

}  // namespace

LoadLevel Overload::update(const Pressure& pressure, bool lately) {
  LoadLevel next = LoadLevel::Normal;
  for (const Bounds& bounds : kBounds) {
    if (holds(bounds, pressure, level_, lately)) next = bounds.level;
  }
  return level_ = next;
}

}  // namespace sotto::sip
