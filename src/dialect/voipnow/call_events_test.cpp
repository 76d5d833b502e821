// What is sent to the URL of a phoneCallEvent: every parameter, every time (contract section 4.3).
#include "dialect/voipnow/testing/office.h"
#include "text/form.h"
#include "webhook/testing/receiver.h"

namespace sotto::voipnow::testing {
namespace {

using call::EndCause;
using call::EndedBy;

struct CallEventsTest : ::testing::Test {
  Office office;
  webhook::Receiver app{office.loop};

  void listen(const std::string& extension, int type, int method) {
    const auto made = office.post("/extensions/57/" + extension + "/phoneCallEvents",
                                  R"({"type":)" + std::to_string(type) + R"(,"method":)" +
                                      std::to_string(method) + R"(,"url":")" + app.url("/event") + "\"}");
    ASSERT_EQ(made.status, 200);
  }
  // The next callback's parameters.
  text::Parameters told() {
    const size_t next = read_++;
    office.loop.run_until([&] { return app.arrivals().size() > next; });
    return text::parse_form(app.arrivals()[next].body).value_or(text::Parameters{});
  }
  static std::string list(const text::Parameters& parameters) {
    std::string out;
    for (const auto& [name, value] : parameters) {
      if (name != "CallID" && name != "CallAPIID") out += name + "=" + value + " ";
    }
    return out;
  }

 private:
  size_t read_ = 0;
};

TEST_F(CallEventsTest, EveryParameterIsSentEveryTime) {
  listen("0042*310", 0, 1);
  listen("0042*310", 3, 1);
  office.begin_call();
  const text::Parameters dialled = told();
  // What the dial shows its phones as the caller.
  const std::string rest = "CallFlow=IN CallerExtension= CalledNumber=100 ";
  EXPECT_EQ(list(dialled),
            "CallerIDNum=100 CallerIDName= CalledDID= CalledExtension=0042*310 "
            "CallStatus=CALLING " +
                rest);
  EXPECT_FALSE(text::find_parameter(dialled, "CallID")->empty());
  EXPECT_EQ(*text::find_parameter(dialled, "CallAPIID"), office.key);
  office.world.switchboard.on_answered(office.agent);
  EXPECT_EQ(list(told()),
            "CallerIDNum=100 CallerIDName= CalledDID= CalledExtension=0042*310 "
            "CallStatus=ANSWER " +
                rest);
}

TEST_F(CallEventsTest, AHangUpSaysHowItEnded) {
  listen("0042*310", 2, 1);
  for (const auto& [cause, status] :
       {std::pair{EndCause::Busy, "BUSY"}, std::pair{EndCause::Declined, "BUSY"},
        std::pair{EndCause::NoAnswer, "NOANSWER"}, std::pair{EndCause::RingTimeout, "NOANSWER"},
        std::pair{EndCause::Cancelled, "CANCEL"}, std::pair{EndCause::AnsweredElsewhere, "CANCEL"},
        std::pair{EndCause::Unroutable, "CHANUNAVAIL"}, std::pair{EndCause::Unreachable, "CHANUNAVAIL"},
        std::pair{EndCause::FarFailure, "CONGESTION"}, std::pair{EndCause::Overloaded, "CONGESTION"}}) {
    office.begin_call();
    office.world.switchboard.on_ringing(office.agent, false);
    office.world.switchboard.on_ended(office.agent, {cause, EndedBy::FarEnd, 0, {}});
    EXPECT_EQ(*text::find_parameter(told(), "CallStatus"), status);
  }
  office.talk();
  office.hangs_up(office.agent);
  EXPECT_EQ(*text::find_parameter(told(), "CallStatus"), "ANSWER");
}

// A supervisor's phone has events of its own, about the call that he supervises; the parties have none of it.
TEST_F(CallEventsTest, OfASupervisorNameTheCallThatHeSupervises) {
  office.talk();
  listen("0042*310", 0, 1);
  for (const int type : {0, 2, 3}) listen("0042*318", type, 1);
  const LegId supervisor = office.supervise("Whisper", R"(,"callerId":"Coach line <42>")");
  office.hangs_up(supervisor);
  for (const char* status : {"CALLING", "ANSWER", "ANSWER"}) {
    const text::Parameters parameters = told();
    EXPECT_EQ(*text::find_parameter(parameters, "CallStatus"), status);
    EXPECT_EQ(*text::find_parameter(parameters, "CalledExtension"), "0042*318");
    EXPECT_EQ(*text::find_parameter(parameters, "CallerIDNum"), "42");
    EXPECT_EQ(*text::find_parameter(parameters, "CallerIDName"), "Coach line");
    EXPECT_EQ(*text::find_parameter(parameters, "CallAPIID"), office.key);
  }
}

}  // namespace
}  // namespace sotto::voipnow::testing
