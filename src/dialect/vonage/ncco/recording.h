#pragma once

#include <optional>
#include <string>

#include "call/recording.h"
#include "dialect/vonage/ncco/options.h"
#include "dialect/vonage/ncco/scope.h"

namespace sotto::vonage {

// What the recording's owner line says: the file is told of when it is there, though its leg be long gone.
struct RecordingOwner {
  std::string application;
  Hook hook;  // none: the application's
  std::string format = "mp3";
};
std::string to_text(const RecordingOwner& owner);
std::optional<RecordingOwner> parse_recording_owner(const std::string& text);

// The options that record and a recorded conversation share.
call::RecordingSpec read_recording(Options& options, const Scope& scope);

}  // namespace sotto::vonage
