#include "media/media_link.h"

#include <algorithm>

namespace sotto::media {
namespace {

template <typename T, typename... Others>
constexpr bool kIsOneOf = (std::is_same_v<T, Others> || ...);
template <typename T>
constexpr bool kIsOfTap = kIsOneOf<T, OpenTap, AdoptTap, MoveTap, ReleaseTap, PauseTap, CloseTap>;
template <typename T>
constexpr bool kIsOfLeg =
    kIsOneOf<T, OpenLeg, AdoptLeg, ConfigureLeg, AttachRings, MoveLeg, ReleaseLeg, DetectMachine, SecureLeg,
             AddSource, RedirectLeg, SendDigits, AskStatistics, CloseLeg>;

template <typename Release>
bool is_for_same(const Release& command, const Command& waiting) {
  return std::visit(
      [&]<typename T>(const T& other) {
        constexpr bool kSameKind = std::is_same_v<Release, ReleaseLeg> ? kIsOfLeg<T> : kIsOfTap<T>;
        if constexpr (kSameKind) return other.handle == command.handle;
        return false;
      },
      waiting);
}

}  // namespace

void MediaLink::send(Command command) {
  if (backlog_.empty() && push(command, Channel::kCredits)) return;
  backlog_.push_back(std::move(command));
  flush();
}

void MediaLink::send_ahead(ReleaseLeg command) {
  send_ahead_of_others(command);
}
void MediaLink::send_ahead(ReleaseTap command) {
  send_ahead_of_others(command);
}

template <typename T>
void MediaLink::send_ahead_of_others(T command) {
  const bool first = std::none_of(backlog_.begin(), backlog_.end(),
                                  [&](const Command& waiting) { return is_for_same(command, waiting); });
  Command general = command;
  if (!first) return send(std::move(general));
  if (!push(general, Channel::kCredits + Channel::kUrgentCredits)) backlog_.push_front(std::move(general));
}

void MediaLink::send_urgent(Handle room, std::unique_ptr<PlanChange> change, const RoomCapacity& capacity) {
  flush();
  for (const Command& waiting : backlog_) {
    const auto* opens = std::get_if<OpenRoom>(&waiting);
    if (opens != nullptr && opens->handle == room) return send(ApplyPlan{room, std::move(change)});
  }
  auto merged = std::make_unique<PlanChange>();
  for (Command& waiting : backlog_) {
    auto* plan = std::get_if<ApplyPlan>(&waiting);
    if (plan == nullptr || !(plan->room == room)) continue;
    std::move(plan->change->deltas.begin(), plan->change->deltas.end(), std::back_inserter(merged->deltas));
    waiting = std::monostate{};
  }
  std::erase_if(backlog_,
                [](const Command& waiting) { return std::holds_alternative<std::monostate>(waiting); });
  std::move(change->deltas.begin(), change->deltas.end(), std::back_inserter(merged->deltas));
  merged->audiences = std::move(change->audiences);
  merged->bigger = std::make_unique<RoomTables>(capacity);
  Command command = ApplyPlan{room, std::move(merged)};
  if (!push(command, Channel::kCredits + Channel::kUrgentCredits)) backlog_.push_front(std::move(command));
}

bool MediaLink::push(Command& command, size_t credits) {
  if (unanswered_ >= credits) collect();
  if (unanswered_ >= credits || !channel_.commands.push(std::move(command))) return false;
  ++unanswered_;
  sent_ = true;
  return true;
}

void MediaLink::flush() {
  while (!backlog_.empty() && push(backlog_.front(), Channel::kCredits)) backlog_.pop_front();
}

void MediaLink::collect() {
  Report report;
  while (channel_.reports.pop(report)) {
    if (report.answers) --unanswered_;
    if (base::is_one_of<LegReleased, TapReleased>(report.event)) {
      inbox_.returned.push_back({report.event, std::move(report.freed[0])});
    } else if (!std::holds_alternative<std::monostate>(report.event)) {
      inbox_.events.push_back(report.event);
    }
    report.freed = {};
  }
}

}  // namespace sotto::media
