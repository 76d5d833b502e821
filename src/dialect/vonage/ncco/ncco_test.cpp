#include "dialect/vonage/ncco/ncco.h"

#include <gtest/gtest.h>

#include "dialect/vonage/ncco/action.h"
#include "dialect/vonage/ncco/connect.h"
#include "dialect/vonage/ncco/recording.h"

namespace sotto::vonage {
namespace {

using namespace std::chrono_literals;

// Keeps what a parse asks to keep.
class TestScope final : public Scope {
 public:
  flow::DocumentRef keep(Document document) override {
    kept.push_back(std::move(document));
    return {"vonage", kept.size()};
  }
  std::string application() const override { return "app"; }
  base::Address present(const std::string& number) const override {
    return {base::Address::Kind::Number, number, {}};
  }
  std::optional<std::string> random_number() const override { return "12025550199"; }
  std::optional<std::string> room_of(std::string_view conversation) const override {
    if (conversation != "CON-1") return std::nullopt;
    return "app:sales";
  }
  bool silence_accepts() const override { return accepts; }
  std::string socket_token() const override { return "token"; }
  std::chrono::seconds room_wait_max() const override { return 900s; }

  std::vector<Document> kept;
  bool accepts = true;
};

Result<std::shared_ptr<const flow::Program>> parse(const std::string& ncco, Scope& scope,
                                                   flow::Role role = flow::Role::Main) {
  const auto json = text::parse_json(ncco);
  EXPECT_TRUE(json) << ncco;
  return parse_ncco(*json, scope, role);
}

struct One {
  TestScope scope;
  std::shared_ptr<const flow::Program> program;

  template <typename Step>
  const Step& step(size_t index = 0) const {
    return std::get<Step>(program->steps.at(index).spec);
  }
};

One parsed(const std::string& ncco) {
  One one;
  auto program = parse(ncco, one.scope);
  EXPECT_TRUE(program) << (program ? "" : program.error().detail);
  if (program) one.program = *program;
  return one;
}

std::string refusal(const std::string& ncco) {
  TestScope scope;
  const auto program = parse(ncco, scope);
  return program ? "accepted" : program.error().detail;
}

// vonage.md §4.2
TEST(Ncco, TalkTakesEachOfItsOptions) {
  const One one = parsed(
      R"([{"action":"talk","text":"Hi","loop":"2","level":"0.5","language":"de-de","style":3,"premium":true}])");
  const auto& step = one.step<flow::PlayStep>();
  EXPECT_EQ(step.prompt.loops, 2);
  EXPECT_FLOAT_EQ(step.prompt.gain_db, 6);
  EXPECT_EQ(step.wait, flow::Wait::Yes);
  const auto& speech = std::get<call::Speech>(step.prompt.playlist.at(0));
  EXPECT_EQ(speech.runs.at(0).text, "Hi");
  EXPECT_EQ(speech.language, "de-de");
  EXPECT_EQ(speech.voice, "Hans");
}

TEST(Ncco, AVoiceNameStandsForALanguageUnlessOneIsGiven) {
  const One named = parsed(R"([{"action":"talk","text":"Hi","voiceName":"Giorgio"}])");
  EXPECT_EQ(std::get<call::Speech>(named.step<flow::PlayStep>().prompt.playlist[0]).language, "it-IT");
  const One both = parsed(R"([{"action":"talk","text":"Hi","voiceName":"Giorgio","language":"en-GB"}])");
  EXPECT_EQ(std::get<call::Speech>(both.step<flow::PlayStep>().prompt.playlist[0]).language, "en-GB");
}

TEST(Ncco, SpeechMarkupBecomesPauses) {
  const One one = parsed(R"([{"action":"talk","text":"<speak>One<break time='1s'/>two</speak>"}])");
  const auto& speech = std::get<call::Speech>(one.step<flow::PlayStep>().prompt.playlist[0]);
  ASSERT_EQ(speech.runs.size(), 2u);
  EXPECT_EQ(speech.runs[0].pause_after, 1s);
}

TEST(Ncco, BargeInStaysUntilTheInput) {
  const One one = parsed(
      R"([{"action":"talk","text":"A","bargeIn":"true"},{"action":"stream","streamUrl":"http://a/b.mp3"},
                             {"action":"input","type":["dtmf"]},{"action":"talk","text":"B"}])");
  EXPECT_EQ(one.step<flow::PlayStep>(1).wait, flow::Wait::No);
  EXPECT_TRUE(one.step<flow::PlayStep>(1).barge_in);
  EXPECT_TRUE(one.step<flow::GatherStep>(2).keep_typed_ahead);
  EXPECT_EQ(one.step<flow::PlayStep>(3).wait, flow::Wait::Yes);
}

// vonage.md §4.3
TEST(Ncco, StreamTakesAnArrayOrAString) {
  for (const char* url : {R"(["http://host/a.mp3"])", R"("http://host/a.mp3")"}) {
    const One one = parsed(R"([{"action":"stream","loop":0,"streamUrl":)" + std::string(url) + "}]");
    const auto& step = one.step<flow::PlayStep>();
    EXPECT_EQ(std::get<call::AudioFile>(step.prompt.playlist[0]).url, "http://host/a.mp3");
    EXPECT_EQ(step.prompt.loops, 0);
  }
}

// vonage.md §4.4
TEST(Ncco, ConnectTakesEachOfItsOptions) {
  const One one = parsed(R"([{"action":"connect","from":"+1 202-555-0101","timeout":"45","limit":"7200",
      "ringbackTone":"http://h/r.mp3","machineDetection":"hangup","eventType":"synchronous",
      "eventUrl":["http://h/e"],"eventMethod":"GET",
      "endpoint":[{"type":"phone","number":"12025550123","dtmfAnswer":"2p02p"}]}])");
  const auto& step = one.step<flow::DialStep>();
  ASSERT_EQ(step.destinations.size(), 1u);
  EXPECT_EQ(step.destinations[0].to.text, "12025550123");
  EXPECT_EQ(step.destinations[0].digits_on_answer, "2p02p");
  EXPECT_EQ(step.destinations[0].on_machine, flow::OnMachine::HangUp);
  EXPECT_EQ(step.from.text, "12025550101");
  EXPECT_EQ(step.ring_timeout, 45s);
  EXPECT_EQ(step.talk_max, 7200s);
  EXPECT_TRUE(step.end_caller_with_callee);
  EXPECT_FALSE(step.ringback.far_end);
  EXPECT_EQ(step.ask.when, flow::Asking::OnFailure);
  const ConnectTag tag = parse_connect_tag(step.tag);
  EXPECT_TRUE(tag.synchronous);
  EXPECT_EQ(tag.hook, (Hook{"http://h/e", http::Method::Get}));
  EXPECT_EQ(tag.from, "12025550101");
}

TEST(Ncco, OnAnswerIsAnAnnouncementForTheCalleeAlone) {
  for (const char* key : {"ringbackTone", "ringback"}) {
    const One one =
        parsed(R"([{"action":"connect","from":"12025550101","endpoint":{"type":"phone","number":12025550123,
      "onAnswer":{"url":"http://h/on-answer",")" +
               std::string(key) + R"(":"http://h/ring.mp3"}}}])");
    const auto& destination = one.step<flow::DialStep>().destinations.at(0);
    EXPECT_EQ(destination.screening.accept, flow::Accept::AnyAnswer);
    ASSERT_TRUE(std::holds_alternative<flow::DocumentRef>(destination.screening.program));
    ASSERT_TRUE(destination.ringback);
    EXPECT_EQ(std::get<call::AudioFile>(destination.ringback->playlist[0]).url, "http://h/ring.mp3");
    const auto& kept = std::get<WhisperDocument>(one.scope.kept.at(0));
    EXPECT_EQ(kept.url, "http://h/on-answer");
    EXPECT_EQ(kept.from, "12025550101");
  }
}

TEST(Ncco, AnAccountMayAskForAKeyAfterTheWhisper) {
  TestScope scope;
  scope.accepts = false;
  const auto program = parse(
      R"([{"action":"connect","endpoint":[{"type":"phone","number":"1202555","onAnswer":{"url":"http://h/a"}}]}])",
      scope);
  ASSERT_TRUE(program);
  const auto& dial = std::get<flow::DialStep>((*program)->steps[0].spec);
  EXPECT_EQ(dial.destinations[0].screening.accept, flow::Accept::EndOfProgram);
  EXPECT_FALSE(dial.destinations[0].screening.silence_accepts);
}

TEST(Ncco, ConnectReachesEachKindOfEndpoint) {
  using Kind = base::Address::Kind;
  const struct {
    const char* endpoint;
    Kind kind;
    const char* text;
  } kCases[] = {
      {R"({"type":"phone","number":"+442079460000"})", Kind::Number, "442079460000"},
      {R"({"type":"sip","uri":"sip:a@b","headers":{"campaign":"x"}})", Kind::Sip, "sip:a@b"},
      {R"({"type":"app","user":"alice"})", Kind::User, "alice"},
      {R"({"type":"vbc","extension":"310"})", Kind::Phone, "310"},
      {R"({"type":"websocket","uri":"wss://h/s","content-type":"audio/l16;rate=8000","headers":{"a":{"b":1}}})",
       Kind::WebSocket, "wss://h/s"}};
  for (const auto& each : kCases) {
    const One one = parsed(R"([{"action":"connect","endpoint":[)" + std::string(each.endpoint) + "]}]");
    const auto& destination = one.step<flow::DialStep>().destinations.at(0);
    EXPECT_EQ(destination.to.kind, each.kind);
    EXPECT_EQ(destination.to.text, each.text);
  }
  const One sip =
      parsed(R"([{"action":"connect","endpoint":[{"type":"sip","uri":"sip:a@b","headers":{"c":"x"}}]}])");
  EXPECT_EQ(sip.step<flow::DialStep>().destinations[0].headers.find("X-c")->second, "x");
}

// vonage.md §9
TEST(Ncco, AWebSocketIsGreetedWithItsHeaders) {
  const One one = parsed(R"([{"action":"connect","endpoint":[{"type":"websocket","uri":"wss://h/s",
      "content-type":"audio/l16;rate=8000","headers":{"caller":"x"},"authorization":{"type":"custom","value":"me"}}]}])");
  const auto& framing = one.step<flow::DialStep>().destinations.at(0).framing;
  EXPECT_EQ(framing.protocol, "raw-l16");
  EXPECT_EQ(framing.parameters,
            R"({"rate":8000,"greeting":{"event":"websocket:connected","content-type":"audio/l16;rate=8000",)"
            R"("caller":"x"},"handshake":{"Authorization":"me"}})");
}

// vonage.md §9: the handshake carries a token of ours, unless the app has one of its own.
TEST(Ncco, AWebSocketsHandshakeCarriesAToken) {
  for (const char* authorization : {"", R"(,"authorization":{"type":"vonage"})"}) {
    const One one = parsed(R"([{"action":"connect","endpoint":[{"type":"websocket","uri":"wss://h/s")" +
                           std::string(authorization) + "}]}]");
    const auto& dial = one.step<flow::DialStep>();
    const auto parameters = text::parse_json(dial.destinations.at(0).framing.parameters);
    ASSERT_TRUE(parameters);
    EXPECT_EQ(*(*parameters)["handshake"]["Authorization"].text(), "Bearer token");
    // Its end may be answered by an NCCO.
    EXPECT_EQ(dial.ask.when, flow::Asking::Always);
  }
}

TEST(Ncco, AnIdentityGoesWithTheCall) {
  const One one = parsed(
      R"([{"action":"connect","endpoint":[{"type":"phone","number":"12025550177","shaken":"eyJ.x;info=<y>"}]}])");
  EXPECT_EQ(one.step<flow::DialStep>().destinations.at(0).headers.find("Identity")->second, "eyJ.x;info=<y>");
}

TEST(Ncco, DetectionOfMachines) {
  const struct {
    const char* options;
    flow::OnMachine on_machine;
    bool beep;
  } kCases[] = {
      {R"("machineDetection":"continue")", flow::OnMachine::Report, false},
      {R"("machineDetection":"hangup")", flow::OnMachine::HangUp, false},
      {R"("advancedMachineDetection":{"mode":"default"})", flow::OnMachine::Report, false},
      {R"("advanced_machine_detection":{"mode":"detect"})", flow::OnMachine::WaitForVerdict, false},
      {R"("advancedMachineDetection":{"mode":"detect_beep"})", flow::OnMachine::WaitForVerdict, true},
      {R"("advancedMachineDetection":{"behavior":"hangup"})", flow::OnMachine::HangUp, false}};
  for (const auto& each : kCases) {
    const One one = parsed(R"([{"action":"connect","endpoint":[{"type":"app","user":"a"}],)" +
                           std::string(each.options) + "}]");
    const auto& destination = one.step<flow::DialStep>().destinations.at(0);
    EXPECT_EQ(destination.on_machine, each.on_machine) << each.options;
    ASSERT_TRUE(destination.detection);
    const bool advanced = std::string_view(each.options).find("dvanced") != std::string_view::npos;
    EXPECT_EQ(parse_connect_tag(one.step<flow::DialStep>().tag).asks_verdict, advanced) << each.options;
    EXPECT_EQ(destination.detection->wait_for_message_end, each.beep) << each.options;
  }
}

// vonage.md §4.5, §10.1
TEST(Ncco, TheTutorialsConversationWaitsWithMusic) {
  const One one = parsed(R"([{"action":"conversation","name":"conversation-1","startOnEnter":"false",
                              "musicOnHoldUrl":["http://h/ring.mp3"]}])");
  const auto& step = one.step<flow::JoinRoomStep>();
  EXPECT_EQ(step.room, "app:conversation-1");
  EXPECT_FALSE(step.start_on_enter);
  EXPECT_FALSE(step.end_on_exit);
  const auto& music = std::get<call::PromptSpec>(step.wait);
  EXPECT_EQ(std::get<call::AudioFile>(music.playlist[0]).url, "http://h/ring.mp3");
  EXPECT_EQ(music.loops, 0);
}

TEST(Ncco, ConversationTakesEachOfItsOptions) {
  const One one =
      parsed(R"([{"action":"conversation","name":"n","endOnExit":true,"record":"true","canHear":[],
      "canSpeak":["63f61863-4a51-4f6b-86e1-46edebcf9356","0779a56d002f1c7f47f82ef5fe84ab79"],"eventUrl":["http://h/r"]}])");
  const auto& step = one.step<flow::JoinRoomStep>();
  EXPECT_TRUE(step.end_on_exit);
  EXPECT_EQ(step.can_speak->size(), 2u);
  EXPECT_TRUE(step.can_hear->empty());
  ASSERT_TRUE(step.recording);
  EXPECT_EQ(parse_recording_owner(step.recording->owner)->hook.url, "http://h/r");
  EXPECT_TRUE(
      parsed(R"([{"action":"conversation","name":"n","mute":"true"}])").step<flow::JoinRoomStep>().muted);
}

// vonage.md §4.6
TEST(Ncco, RecordWaitsOnlyForAnEndThatIsNamed) {
  const auto wait = [](const std::string& options) {
    return parsed(R"([{"action":"record")" + options + "}]").step<flow::RecordStep>().wait;
  };
  EXPECT_EQ(wait(""), flow::Wait::No);
  EXPECT_EQ(wait(R"(,"endOnKey":"#")"), flow::Wait::Yes);
  EXPECT_EQ(wait(R"(,"endOnSilence":"3")"), flow::Wait::Yes);
  EXPECT_EQ(wait(R"(,"timeOut":"60")"), flow::Wait::Yes);
}

TEST(Ncco, RecordTakesEachOfItsOptions) {
  const One one = parsed(R"([{"action":"record","format":"wav","split":"conversation","beepStart":true,
                              "endOnSilence":99,"timeOut":60,"eventUrl":["http://h/r"],"eventMethod":"GET"}])");
  const auto& step = one.step<flow::RecordStep>();
  EXPECT_EQ(step.spec.policy, call::RecordingPolicy::SaidAndHeard);
  EXPECT_EQ(step.spec.channels, 2);
  EXPECT_TRUE(step.spec.beep);
  EXPECT_EQ(step.spec.end_on_silence, 10s);
  EXPECT_EQ(step.spec.length_max, 60s);
  const auto owner = parse_recording_owner(step.spec.owner);
  ASSERT_TRUE(owner);
  EXPECT_EQ(owner->format, "wav");
  EXPECT_EQ(owner->hook.method, http::Method::Get);
  const One ogg = parsed(R"([{"action":"record","format":"ogg"}])");
  EXPECT_EQ(ogg.step<flow::RecordStep>().spec.format, call::RecordingFormat::Ogg);
  const One mp3 = parsed(R"([{"action":"record"}])");
  EXPECT_EQ(mp3.step<flow::RecordStep>().spec.format, call::RecordingFormat::Mp3);
  const One many = parsed(R"([{"action":"record","split":"conversation","channels":5,"format":"ogg"}])");
  EXPECT_EQ(many.step<flow::RecordStep>().spec.format, call::RecordingFormat::Wav);
  EXPECT_EQ(many.step<flow::RecordStep>().spec.policy, call::RecordingPolicy::TrackPerLeg);
  EXPECT_EQ(parse_recording_owner(many.step<flow::RecordStep>().spec.owner)->format, "ogg");
}

// vonage.md §4.7
TEST(Ncco, InputTakesEachOfItsOptions) {
  const One one = parsed(R"([{"action":"input","type":["dtmf","speech"],
      "dtmf":{"timeOut":"5","maxDigits":"6","submitOnHash":"true"},
      "speech":{"language":"de-DE","context":["yes","no"],"startTimeout":5,"endOnSilence":0.5,"maxDuration":30,
                "saveAudio":true},"eventUrl":["http://h/i"]}])");
  const auto& step = one.step<flow::GatherStep>();
  EXPECT_TRUE(step.digits);
  EXPECT_TRUE(step.speech);
  EXPECT_EQ(step.digits_max, 6u);
  EXPECT_EQ(step.finish_keys, "#");
  EXPECT_EQ(step.next_digit_timeout, 5s);
  EXPECT_EQ(step.recognition.language, "de-DE");
  EXPECT_EQ(step.recognition.hints.size(), 2u);
  EXPECT_EQ(step.recognition.end_silence, 500ms);
  EXPECT_EQ(step.ask.when, flow::Asking::Always);
  EXPECT_EQ(std::get<InputDocument>(one.scope.kept.at(0)).hook.url, "http://h/i");
}

TEST(Ncco, InputOfOldHasItsSettingsOnTheTopLevel) {
  const One one = parsed(R"([{"action":"input","timeOut":"7","maxDigits":2,"submitOnHash":true}])");
  const auto& step = one.step<flow::GatherStep>();
  EXPECT_EQ(step.first_digit_timeout, 7s);
  EXPECT_EQ(step.digits_max, 2u);
  EXPECT_TRUE(std::get<InputDocument>(one.scope.kept.at(0)).legacy);
  const One bare = parsed(R"([{"action":"input","type":"dtmf"}])");
  EXPECT_EQ(bare.step<flow::GatherStep>().digits_max, 4u);
  EXPECT_EQ(bare.step<flow::GatherStep>().next_digit_timeout, 3s);
  EXPECT_FALSE(std::get<InputDocument>(bare.scope.kept.at(0)).legacy);
}

TEST(Ncco, AsynchronousInputSubscribesAndGoesOn) {
  const One one =
      parsed(R"([{"action":"input","type":["dtmf"],"mode":"asynchronous","eventUrl":["http://h/k"]}])");
  EXPECT_TRUE(std::holds_alternative<flow::AskStep>(one.program->steps[0].spec));
  EXPECT_EQ(std::get<SubscribeDocument>(one.scope.kept.at(0)).hook.url, "http://h/k");
}

// vonage.md §4.8, §4.9
TEST(Ncco, NotifyWaitAndTransfer) {
  const One one = parsed(R"([{"action":"notify","payload":{"a":1},"eventUrl":"http://h/n"},
                             {"action":"wait","timeout":"0.5"},{"action":"wait"},
                             {"action":"transfer","conversationId":"CON-1","mute":true}])");
  EXPECT_EQ(std::get<NotifyDocument>(one.scope.kept.at(0)).hook.url, "http://h/n");
  EXPECT_EQ(one.step<flow::PauseStep>(1).length, 500ms);
  EXPECT_EQ(one.step<flow::PauseStep>(2).length, 10s);
  EXPECT_EQ(one.step<flow::JoinRoomStep>(3).room, "app:sales");
  EXPECT_TRUE(one.step<flow::JoinRoomStep>(3).muted);
}

TEST(Ncco, AnEmptyOneIsAProgramWithoutSteps) {
  EXPECT_TRUE(parsed("[]").program->steps.empty());
}

TEST(Ncco, UnknownOptionsAndNullsAreIgnored) {
  EXPECT_EQ(refusal(R"([{"action":"talk","text":"a","loop":null,"colour":"red"}])"), "accepted");
}

TEST(Ncco, AScreeningNccoMayNotJoinARoom) {
  TestScope scope;
  EXPECT_FALSE(parse(R"([{"action":"conversation","name":"a"}])", scope, flow::Role::Screening));
}

// One malformed document for each field of vonage.md §4, and what is said of it.
constexpr struct {
  const char* ncco;
  const char* refusal;
} kMalformed[] = {
    {R"({"action":"talk"})", "document: expected an array, found an object"},
    {R"(200)", "document: expected an array, found an integer"},
    {R"(["talk"])", "[0]: expected an object, found a string"},
    {R"([{"text":"a"}])", "[0].action: is required"},
    {R"([{"action":7}])", "[0].action: expected a string, found an integer"},
    {R"([{"action":"hangup"}])", "[0].action: \"hangup\" is not an action"},
    {R"([{"action":"Talk","text":"a"}])", "[0].action: \"Talk\" is not an action"},
    {R"([{"action":"talk","text":"a"},{"action":"pay"}])", "[1].action: \"pay\" is not an action"},
    {R"([{"action":"talk","text":"a","bargeIn":true},{"action":"connect","endpoint":[{"type":"app","user":"a"}]}])",
     "[1].action: after bargeIn only talk, stream and input may follow"},
    {R"([{"action":"talk"}])", "[0].text: is required"},
    {R"([{"action":"talk","text":{}}])", "[0].text: expected a string, found an object"},
    {R"([{"action":"talk","text":"a","bargeIn":"maybe"}])",
     "[0].bargeIn: expected a boolean, found a string"},
    {R"([{"action":"talk","text":"a","loop":"often"}])", "[0].loop: expected a number, found a string"},
    {R"([{"action":"talk","text":"a","level":"loud"}])", "[0].level: expected a number, found a string"},
    {R"([{"action":"talk","text":"a","language":[]}])", "[0].language: expected a string, found an array"},
    {R"([{"action":"talk","text":"a","style":"x"}])", "[0].style: expected a number, found a string"},
    {R"([{"action":"talk","text":"a","voiceName":{}}])", "[0].voiceName: expected a string, found an object"},
    {R"([{"action":"talk","text":"a","premium":"x"}])", "[0].premium: expected a boolean, found a string"},
    {R"([{"action":"stream","streamUrl":"http://h","level":"x"}])",
     "[0].level: expected a number, found a string"},
    {R"([{"action":"stream","streamUrl":"http://h","bargeIn":"x"}])",
     "[0].bargeIn: expected a boolean, found a string"},
    {R"([{"action":"stream","streamUrl":"http://h","loop":{}}])",
     "[0].loop: expected a number, found an object"},
    {R"([{"action":"stream"}])", "[0].streamUrl: is required"},
    {R"([{"action":"stream","streamUrl":[]}])", "[0].streamUrl: is required"},
    {R"([{"action":"stream","streamUrl":["ftp://h/a"]}])", "[0].streamUrl[0]: must be an http or https URL"},
    {R"([{"action":"stream","streamUrl":[7]}])", "[0].streamUrl[0]: expected a string, found an integer"},
    {R"([{"action":"connect"}])", "[0].endpoint: is required"},
    {R"([{"action":"connect","endpoint":[]}])", "[0].endpoint: is required"},
    {R"([{"action":"connect","endpoint":["x"]}])", "[0].endpoint[0]: expected an object, found a string"},
    {R"([{"action":"connect","endpoint":[{}]}])", "[0].endpoint[0].type: is required"},
    {R"([{"action":"connect","endpoint":[{"type":"fax"}]}])",
     "[0].endpoint[0].type: must be one of: phone, sip, websocket, app, vbc"},
    {R"([{"action":"connect","endpoint":[{"type":"phone"}]}])", "[0].endpoint[0].number: is required"},
    {R"([{"action":"connect","endpoint":[{"type":"phone","number":"call me"}]}])",
     "[0].endpoint[0].number: can contain up to 15 digits prefixed with +"},
    {R"([{"action":"connect","endpoint":[{"type":"phone","number":"1","dtmfAnswer":"auto"}]}])",
     "[0].endpoint[0].dtmfAnswer: may hold the characters 0-9, *, # and p"},
    {R"([{"action":"connect","endpoint":[{"type":"phone","number":"1","onAnswer":"http://h"}]}])",
     "[0].endpoint[0].onAnswer: expected an object, found a string"},
    {R"([{"action":"connect","endpoint":[{"type":"phone","number":"1","onAnswer":{}}]}])",
     "[0].endpoint[0].onAnswer.url: is required"},
    {R"([{"action":"connect","endpoint":[{"type":"phone","number":"1","onAnswer":{"url":"http://h","ringback":"x"}}]}])",
     "[0].endpoint[0].onAnswer.ringback: must be an http or https URL"},
    {R"([{"action":"connect","endpoint":[{"type":"phone","number":"1","shaken":"a\nb"}]}])",
     "[0].endpoint[0].shaken: must be the value of an Identity header, in one line"},
    {R"([{"action":"connect","endpoint":[{"type":"sip"}]}])", "[0].endpoint[0].uri: is required"},
    {R"([{"action":"connect","endpoint":[{"type":"sip","uri":"a@b"}]}])",
     "[0].endpoint[0].uri: must be a sip or sips URI"},
    {R"([{"action":"connect","endpoint":[{"type":"sip","uri":"sip:a@b","headers":"x"}]}])",
     "[0].endpoint[0].headers: expected an object, found a string"},
    {R"([{"action":"connect","endpoint":[{"type":"websocket","uri":"http://h"}]}])",
     "[0].endpoint[0].uri: must be a ws or wss URI"},
    {R"([{"action":"connect","endpoint":[{"type":"websocket","uri":"ws://h","content-type":"audio/mp3"}]}])",
     "[0].endpoint[0].content-type: must be audio/l16 with a rate of 8000, 16000 or 24000"},
    {R"([{"action":"connect","endpoint":[{"type":"sip","uri":"sip:"}]}])",
     "[0].endpoint[0].uri: must be a sip or sips URI"},
    {R"([{"action":"connect","endpoint":[{"type":"sip","uri":"sip:a@b","standard_headers":[]}]}])",
     "[0].endpoint[0].standard_headers: expected an object, found an array"},
    {R"([{"action":"connect","endpoint":[{"type":"websocket"}]}])", "[0].endpoint[0].uri: is required"},
    {R"([{"action":"connect","endpoint":[{"type":"websocket","uri":"ws://h","headers":7}]}])",
     "[0].endpoint[0].headers: expected an object, found an integer"},
    {R"([{"action":"connect","endpoint":[{"type":"websocket","uri":"ws://h","authorization":{"type":"custom"}}]}])",
     "[0].endpoint[0].authorization.value: is required"},
    {R"([{"action":"connect","endpoint":[{"type":"app"}]}])", "[0].endpoint[0].user: is required"},
    {R"([{"action":"connect","endpoint":[{"type":"vbc"}]}])", "[0].endpoint[0].extension: is required"},
    {R"([{"action":"connect","endpoint":[{"type":"app","user":"a"}],"from":[]}])",
     "[0].from: expected a string, found an array"},
    {R"([{"action":"connect","endpoint":[{"type":"app","user":"a"}],"randomFromNumber":"?"}])",
     "[0].randomFromNumber: expected a boolean, found a string"},
    {R"([{"action":"connect","endpoint":[{"type":"app","user":"a"}],"eventType":"sometimes"}])",
     "[0].eventType: must be one of: synchronous, asynchronous"},
    {R"([{"action":"connect","endpoint":[{"type":"app","user":"a"}],"timeout":"soon"}])",
     "[0].timeout: expected a number, found a string"},
    {R"([{"action":"connect","endpoint":[{"type":"app","user":"a"}],"limit":{}}])",
     "[0].limit: expected a number, found an object"},
    {R"([{"action":"connect","endpoint":[{"type":"app","user":"a"}],"machineDetection":"ask"}])",
     "[0].machineDetection: must be one of: continue, hangup"},
    {R"([{"action":"connect","endpoint":[{"type":"app","user":"a"}],"advancedMachineDetection":"x"}])",
     "[0].advancedMachineDetection: expected an object, found a string"},
    {R"([{"action":"connect","endpoint":[{"type":"app","user":"a"}],"advancedMachineDetection":{"mode":"x"}}])",
     "[0].advancedMachineDetection.mode: must be one of: default, detect, detect_beep"},
    {R"([{"action":"connect","endpoint":[{"type":"app","user":"a"}],"eventUrl":["nowhere"]}])",
     "[0].eventUrl[0]: must be an http or https URL"},
    {R"([{"action":"connect","endpoint":[{"type":"app","user":"a"}],"eventMethod":"PUT"}])",
     "[0].eventMethod: must be one of: GET, POST"},
    {R"([{"action":"connect","endpoint":[{"type":"app","user":"a"}],"ringbackTone":["tone"]}])",
     "[0].ringbackTone[0]: must be an http or https URL"},
    {R"([{"action":"connect","endpoint":[{"type":"app","user":"a"}],"advancedMachineDetection":{"behavior":"x"}}])",
     "[0].advancedMachineDetection.behavior: must be one of: continue, hangup"},
    {R"([{"action":"connect","endpoint":[{"type":"app","user":"a"}],"advancedMachineDetection":{"beep_timeout":"x"}}])",
     "[0].advancedMachineDetection.beep_timeout: expected a number, found a string"},
    {R"([{"action":"conversation","name":"a","mute":"x"}])", "[0].mute: expected a boolean, found a string"},
    {R"([{"action":"conversation","name":"a","eventUrl":["x"]}])",
     "[0].eventUrl[0]: must be an http or https URL"},
    {R"([{"action":"conversation","name":"a","eventMethod":"PUT"}])",
     "[0].eventMethod: must be one of: GET, POST"},
    {R"([{"action":"conversation"}])", "[0].name: is required"},
    {R"([{"action":"conversation","name":[]}])", "[0].name: expected a string, found an array"},
    {R"([{"action":"conversation","name":"a","musicOnHoldUrl":[{}]}])",
     "[0].musicOnHoldUrl[0]: expected a string, found an object"},
    {R"([{"action":"conversation","name":"a","startOnEnter":"no"}])",
     "[0].startOnEnter: expected a boolean, found a string"},
    {R"([{"action":"conversation","name":"a","endOnExit":[]}])",
     "[0].endOnExit: expected a boolean, found an array"},
    {R"([{"action":"conversation","name":"a","record":"all"}])",
     "[0].record: expected a boolean, found a string"},
    {R"([{"action":"conversation","name":"a","canSpeak":["bob"]}])",
     "[0].canSpeak: must be a list of leg uuids"},
    {R"([{"action":"conversation","name":"a","canHear":[7]}])",
     "[0].canHear[0]: expected a string, found an integer"},
    {R"([{"action":"conversation","name":"a","mute":true,"canSpeak":[]}])",
     "[0].mute: cannot be used with canSpeak"},
    {R"([{"action":"record","format":"flac"}])", "[0].format: must be one of: mp3, wav, ogg"},
    {R"([{"action":"record","split":"all"}])", "[0].split: must be one of: conversation"},
    {R"([{"action":"record","channels":"two"}])", "[0].channels: expected a number, found a string"},
    {R"([{"action":"record","endOnSilence":"x"}])", "[0].endOnSilence: expected a number, found a string"},
    {R"([{"action":"record","endOnKey":"12"}])", "[0].endOnKey: must be one of 0-9, * and #"},
    {R"([{"action":"record","timeOut":[]}])", "[0].timeOut: expected a number, found an array"},
    {R"([{"action":"record","beepStart":"x"}])", "[0].beepStart: expected a boolean, found a string"},
    {R"([{"action":"record","eventUrl":["x"]}])", "[0].eventUrl[0]: must be an http or https URL"},
    {R"([{"action":"record","eventMethod":"PUT"}])", "[0].eventMethod: must be one of: GET, POST"},
    {R"([{"action":"input","type":["smell"]}])", "[0].type: must be a list of: dtmf, speech"},
    {R"([{"action":"input","type":["dtmf"],"dtmf":"x"}])", "[0].dtmf: expected an object, found a string"},
    {R"([{"action":"input","dtmf":{"timeOut":"x"}}])", "[0].dtmf.timeOut: expected a number, found a string"},
    {R"([{"action":"input","dtmf":{"maxDigits":"x"}}])",
     "[0].dtmf.maxDigits: expected a number, found a string"},
    {R"([{"action":"input","dtmf":{"submitOnHash":"x"}}])",
     "[0].dtmf.submitOnHash: expected a boolean, found a string"},
    {R"([{"action":"input","maxDigits":"x"}])", "[0].maxDigits: expected a number, found a string"},
    {R"([{"action":"input","type":["speech"],"speech":[]}])",
     "[0].speech: expected an object, found an array"},
    {R"([{"action":"input","type":["speech"],"speech":{"uuid":["x"]}}])",
     "[0].speech.uuid: must be a list of leg uuids"},
    {R"([{"action":"input","type":["speech"],"speech":{"language":1.5,"context":[{}]}}])",
     "[0].speech.context[0]: expected a string, found an object"},
    {R"([{"action":"input","type":["speech"],"speech":{"startTimeout":"x"}}])",
     "[0].speech.startTimeout: expected a number, found a string"},
    {R"([{"action":"input","type":["speech"],"speech":{"endOnSilence":"x"}}])",
     "[0].speech.endOnSilence: expected a number, found a string"},
    {R"([{"action":"input","type":["speech"],"speech":{"maxDuration":"x"}}])",
     "[0].speech.maxDuration: expected a number, found a string"},
    {R"([{"action":"input","type":["speech"],"speech":{"saveAudio":"x"}}])",
     "[0].speech.saveAudio: expected a boolean, found a string"},
    {R"([{"action":"input","type":["speech"],"speech":{"language":[]}}])",
     "[0].speech.language: expected a string, found an array"},
    {R"([{"action":"input","type":["speech"],"speech":{"sensitivity":"x"}}])",
     "[0].speech.sensitivity: expected a number, found a string"},
    {R"([{"action":"input","eventMethod":"PUT"}])", "[0].eventMethod: must be one of: GET, POST"},
    {R"([{"action":"notify","payload":{},"eventUrl":["x"]}])",
     "[0].eventUrl[0]: must be an http or https URL"},
    {R"([{"action":"notify","payload":{},"eventUrl":["http://h"],"eventMethod":"PUT"}])",
     "[0].eventMethod: must be one of: GET, POST"},
    {R"([{"action":"transfer","conversationId":"CON-1","canSpeak":["x"]}])",
     "[0].canSpeak: must be a list of leg uuids"},
    {R"([{"action":"transfer","conversationId":"CON-1","mute":"x"}])",
     "[0].mute: expected a boolean, found a string"},
    {R"([{"action":"input","mode":"later"}])", "[0].mode: must be one of: synchronous, asynchronous"},
    {R"([{"action":"input","eventUrl":["x"]}])", "[0].eventUrl[0]: must be an http or https URL"},
    {R"([{"action":"notify","eventUrl":["http://h"]}])", "[0].payload: is required"},
    {R"([{"action":"notify","payload":"x","eventUrl":["http://h"]}])",
     "[0].payload: expected an object, found a string"},
    {R"([{"action":"notify","payload":{}}])", "[0].eventUrl: is required"},
    {R"([{"action":"wait","timeout":"x"}])", "[0].timeout: expected a number, found a string"},
    {R"([{"action":"transfer"}])", "[0].conversation_id: is required"},
    {R"([{"action":"transfer","conversationId":"CON-2"}])",
     "[0].conversationId: is no named conversation that is there now"},
    {R"([{"action":"transfer","conversationId":"CON-1","canHear":["x"]}])",
     "[0].canHear: must be a list of leg uuids"}};

TEST(Ncco, EachMalformedFieldIsNamed) {
  for (const auto& each : kMalformed) EXPECT_EQ(refusal(each.ncco), each.refusal) << each.ncco;
}

TEST(Ncco, NumbersOutOfRangeAreBroughtIntoIt) {
  const One one = parsed(R"([{"action":"talk","text":"a","level":9,"loop":-1},
                             {"action":"input","dtmf":{"timeOut":99,"maxDigits":99}},{"action":"wait","timeout":0}])");
  EXPECT_FLOAT_EQ(one.step<flow::PlayStep>(0).prompt.gain_db, 12);
  EXPECT_EQ(one.step<flow::PlayStep>(0).prompt.loops, 0);
  EXPECT_EQ(one.step<flow::GatherStep>(1).next_digit_timeout, 10s);
  EXPECT_EQ(one.step<flow::GatherStep>(1).digits_max, 22u);
  EXPECT_EQ(one.step<flow::PauseStep>(2).length, 100ms);
}

}  // namespace
}  // namespace sotto::vonage
