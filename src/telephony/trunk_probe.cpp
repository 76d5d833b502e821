#include "telephony/trunk_probe.h"

#include <algorithm>

#include "base/log.h"

namespace sotto::telephony {
namespace {

using namespace std::chrono_literals;

constexpr auto kInterval = 30s;
constexpr auto kIntervalWhileDead = 10s;
constexpr auto kAnswerMax = 4s;
constexpr size_t kAskedMax = 32;  // that may still be answered

}  // namespace

TrunkProbe::TrunkProbe(TrunkPorts ports, directory::Trunk trunk)
    : ports_(std::move(ports)), trunk_(std::move(trunk)) {
  timers_[Probe] = ports_.timers.start(0s, *this, Probe);
}

TrunkProbe::~TrunkProbe() {
  *here_ = false;
  for (base::TimerId& timer : timers_) ports_.timers.stop(timer);
}

void TrunkProbe::on_timer(uint64_t token) {
  timers_[token] = base::TimerId::None;
  if (token == Probe) return probe();
  if (!answered_) set_alive(false);
  timers_[Probe] = ports_.timers.start(alive_ ? kInterval : kIntervalWhileDead, *this, Probe);
}

void TrunkProbe::probe() {
  answered_ = false;
  for (const std::string& text : trunk_.hosts) {
    const auto host = parse_host_spec(text);
    if (!host) continue;  // its calls say what is wrong with it
    if (const auto flow = literal_flow(*host)) {
      ask(*host, *flow);
      continue;
    }
    ports_.hosts.locate(*host, [this, here = here_, host = *host](Result<std::vector<sip::Flow>> flows) {
      if (*here && flows && !flows->empty()) ask(host, flows->front());
    });
  }
  timers_[Judge] = ports_.timers.start(kAnswerMax, *this, Judge);
}

void TrunkProbe::ask(const HostSpec& host, const sip::Flow& flow) {
  sip::UserAgent::Request request;
  request.method = sip::Method::Options;
  request.target = "sip:" + to_string(host);
  request.flow = flow;
  request.from = "<sip:sotto@" + ports_.domain + ">";
  const auto id = ports_.user_agent.request(std::move(request));
  if (!id) return;
  if (asked_.size() >= kAskedMax) asked_.erase(asked_.begin());
  asked_.push_back(*id);
}

bool TrunkProbe::on_response(uint64_t request, int status, const sip::Message* message) {
  if (std::erase(asked_, request) == 0) return false;
  // Any answer says that somebody is there, but for the one that says he takes no calls.
  if (message == nullptr || status == 503) return true;
  answered_ = true;
  set_alive(true);
  return true;
}

void TrunkProbe::set_alive(bool alive) {
  if (std::exchange(alive_, alive) == alive) return;
  base::log(base::LogLevel::Warning, "telephony", alive ? "trunk answers again" : "trunk does not answer",
            {{"trunk", trunk_.name}});
}

}  // namespace sotto::telephony
