#include "http/transfer.h"

#include <charconv>

#include <curl/curl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "net/endpoint.h"

namespace sotto::http {

// One request to libcurl. Stays where it is, since libcurl holds its address.
struct Transfer {
  uint64_t id = 0;
  FetchRequest request;
  TransferThread::Done done;
  FetchReply reply;
  base::TimePoint started;
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy{curl_easy_init(), curl_easy_cleanup};
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers{nullptr, curl_slist_free_all};
  char error[CURL_ERROR_SIZE] = "";
  bool private_target = false;
  bool too_large = false;
};

namespace {

constexpr int kPollMs = 1000;
constexpr long kConnectionsKept = 200;

size_t on_body(char* data, size_t, size_t size, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (transfer.reply.body.size() + size > transfer.request.body_bytes_max) {
    transfer.too_large = true;
    return 0;  // ends the transfer
  }
  transfer.reply.body.append(data, size);
  return size;
}

// Each line of each head on the way: of 100 Continue, of redirects, of the answer.
size_t on_header(char* data, size_t, size_t size, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  std::string_view line(data, size);
  while (line.ends_with('\n') || line.ends_with('\r') || line.ends_with(' ')) line.remove_suffix(1);
  if (line.starts_with("HTTP/")) {
    transfer.reply.headers = {};
    transfer.reply.body.clear();
    return size;
  }
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return size;
  std::string_view value = line.substr(colon + 1);
  while (value.starts_with(' ') || value.starts_with('\t')) value.remove_prefix(1);
  if (transfer.reply.headers.size() >= base::limits::kHttpHeadersMax) return size;
  transfer.reply.headers.add(std::string(line.substr(0, colon)), std::string(value));
  if (equals_ignoring_case(line.substr(0, colon), "Set-Cookie")) transfer.reply.cookies.emplace_back(value);
  return size;
}

// The policy looks at the address that is really connected to: a name cannot lie about it.
curl_socket_t on_open_socket(void* user, curlsocktype, curl_sockaddr* address) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (transfer.request.private_targets == PrivateTargets::Refused &&
      net::is_private(net::endpoint_of(address->addr).address)) {
    transfer.private_target = true;
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

long milliseconds(base::Duration duration) {
  return std::max<long>(1, std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

void set_method(Transfer& transfer) {
  CURL* easy = transfer.easy.get();
  const FetchRequest& request = transfer.request;
  if (request.method == Method::Head) {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  } else if (request.method == Method::Get && request.body.empty()) {
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
  } else if (request.method == Method::Delete && request.body.empty()) {
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, "DELETE");
  } else {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.data());
    // A custom method would also be kept where a redirect turns POST into GET.
    if (request.method != Method::Post) {
      curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, std::string(to_string(request.method)).c_str());
    }
  }
}

void set_headers(Transfer& transfer) {
  const auto append = [&](const std::string& line) {
    curl_slist* longer = curl_slist_append(transfer.headers.get(), line.c_str());
    CHECK(longer != nullptr);
    static_cast<void>(transfer.headers.release());
    transfer.headers.reset(longer);
  };
  append("Expect:");  // no waiting for 100 Continue
  if (!transfer.request.headers.contains("Content-Type")) append("Content-Type:");
  for (const auto& [name, value] : transfer.request.headers) {
    std::string line =
        name + (value.empty() ? ";" : ": " + value);  // "Name;" is libcurl's way to send an empty value
    std::erase_if(line, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
    append(line);
  }
  curl_easy_setopt(transfer.easy.get(), CURLOPT_HTTPHEADER, transfer.headers.get());
}

void set_redirects(Transfer& transfer) {
  CURL* easy = transfer.easy.get();
  if (transfer.request.redirects == Redirects::None) return;
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(easy, CURLOPT_MAXREDIRS, static_cast<long>(transfer.request.redirects_max));
  const bool keep = transfer.request.redirects == Redirects::KeepMethod;
  curl_easy_setopt(easy, CURLOPT_POSTREDIR, keep ? CURL_REDIR_POST_ALL : 0L);
}

void set_options(Transfer& transfer, const ClientOptions& options) {
  CURL* easy = transfer.easy.get();
  const FetchRequest& request = transfer.request;
  curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfer);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer.error);
  curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_PROXY, options.proxy.c_str());
  curl_easy_setopt(easy, CURLOPT_USERAGENT, options.user_agent.c_str());
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
                   options.http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, milliseconds(request.connect_deadline));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, milliseconds(request.total_deadline));
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &transfer);
  // A kept connection was opened under the policy of another request.
  if (request.private_targets == PrivateTargets::Refused) curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, request.verify_tls ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, request.verify_tls ? 2L : 0L);
  if (!options.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, options.ca_file.c_str());
  if (!request.user.empty() || !request.password.empty()) {
    curl_easy_setopt(easy, CURLOPT_USERNAME, request.user.c_str());
    curl_easy_setopt(easy, CURLOPT_PASSWORD, request.password.c_str());
  }
  set_method(transfer);
  set_headers(transfer);
  set_redirects(transfer);
}

FetchFault fault_of(const Transfer& transfer, CURLcode code) {
  if (transfer.private_target) return FetchFault::PrivateTarget;
  if (transfer.too_large) return FetchFault::TooLarge;
  switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL: return FetchFault::BadUrl;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY: return FetchFault::HostName;
    case CURLE_COULDNT_CONNECT: return FetchFault::Refused;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER: return FetchFault::TlsHandshake;
    case CURLE_TOO_MANY_REDIRECTS: return FetchFault::TooManyRedirects;
    case CURLE_FILESIZE_EXCEEDED: return FetchFault::TooLarge;
    case CURLE_OPERATION_TIMEDOUT: break;
    default: return FetchFault::Reset;
  }
  // One code for two deadlines: it was the connect's if the last connection attempt never got ready to send.
  curl_off_t ready = 0;
  curl_easy_getinfo(transfer.easy.get(), CURLINFO_PRETRANSFER_TIME_T, &ready);
  const bool total_is_over = base::SystemClock().now() - transfer.started >= transfer.request.total_deadline;
  return ready == 0 && !total_is_over ? FetchFault::ConnectTimeout : FetchFault::TotalTimeout;
}

FetchResult result_of(Transfer& transfer, CURLcode code) {
  if (code != CURLE_OK) {
    const std::string detail = transfer.private_target ? "the address is private, and private_targets is off"
                               : transfer.error[0]     ? transfer.error
                                                       : curl_easy_strerror(code);
    return tl::unexpected(FetchError{fault_of(transfer, code), detail});
  }
  long status = 0;
  long redirects = 0;
  const char* url = nullptr;
  curl_easy_getinfo(transfer.easy.get(), CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(transfer.easy.get(), CURLINFO_REDIRECT_COUNT, &redirects);
  curl_easy_getinfo(transfer.easy.get(), CURLINFO_EFFECTIVE_URL, &url);
  transfer.reply.status = static_cast<int>(status);
  transfer.reply.redirects = static_cast<uint32_t>(redirects);
  transfer.reply.url = url ? url : transfer.request.url;
  transfer.reply.time = base::SystemClock().now() - transfer.started;
  return std::move(transfer.reply);
}

CURLM* make_multi() {
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);  // once a process
  CHECK(initialised == CURLE_OK);
  CURLM* multi = curl_multi_init();
  CHECK(multi != nullptr);
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, kConnectionsKept);
  return multi;
}

}  // namespace

TransferThread::TransferThread(ClientOptions options) : options_(std::move(options)), multi_(make_multi()) {
  thread_ = std::thread([this] { work(); });
}

TransferThread::~TransferThread() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  curl_multi_wakeup(multi_);
  thread_.join();
  for (auto& [id, transfer] : running_) curl_multi_remove_handle(multi_, transfer->easy.get());
  running_.clear();
  curl_multi_cleanup(multi_);
}

uint64_t TransferThread::start(FetchRequest request, Done done) {
  auto transfer = std::make_unique<Transfer>();
  CHECK(transfer->easy != nullptr);
  transfer->request = std::move(request);
  transfer->done = std::move(done);
  transfer->started = base::SystemClock().now();
  uint64_t id = 0;
  {
    const std::lock_guard lock(mutex_);
    id = transfer->id = next_id_++;
    starting_.push_back(std::move(transfer));
  }
  curl_multi_wakeup(multi_);
  return id;
}

void TransferThread::cancel(uint64_t id) {
  {
    const std::lock_guard lock(mutex_);
    cancelling_.push_back(id);
  }
  curl_multi_wakeup(multi_);
}

void TransferThread::begin(std::unique_ptr<Transfer> transfer) {
  set_options(*transfer, options_);
  if (curl_multi_add_handle(multi_, transfer->easy.get()) != CURLM_OK) {
    transfer->done(tl::unexpected(FetchError{FetchFault::Exhausted, "libcurl takes no more requests"}));
    return;
  }
  const uint64_t id = transfer->id;
  running_.emplace(id, std::move(transfer));
}

void TransferThread::take_orders() {
  std::vector<std::unique_ptr<Transfer>> starting;
  std::vector<uint64_t> cancelling;
  {
    const std::lock_guard lock(mutex_);
    starting.swap(starting_);
    cancelling.swap(cancelling_);
  }
  for (auto& transfer : starting) begin(std::move(transfer));
  for (const uint64_t id : cancelling) {
    const auto it = running_.find(id);
    if (it == running_.end()) continue;
    curl_multi_remove_handle(multi_, it->second->easy.get());
    running_.erase(it);
  }
}

void TransferThread::finish_done() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;
    Transfer* transfer = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
    transfer->done(result_of(*transfer, code));
    curl_multi_remove_handle(multi_, transfer->easy.get());
    running_.erase(transfer->id);
  }
}

void TransferThread::work() {
  while (true) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
    }
    take_orders();
    int running = 0;
    curl_multi_perform(multi_, &running);
    finish_done();
    curl_multi_poll(multi_, nullptr, 0, kPollMs, nullptr);
  }
}

}  // namespace sotto::http
