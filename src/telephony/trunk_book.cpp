#include "telephony/trunk_book.h"

#include <algorithm>

namespace sotto::telephony {
namespace {

// Whether it is reached and registered with as before.
bool same(const directory::Trunk& a, const directory::Trunk& b) {
  return a.hosts == b.hosts && a.user == b.user && a.password == b.password && a.registers == b.registers &&
         a.probes == b.probes;
}

}  // namespace

void TrunkBook::set_directory(const directory::Snapshot& snapshot) {
  std::erase_if(entries_, [&](const auto& entry) {
    const directory::Trunk* now = snapshot.trunk(entry.first);
    return now == nullptr || !same(*now, entry.second.trunk);
  });
  for (const directory::Trunk& trunk : snapshot.all().trunks) {
    if (trunk.hosts.empty() || entries_.contains(trunk.id)) continue;
    Entry& entry = entries_[trunk.id];
    entry.trunk = trunk;
    if (trunk.probes) entry.probe = std::make_unique<TrunkProbe>(ports_, trunk);
    if (trunk.registers) entry.registration = std::make_unique<TrunkRegistration>(ports_, trunk);
  }
}

std::vector<TrunkBook::Status> TrunkBook::list() const {
  std::vector<Status> out;
  for (const auto& [id, entry] : entries_) {
    out.push_back({id, entry.trunk.name, is_alive(id), entry.registration != nullptr,
                   entry.registration != nullptr && entry.registration->registered()});
  }
  return out;
}

bool TrunkBook::is_alive(directory::TrunkId trunk) const {
  const auto it = entries_.find(trunk);
  return it == entries_.end() || it->second.probe == nullptr || it->second.probe->alive();
}

std::optional<directory::TrunkId> TrunkBook::registered_at(const sip::Address& address) const {
  for (const auto& [id, entry] : entries_) {
    if (entry.registration == nullptr || !entry.registration->registered()) continue;
    const auto& flow = entry.registration->registrar();
    // Its port counts too: a phone may share the host with the provider.
    if (flow && flow->peer == address) return id;
  }
  return std::nullopt;
}

void TrunkBook::on_response(uint64_t request, int status, const sip::Message* message) {
  for (auto& [id, entry] : entries_) {
    if (entry.probe != nullptr && entry.probe->on_response(request, status, message)) return;
    if (entry.registration != nullptr && entry.registration->on_response(request, status, message)) return;
  }
}

}  // namespace sotto::telephony
