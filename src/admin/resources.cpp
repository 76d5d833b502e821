#include "admin/resources.h"

namespace sotto::admin {

// To add one: its function, its line in resources.h, its row here.
std::span<const Resource> resources() {
  using http::Method;
  static constexpr Resource kResources[] = {
      {Method::Get, "/calls", list_calls},
      {Method::Get, "/calls/{id}", show_call},
      {Method::Get, "/calls/{id}/hearing", show_hearing},
      {Method::Delete, "/calls/{id}", hang_up_call},
      {Method::Post, "/calls/{id}/supervise", supervise_call},
      {Method::Get, "/campaigns", list_campaigns},
      {Method::Post, "/campaigns", add_campaign},
      {Method::Get, "/campaigns/{name}", show_campaign},
      {Method::Delete, "/campaigns/{name}", remove_campaign},
      {Method::Get, "/report", show_report},
      {Method::Get, "/numbers", list_numbers},
      {Method::Get, "/phones", list_phones},
      {Method::Get, "/trunks", list_trunks},
      {Method::Get, "/applications", list_applications},
      {Method::Get, "/route/{number}", explain_route},
      {Method::Get, "/webhooks", list_dead_letters},
      {Method::Get, "/webhooks/{id}", show_dead_letter},
      {Method::Post, "/webhooks/{id}/replay", replay_dead_letter},
      {Method::Get, "/sip/trace", trace_sip},
      {Method::Post, "/config/reload", reload_config},
      {Method::Get, "/doctor", diagnose_server},
      {Method::Post, "/purge", purge_store},
  };
  return kResources;
}

}  // namespace sotto::admin
