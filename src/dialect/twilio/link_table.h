#pragma once

#include <deque>
#include <unordered_map>

#include "base/time.h"
#include "dialect/twilio/twiml/parser.h"

namespace sotto::twilio {

// The documents that running programs refer to. Each belongs to a leg and goes a while after it. Control
// thread.
class LinkTable {
 public:
  explicit LinkTable(const base::Clock& clock) : clock_(clock) {}  // outlives it

  struct Entry {
    call::LegId owner;  // invalid: a room's; kept for as long as a call may last
    Link link;
  };
  flow::DocumentRef add(call::LegId owner, Link link);
  const Entry* find(const flow::DocumentRef& document) const;
  void close(call::LegId owner);
  size_t size() const { return entries_.size(); }

 private:
  void sweep();

  const base::Clock& clock_;
  uint64_t next_ = 1;
  std::unordered_map<uint64_t, Entry> entries_;
  std::unordered_map<call::LegId, std::vector<uint64_t>> by_owner_;
  std::deque<std::pair<base::TimePoint, std::vector<uint64_t>>> closed_;
};

// The links of one leg, for the parser.
class LegLinks final : public Links {
 public:
  LegLinks(LinkTable& table, call::LegId owner) : table_(table), owner_(owner) {}
  flow::DocumentRef add(Link link) override { return table_.add(owner_, std::move(link)); }

 private:
  LinkTable& table_;
  const call::LegId owner_;
};

}  // namespace sotto::twilio
