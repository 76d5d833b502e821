#include "sip/registrar.h"

#include <algorithm>

#include "base/ids.h"
#include "crypto/digest.h"

namespace sotto::sip {
namespace {
using namespace std::chrono_literals;
constexpr auto kNonceLife = 300s;
constexpr size_t kNoncesMax = 20'000;
constexpr size_t kBindingsMax = 10;
constexpr uint64_t kExpiresMin = 60, kExpiresDefault = 3600, kExpiresMax = 7200;

std::string line(std::string_view name, std::string_view value) {
  return std::string(name).append(": ").append(value).append("\r\n");
}

uint64_t expires_of(const NameAddr& contact, const Message& request) {
  auto text = find_param(contact.params, "expires");
  if (!text && request.find(HeaderName::Expires) != nullptr) text = request.value(HeaderName::Expires);
  // A number that does not fit means "long"; anything else malformed means the default (RFC 3261 §10.2.1.1).
  if (!text) return kExpiresDefault;
  if (const auto number = parse_number(*text, 0xffffffff)) return std::min(*number, kExpiresMax);
  return std::all_of(text->begin(), text->end(), is_digit) ? kExpiresMax : kExpiresDefault;
}

uint16_t q_of(const NameAddr& contact) {
  const auto text = find_param(contact.params, "q");
  if (!text || text->starts_with('1')) return 1000;
  std::string digits(text->substr(std::min<size_t>(text->find('.') + 1, text->size()), 3));
  digits.resize(3, '0');
  return static_cast<uint16_t>(parse_number(digits, 999).value_or(0));
}

bool same_binding(const Binding& binding, const Uri& uri, std::string_view instance) {
  if (!instance.empty() && binding.instance == instance) return true;
  const auto known = parse_uri(binding.uri);
  return known && equivalent(*known, uri);
}
}  // namespace

Registrar::Registrar(Credentials& credentials, base::Random& random, std::string realm, Changed changed,
                     std::vector<DigestAlgorithm> algorithms)
    : credentials_(credentials),
      random_(random),
      realm_(std::move(realm)),
      changed_(std::move(changed)),
      algorithms_(std::move(algorithms)) {}

std::string Registrar::challenge(base::TimePoint now, bool proxy, bool stale) {
  if (nonces_.size() >= kNoncesMax) {
    std::erase_if(nonces_, [&](const auto& entry) { return entry.second.expires <= now; });
    if (nonces_.size() >= kNoncesMax) nonces_.erase(nonces_.begin());
  }
  const std::string nonce = base::id_to_hex(random_.next(), random_.next());
  nonces_[nonce] = Nonce{.expires = now + kNonceLife};
  std::string out;
  for (const DigestAlgorithm algorithm : algorithms_) {
    std::string value =
        "Digest realm=" + quote(realm_) + ", nonce=\"" + nonce + "\", qop=\"auth\", algorithm=";
    value += to_string(algorithm);
    if (stale) value += ", stale=true";
    out += line(proxy ? "Proxy-Authenticate" : "WWW-Authenticate", value);
  }
  return out;
}

Registrar::Verdict Registrar::authenticate(const Message& request, base::TimePoint now, bool proxy) {
  const int ask = proxy ? 407 : 401;
  const HeaderName name = proxy ? HeaderName::ProxyAuthorization : HeaderName::Authorization;
  for (const Header& header : request.headers) {
    if (header.name != name) continue;
    const auto fields = parse_digest(header.value);
    if (!fields || fields->realm != realm_) continue;
    const auto nonce = nonces_.find(fields->nonce);
    const auto count = crypto::from_hex(fields->nonce_count.size() == 8 ? fields->nonce_count : "");
    const auto key = credentials_.ha1(fields->user, realm_, fields->algorithm);
    const bool right =
        key && fields->qop == "auth" && !fields->cnonce.empty() && count &&
        crypto::equal_in_constant_time(digest_response(*fields, *key, request.method_text), fields->response);
    if (!right) return {.status = 403};
    uint32_t number = 0;
    for (const char c : *count) number = number << 8 | static_cast<unsigned char>(c);
    // The right password with a nonce that is old, unknown or used before: again, without asking the user.
    if (nonce == nonces_.end() || nonce->second.expires <= now || number <= nonce->second.count) {
      return {.status = ask, .headers = challenge(now, proxy, true)};
    }
    nonce->second.count = number;
    return {.status = 200, .user = fields->user};
  }
  return {.status = ask, .headers = challenge(now, proxy, false)};
}

Registrar::Reply Registrar::handle(const Message& request, const Flow& flow, base::TimePoint now) {
  if (!request.to.uri.is_sip()) return {.status = 400};
  Verdict verdict = authenticate(request, now, false);
  if (verdict.status != 200) return {verdict.status, std::move(verdict.headers)};
  // A user may register only himself.
  if (unescape_percent(request.to.uri.user) != verdict.user) return {.status = 403};
  User& user = users_[verdict.user];
  user.name = verdict.user;
  const bool before = !user.bindings.empty();
  // RFC 3261 §10.3: all of a request, or nothing.
  User updated = user;
  Reply reply = update(updated, request, flow, now);
  if (reply.status == 200) user = std::move(updated);
  std::erase_if(user.bindings, [&](const Binding& one) { return one.expires <= now; });
  const bool after = !user.bindings.empty();
  if (reply.status == 200) reply.headers = list(user, now);
  if (!after) users_.erase(verdict.user);
  if (changed_ && (before || after)) changed_(verdict.user, after);
  return reply;
}

Registrar::Reply Registrar::update(User& user, const Message& request, const Flow& flow,
                                   base::TimePoint now) {
  if (request.value(HeaderName::Contact) == "*") {
    if (request.value(HeaderName::Expires) != "0") return {.status = 400};
    user.bindings.clear();
    return {};
  }
  const auto contacts = addresses(request, HeaderName::Contact);
  if (!contacts) return {.status = 400};
  for (const NameAddr& contact : *contacts) {
    const uint64_t expires = expires_of(contact, request);
    if (expires != 0 && expires < kExpiresMin) return {423, line("Min-Expires", std::to_string(kExpiresMin))};
    const std::string instance = unquote(find_param(contact.params, "+sip.instance").value_or(""));
    const auto it = std::find_if(user.bindings.begin(), user.bindings.end(), [&](const Binding& one) {
      return same_binding(one, contact.uri, instance);
    });
    if (it != user.bindings.end()) {
      // RFC 3261 §10.3: an older request of the same phone changes nothing.
      if (it->call_id == request.call_id && it->cseq >= request.cseq.number) return {.status = 500};
      user.bindings.erase(it);
    }
    if (expires == 0) continue;
    if (user.bindings.size() >= kBindingsMax) return {.status = 503};
    user.bindings.push_back({.uri = std::string(contact.uri.text),
                             .flow = flow,
                             .expires = now + std::chrono::seconds(expires),
                             .call_id = std::string(request.call_id),
                             .cseq = request.cseq.number,
                             .instance = instance,
                             .q = q_of(contact),
                             .agent = std::string(request.value(HeaderName::UserAgent))});
  }
  return {};
}

std::string Registrar::list(const User& user, base::TimePoint now) const {
  std::string out;
  for (const Binding& one : user.bindings) {
    const auto left = std::chrono::duration_cast<std::chrono::seconds>(one.expires - now).count();
    std::string value = "<" + one.uri + ">;expires=" + std::to_string(left);
    if (!one.instance.empty()) value += ";+sip.instance=" + quote(one.instance);
    out += line("Contact", value);
  }
  return out;
}

std::vector<Binding> Registrar::bindings(std::string_view user, base::TimePoint now) const {
  std::vector<Binding> out;
  const auto it = users_.find(std::string(user));
  if (it == users_.end()) return out;
  for (const Binding& one : it->second.bindings) {
    if (one.expires > now) out.push_back(one);
  }
  std::reverse(out.begin(), out.end());
  std::stable_sort(out.begin(), out.end(), [](const Binding& a, const Binding& b) { return a.q > b.q; });
  return out;
}

void Registrar::connection_closed(uint32_t connection) {
  for (auto it = users_.begin(); it != users_.end();) {
    const size_t gone = std::erase_if(it->second.bindings, [&](const Binding& one) {
      return is_stream(one.flow.protocol) && one.flow.connection == connection;
    });
    const bool empty = it->second.bindings.empty();
    const std::string name = it->first;
    it = empty ? users_.erase(it) : std::next(it);
    if (gone > 0 && changed_) changed_(name, !empty);
  }
}

void Registrar::expire(base::TimePoint now) {
  for (auto it = users_.begin(); it != users_.end();) {
    const size_t gone =
        std::erase_if(it->second.bindings, [&](const Binding& one) { return one.expires <= now; });
    const bool empty = it->second.bindings.empty();
    const std::string name = it->first;
    it = empty ? users_.erase(it) : std::next(it);
    if (gone > 0 && changed_) changed_(name, !empty);
  }
  std::erase_if(nonces_, [&](const auto& entry) { return entry.second.expires <= now; });
}

}  // namespace sotto::sip
