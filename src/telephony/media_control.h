#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>

#include "call/switchboard.h"
#include "media/engine.h"
#include "telephony/recogniser.h"
#include "telephony/socket_audio.h"

namespace sotto::telephony {

// Turns what a program wants played into what the media thread can play. Control thread.
class PromptMaker {
 public:
  virtual ~PromptMaker() = default;
  using Made = std::function<void(Result<media::Playlist>)>;
  // `made` runs exactly once, never from inside make().
  virtual void make(const call::PromptSpec& spec, Made made) = 0;
};

// Writes what a tap hears to a file. Control thread; the writing itself is another's.
class Recorder {
 public:
  virtual ~Recorder() = default;
  using Ended = std::function<void(call::RecordingInfo)>;
  // `ended` runs exactly once, never from inside one of these: by stop(), or by the recording's own rules.
  virtual void start(const call::RecordingStart& start, std::unique_ptr<media::TapReader> tap,
                     Ended ended) = 0;
  virtual void stop(call::RecordingId recording) = 0;
};

// The core's Media port on the media engine: rooms, legs, prompts, digits and recordings. Streams are given
// on to SocketAudio. Control thread.
class MediaControl final : public call::Media, public media::EventSink {
 public:
  struct Ports {
    PromptMaker& prompts;
    Recorder* recorder = nullptr;      // without one, recordings fail with a notice
    Sockets* sockets = nullptr;        // without one, streams and WebSocket legs fail
    Recogniser* recogniser = nullptr;  // without one, recognition ends at once with an error
  };
  explicit MediaControl(Ports ports) : ports_(ports), socket_audio_(ports.sockets) {}

  // Before the first call. Both outlive this.
  void connect(media::Engine& engine, call::Switchboard& switchboard);
  SocketAudio& socket_audio() { return socket_audio_; }

  std::string dtls_fingerprint() const { return engine_->dtls_fingerprint(); }
  // The RTP ports of a leg, or why it has none.
  Result<media::LocalPorts> ports_of(call::LegId leg) const;
  Result<void> configure(call::LegId leg, const media::LegSettings& settings);

  void open_leg(call::LegId leg, call::RoomId room) override;
  void close_leg(call::LegId leg) override;
  void apply(const hearing::PlanDelta& delta) override;
  void move_leg(call::LegId leg, call::RoomId from, call::RoomId to) override;
  void close_room(call::RoomId room) override;
  void watch_speakers(call::RoomId room) override;
  void start_prompt(const call::PromptStart& start) override;
  void stop_prompt(call::PromptId prompt) override;
  void start_recording(const call::RecordingStart& start) override;
  void pause_recording(call::RecordingId recording, bool paused) override;
  void stop_recording(call::RecordingId recording) override;
  void send_digits(call::LegId leg, const std::string& digits) override;
  void detect_machine(call::LegId leg, const call::MachineDetection& detection) override;
  void start_recognition(call::LegId leg, call::TapId tap, const call::RecognitionSpec& spec) override;
  void stop_recognition(call::TapId tap) override;
  void start_stream(call::LegId leg, call::TapId tap, const call::StreamSpec& spec) override;
  void stop_stream(call::TapId tap) override;

  void on_media_event(const media::Event& event) override;

  // Is told what a leg's sound was like, once it is closed; never of one that had no packets.
  using Measured = std::function<void(call::LegId, const media::LegStatistics&)>;
  void set_measured(Measured measured) { measured_ = std::move(measured); }

  // What could not be done at once and must be told in a later turn of the loop.
  using Later = std::function<void(std::function<void()>)>;
  void set_later(Later later) { later_ = std::move(later); }

 private:
  struct Prompt {
    call::RoomId room;
    bool playing = false;
  };
  bool start_way_back(const call::PromptStart& start);
  void prompt_made(call::PromptId prompt, Result<media::Playlist> playlist);
  void speech_heard(call::SpeechHeard heard);
  void recording_ended(call::RecordingInfo info);

  const Ports ports_;
  media::Engine* engine_ = nullptr;
  call::Switchboard* switchboard_ = nullptr;
  Later later_;
  Measured measured_;
  SocketAudio socket_audio_;

  std::unordered_map<call::LegId, Result<media::LocalPorts>> legs_;
  std::unordered_map<call::PromptId, Prompt> prompts_;
  struct Recording {
    call::TapId tap;
    std::optional<call::LegId> leg;
  };
  std::unordered_map<call::RecordingId, Recording> recordings_;
  std::unordered_map<call::TapId, call::LegId> recognitions_;
};

}  // namespace sotto::telephony
