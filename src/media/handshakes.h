#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/limits.h"
#include "base/spsc_ring.h"
#include "base/time.h"
#include "media/address.h"
#include "media/dtls_association.h"
#include "media/event.h"
#include "media/media_object.h"
#include "media/port_pool.h"
#include "media/security.h"

namespace sotto::media {

// What the media thread received that is no sound: a check of ICE or a part of a handshake.
struct Handed {
  Handle leg;
  SocketAddress from;
  size_t size = 0;
  std::array<std::byte, base::limits::kRtpPacketBytesMax> bytes;
};
class HandOver {
 public:
  static Result<std::unique_ptr<HandOver>> create(size_t media_threads);
  // The media thread of that number. Full: dropped, as if it had been lost on its way.
  void give(size_t media_thread, Handle leg, const SocketAddress& from, base::ByteView datagram) noexcept;
  bool take(Handed& handed) noexcept;
  int event() const noexcept { return event_.get(); }
  void wake() noexcept;

 private:
  using Ring = base::SpscRing<Handed, 128>;
  HandOver(Descriptor event, size_t media_threads);
  std::vector<std::unique_ptr<Ring>> rings_;  // one for each media thread: a ring has one writer
  Descriptor event_;
};

// The thread that answers the checks of ICE and shakes hands by DTLS for all legs, on their own sockets.
class Handshakes {
 public:
  struct Secured {
    LegId leg;
    DtlsAssociation::Keys keys;
  };
  struct Failed {
    LegId leg;
    std::string why;
  };
  struct Validated {  // where a check came from that is to be used
    LegId leg;
    SocketAddress from;
  };
  struct ConsentLost {  // no check for 30 s: the far end no longer wants to be sent to, RFC 7675
    LegId leg;
  };
  using News = std::variant<Secured, Failed, Validated, ConsentLost>;

  // `hand_over` and `news_event` (an eventfd, written when there are news) outlive this.
  static Result<std::unique_ptr<Handshakes>> start(HandOver& hand_over, int news_event);
  Handshakes(const Handshakes&) = delete;
  ~Handshakes();

  // ---- control thread
  const std::string& fingerprint() const { return identity_->fingerprint(); }
  struct Leg {
    LegId id;
    Handle handle;
    int socket = -1;       // is duplicated
    SocketAddress remote;  // where to begin, where we do and there is no ICE
    DtlsSettings settings;
  };
  // Begins anew where the leg is known.
  void open(const Leg& leg);
  void close(const LegId& leg);
  std::vector<News> take_news();

 private:
  struct Party {
    LegId id;
    Descriptor socket = Descriptor();
    SocketAddress remote;
    DtlsSettings settings;
    std::unique_ptr<DtlsAssociation> association;
    bool told = false;  // how the handshake ended
    std::vector<SocketAddress> validated;
    base::TimePoint consent_at{};
    bool consent_lost = false;
  };
  struct Open {
    Handle handle;
    Party party;
  };
  struct Close {
    LegId leg;
  };
  using Task = std::variant<Open, Close>;

  Handshakes(HandOver& hand_over, int news_event, std::unique_ptr<DtlsIdentity> identity)
      : hand_over_(hand_over), news_event_(news_event), identity_(std::move(identity)) {}
  void post(Task task);
  void run();
  base::Duration patience() const;
  void run_tasks();
  void run_task(Open& task);
  void run_task(const Close& task);
  void on_handed(const Handed& handed);
  void on_check(Party& party, base::ByteView datagram, const SocketAddress& from);
  void on_time();
  void begin(Party& party);
  void send(const Party& party, const DtlsAssociation::Datagrams& datagrams) const;
  void look_at(Party& party);
  void tell(News news);

  HandOver& hand_over_;
  const int news_event_;
  const std::unique_ptr<DtlsIdentity> identity_;
  const base::SystemClock clock_;

  // The thread's own.
  std::unordered_map<uint32_t, Party> parties_;  // by the handle's index
  std::unordered_map<LegId, Handle> handles_;

  std::mutex mutex_;  // guards tasks_ and news_
  std::vector<Task> tasks_;
  std::vector<News> news_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace sotto::media
