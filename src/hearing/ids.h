#pragma once

#include "base/ids.h"

namespace sotto::hearing {

using LegId = base::Id<struct LegTag>;        // one party: one SIP dialog, one WebSocket
using RoomId = base::Id<struct RoomTag>;      // where legs hear each other
using PromptId = base::Id<struct PromptTag>;  // one playing of a file, speech, tone or inbound stream
using TapId = base::Id<struct TapTag>;        // a recording, a media stream, a recogniser, a detector

}  // namespace sotto::hearing
