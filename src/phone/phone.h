#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "call/event.h"
#include "net/loop.h"
#include "net/worker_pool.h"
#include "sound/prompts.h"
#include "sound/recorder.h"
#include "telephony/stack.h"

// A scriptable SIP phone: one call at a time, dialled or answered by a script, with what it hears on a file.
// It registers where it is told to, and is called there.
namespace sotto::phone {

using std::chrono::milliseconds;

inline constexpr uint16_t kPortsPerPhone = 100;

struct Script {
  net::Endpoint listen;            // SIP; port 0: any free one
  uint16_t rtp_port_min = 40'000;  // and kPortsPerPhone that follow
  std::string user = "phone";      // our caller id, and the name by which we register
  std::string registrar;           // host, host:port or host;transport=tcp; empty: we do not register
  std::string password;            // there
  std::string dial;                // SIP URI or, where we register, digits; empty: wait for a call

  milliseconds ring{500};  // how long an inbound call rings before it is answered
  int reject_with = 0;     // a SIP status: refuse inbound calls instead
  float tone_hz = 0;       // what we say: a tone,
  std::string play;        // or a file
  std::string press;       // digits sent after the answer
  enum class Keys : uint8_t { Events, Info, InBand } keys = Keys::Events;  // by RFC 4733, INFO, as tones
  milliseconds press_after{1000};
  milliseconds hold_after{0};      // after the answer, by re-INVITE; 0: never
  milliseconds hold_length{1000};  // then the call goes on
  std::string transfer;            // SIP URI or digits; empty: none. By REFER
  milliseconds transfer_after{1000};
  milliseconds hang_up_after{0};  // after the answer; 0: leave that to the far end
  std::string record;             // wav file of what is heard; empty: none
};

// Control thread. One line of JSON for each event goes to `say`.
class Phone final : public call::EventSink, private base::TimerSink {
 public:
  using Say = std::function<void(const std::string& line)>;

  static Result<std::unique_ptr<Phone>> start(net::Loop& loop, Script script, Say say);
  ~Phone() override;

  net::Endpoint address() const { return stack_->sip_address(); }
  // The call has come and gone, and its recording is whole.
  bool finished() const { return over_ && !recording_; }
  bool answered() const { return answered_; }

 private:
  enum Timer : uint64_t { Answer, Press, Hold, Resume, Transfer, HangUp, Registering, Count };

  Phone(net::Loop& loop, Script script, Say say);
  Result<void> open();
  Result<void> dial();
  void on_event(const call::Event& event) override;
  void on_timer(uint64_t token) override;
  void look_at_registration();
  void press();
  void hold(bool on);
  void transfer();
  void start(Timer timer, milliseconds delay);
  void on_created(const call::Event& event);
  void on_answered(const call::Event& event);
  void say_something();
  void on_recording(const call::RecordingInfo& recording);
  void report(const call::Event& event, std::string_view name, std::string_view key = {},
              const std::string& value = {});

  net::Loop& loop_;
  const Script script_;
  const Say say_;
  net::WorkerPool pool_;
  sound::SoundFiles files_;
  sound::Prompts prompts_;
  std::string folder_;  // of the recording
  std::unique_ptr<sound::FileRecorder> recorder_;
  std::unique_ptr<telephony::Stack> stack_;

  std::optional<call::LegId> leg_;
  std::optional<call::RecordingId> recording_;
  bool answered_ = false;
  bool over_ = false;
  std::array<base::TimerId, Count> timers_{};
};

}  // namespace sotto::phone
