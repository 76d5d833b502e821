#include "sound/recorder.h"

#include "audio/level.h"
#include "base/log.h"
#include "sound/sound_writer.h"

namespace sotto::sound {
namespace {

using call::RecordingEnd;
using std::chrono::milliseconds;

constexpr milliseconds kPoll{20};
constexpr milliseconds kBlock{20};
constexpr float kSilenceBelowDb = -48.0F;

}  // namespace

// One recording on the writer's side.
struct FileRecorder::Job {
  Job(const call::RecordingStart& start, std::unique_ptr<media::TapReader> reader, std::string file_path)
      : spec(start.spec), tap(std::move(reader)), path(std::move(file_path)) {
    info.id = start.recording;
    info.room = start.room;
    info.spec = start.spec;
  }

  // Writes what has come. True when the recording is over.
  bool drain() {
    if (!file && !open()) return true;
    for (auto block = tap->front(); !block.samples.empty(); block = tap->front()) {
      for (uint32_t i = 0; i < block.silent_before; ++i) write(silence());
      write(block.samples);
      tap->release();
      if (over) return true;
    }
    if (tap->finished()) return finish(RecordingEnd::LegLeft);
    return stop_asked.load(std::memory_order_acquire) && finish(RecordingEnd::Stopped);
  }

  bool open() {
    auto opened = SoundWriter::create(path, spec.format, tap->rate_hz(), tap->channels());
    if (!opened) {
      base::log(base::LogLevel::Error, "sound", "recording failed", {{"why", opened.error().detail}});
      info.end = RecordingEnd::Failed;
      return false;
    }
    file.emplace(std::move(*opened));
    return true;
  }

  std::span<const int16_t> silence() {
    zeros.assign(tap->block_samples() * tap->channels(), 0);
    return zeros;
  }

  void write(std::span<const int16_t> block) {
    if (over) return;
    channels.clear();
    for (uint16_t i = 0; i < tap->channels(); ++i) {
      channels.push_back(block.subspan(i * tap->block_samples(), tap->block_samples()));
    }
    if (auto written = file->write(channels); !written) {
      base::log(base::LogLevel::Error, "sound", "recording failed", {{"why", written.error().detail}});
      finish(RecordingEnd::Failed);
      return;
    }
    info.length += kBlock;
    quiet = audio::level_db(block) < kSilenceBelowDb ? quiet + kBlock : milliseconds(0);
    if (spec.end_on_silence.count() > 0 && quiet >= spec.end_on_silence) finish(RecordingEnd::Silence);
    if (spec.length_max.count() > 0 && info.length >= spec.length_max) finish(RecordingEnd::TimeLimit);
  }

  bool finish(RecordingEnd end) {
    if (over) return true;
    over = true;
    info.end = end;
    info.path = path.substr(path.rfind('/') + 1);  // relative to the folder, as its readers want it
    if (auto finished = file->finish(); !finished) {
      base::log(base::LogLevel::Error, "sound", "recording failed", {{"why", finished.error().detail}});
      info.end = RecordingEnd::Failed;
    }
    info.bytes = file->bytes();
    return true;
  }

  const call::RecordingSpec spec;
  const std::unique_ptr<media::TapReader> tap;
  const std::string path;
  std::atomic<bool> stop_asked{false};
  Ended ended;  // control thread

  // Writer's own.
  std::optional<SoundWriter> file;
  call::RecordingInfo info;
  milliseconds quiet{0};
  bool over = false;
  std::vector<std::span<const int16_t>> channels;
  std::vector<int16_t> zeros;
};

FileRecorder::FileRecorder(net::Loop& loop, std::string folder)
    : loop_(loop), folder_(std::move(folder)), thread_([this] { serve(); }) {}

FileRecorder::~FileRecorder() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
  *alive_ = false;
}

void FileRecorder::start(const call::RecordingStart& start, std::unique_ptr<media::TapReader> tap,
                         Ended ended) {
  const std::string_view extension = SoundWriter::extension(start.spec.format, tap->channels());
  const std::string path = folder_ + "/" + base::to_hex(start.recording) + "." + std::string(extension);
  auto job = std::make_shared<Job>(start, std::move(tap), path);
  job->ended = std::move(ended);
  jobs_[start.recording] = job;
  const std::lock_guard lock(mutex_);
  fresh_.push_back(std::move(job));
  wake_.notify_one();
}

void FileRecorder::stop(call::RecordingId recording) {
  const auto it = jobs_.find(recording);
  if (it != jobs_.end()) it->second->stop_asked.store(true, std::memory_order_release);
}

void FileRecorder::serve() {
  std::vector<std::shared_ptr<Job>> jobs;
  while (true) {
    bool last = false;
    {
      std::unique_lock lock(mutex_);
      if (jobs.empty()) {
        wake_.wait(lock, [this] { return stopping_ || !fresh_.empty(); });
      } else {
        wake_.wait_for(lock, kPoll, [this] { return stopping_; });
      }
      jobs.insert(jobs.end(), fresh_.begin(), fresh_.end());
      fresh_.clear();
      last = stopping_;
    }
    run_once(jobs);
    if (!last) continue;
    for (const auto& job : jobs) {
      if (job->file) job->finish(RecordingEnd::Stopped);
    }
    return;
  }
}

void FileRecorder::run_once(std::vector<std::shared_ptr<Job>>& jobs) {
  std::erase_if(jobs, [this](const std::shared_ptr<Job>& job) {
    if (!job->drain()) return false;
    loop_.post([this, alive = alive_, job] {
      if (!*alive) return;
      jobs_.erase(job->info.id);
      job->ended(job->info);
    });
    return true;
  });
}

}  // namespace sotto::sound
