#include "app/doctor.h"

#include <filesystem>
#include <set>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/timex.h>

namespace sotto::app {
namespace {

using asio::experimental::awaitable_operators::operator||;
using Findings = std::vector<Finding>;

constexpr auto kAnswerMax = std::chrono::seconds(2);
constexpr size_t kWebhooksMax = 20;
constexpr double kGigabyte = 1e9;
constexpr size_t kLegsFew = 100;
constexpr size_t kOtherFiles = 200;  // HTTP, trunks, the database, recordings

void check_addresses(const Checkup& what, Findings& out) {
  const std::string sip = net::to_string(what.sip);
  if (what.sip.address.is_loopback()) {
    out.push_back({"sip address", Health::Warning, sip + ": only this machine can call",
                   "set [server] sip to an address of the network, such as \"*:5060\""});
  } else if (what.advertised_host.empty() &&
             (what.sip.address.is_unspecified() || net::is_private(what.sip.address))) {
    out.push_back({"advertised address", Health::Warning, sip + " is what far ends are told to reach",
                   "behind a NAT, set [server] advertised_host to the address that they see"});
  } else {
    out.push_back({"sip address", Health::Good, sip, ""});
  }
  const std::string http = net::to_string(what.http);
  if (!what.http.address.is_loopback() && what.private_targets) {
    out.push_back({"http address", Health::Warning,
                   http + " is open to others, and URLs set through an API may lead into your network",
                   "set [webhooks] private_targets = false, or [server] http to 127.0.0.1"});
  } else {
    out.push_back({"http address", Health::Good, http, ""});
  }
}

void check_certificate(const Checkup& what, Findings& out) {
  if (what.certificate_file.empty()) {
    out.push_back({"certificate", Health::Good, "TLS is not used", ""});
    return;
  }
  const std::unique_ptr<BIO, int (*)(BIO*)> file(BIO_new_file(what.certificate_file.c_str(), "r"), BIO_free);
  const std::unique_ptr<X509, void (*)(X509*)> certificate(
      file ? PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr) : nullptr, X509_free);
  if (!certificate) {
    out.push_back({"certificate", Health::Problem, what.certificate_file + " cannot be read as PEM",
                   "set [server] tls_certificate to a file that this user may read"});
    return;
  }
  int days = 0;
  int seconds = 0;
  ASN1_TIME_diff(&days, &seconds, nullptr, X509_get0_notAfter(certificate.get()));
  const std::string fix = "renew it, then: sotto reload, or systemctl reload sotto";
  if (days < 0 || seconds < 0) {
    out.push_back({"certificate", Health::Problem, fmt::format("expired {} days ago", -days), fix});
  } else if (days < 14) {
    out.push_back({"certificate", Health::Warning, fmt::format("expires in {} days", days), fix});
  } else {
    out.push_back({"certificate", Health::Good, fmt::format("good for {} days", days), ""});
  }
}

// A leg has two ports, and a socket on each.
void check_sound_ports(const Checkup& what, Findings& out) {
  const size_t legs = (what.rtp_port_max - what.rtp_port_min + 1u) / 2;
  const size_t by_files = what.open_files_max < kOtherFiles ? 0 : (what.open_files_max - kOtherFiles) / 2;
  const std::string ports =
      fmt::format("UDP {}-{}: sound of {} legs at once", what.rtp_port_min, what.rtp_port_max, legs);
  if (legs < kLegsFew) {
    out.push_back({"sound ports", Health::Warning, ports,
                   "widen [server] rtp_port_min and rtp_port_max, and open them in the firewall"});
  } else if (by_files < legs) {
    out.push_back({"sound ports", Health::Warning,
                   fmt::format("{}, but {} open files allow {}", ports, what.open_files_max, by_files),
                   "raise LimitNOFILE of the service, or ulimit -Hn"});
  } else {
    out.push_back({"sound ports", Health::Good, ports, ""});
  }
}

void check_machine(const Checkup& what, Findings& out) {
  std::error_code error;
  const auto space = std::filesystem::space(what.data_folder, error);
  const double free = error ? 0 : static_cast<double>(space.available) / kGigabyte;
  const std::string room = fmt::format("{:.1f} GB free in {}", free, what.data_folder);
  if (free < 1) {
    out.push_back({"disk", Health::Problem, room, "make room, or shorten [retention] and run: sotto purge"});
  } else {
    out.push_back({"disk", Health::Good, room, ""});
  }
  timex state{};
  if (::adjtimex(&state) == TIME_ERROR) {
    out.push_back({"clock", Health::Warning, "not synchronised: records and tokens carry a wrong time",
                   "run an NTP client, such as systemd-timesyncd or chrony"});
  } else {
    out.push_back({"clock", Health::Good, "synchronised", ""});
  }
  out.push_back({"speech in English", Health::Good, "flite, built in", ""});
  if (what.espeak) {
    out.push_back({"speech in other languages", Health::Good, "espeak-ng", ""});
  } else {
    out.push_back({"speech in other languages", Health::Warning, "espeak-ng is not installed",
                   "apt-get install espeak-ng"});
  }
}

std::string options_request(const std::string& host, const std::string& local) {
  return fmt::format(
      "OPTIONS sip:{0} SIP/2.0\r\nVia: SIP/2.0/UDP {1};branch=z9hG4bKdoctor;rport\r\nMax-Forwards: 1\r\n"
      "From: <sip:doctor@{1}>;tag=doctor\r\nTo: <sip:{0}>\r\nCall-ID: doctor-{1}\r\nCSeq: 1 OPTIONS\r\n"
      "Contact: <sip:doctor@{1}>\r\nContent-Length: 0\r\n\r\n",
      host, local);
}

// The first line of what a host says to OPTIONS over UDP; an error says why there was none.
asio::awaitable<Result<std::string>> ask_options(net::Loop& loop, std::string host) {
  const std::string target = host.substr(0, host.find(';'));
  const size_t colon = target.rfind(':');
  const std::string name = target.substr(0, colon);
  const std::string port = colon == std::string::npos ? "5060" : target.substr(colon + 1);
  asio::ip::udp::resolver resolver(loop.context());
  auto [resolve_error, addresses] =
      co_await resolver.async_resolve(name, port, asio::as_tuple(asio::use_awaitable));
  if (resolve_error || addresses.empty()) co_return fail(ErrorCode::Unreachable, "its name does not resolve");
  const asio::ip::udp::endpoint endpoint = addresses.begin()->endpoint();
  asio::ip::udp::socket socket(loop.context());
  boost::system::error_code error;
  socket.connect(endpoint, error);
  if (error) co_return fail(ErrorCode::Unreachable, error.message());
  const auto local = socket.local_endpoint(error);
  const std::string request = options_request(target, net::to_string({local.address(), local.port()}));
  socket.send(asio::buffer(request), 0, error);
  std::array<char, 2048> reply;
  asio::steady_timer deadline(loop.context(), kAnswerMax);
  auto received = socket.async_receive(asio::buffer(reply), asio::as_tuple(asio::use_awaitable));
  auto expired = deadline.async_wait(asio::as_tuple(asio::use_awaitable));
  const auto first = co_await (std::move(received) || std::move(expired));
  if (first.index() == 1) co_return fail(ErrorCode::TimedOut, "no answer to OPTIONS within 2 s");
  const auto [receive_error, size] = std::get<0>(first);
  if (receive_error) co_return fail(ErrorCode::Unreachable, receive_error.message());
  const std::string_view text(reply.data(), size);
  co_return std::string(text.substr(0, text.find('\r')));
}

asio::awaitable<void> check_trunks(net::Loop& loop, std::vector<Checkup::Trunk> trunks, Findings* out) {
  for (const Checkup::Trunk& trunk : trunks) {
    const std::string check = "trunk " + trunk.name;
    if (trunk.hosts.empty()) out->push_back({check, Health::Good, "takes no calls, only brings some", ""});
    for (std::string host : trunk.hosts) {
      const Result<std::string> answer = co_await ask_options(loop, host);
      if (answer) {
        out->push_back({check, Health::Good, host + ": " + *answer, ""});
      } else {
        out->push_back({check, Health::Problem, host + ": " + answer.error().detail,
                        "check [[trunk]] hosts, and that its firewall lets this machine in"});
      }
    }
  }
}

// Any answer will do: what an app says to a HEAD request is its own affair.
asio::awaitable<void> check_webhooks(http::Client& client, std::vector<std::string> urls, Findings* out) {
  if (urls.size() > kWebhooksMax) urls.resize(kWebhooksMax);
  for (const std::string& url : urls) {
    http::FetchRequest request;
    request.method = http::Method::Head;
    request.url = url;
    request.connect_deadline = kAnswerMax;
    request.total_deadline = kAnswerMax;
    const http::FetchResult reply = co_await client.fetch(std::move(request));
    if (reply) {
      out->push_back({"webhook", Health::Good, fmt::format("{} answers ({})", url, reply->status), ""});
    } else {
      out->push_back({"webhook", Health::Problem, url + ": " + reply.error().detail,
                      "start the app, or correct its URL in the application's settings"});
    }
  }
}

std::string_view to_string(Health health) {
  return health == Health::Good ? "good" : health == Health::Warning ? "warning" : "problem";
}

void collect_urls(const text::Json& json, std::set<std::string>& urls) {
  if (const std::string* text = json.text(); text != nullptr && text->starts_with("http")) {
    if (text->starts_with("http://") || text->starts_with("https://")) urls.insert(*text);
  }
  if (json.array() != nullptr) {
    for (const text::Json& each : *json.array()) collect_urls(each, urls);
  }
  if (json.object() != nullptr) {
    for (const text::JsonMember& each : json.object()->members()) collect_urls(each.value, urls);
  }
}

}  // namespace

std::vector<std::string> urls_in(const text::Json& json) {
  std::set<std::string> urls;
  collect_urls(json, urls);
  return {urls.begin(), urls.end()};
}

asio::awaitable<std::vector<Finding>> examine(net::Loop& loop, http::Client& client, Checkup what) {
  Findings out;
  check_addresses(what, out);
  check_sound_ports(what, out);
  check_certificate(what, out);
  check_machine(what, out);
  co_await check_trunks(loop, what.trunks, &out);
  co_await check_webhooks(client, what.webhook_urls, &out);
  co_return out;
}

text::Json to_json(const std::vector<Finding>& findings) {
  text::JsonArray list;
  for (const Finding& each : findings) {
    list.emplace_back(text::JsonObject{
        {"check", each.check}, {"health", to_string(each.health)}, {"found", each.found}, {"fix", each.fix}});
  }
  return list;
}

}  // namespace sotto::app
