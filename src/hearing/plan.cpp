#include "hearing/plan.h"

#include <algorithm>
#include <tuple>

namespace sotto::hearing {
namespace {

// The element of a sorted vector whose `key` is `wanted`, or null.
template <typename T, typename Key, typename Project>
const T* find_sorted(const std::vector<T>& sorted, const Key& wanted, Project key) {
  const auto at = std::lower_bound(sorted.begin(), sorted.end(), wanted,
                                   [&](const T& item, const Key& other) { return key(item) < other; });
  return at != sorted.end() && key(*at) == wanted ? &*at : nullptr;
}

// What an open listener hears of a source by default.
float open_gain(const Plan& plan, const Source& source) {
  if (const LegId* leg = std::get_if<LegId>(&source)) {
    const auto* member = find_sorted(plan.members, *leg, [](const PlanMember& m) { return m.leg; });
    return member != nullptr && member->open_source ? 1.0F : 0.0F;
  }
  const auto* prompt =
      find_sorted(plan.prompts, std::get<PromptId>(source), [](const PlanPrompt& p) { return p.prompt; });
  return prompt != nullptr && prompt->open_source ? prompt->gain : 0.0F;
}

const Cell* find_exception(const Plan& plan, const Listener& listener, const Source& source) {
  return find_sorted(plan.exceptions, std::tie(listener, source),
                     [](const Cell& cell) { return std::tie(cell.listener, cell.source); });
}

float leg_gain(const Plan& plan, const LegId& leg, const Source& source) {
  if (const Cell* cell = find_exception(plan, leg, source)) return cell->gain;
  const auto* member = find_sorted(plan.members, leg, [](const PlanMember& m) { return m.leg; });
  if (member == nullptr || !member->open_listener || source == Source(leg)) return 0.0F;
  return open_gain(plan, source);
}

}  // namespace

float gain(const Plan& plan, const Listener& listener, const Source& source) {
  if (const LegId* leg = std::get_if<LegId>(&listener)) return leg_gain(plan, *leg, source);
  if (const Cell* cell = find_exception(plan, listener, source)) return cell->gain;
  const auto* row =
      find_sorted(plan.taps, std::get<TapChannel>(listener), [](const TapRow& tap) { return tap.channel; });
  if (row == nullptr || row->base == TapRow::Base::Silence) return 0.0F;
  return row->base == TapRow::Base::SameAsLeg ? leg_gain(plan, row->leg, source) : open_gain(plan, source);
}

}  // namespace sotto::hearing
