// StartRecording and StopRecording (contract section 3.9). What a supervisor whispers is on no recording.
#include "dialect/voipnow/actions/action.h"

namespace sotto::voipnow {
namespace {

struct Recorded {
  View* view = nullptr;
  const call::Leg* leg = nullptr;
};

Checked<Recorded> read_recorded(const Action& action) {
  const auto view = read_view(action);
  if (!view) return tl::unexpected(view.error());
  const call::Leg* leg = leg_of(action, **view);
  if (leg == nullptr || !leg->answered() || (*view)->target || (*view)->parked) {
    return refuse("pc_phonecallview_invalid", "phoneCallViewId: the view is not on a call of its own");
  }
  const directory::Phone* phone = action.directory().phone_by_extension((*view)->extension);
  if (phone == nullptr || !phone->may_record) {
    return refuse(401, "access_denied", "may_record is off for extension " + (*view)->extension);
  }
  return Recorded{*view, leg};
}

}  // namespace

ActionResult start_recording(const Action& action) {
  const text::Json* value = action.field("format");
  const auto format = value == nullptr ? std::optional<std::string>("wav") : read_text(*value);
  if (!format || (*format != "wav" && *format != "wav49")) {
    return refuse("pc_format_invalid", "format: \"wav\" or \"wav49\" is wanted");
  }
  const auto recorded = read_recorded(action);
  if (!recorded) return tl::unexpected(recorded.error());
  if (*format == "wav49")
    return refuse(501, "request_not_implemented", "format: \"wav49\" is not implemented");
  if (recorded->view->recording) return done(*action.call);
  call::RecordingSpec spec;
  spec.policy = call::RecordingPolicy::Mixed;
  spec.owner = "voipnow " + recorded->view->extension;
  const auto started = action.switchboard().record(recorded->leg->id, spec);
  if (!started) return refuse(500, "internal_server_error", started.error().detail);
  return done(*action.call);
}

ActionResult stop_recording(const Action& action) {
  const auto recorded = read_recorded(action);
  if (!recorded) return tl::unexpected(recorded.error());
  if (recorded->view->recording) action.switchboard().stop_recording(recorded->view->recording->first);
  return done(*action.call);
}

}  // namespace sotto::voipnow
