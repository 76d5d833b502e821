#include "hearing/delta.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace sotto::hearing {
namespace {

using CellKey = std::pair<Listener, Source>;
using CellKeyRef = std::pair<const Listener&, const Source&>;

const LegId& key_of(const PlanMember& member) {
  return member.leg;
}
const PromptId& key_of(const PlanPrompt& prompt) {
  return prompt.prompt;
}
const TapChannel& key_of(const TapRow& row) {
  return row.channel;
}
const Source& key_of(const AudienceRow& row) {
  return row.source;
}
CellKeyRef key_of(const Cell& cell) {
  return {cell.listener, cell.source};
}
CellKeyRef as_key(const CellKey& key) {
  return {key.first, key.second};
}
template <typename Key>
const Key& as_key(const Key& key) {
  return key;
}

// Both sides sorted by key_of(). What is new or other in `to` goes to `set`, what it lacks to `gone`.
template <typename T, typename Key>
void diff_sorted(const std::vector<T>& from, const std::vector<T>& to, std::vector<T>& set,
                 std::vector<Key>& gone) {
  auto old = from.begin();
  for (const T& item : to) {
    for (; old != from.end() && key_of(*old) < key_of(item); ++old) gone.emplace_back(Key(key_of(*old)));
    const bool known = old != from.end() && key_of(*old) == key_of(item);
    if (!known || !(*old == item)) set.push_back(item);
    if (known) ++old;
  }
  for (; old != from.end(); ++old) gone.emplace_back(Key(key_of(*old)));
}

template <typename T, typename Key>
void apply_sorted(std::vector<T>& items, const std::vector<T>& set, const std::vector<Key>& gone) {
  if (!gone.empty()) {
    std::erase_if(items, [&](const T& item) {
      const auto at = std::lower_bound(gone.begin(), gone.end(), item, [](const Key& key, const T& other) {
        return as_key(key) < key_of(other);
      });
      return at != gone.end() && as_key(*at) == key_of(item);
    });
  }
  const auto less = [](const T& a, const T& b) { return key_of(a) < key_of(b); };
  const size_t known = items.size();
  for (const T& item : set) {
    const auto end = items.begin() + static_cast<ptrdiff_t>(known);
    const auto at = std::lower_bound(items.begin(), end, item, less);
    if (at != end && key_of(*at) == key_of(item)) {
      *at = item;
    } else {
      items.push_back(item);
    }
  }
  std::inplace_merge(items.begin(), items.begin() + static_cast<ptrdiff_t>(known), items.end(), less);
}

template <typename T>
const T* find_same(const std::vector<T>& sorted, const T& item) {
  const auto at = std::lower_bound(sorted.begin(), sorted.end(), item,
                                   [](const T& a, const T& b) { return key_of(a) < key_of(b); });
  return at != sorted.end() && key_of(*at) == key_of(item) ? &*at : nullptr;
}

// Answers whether any cell grows, looking only at rows and columns that changed. A scan ends at the first
// cell that does, so it is long only where as many exceptions stood before.
class Growth {
 public:
  Growth(const Plan& from, const Plan& to, const PlanDelta& delta) : from_(from), to_(to), delta_(delta) {}

  bool any() {
    for (const Cell& cell : delta_.cells_set) {
      if (grows(cell.listener, cell.source)) return true;
    }
    for (const CellKey& key : delta_.cells_gone) {
      if (grows(key.first, key.second)) return true;
    }
    return by_members() || by_prompts() || by_taps();
  }

 private:
  bool grows(const Listener& listener, const Source& source) const {
    return gain(to_, listener, source) > gain(from_, listener, source);
  }

  bool by_members() {
    for (const PlanMember& member : delta_.members_set) {
      const PlanMember* before = find_same(from_.members, member);
      const bool opens_ear = member.open_listener && (before == nullptr || !before->open_listener);
      const bool opens_mouth = member.open_source && (before == nullptr || !before->open_source);
      if (opens_ear && hears_more(member.leg, open_sources())) return true;
      if (opens_mouth && heard_by_more(member.leg)) return true;
    }
    return false;
  }

  bool by_prompts() {
    for (const PlanPrompt& prompt : delta_.prompts_set) {
      if (prompt.open_source && heard_by_more(prompt.prompt)) return true;
    }
    return false;
  }

  bool by_taps() {
    for (const TapRow& row : delta_.taps_set) {
      if (row.base != TapRow::Base::Silence && hears_more(row.channel, all_sources())) return true;
    }
    return false;
  }

  bool hears_more(const Listener& listener, const std::vector<Source>& sources) const {
    return std::any_of(sources.begin(), sources.end(),
                       [&](const Source& source) { return grows(listener, source); });
  }

  bool heard_by_more(const Source& source) {
    const std::vector<Listener>& listeners = open_listeners();
    return std::any_of(listeners.begin(), listeners.end(),
                       [&](const Listener& listener) { return grows(listener, source); });
  }

  const std::vector<Source>& open_sources() {
    if (open_sources_.empty()) {
      for (const PlanMember& member : to_.members) {
        if (member.open_source) open_sources_.emplace_back(member.leg);
      }
      for (const PlanPrompt& prompt : to_.prompts) {
        if (prompt.open_source) open_sources_.emplace_back(prompt.prompt);
      }
    }
    return open_sources_;
  }

  const std::vector<Source>& all_sources() {
    if (all_sources_.empty()) {
      for (const PlanMember& member : to_.members) all_sources_.emplace_back(member.leg);
      for (const PlanPrompt& prompt : to_.prompts) all_sources_.emplace_back(prompt.prompt);
    }
    return all_sources_;
  }

  const std::vector<Listener>& open_listeners() {
    if (open_listeners_.empty()) {
      for (const PlanMember& member : to_.members) {
        if (member.open_listener) open_listeners_.emplace_back(member.leg);
      }
      for (const TapRow& row : to_.taps) {
        if (row.base == TapRow::Base::OpenSum) open_listeners_.emplace_back(row.channel);
      }
    }
    return open_listeners_;
  }

  const Plan& from_;
  const Plan& to_;
  const PlanDelta& delta_;
  // Filled when first asked for.
  std::vector<Source> open_sources_;
  std::vector<Source> all_sources_;
  std::vector<Listener> open_listeners_;
};

}  // namespace

PlanDelta diff(const Plan& from, const Plan& to) {
  CHECK(from.room == to.room);
  PlanDelta delta;
  delta.room = to.room;
  delta.from = from.revision;
  delta.to = to.revision;
  diff_sorted(from.members, to.members, delta.members_set, delta.members_gone);
  diff_sorted(from.prompts, to.prompts, delta.prompts_set, delta.prompts_gone);
  diff_sorted(from.taps, to.taps, delta.taps_set, delta.taps_gone);
  diff_sorted(from.exceptions, to.exceptions, delta.cells_set, delta.cells_gone);
  diff_sorted(from.audiences, to.audiences, delta.audiences_set, delta.audiences_gone);
  delta.adds_audibility = Growth(from, to, delta).any();
  return delta;
}

void apply(Plan& plan, const PlanDelta& delta) {
  CHECK(delta.room == plan.room);
  CHECK(delta.from == plan.revision);
  plan.revision = delta.to;
  apply_sorted(plan.members, delta.members_set, delta.members_gone);
  apply_sorted(plan.prompts, delta.prompts_set, delta.prompts_gone);
  apply_sorted(plan.taps, delta.taps_set, delta.taps_gone);
  apply_sorted(plan.exceptions, delta.cells_set, delta.cells_gone);
  apply_sorted(plan.audiences, delta.audiences_set, delta.audiences_gone);
}

}  // namespace sotto::hearing
