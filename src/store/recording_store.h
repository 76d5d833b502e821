#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "call/recording.h"
#include "store/connection.h"

// What is known about recordings; the audio is in files.
namespace sotto::store {

struct RecordingRecord {
  call::RecordingInfo info;
  std::string account;       // hex
  std::string extra = "{}";  // JSON that the dialect owns
};

Result<void> put_recording(Connection& connection, const RecordingRecord& recording);
Result<RecordingRecord> find_recording(Connection& connection, call::RecordingId id);
Result<void> erase_recording(Connection& connection, call::RecordingId id);

struct RecordingQuery {
  std::string account;  // empty fields do not restrict
  std::optional<call::CallId> call;
  std::optional<base::WallTime> started_from;
  std::optional<base::WallTime> started_until;
  uint64_t offset = 0;
  uint64_t count_max = 100;
};

Result<std::vector<RecordingRecord>> find_recordings(Connection& connection,
                                                     const RecordingQuery& query);  // newest first

}  // namespace sotto::store
