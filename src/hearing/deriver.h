#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "base/check.h"
#include "base/limits.h"
#include "hearing/facts.h"
#include "hearing/plan.h"

// The inside of derive(): include hearing/derive.h instead. Every decision is one function of Rules, so that
// the oracle's test can put a wrong one in its place and see whether anybody notices.
namespace sotto::hearing {

// A member, and what he supervises if he does.
struct Party {
  const Member* member = nullptr;
  const Supervision* supervision = nullptr;

  const LegId& leg() const { return member->leg; }
};

enum class Reach { Nobody, Target, All };

struct Rules {
  static Reach reach(const Party& source) {
    if (source.supervision == nullptr) return Reach::All;
    switch (source.supervision->mode) {
      case SupervisionMode::Listen: return Reach::Nobody;
      case SupervisionMode::Whisper:
      case SupervisionMode::Private: return Reach::Target;
      case SupervisionMode::Barge: return Reach::All;
    }
    return Reach::Nobody;
  }
  static bool is_private(const Party& party) {
    return party.supervision != nullptr && party.supervision->mode == SupervisionMode::Private;
  }
  static bool speaks(const Party& source) { return !source.member->muted; }
  static bool parked(const Party& party) { return party.member->held || party.member->waiting; }
  static bool hears_legs(const Party& listener) {
    return !listener.member->earmuffed && !listener.member->source_only;
  }

  // Whether a hold of `target` leaves the two on speaking terms.
  static bool coaches_through_hold(const Party& supervisor, const Party& target) {
    const Supervision* supervision = supervisor.supervision;
    return supervision != nullptr && supervision->target == target.leg() &&
           supervision->held_target == HeldTarget::Hears &&
           (supervision->mode == SupervisionMode::Whisper || supervision->mode == SupervisionMode::Private);
  }

  // Null: no limit.
  static const LegSet* may_be_heard_by(const Party& source) {
    return source.member->can_speak ? &*source.member->can_speak : nullptr;
  }
  static const LegSet* may_hear(const Party& listener) {
    return listener.member->can_hear ? &*listener.member->can_hear : nullptr;
  }

  static bool hears_room_prompts(const Party& listener) { return !listener.member->source_only; }
  static bool hears_own_prompts(const Party& listener) { return !listener.member->source_only; }
  static bool open_prompt(const Prompt& prompt) { return !prompt.only; }
  static float prompt_gain(const Prompt& prompt) { return prompt.gain > 0 ? prompt.gain : 0; }  // NaN too

  static bool said_is_heard(const Party& source) { return speaks(source); }
  static std::optional<LegId> left_out(const OpenRoom& view) { return view.but; }
  static TapRow::Base base_of(const HeardBy&) { return TapRow::Base::SameAsLeg; }
};

// One run of derive() by the rules R. `facts` outlives it.
template <typename R>
class Deriver {
 public:
  explicit Deriver(const Facts& facts) : facts_(facts) {}

  Plan run() && {
    plan_.room = facts_.room;
    place_parties();
    add_leg_cells();
    add_prompts();
    add_taps();
    std::sort(plan_.exceptions.begin(), plan_.exceptions.end(), by_cell);
    const auto repeats = std::unique(plan_.exceptions.begin(), plan_.exceptions.end());
    plan_.exceptions.erase(repeats, plan_.exceptions.end());
    add_audiences();
    return std::move(plan_);
  }

 private:
  static bool by_cell(const Cell& a, const Cell& b) {
    return std::tie(a.listener, a.source) < std::tie(b.listener, b.source);
  }

  // Sorts by key, unless it is so already; of one key the first stays.
  template <typename T, typename Key>
  static void sort_first(std::vector<T>& items, Key key) {
    const auto less = [&](const T& a, const T& b) { return key(a) < key(b); };
    if (!std::is_sorted(items.begin(), items.end(), less)) std::stable_sort(items.begin(), items.end(), less);
    const auto same = [&](const T& a, const T& b) { return key(a) == key(b); };
    items.erase(std::unique(items.begin(), items.end(), same), items.end());
  }

  // ---- the decisions, from the rules

  static bool open_source(const Party& party) {
    return R::speaks(party) && !R::parked(party) && R::reach(party) == Reach::All &&
           R::may_be_heard_by(party) == nullptr;
  }
  static bool open_listener(const Party& party) {
    return R::hears_legs(party) && !R::is_private(party) && !R::parked(party) &&
           R::may_hear(party) == nullptr;
  }
  static bool allows(const LegSet* set, const LegId& leg) {
    return set == nullptr || std::binary_search(set->begin(), set->end(), leg);
  }
  static bool reaches(const Party& source, const Party& listener) {
    const Reach reach = R::reach(source);
    return reach == Reach::All || (reach == Reach::Target && source.supervision->target == listener.leg());
  }
  static bool hold_lets(const Party& listener, const Party& source) {
    return (!R::parked(listener) || R::coaches_through_hold(source, listener)) &&
           (!R::parked(source) || R::coaches_through_hold(listener, source));
  }
  static bool hears(const Party& listener, const Party& source) {
    return listener.leg() != source.leg() && R::speaks(source) && reaches(source, listener) &&
           R::hears_legs(listener) && !R::is_private(listener) && hold_lets(listener, source) &&
           allows(R::may_be_heard_by(source), listener.leg()) && allows(R::may_hear(listener), source.leg());
  }
  static bool hears_room_prompts(const Party& listener) {
    return !R::parked(listener) && !R::is_private(listener) && R::hears_room_prompts(listener);
  }

  // ---- members

  void place_parties() {
    parties_.reserve(facts_.members.size());
    for (const Member& member : facts_.members) parties_.push_back({.member = &member});
    sort_first(parties_, [](const Party& party) -> const LegId& { return party.leg(); });
    for (const Supervision& supervision : facts_.supervisions) {
      Party* supervisor = find(supervision.supervisor);
      if (supervisor != nullptr && supervisor->supervision == nullptr) supervisor->supervision = &supervision;
    }
    plan_.members.reserve(parties_.size());
    for (const Party& party : parties_) {
      plan_.members.push_back(
          {.leg = party.leg(), .open_source = open_source(party), .open_listener = open_listener(party)});
    }
  }

  Party* find(const LegId& leg) {
    const auto at = std::lower_bound(parties_.begin(), parties_.end(), leg,
                                     [](const Party& party, const LegId& id) { return party.leg() < id; });
    return at != parties_.end() && at->leg() == leg ? &*at : nullptr;
  }

  // Two who differ from the default have a closed side, and that side names the other: in a list, or by
  // supervising him. So these pairs are all that need a look.
  void add_leg_cells() {
    for (const Party& party : parties_) {
      if (const LegSet* listeners = R::may_be_heard_by(party)) {
        for (const LegId& listener : *listeners) consider(find(listener), &party);
      }
      if (const LegSet* sources = R::may_hear(party)) {
        for (const LegId& source : *sources) consider(&party, find(source));
      }
      if (party.supervision != nullptr) {
        const Party* target = find(party.supervision->target);
        consider(target, &party);
        consider(&party, target);
      }
    }
  }

  void consider(const Party* listener, const Party* source) {
    if (listener == nullptr || source == nullptr) return;
    const bool by_default = open_listener(*listener) && open_source(*source) && listener != source;
    const bool wanted = hears(*listener, *source);
    if (wanted != by_default) except(listener->leg(), source->leg(), wanted ? 1.0F : 0.0F);
  }

  void except(const Listener& listener, const Source& source, float gain) {
    plan_.exceptions.push_back({.listener = listener, .source = source, .gain = gain});
  }

  // ---- prompts

  void add_prompts() {
    std::vector<const Prompt*> prompts;
    for (const Prompt& prompt : facts_.prompts) prompts.push_back(&prompt);
    sort_first(prompts, [](const Prompt* prompt) -> const PromptId& { return prompt->id; });
    for (const Prompt* prompt : prompts) {
      const bool open = R::open_prompt(*prompt);
      const float gain = R::prompt_gain(*prompt);
      plan_.prompts.push_back({.prompt = prompt->id, .open_source = open, .gain = gain});
      if (gain == 0) continue;
      if (open) {
        add_room_prompt(prompt->id, gain);
      } else if (const Party* listener = find(*prompt->only)) {
        if (R::hears_own_prompts(*listener)) except(listener->leg(), prompt->id, gain);
      }
    }
  }

  void add_room_prompt(const PromptId& prompt, float gain) {
    for (const Party& party : parties_) {
      const bool wanted = hears_room_prompts(party);
      if (wanted != open_listener(party)) except(party.leg(), prompt, wanted ? gain : 0.0F);
    }
  }

  // ---- taps

  void add_taps() {
    std::vector<const Tap*> taps;
    for (const Tap& tap : facts_.taps) taps.push_back(&tap);
    sort_first(taps, [](const Tap* tap) -> const TapId& { return tap->id; });
    for (const Tap* tap : taps) {
      CHECK(tap->channels.size() <= base::limits::kRecordingChannelsMax);
      for (size_t i = 0; i < tap->channels.size(); ++i) {
        TapRow row{.channel = {.tap = tap->id, .channel = static_cast<uint16_t>(i)}};
        std::visit([&](const auto& view) { add_view(row, view); }, tap->channels[i]);
        plan_.taps.push_back(row);
      }
    }
  }

  void add_view(TapRow& row, const SaidBy& view) {
    row.base = TapRow::Base::Silence;
    const Party* party = find(view.leg);
    if (party != nullptr && R::said_is_heard(*party)) except(row.channel, view.leg, 1.0F);
  }

  void add_view(TapRow& row, const HeardBy& view) {
    if (find(view.leg) == nullptr) return;
    row.base = R::base_of(view);
    row.leg = view.leg;
    heard_by_.emplace_back(view.leg, row.channel);
  }

  void add_view(TapRow& row, const OpenRoom& view) {
    row.base = TapRow::Base::OpenSum;
    const std::optional<LegId> left_out = R::left_out(view);
    const Party* party = left_out ? find(*left_out) : nullptr;
    if (party != nullptr && open_source(*party)) except(row.channel, party->leg(), 0.0F);
  }

  // ---- audiences

  void add_audiences() {
    for (const PlanMember& member : plan_.members) {
      if (!member.open_source) plan_.audiences.push_back({.source = member.leg, .listeners = {}});
    }
    for (const PlanPrompt& prompt : plan_.prompts) {
      if (!prompt.open_source) plan_.audiences.push_back({.source = prompt.prompt, .listeners = {}});
    }
    std::sort(heard_by_.begin(), heard_by_.end());
    for (const Cell& cell : plan_.exceptions) {
      if (cell.gain > 0) admit(cell.listener, cell.source);
    }
    for (AudienceRow& row : plan_.audiences) std::sort(row.listeners.begin(), row.listeners.end());
  }

  void admit(const Listener& listener, const Source& source) {
    const auto row =
        std::lower_bound(plan_.audiences.begin(), plan_.audiences.end(), source,
                         [](const AudienceRow& audience, const Source& id) { return audience.source < id; });
    if (row == plan_.audiences.end() || row->source != source) return;
    row->listeners.push_back(listener);
    const LegId* leg = std::get_if<LegId>(&listener);
    if (leg == nullptr) return;
    auto at = std::lower_bound(heard_by_.begin(), heard_by_.end(), std::pair(*leg, TapChannel{}));
    for (; at != heard_by_.end() && at->first == *leg; ++at) row->listeners.emplace_back(at->second);
  }

  const Facts& facts_;
  std::vector<Party> parties_;  // sorted by leg
  std::vector<std::pair<LegId, TapChannel>> heard_by_;
  Plan plan_;
};

}  // namespace sotto::hearing
