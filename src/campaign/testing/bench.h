#pragma once

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "campaign/desk.h"
#include "campaign/testing/campaigns.h"
#include "campaign/tracker.h"
#include "flow/testing/bench.h"

// Campaign calls on the engine and the fake ports.
namespace sotto::campaign::testing {

using call::LegId;

struct FakeHistory final : CallerHistory {
  bool has_called(const std::string& campaign, const std::string& caller) const override {
    return known.contains({campaign, caller});
  }
  void remember(const std::string& campaign, const std::string& caller) override {
    known.insert({campaign, caller});
  }
  std::set<std::pair<std::string, std::string>> known;
};

struct FakeRecords final : RecordSink {
  void on_record(const CallRecord& record) override { records.push_back(record); }
  std::vector<CallRecord> records;
};

class CampaignBench : public flow::testing::Bench {
 public:
  CampaignBench()
      : desk(world.clock, [this](flow::RequestId request, Result<flow::Answer> answer) {
          later_.emplace_back(request, std::move(answer));
        }) {
    board().add_sink(desk);
    board().add_sink(tracker);
    engine.add_observer(tracker);
  }

  LegId call(const Campaign& campaign, const std::string& from = "12025550199") {
    const LegId caller = offer(campaign, from);
    start(campaign, caller);
    return caller;
  }
  LegId offer(const Campaign& campaign, const std::string& from = "12025550199") {
    CHECK(validate(campaign).has_value());
    return world.inbound(from, campaign.numbers.front());
  }
  void start(const Campaign& campaign, LegId caller) {
    const auto taken =
        desk.take(std::make_shared<const Campaign>(campaign), *board().leg(caller), TimeZone::utc());
    tracker.begin(campaign, *board().leg(caller), taken.open);
    CHECK(engine.run(caller, taken.program).has_value());
  }

  // Also lets the desk answer what is asked.
  void advance(base::Duration step) {
    Bench::advance(step);
    for (const auto& asked : std::exchange(documents.open, {})) {
      desk.next(asked.request, asked.subject, asked.document, asked.outcome);
    }
    for (auto& [request, answer] : std::exchange(later_, {})) engine.on_document(request, std::move(answer));
  }

  Desk desk;
  FakeHistory history;
  FakeRecords records;
  Tracker tracker{world.clock, history, records};

 private:
  std::vector<std::pair<flow::RequestId, Result<flow::Answer>>> later_;
};

}  // namespace sotto::campaign::testing
