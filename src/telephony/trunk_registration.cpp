#include "telephony/trunk_registration.h"

#include <algorithm>

#include "base/ids.h"
#include "base/log.h"
#include "sip/dialog.h"
#include "sip/digest_auth.h"

namespace sotto::telephony {
namespace {

using namespace std::chrono_literals;

constexpr uint64_t kExpiresWanted = 600, kExpiresMax = 7200, kExpiresMin = 30;
constexpr std::chrono::seconds kRetryMin = 5s, kRetryMax = 300s;

// How long the registrar keeps our contact: what it says of it, else what it says of all (RFC 3261 §10.2.4).
uint64_t granted(const sip::Message& response, uint64_t asked) {
  const auto contacts = sip::addresses(response, sip::HeaderName::Contact);
  std::string_view text = response.value(sip::HeaderName::Expires);
  if (contacts && contacts->size() == 1) {
    if (const auto own = sip::find_param(contacts->front().params, "expires")) text = *own;
  }
  return std::clamp(sip::parse_number(text, kExpiresMax).value_or(asked), kExpiresMin, kExpiresMax);
}

}  // namespace

TrunkRegistration::TrunkRegistration(TrunkPorts ports, directory::Trunk trunk)
    : ports_(std::move(ports)),
      trunk_(std::move(trunk)),
      call_id_(base::id_to_hex(ports_.random.next(), ports_.random.next())),
      expires_s_(kExpiresWanted) {
  timer_ = ports_.timers.start(0s, *this, 0);
}

TrunkRegistration::~TrunkRegistration() {
  *here_ = false;
  ports_.timers.stop(timer_);
}

void TrunkRegistration::on_timer(uint64_t) {
  timer_ = base::TimerId::None;
  const auto host = parse_host_spec(trunk_.hosts.empty() ? std::string() : trunk_.hosts.front());
  if (!host) return retry_later(0);
  host_ = to_string(*host);
  answered_challenge_ = false;
  flow_ = literal_flow(*host);
  if (flow_) return send({}, false);
  ports_.hosts.locate(*host, [this, here = here_](Result<std::vector<sip::Flow>> flows) {
    if (!*here) return;
    if (!flows || flows->empty()) return retry_later(503);
    flow_ = flows->front();
    send({}, false);
  });
}

void TrunkRegistration::send(std::string authorization, bool proxy) {
  sip::UserAgent::Request request;
  request.method = sip::Method::Register;
  request.target = "sip:" + host_;
  request.flow = *flow_;
  const std::string domain = host_.substr(0, host_.find(';'));
  request.from = request.to = "<sip:" + trunk_.user + "@" + domain + ">";
  request.call_id = call_id_;
  request.cseq = ++cseq_;
  request.headers = {
      {"Contact", sip::make_contact(trunk_.user, ports_.transport.local_host_port(*flow_), flow_->protocol)},
      {"Expires", std::to_string(expires_s_)}};
  if (!authorization.empty())
    request.headers.push_back({proxy ? "Proxy-Authorization" : "Authorization", std::move(authorization)});
  const auto id = ports_.user_agent.request(std::move(request));
  if (!id) return retry_later(0);
  asked_ = *id;
}

bool TrunkRegistration::on_response(uint64_t request, int status, const sip::Message* message) {
  if (request != asked_ || asked_ == 0) return false;
  asked_ = 0;
  if (message == nullptr) {
    retry_later(status);
  } else if (status < 300) {
    succeed(*message);
  } else if ((status == 401 || status == 407) && !answered_challenge_) {
    answered_challenge_ = true;
    const auto challenge = sip::choose_challenge(*message);
    const std::string cnonce = base::id_to_hex(ports_.random.next(), ports_.random.next());
    if (!challenge) return retry_later(status), true;
    send(sip::make_credentials(*challenge, trunk_.user, trunk_.password, "REGISTER", "sip:" + host_, cnonce,
                               1),
         status == 407);
  } else if (status == 423) {
    const uint64_t least =
        sip::parse_number(message->value(sip::HeaderName::MinExpires), kExpiresMax).value_or(0);
    if (least <= expires_s_) return retry_later(status), true;
    expires_s_ = least;
    answered_challenge_ = false;
    send({}, false);
  } else {
    retry_later(status);
  }
  return true;
}

void TrunkRegistration::succeed(const sip::Message& response) {
  failures_ = 0;
  if (!std::exchange(registered_, true))
    base::log(base::LogLevel::Info, "telephony", "registered with trunk", {{"trunk", trunk_.name}});
  const std::chrono::seconds life(granted(response, expires_s_));
  ports_.timers.stop(timer_);
  timer_ = ports_.timers.start(life * 3 / 4, *this, 0);
}

void TrunkRegistration::retry_later(int status) {
  registered_ = false;
  const auto pause = std::min(kRetryMin * (1 << std::min(failures_++, 6)), kRetryMax);
  base::log(base::LogLevel::Warning, "telephony", "not registered with trunk",
            {{"trunk", trunk_.name}, {"status", std::to_string(status)}});
  ports_.timers.stop(timer_);
  timer_ = ports_.timers.start(pause, *this, 0);
}

}  // namespace sotto::telephony
