#include "dialect/twilio/link_table.h"

#include "dialect/twilio/account_settings.h"

namespace sotto::twilio {
namespace {

constexpr auto kKept = std::chrono::minutes(2);
constexpr auto kRoomLinksKept = std::chrono::hours(4);

}  // namespace

flow::DocumentRef LinkTable::add(call::LegId owner, Link link) {
  sweep();
  const uint64_t id = next_++;
  entries_[id] = {owner, std::move(link)};
  if (owner.valid()) {
    by_owner_[owner].push_back(id);
  } else {
    closed_.emplace_back(clock_.now() + kRoomLinksKept, std::vector{id});
  }
  return {std::string(kDialect), id};
}

const LinkTable::Entry* LinkTable::find(const flow::DocumentRef& document) const {
  const auto it = entries_.find(document.id);
  return it == entries_.end() ? nullptr : &it->second;
}

void LinkTable::close(call::LegId owner) {
  sweep();
  auto node = by_owner_.extract(owner);
  if (!node.empty()) closed_.emplace_back(clock_.now() + kKept, std::move(node.mapped()));
}

void LinkTable::sweep() {
  const base::TimePoint now = clock_.now();
  std::erase_if(closed_, [&](const auto& group) {
    if (group.first > now) return false;
    for (const uint64_t id : group.second) entries_.erase(id);
    return true;
  });
}

}  // namespace sotto::twilio
