#pragma once

#include "cli/api.h"
#include "cli/invocation.h"

// Every command's function; commands.cpp says what each does.
namespace sotto::cli {

// app.cpp
text::Json application_body(const std::string& name, const std::string& answer_url,
                            const std::string& event_url);
Result<void> create_app(Api& api, const Invocation& given);
Result<void> list_apps(Api& api, const Invocation& given);
Result<void> show_app(Api& api, const Invocation& given);
Result<void> delete_app(Api& api, const Invocation& given);
Result<void> search_numbers(Api& api, const Invocation& given);
Result<void> buy_number(Api& api, const Invocation& given);
Result<void> cancel_number(Api& api, const Invocation& given);
Result<void> link_number(Api& api, const Invocation& given);
Result<void> unlink_number(Api& api, const Invocation& given);
// call.cpp
Result<void> list_calls(Api& api, const Invocation& given);
Result<void> show_call(Api& api, const Invocation& given);
Result<void> show_hearing(Api& api, const Invocation& given);
Result<void> hang_up_call(Api& api, const Invocation& given);
Result<void> supervise_call(Api& api, const Invocation& given);
// call_app.cpp
Result<void> create_call(Api& api, const Invocation& given);
Result<void> transfer_call(Api& api, const Invocation& given);
// campaign.cpp
Result<void> add_campaign(Api& api, const Invocation& given);
Result<void> list_campaigns(Api& api, const Invocation& given);
Result<void> show_campaign(Api& api, const Invocation& given);
Result<void> remove_campaign(Api& api, const Invocation& given);
// doctor.cpp
Result<void> run_doctor(Api& api, const Invocation& given);
// maintenance.cpp
Result<void> purge(Api& api, const Invocation& given);
Result<void> reload(Api& api, const Invocation& given);
// nexmo.cpp
Result<void> nexmo(Api& api, const Invocation& given);
// number.cpp
Result<void> list_numbers(Api& api, const Invocation& given);
// report.cpp
Result<void> show_report(Api& api, const Invocation& given);
// route.cpp
Result<void> explain_route(Api& api, const Invocation& given);
// sip.cpp
Result<void> trace_sip(Api& api, const Invocation& given);
// webhook.cpp
Result<void> list_webhooks(Api& api, const Invocation& given);
Result<void> show_webhook(Api& api, const Invocation& given);
Result<void> replay_webhook(Api& api, const Invocation& given);

}  // namespace sotto::cli
