#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "net/loop.h"
#include "telephony/media_control.h"

namespace sotto::sound {

// Writes recordings as wav or mp3 files, all by one thread. A file grows as NAME.part and gets its name when
// it is whole. Control thread, but for serve().
class FileRecorder final : public telephony::Recorder {
 public:
  // `folder` exists. The loop outlives this.
  FileRecorder(net::Loop& loop, std::string folder);
  FileRecorder(const FileRecorder&) = delete;
  ~FileRecorder() override;  // finishes what is open; nobody is told

  void start(const call::RecordingStart& start, std::unique_ptr<media::TapReader> tap, Ended ended) override;
  void stop(call::RecordingId recording) override;

 private:
  struct Job;
  void serve();
  void run_once(std::vector<std::shared_ptr<Job>>& jobs);

  net::Loop& loop_;
  const std::string folder_;
  std::unordered_map<call::RecordingId, std::shared_ptr<Job>> jobs_;  // control thread
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);        // control thread

  std::mutex mutex_;  // guards fresh_ and stopping_
  std::condition_variable wake_;
  std::vector<std::shared_ptr<Job>> fresh_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace sotto::sound
