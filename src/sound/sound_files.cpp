#include "sound/sound_files.h"

#include <cerrno>
#include <cstring>
#include <fstream>

#include <sys/stat.h>

#include "audio/mp3.h"
#include "audio/wav.h"
#include "base/limits.h"
#include "sound/remote_sounds.h"

namespace sotto::sound {
namespace {

bool is_wav(const std::vector<std::byte>& file) {
  return file.size() >= 12 && std::memcmp(file.data(), "RIFF", 4) == 0;
}

Result<audio::SharedPcm> decode_wav(const std::vector<std::byte>& file) {
  auto reader = audio::WavReader::create(file);
  if (!reader) return fail(reader.error());
  const uint64_t longest =
      static_cast<uint64_t>(std::chrono::seconds(base::limits::kPromptLengthMax).count()) *
      reader->format().sample_rate_hz;
  audio::Pcm pcm;
  pcm.rate_hz = reader->format().sample_rate_hz;
  pcm.samples.resize(std::min(reader->frames(), longest));
  pcm.samples.resize(reader->read_mixed(0, pcm.samples));
  return std::make_shared<const audio::Pcm>(std::move(pcm));
}

}  // namespace

Result<audio::SharedPcm> decode_sound(const std::vector<std::byte>& file) {
  auto pcm = [&]() -> Result<audio::SharedPcm> {
    if (is_wav(file)) return decode_wav(file);
    auto sound = audio::decode_mp3(file, base::limits::kPromptLengthMax);
    if (!sound) return fail(sound.error());
    return std::make_shared<const audio::Pcm>(audio::Pcm{sound->sample_rate_hz, std::move(sound->samples)});
  }();
  if (pcm && (*pcm)->samples.empty()) return fail(ErrorCode::Invalid, "sound file: there is no sound in it");
  return pcm;
}

void SoundFiles::load(const call::AudioFile& file, Loaded loaded) {
  const bool remote = file.url.starts_with("http://") || file.url.starts_with("https://");
  if (remote && remote_ != nullptr) return remote_->load(file.url, file.cacheable, std::move(loaded));
  const bool leaves =
      !folder_.empty() && (file.url.starts_with('/') || file.url.find("..") != std::string::npos);
  if (remote || leaves) {
    const std::string why = remote ? "no HTTP client is configured" : "it is outside the sounds folder";
    pool_.later([loaded = std::move(loaded),
                 error = Error{ErrorCode::Unsupported, "sound file \"" + file.url + "\": " + why}] {
      loaded(fail(error));
    });
    return;
  }
  const std::string path = folder_.empty() ? file.url : folder_ + "/" + file.url;
  auto& waiters = waiting_[path];
  waiters.push_back(std::move(loaded));
  if (waiters.size() > 1) return;
  const auto known = cache_.find(path);
  pool_.run<Result<Read>>(
      [path, cached = known == cache_.end() ? Cached{} : known->second] { return read(path, cached); },
      [this, path](Result<Read> done) { finished(path, std::move(done)); });
}

// On a worker.
Result<SoundFiles::Read> SoundFiles::read(const std::string& path, Cached known) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    return fail(ErrorCode::NotFound, "sound file \"" + path + "\": " + std::strerror(errno));
  }
  const auto bytes = static_cast<uint64_t>(status.st_size);
  if (bytes > base::limits::kPromptFileBytesMax)
    return fail(ErrorCode::TooLarge, "sound file \"" + path + "\": over the limit");
  const int64_t modified = status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec;
  if (known.pcm && known.modified == modified && known.bytes == bytes) return Read{std::move(known), false};
  std::vector<std::byte> content(bytes);
  std::ifstream file(path, std::ios::binary);
  file.read(reinterpret_cast<char*>(content.data()), static_cast<std::streamsize>(bytes));
  if (!file) return fail(ErrorCode::Io, "sound file \"" + path + "\": cannot be read");
  auto pcm = decode_sound(content);
  if (!pcm) return fail(pcm.error().code, "sound file \"" + path + "\": " + pcm.error().detail);
  return Read{Cached{modified, bytes, std::move(*pcm)}, true};
}

void SoundFiles::finished(const std::string& path, Result<Read> done) {
  Result<audio::SharedPcm> answer = done ? Result<audio::SharedPcm>(done->cached.pcm) : fail(done.error());
  if (done && done->fresh) cache_[path] = std::move(done->cached);
  const auto node = waiting_.extract(path);
  for (const Loaded& loaded : node.mapped()) loaded(answer);
}

}  // namespace sotto::sound
