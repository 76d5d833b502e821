#include "dialect/voipnow/call_book.h"

#include <algorithm>

#include "base/limits.h"
#include "dialect/voipnow/scope.h"

namespace sotto::voipnow {
namespace {

constexpr size_t kKeyDigits = 20;

// The end of an id: the beginning is when it was made.
std::string key_of(const std::string& hex) {
  return hex.substr(hex.size() - kKeyDigits);
}

template <typename Views, typename Is>
auto* find_in(Views& views, Is is) {
  const auto it = std::find_if(views.begin(), views.end(), is);
  return it == views.end() ? nullptr : &*it;
}

}  // namespace

std::string call_key(call::CallId id) {
  return key_of(base::to_hex(id));
}

std::string leg_key(call::LegId id) {
  return key_of(base::to_hex(id));
}

View* PhoneCall::view(uint32_t number) {
  return find_in(views, [number](const View& view) { return view.number == number; });
}
const View* PhoneCall::view(uint32_t number) const {
  return find_in(views, [number](const View& view) { return view.number == number; });
}
View* PhoneCall::view_of(call::LegId leg) {
  return find_in(views, [leg](const View& view) { return view.leg == leg; });
}
const View* PhoneCall::view_of(call::LegId leg) const {
  return find_in(views, [leg](const View& view) { return view.leg == leg; });
}

CallBook::CallBook(const call::Switchboard& switchboard, Directory directory)
    : switchboard_(switchboard), directory_(std::move(directory)) {}

PhoneCall* CallBook::find(call::CallId id) {
  const auto it = calls_.find(id);
  return it == calls_.end() ? nullptr : &it->second;
}

PhoneCall* CallBook::find(std::string_view key) {
  const auto it = by_key_.find(std::string(key));
  return it == by_key_.end() ? nullptr : find(it->second);
}

std::vector<PhoneCall*> CallBook::all() {
  std::vector<PhoneCall*> found;
  found.reserve(calls_.size());
  for (auto& [id, call] : calls_) found.push_back(&call);
  std::sort(found.begin(), found.end(), [](const PhoneCall* a, const PhoneCall* b) {
    return std::tie(a->published, a->id) < std::tie(b->published, b->id);
  });
  return found;
}

void CallBook::reserve(call::LegId leg, Reservation reservation) {
  reserved_.insert_or_assign(leg, std::move(reservation));
}

bool CallBook::is_supervisor(call::LegId leg) const {
  const auto it = reserved_.find(leg);
  if (it != reserved_.end() && it->second.kind == Reservation::Kind::Supervisor) return true;
  return switchboard_.supervision_of(leg).has_value();
}

PhoneCall& CallBook::call_of(call::CallId id, call::WallTime now) {
  PhoneCall& call = calls_[id];
  if (call.key.empty()) {
    call.id = id;
    call.key = call_key(id);
    call.published = now;
    by_key_[call.key] = id;
  }
  return call;
}

void CallBook::charge(const call::Leg& leg, const std::string& extension) {
  call_of(leg.call, leg.created).extension = extension;
}

void CallBook::on_event(const call::Event& event) {
  if (std::holds_alternative<call::LegCreated>(event.what)) return on_created(event);
  if (std::holds_alternative<call::LegEnded>(event.what)) return on_ended(event);
  if (std::holds_alternative<call::CallEnded>(event.what)) {
    by_key_.erase(call_key(event.call));
    calls_.erase(event.call);
    return;
  }
  if (std::holds_alternative<call::LegAnswered>(event.what)) {
    PhoneCall* call = find(event.call);
    if (call != nullptr && !call->answered && !is_supervisor(event.leg)) call->answered = event.wall;
  } else if (const auto* changed = std::get_if<call::SupervisionChanged>(&event.what)) {
    if (find(event.call) != nullptr) on_supervision(event, *changed);
  } else if (std::holds_alternative<call::FactsChanged>(event.what)) {
    if (find(event.call) == nullptr) return;
    const call::Leg* leg = switchboard_.leg(event.leg);
    if (leg == nullptr || !leg->facts.held) forget_hold(event.leg);
  } else if (const auto* started = std::get_if<call::RecordingStarted>(&event.what)) {
    PhoneCall* call = find(event.call);
    View* view = call != nullptr && started->recording.leg ? call->view_of(*started->recording.leg) : nullptr;
    if (view != nullptr) view->recording = {started->recording.id, event.wall};
  } else if (const auto* over = std::get_if<call::RecordingEnded>(&event.what)) {
    PhoneCall* call = find(event.call);
    if (call == nullptr) return;
    for (View& view : call->views) {
      if (view.recording && view.recording->first == over->recording.id) view.recording.reset();
    }
  }
}

void CallBook::on_created(const call::Event& event) {
  const call::Leg* leg = switchboard_.leg(event.leg);
  if (leg == nullptr) return;
  PhoneCall& call = call_of(event.call, event.wall);
  const auto it = reserved_.find(event.leg);
  const Reservation* reserved = it == reserved_.end() ? nullptr : &it->second;
  if (reserved != nullptr && reserved->kind != Reservation::Kind::Source) return;
  View view;
  view.number = call.next_view++;
  view.leg = event.leg;
  if (reserved != nullptr) {
    view.extension = reserved->extension;
    view.calling = true;
    view.destination = reserved->destination;
    if (call.extension.empty()) call.extension = reserved->extension;
  } else if (const directory::Phone* phone = phone_of(directory_(), *leg)) {
    view.extension = phone->extension;
  }
  if (view.extension.empty()) return;  // a number outside: it has an id, but nobody's perspective
  if (call.extension.empty()) call.extension = view.extension;
  call.views.push_back(std::move(view));
}

// A supervisor whom this API called is listed once he has joined.
void CallBook::on_supervision(const call::Event& event, const call::SupervisionChanged& changed) {
  const auto it = reserved_.find(event.leg);
  if (it == reserved_.end() || it->second.kind != Reservation::Kind::Supervisor || changed.ended) return;
  PhoneCall& call = call_of(event.call, event.wall);
  if (call.view_of(event.leg) != nullptr) return;
  View view;
  view.number = call.next_view++;
  view.leg = event.leg;
  view.extension = it->second.extension;
  view.target = changed.now.target;
  view.joined = event.wall;
  call.views.push_back(std::move(view));
}

void CallBook::on_ended(const call::Event& event) {
  reserved_.erase(event.leg);
  forget_hold(event.leg);
  PhoneCall* call = find(event.call);
  if (call != nullptr) std::erase_if(call->views, [&](const View& view) { return view.leg == event.leg; });
}

void CallBook::hold(PhoneCall& call, uint32_t number, Held held) {
  View* view = call.view(number);
  if (view == nullptr) return;
  held_[held.leg] = call.id;
  view->held = held;
}

void CallBook::forget_hold(call::LegId leg) {
  const auto it = held_.find(leg);
  if (it == held_.end()) return;
  PhoneCall* call = find(it->second);
  held_.erase(it);
  if (call == nullptr) return;
  for (View& view : call->views) {
    if (view.held && view.held->leg == leg) view.held.reset();
  }
}

void CallBook::succeed(PhoneCall& call, uint32_t number, call::LegId leg, std::string extension) {
  View* view = call.view(number);
  if (view == nullptr) return;
  *view = View{};
  view->number = number;
  view->leg = leg;
  view->extension = std::move(extension);
}

PhoneCall* CallBook::park(PhoneCall& call, uint32_t number, const call::Leg& kept, Parked parked) {
  PhoneCall* owner = find(kept.call);
  if (owner == nullptr) return nullptr;
  View view;
  view.number = owner == &call ? number : owner->next_view++;
  view.leg = kept.id;
  view.extension = parked.by;
  view.parked = std::move(parked);
  if (owner->extension.empty()) owner->extension = view.extension;
  std::erase_if(call.views, [number](const View& each) { return each.number == number; });
  const auto after = std::find_if(owner->views.begin(), owner->views.end(),
                                  [&](const View& each) { return each.number > view.number; });
  owner->views.insert(after, std::move(view));
  return owner;
}

bool CallBook::un_park(call::CallId id, call::LegId kept, int position) {
  PhoneCall* call = find(id);
  return call != nullptr && std::erase_if(call->views, [&](const View& view) {
                              return view.leg == kept && view.parked && view.parked->position == position;
                            }) != 0;
}

std::optional<int> CallBook::parking_place() const {
  std::vector<bool> taken(base::limits::kParkingPlacesMax + 1, false);
  for (const auto& [id, call] : calls_) {
    for (const View& view : call.views) {
      if (view.parked) taken.at(static_cast<size_t>(view.parked->position)) = true;
    }
  }
  for (size_t place = 1; place < taken.size(); ++place) {
    if (!taken[place]) return static_cast<int>(place);
  }
  return std::nullopt;
}

const call::Leg* CallBook::leg_of(const PhoneCall& call, std::string_view extension) const {
  for (const View& view : call.views) {
    if (view.target || view.parked || view.extension != extension) continue;
    const call::Leg* leg = switchboard_.leg(view.leg);
    if (leg != nullptr && leg->live()) return leg;
  }
  return nullptr;
}

}  // namespace sotto::voipnow
