#include "dialect/twilio/twiml/parser.h"

#include <gtest/gtest.h>

#include "dialect/twilio/testing/outline.h"

namespace sotto::twilio {
namespace {

using testing::RecordedLinks;

struct Read {
  std::string steps;  // or "-" for a document that failed
  std::string problems;
};

// "12200" for a warning, "!12100" for an error.
std::string numbers(const std::vector<Problem>& problems) {
  std::string out;
  for (const Problem& problem : problems) {
    if (!out.empty()) out += " ";
    out += (problem.error ? "!" : "") + std::to_string(problem.code);
  }
  return out;
}

Read read_document(const std::string& xml, flow::Role role = flow::Role::Main,
                   const std::string& base = "http://app/voice/in?x=1") {
  RecordedLinks links;
  Context context{.links = links};
  context.role = role;
  context.base_url = base;
  context.scope = "acc";
  context.from = {call::Address::Kind::Number, "15005550006", {}};
  context.stream.account_sid = "AC1";
  const Parsed parsed = parse_twiml(xml, {}, context);
  return {parsed.program ? testing::outline(*parsed.program, links) : "-", numbers(parsed.problems)};
}

Read read(const std::string& verbs, flow::Role role = flow::Role::Main) {
  return read_document("<Response>" + verbs + "</Response>", role);
}

struct Row {
  std::string xml;
  std::string steps;
  std::string problems;
};

void check(const std::vector<Row>& rows, flow::Role role = flow::Role::Main) {
  for (const Row& row : rows) {
    const Read got = read(row.xml, role);
    EXPECT_EQ(got.steps, row.steps) << row.xml;
    EXPECT_EQ(got.problems, row.problems) << row.xml;
  }
}

// twilio.md §1.2.
TEST(Twiml, documents) {
  const std::vector<Row> rows = {
      {"<Response/>", "", ""},
      {"<?xml version='1.0' encoding='UTF-8'?><!-- hi --><Response><Hangup/></Response>", "hang up", ""},
      {" <?xml version='1.0'?><Response/>", "-", "!12100"},
      {"\xEF\xBB\xBF<Response/>", "-", "!12100"},
      {"<Response><Play>http://h/a?b=1&c=2</Play></Response>", "-", "!12100"},
      {"<Response><Say>a&nbsp;b</Say></Response>", "-", "!12100"},
      {"<Response>", "-", "!12100"},
      {"", "-", "!12100"},
      {"<!DOCTYPE x><Response/>", "-", "!12100"},
      {"<?xml version='1.1'?><Response/>", "-", "!12101"},
      {"<response/>", "-", "!12102"},
      {"<TwiML/>", "-", "!12102"},
      {"<Response/><Response/>", "-", "!12100"},
      {"<Response><Say><![CDATA[5 < 6]]></Say></Response>", "play '5 < 6' en-US male", ""},
      {"<Response>words between<Pause/>verbs</Response>", "(ringing) pause 1", ""},
      {"<Response><say>hi</say><Bogus/><Hangup/></Response>", "hang up", "12200 12200"},
  };
  for (const Row& row : rows) {
    const Read got = read_document(row.xml);
    EXPECT_EQ(got.steps, row.steps) << row.xml;
    EXPECT_EQ(got.problems, row.problems) << row.xml;
  }
  EXPECT_EQ(read_document("<Response>" + std::string(70'000, ' ') + "</Response>").problems, "!11750");
}

TEST(Twiml, say) {
  check({
      {"<Say>Hello   world</Say>", "play 'Hello world' en-US male", ""},
      {"<Say voice='alice' language='de-DE'>Hallo</Say>", "play 'Hallo' de-DE female", ""},
      {"<Say voice='woman'>x</Say>", "play 'x' en-US female", ""},
      {"<Say voice='Polly.Vicki-Neural' language='en-US'>x</Say>", "play 'x' de-DE female", ""},
      {"<Say voice='Polly.Matthew'>x</Say>", "play 'x' en-US male", ""},
      {"<Say voice='Google.fr-FR-Wavenet-A'>x</Say>", "play 'x' fr-FR female", ""},
      {"<Say voice='Polly.Nobody'>x</Say>", "play 'x' en-US female", "13511"},
      {"<Say voice='Google.x'>x</Say>", "play 'x' en-US female", "13511"},
      {"<Say voice='robot'>x</Say>", "play 'x' en-US female", "13511"},
      {"<Say language='!'>x</Say>", "play 'x' en-US male", "13512"},
      {"<Say loop='3'>x</Say>", "play 'x' en-US male x3", ""},
      {"<Say loop='0'>x</Say>", "play 'x' en-US male x0", ""},
      {"<Say loop='-1'>x</Say>", "play 'x' en-US male", "13510"},
      {"<Say loop='1001'>x</Say>", "play 'x' en-US male", "13510"},
      {"<Say loop='many'>x</Say>", "play 'x' en-US male", "13510"},
      {"<Say></Say>", "", "13520"},
      {"<Say>" + std::string(4001, 'x') + "</Say>", "", "13521"},
      {"<Say voice='Polly.Amy'>" + std::string(3001, 'x') + "</Say>", "", "13521"},
      {"<Say><prosody rate='fast'>a</prosody><break time='1s'/>b</Say>", "play 'ab' en-US male", ""},
      {"<Say colour='red'>x</Say>", "play 'x' en-US male", "12200"},
  });
}

TEST(Twiml, play) {
  check({
      {"<Play>http://h/a.mp3</Play>", "play http://h/a.mp3", ""},
      {"<Play>\n  ../a b.mp3\n</Play>", "play http://app/a%20b.mp3", ""},
      {"<Play loop='0'>a.mp3</Play>", "play http://app/voice/a.mp3 x0", ""},
      {"<Play loop='x'>a.mp3</Play>", "play http://app/voice/a.mp3", "13410"},
      {"<Play digits='1w2#'/>", "digits 1w2#", ""},
      {"<Play digits='1x'/>", "", "13430"},
      {"<Play digits=''/>", "", "13430"},
      {"<Play/>", "", "11100"},
  });
}

TEST(Twiml, pause_first_rings_and_later_waits) {
  check({
      {"<Pause length='10'/><Say>x</Say>", "(ringing) pause 10\nplay 'x' en-US male", ""},
      {"<Say>x</Say><Pause/>", "play 'x' en-US male\npause 1", ""},
      {"<Pause length='0'/>", "(ringing) pause 1", "13910"},
      {"<Pause length='1.5'/>", "(ringing) pause 1", "13910"},
  });
}

TEST(Twiml, gather) {
  const std::string own = " => POST http://app/voice/in?x=1";
  check({
      {"<Gather/>", "gather digits 0 end '#' timeout 5" + own, ""},
      {"<Gather action='/next' method='GET' numDigits='1' timeout='3' finishOnKey=''><Say>a</Say><Pause/>"
       "<Play>/p</Play></Gather>",
       "gather [play 'a' en-US male] [pause 1] [play http://app/p] digits 1 end '' timeout 3 => GET "
       "http://app/next",
       ""},
      {"<Gather actionOnEmptyResult='true'/>",
       "gather digits 0 end '#' timeout 5 -> POST http://app/voice/in?x=1", ""},
      {"<Gather input='speech' hints='red, green' speechTimeout='2' maxSpeechTime='9' language='de-DE'/>",
       "gather speech de-DE silence 2000 max 9 hint red hint green timeout 5" + own, ""},
      {"<Gather input='dtmf speech' timeout='7'/>",
       "gather digits 0 end '#' speech en-US silence 7000 max 60 timeout 7" + own, ""},
      {"<Gather input='speech' partialResultCallback='/p' partialResultCallbackMethod='GET'/>",
       "gather speech en-US silence 5000 max 60 timeout 5 partial GET http://app/p" + own, ""},
      {"<Gather bargeIn='false'/>", "gather digits 0 end '#' timeout 5 no barge" + own, ""},
      {"<Gather method='PUT'/>", "gather digits 0 end '#' timeout 5" + own, "13312"},
      {"<Gather timeout='0'/>", "gather digits 0 end '#' timeout 5" + own, "13313"},
      {"<Gather numDigits='0'/>", "gather digits 0 end '#' timeout 5" + own, "13314"},
      {"<Gather finishOnKey='12'/>", "gather digits 0 end '#' timeout 5" + own, "13310"},
      {"<Gather finishOnKey='A'/>", "gather digits 0 end '#' timeout 5" + own, "13310"},
      {"<Gather input='pulse'/>", "gather digits 0 end '#' timeout 5" + own, "13326"},
      {"<Gather speechTimeout='x'/>", "gather digits 0 end '#' timeout 5" + own, "13327"},
      {"<Gather maxSpeechTime='0'/>", "gather digits 0 end '#' timeout 5" + own, "13328"},
      {"<Gather partialResultCallbackMethod='x'/>", "gather digits 0 end '#' timeout 5" + own, "13329"},
      {"<Gather hints='" + std::string(101, 'a') + "'/>", "gather digits 0 end '#' timeout 5" + own, "13330"},
      {"<Gather language='1'/>", "gather digits 0 end '#' timeout 5" + own, "13331"},
      {"<Gather bargeIn='x'/>", "gather digits 0 end '#' timeout 5" + own, "13332"},
      {"<Gather profanityFilter='x'/>", "gather digits 0 end '#' timeout 5" + own, "13333"},
      {"<Gather speechTimeout='auto' speechModel='experimental_utterances'/>",
       "gather digits 0 end '#' timeout 5" + own, "13335"},
      {"<Gather actionOnEmptyResult='x'/>", "gather digits 0 end '#' timeout 5" + own, "13338"},
      {"<Gather><Dial>1</Dial><Play digits='1'/></Gather>", "gather digits 0 end '#' timeout 5" + own,
       "13320 13320"},
      {"<Gather><Say voice='x' loop='x'>a</Say></Gather>",
       "gather [play 'a' en-US female] digits 0 end '#' timeout 5" + own, "13322 13321"},
  });
}

TEST(Twiml, record) {
  const std::string own = " => POST http://app/voice/in?x=1";
  const std::string keys = " keys '1234567890*#'";
  check({
      {"<Record/>", "record 1 silence 5" + keys + " max 3600 beep trim" + own, ""},
      {"<Record action='/r' timeout='0' finishOnKey='' maxLength='9' playBeep='false' trim='do-not-trim'/>",
       "record 1 silence 0 keys '' max 9 => POST http://app/r", ""},
      {"<Record transcribe='true'/>", "record 1 silence 5" + keys + " max 120 beep trim" + own, "13614"},
      {"<Record method='x'/>", "record 1 silence 5" + keys + " max 3600 beep trim" + own, "13610"},
      {"<Record timeout='-1'/>", "record 1 silence 5" + keys + " max 3600 beep trim" + own, "13611"},
      {"<Record maxLength='14401'/>", "record 1 silence 5" + keys + " max 3600 beep trim" + own, "13612"},
      {"<Record finishOnKey='x'/>", "record 1 silence 5" + keys + " max 3600 beep trim" + own, "13613"},
      {"<Record transcribe='x'/>", "record 1 silence 5" + keys + " max 3600 beep trim" + own, "13614"},
      {"<Record playBeep='x'/>", "record 1 silence 5" + keys + " max 3600 beep trim" + own, "13616"},
      {"<Record trim='x'/>", "record 1 silence 5" + keys + " max 3600 beep trim" + own, "13699"},
      {"<Record recordingStatusCallbackEvent='x'/>",
       "record 1 silence 5" + keys + " max 3600 beep trim" + own, "13256"},
  });
}

TEST(Twiml, dial) {
  const std::string rest = " from +15005550006 ring 30 talk 14400 ringback tone us x0 far";
  const std::string plain = "dial (+14155551212)" + rest;
  check({
      {"<Dial>415-555-1212</Dial>", plain, ""},
      {"<Dial>\n  +1 (415) 555-1212\n</Dial>", plain, ""},
      {"<Dial action='/done' method='GET'>+14155551212</Dial>", plain + " -> GET http://app/done", ""},
      {"<Dial answerOnBridge='true'>+14155551212</Dial>",
       "(ringing) dial (+14155551212) from +15005550006 ring 30 talk 14400 far", ""},
      {"<Say>x</Say><Dial answerOnBridge='true'>+14155551212</Dial>", "play 'x' en-US male\n" + plain, ""},
      {"<Dial answerOnBridge='true' ringTone='de'>+14155551212</Dial>",
       "(ringing) dial (+14155551212) from +15005550006 ring 30 talk 14400 ringback tone de x0", ""},
      {"<Dial callerId='client:bob' timeout='10' timeLimit='60' hangupOnStar='true' sequential='true' "
       "ringTone='uk'><Number>+14155551212</Number><Client>alice</Client></Dial>",
       "dial in turn (+14155551212) (client:alice) from client:bob ring 10 talk 60 ringback tone uk x0 drop "
       "*",
       ""},
      {"<Dial record='record-from-answer-dual'>+14155551212</Dial>", plain + " record 4", ""},
      {"<Dial record='true' trim='trim-silence'>+14155551212</Dial>", plain + " record 0 trim", ""},
      {"<Dial record='record-from-ringing' recordingTrack='inbound'>+14155551212</Dial>",
       plain + " record 1 early", ""},
      {"<Dial record='record-from-ringing-dual' recordingTrack='outbound'>+14155551212</Dial>",
       plain + " record 2 early", ""},
      {"<Dial referUrl='/refer' referMethod='GET'>+14155551212</Dial>", plain + " refer GET http://app/refer",
       ""},
      {"<Dial callReason='x' events='call-progress-event'>+14155551212</Dial>", plain, ""},
      {"<Dial method='x'>+14155551212</Dial>", plain, "13210"},
      {"<Dial timeout='601'>+14155551212</Dial>", plain, "13212"},
      {"<Dial hangupOnStar='x'>+14155551212</Dial>", plain, "13213"},
      {"<Dial callerId='a b c'>+14155551212</Dial>", plain, "13214"},
      {"<Dial callerId='" + std::string(300, '1') + "'>+14155551212</Dial>", plain, "13248"},
      {"<Dial timeLimit='0'>+14155551212</Dial>", plain, "13216"},
      {"<Dial record='x'>+14155551212</Dial>", plain, "13217"},
      {"<Dial sequential='x'>+14155551212</Dial>", plain, "13218"},
      {"<Dial answerOnBridge='x'>+14155551212</Dial>", plain, "13219"},
      {"<Dial ringTone='xx'>+14155551212</Dial>", plain, "13220"},
      {"<Dial recordingStatusCallbackMethod='x'>+14155551212</Dial>", plain, "13256"},
      {"<Dial><Say>x</Say><Number>+14155551212</Number></Dial>", plain, "13215"},
      {"<Dial>hello</Dial>", "dial (hello)" + rest, "13223"},
      {"<Dial/>", "dial ()" + rest, "13223"},
      {"<Dial><Sim>DE1</Sim></Dial>", "dial (Sim)" + rest, "13224"},
  });
}

TEST(Twiml, number_client_sip_and_application) {
  const std::string rest = " from +15005550006 ring 30 talk 14400 ringback tone us x0 far";
  const std::string app = "AP00000000000000000000000000000001";
  const auto dial = [&](const std::string& callee) { return "dial " + callee + rest; };
  check({
      {"<Dial><Number url='/w' method='GET' sendDigits='ww1'>+14155551212</Number></Dial>",
       dial("(+14155551212 screen GET http://app/w digits ww1)"), ""},
      {"<Dial><Number machineDetection='DetectMessageEnd'>+14155551212</Number></Dial>",
       dial("(+14155551212 amd end)"), ""},
      {"<Dial><Number method='x'>+14155551212</Number></Dial>", dial("(+14155551212)"), "13221"},
      {"<Dial><Number sendDigits='q'>+14155551212</Number></Dial>", dial("(+14155551212)"), "13222"},
      {"<Dial><Number machineDetection='x'>+14155551212</Number></Dial>", dial("(+14155551212)"), "12200"},
      {"<Dial><Number statusCallbackEvent='x'>+14155551212</Number></Dial>", dial("(+14155551212)"), "12200"},
      {"<Dial><Client url='/w'><Identity>alice</Identity><Parameter name='c' value='7'/></Client></Dial>",
       dial("(client:alice screen POST http://app/w X-c=7)"), ""},
      {"<Dial><Client/></Dial>", dial("()"), "13223 13223"},
      {"<Dial><Sip username='u' "
       "password='p'>sip:bob@h.example;transport=tls?x-a=1&amp;User-to-User=q%20q</Sip>"
       "</Dial>",
       dial("(sip:bob@h.example;transport=tls as u User-to-User=q q x-a=1)"), ""},
      {"<Dial><Sip><Uri>sip:a@b</Uri><Headers><Header name='X-N' value='v'/></Headers></Sip></Dial>",
       dial("(sip:a@b X-N=v)"), ""},
      {"<Dial><Sip username='u' password='p'><Uri>sip:a@b</Uri>"
       "<Uri username='v' password='q'>sip:c@d?x-a=1</Uri></Sip></Dial>",
       dial("(sip:a@b as u) or (sip:c@d as v x-a=1)"), ""},
      {"<Dial><Sip url='/w'><Uri priority='3' weight='9'>sip:c@h</Uri><Uri priority='1' weight='1'>sip:b@h"
       "</Uri><Uri priority='1' weight='5'>sip:a@h</Uri></Sip></Dial>",
       dial("(sip:a@h screen POST http://app/w) or (sip:b@h screen POST http://app/w) or "
            "(sip:c@h screen POST http://app/w)"),
       ""},
      {"<Dial><Sip><Uri priority='x' weight='-1'>sip:a@b</Uri></Sip></Dial>", dial("(sip:a@b)"),
       "12200 12200"},
      {"<Dial><Sip><Uri colour='red'>sip:a@b</Uri></Sip></Dial>", dial("(sip:a@b)"), "12200"},
      {"<Dial><Sip><Uri username='u'>sip:a@b</Uri></Sip></Dial>", dial("(sip:a@b as u)"), "13249"},
      {"<Dial><Sip><Uri>sip:nohost</Uri><Uri>sip:a@b</Uri></Sip></Dial>", dial("(sip:nohost) or (sip:a@b)"),
       "13243"},
      {"<Dial><Sip method='x'>sip:a@b</Sip></Dial>", dial("(sip:a@b)"), "13241"},
      {"<Dial><Sip>sip:nohost</Sip></Dial>", dial("(sip:nohost)"), "13243"},
      {"<Dial><Sip username='u'>sip:a@b</Sip></Dial>", dial("(sip:a@b as u)"), "13249"},
      {"<Dial><Sip>sip:a@b?Via=evil</Sip></Dial>", dial("(sip:a@b)"), "13252"},
      {"<Dial><Sip>sip:a@b?x-a=" + std::string(1100, 'a') + "</Sip></Dial>", dial("(sip:a@b)"), "13253"},
      {"<Dial><Application><ApplicationSid>" + app + "</ApplicationSid></Application></Dial>",
       dial("(app:" + app + ")"), ""},
      {"<Dial><Application customerId='c7'>" + app + "</Application></Dial>", dial("(app:" + app + ")"), ""},
      {"<Dial><Application customerId='" + std::string(257, 'c') + "'>" + app + "</Application></Dial>",
       dial("(app:" + app + ")"), "12200"},
      {"<Dial><Application>x</Application></Dial>", dial("()"), "13223 13223"},
      {"<Dial><Number>+14155551212</Number><Application>" + app + "</Application></Dial>",
       dial("(+14155551212)"), "13215"},
  });
  std::string uris;
  for (int i = 0; i < 11; ++i) uris += "<Uri>sip:u" + std::to_string(i) + "@h</Uri>";
  const Read many = read("<Dial><Sip>" + uris + "</Sip></Dial>");
  EXPECT_EQ(many.problems, "13250");
  EXPECT_NE(many.steps.find("sip:u9@h"), std::string::npos);
  EXPECT_EQ(many.steps.find("sip:u10@h"), std::string::npos);
  std::string eleven;
  for (int i = 0; i < 11; ++i) eleven += "<Client>c" + std::to_string(i) + "</Client>";
  const std::string steps = read("<Dial>" + eleven + "</Dial>").steps;
  EXPECT_NE(steps.find("client:c9"), std::string::npos);
  EXPECT_EQ(steps.find("client:c10"), std::string::npos);
}

TEST(Twiml, conference) {
  const std::string beeps = " beep-in beep-out hears music x0";
  const std::string rest = " time 14400";
  const std::string leg = "CA00000000000000000000000000000009";
  const auto conference = [](const std::string& attributes) {
    return "<Dial><Conference " + attributes + ">My Room</Conference></Dial>";
  };
  const std::string plain = "join acc/My Room beep-in beep-out hears music time 14400";
  check({
      {conference(""), plain, ""},
      {conference("muted='true' beep='onEnter' startConferenceOnEnter='false' endConferenceOnExit='true' "
                  "maxParticipants='3' waitUrl='/w' waitMethod='GET' record='record-from-start'"),
       "join acc/My Room waits ends muted beep-in max 3 wait GET http://app/w record trim time 14400", ""},
      {conference("waitUrl='' beep='false'"), "join acc/My Room time 14400", ""},
      {conference("coach='" + leg + "' beep='false' waitUrl=''"),
       "join acc/My Room coach 00000000000000000000000000000009 time 14400", ""},
      {"<Dial hangupOnStar='true' action='/a' timeLimit='5'><Conference beep='false' "
       "waitUrl=''>r</Conference></Dial>",
       "join acc/r leave * time 5 -> POST http://app/a", ""},
      {conference("muted='x'"), plain, "13230"},
      {conference("endConferenceOnExit='x'"), plain, "13231"},
      {conference("startConferenceOnEnter='x'"), plain, "13232"},
      {conference("waitMethod='x'"), plain, "13234"},
      {conference("beep='x'"), plain, "13235"},
      {conference("maxParticipants='251'"), plain, "13237"},
      {conference("trim='x'"), plain, "13239"},
      {conference("coach='bob'"), "-", "!13240"},
      {conference("participantLabel='a/b'"), "-", "!16023"},
      {conference("record='x'"), plain, "13217"},
      {conference("statusCallbackEvent='x'"), plain, "12200"},
      {conference("region='us1' jitterBufferSize='off'"), plain, ""},
      {"<Dial><Conference></Conference></Dial>", "", "13237"},
      {"<Dial><Conference waitUrl='' beep='false'>r</Conference><Number>+14155551212</Number></Dial>",
       "join acc/r time 14400", "13000"},
  });
}

TEST(Twiml, queues) {
  const auto plain = [](const std::string& more) { return "enqueue acc/q max 1000 hears music" + more; };
  check({
      {"<Enqueue>q</Enqueue>", plain(""), ""},
      {"<Enqueue action='/a' waitUrl='/w' waitUrlMethod='GET' maxQueueSize='2'>q</Enqueue>",
       "enqueue acc/q max 2 wait GET http://app/w -> POST http://app/a", ""},
      {"<Enqueue maxQueueSize='0'>q</Enqueue>", plain(""), "12200"},
      {"<Enqueue workflowSid='WW1'>q</Enqueue>", "", "12200"},
      {"<Enqueue/>", "", "12200"},
      {"<Dial timeout='9' action='/d'><Queue url='/about'>q</Queue></Dial>",
       "dequeue acc/q timeout 9 whisper POST http://app/about -> POST http://app/d", ""},
      {"<Dial><Queue/></Dial>", "", "12200"},
      {"<Leave/>", "", "12200"},
  });
  check({{"<Say>a</Say><Leave/>", "play 'a' en-US male\nleave", ""}, {"<Dial>1</Dial>", "-", "!13238"}},
        flow::Role::QueueWait);
}

TEST(Twiml, verbs_that_say_where_to_go_on) {
  check({
      {"<Hangup/>", "hang up", ""},
      {"<Hangup><Parameter name='a' value='b'/></Hangup>", "hang up", ""},
      {"<Reject/>", "reject 603", ""},
      {"<Reject reason='busy'/>", "reject 486", ""},
      {"<Reject reason='x'/>", "reject 603", "13810"},
      {"<Say>a</Say><Reject/>", "play 'a' en-US male\nhang up", ""},
      {"<Redirect>../other?a=1&amp;b=2</Redirect>", "ask -> POST http://app/other?a=1&b=2", ""},
      {"<Redirect/>", "ask -> POST http://app/voice/in?x=1", ""},
      {"<Redirect method='x'>/a</Redirect>", "ask -> POST http://app/a", "13710"},
      {"<Refer action='/r'><Sip>sip:a@b</Sip></Refer>", "refer sip:a@b -> POST http://app/r", ""},
      {"<Refer/>", "", "13243"},
      {"<Sms>hi</Sms>", "", "12200"},
      {"<Pay/><Prompt/><Echo/>", "", "12200 12200 12200"},
  });
}

TEST(Twiml, start_stop_and_connect) {
  check({
      {"<Start><Stream url='wss://m/s' name='a' track='both_tracks'><Parameter name='k' "
       "value='v'/></Stream></Start>",
       "stream wss://m/s 'a' tracks 2", ""},
      {"<Connect action='/a'><Stream url='wss://m/s'/></Connect>",
       "stream wss://m/s tracks 1 both ways -> POST http://app/a", ""},
      {"<Start><Recording name='r' channels='mono'/></Start><Stop><Recording name='r'/><Stream "
       "name='a'/></Stop>",
       "record 0 beside 'r'\nstop recording 'r'\nstop stream 'a'", ""},
      {"<Start><Recording track='outbound'/><Recording track='inbound'/><Recording/></Start>",
       "record 2 beside ''\nrecord 1 beside ''\nrecord 3 beside ''", ""},
      {"<Start><Stream url='ws://m/s'/></Start>", "-", "!31922"},
      {"<Start><Stream url='wss://m/s?a=b'/></Start>", "-", "!31923"},
      {"<Start><Stream/></Start>", "-", "!31923"},
      {"<Start><Stream url='wss://m/s' track='x'/></Start>", "stream wss://m/s tracks 1", "31941"},
      {"<Connect><Stream url='wss://m/s' track='both_tracks'/></Connect>",
       "stream wss://m/s tracks 1 both ways", "31941"},
      {"<Start><Transcription/><Siprec/></Start>", "", "12200 12200"},
      {"<Connect><Room>a</Room></Connect>", "", "12200 12200"},
  });
}

// twilio.md §2.2.4: what a callee may be asked, and what not.
TEST(Twiml, screening_documents) {
  check(
      {
          {"<Gather action='/ok'><Say>a</Say></Gather><Hangup/>",
           "gather [play 'a' en-US male] digits 0 end '#' timeout 5 => POST http://app/ok\ndecline", ""},
          {"<Pause/><Redirect>/x</Redirect>", "(ringing) pause 1\nask -> POST http://app/x", ""},
          {"<Reject/>", "decline", ""},
          {"<Dial>1</Dial>", "-", "!13201"},
          {"<Enqueue>q</Enqueue>", "-", "!13201"},
          {"<Connect/>", "-", "!13201"},
          {"<Leave/>", "-", "!13201"},
      },
      flow::Role::Screening);
}

TEST(Twiml, wait_documents) {
  check({{"<Say>a</Say><Play>/p</Play><Pause/><Redirect/>",
          "play 'a' en-US male\nplay http://app/p\npause 1\nask -> POST http://app/voice/in?x=1", ""},
         {"<Gather/>", "-", "!13238"},
         {"<Hangup/>", "-", "!13238"}},
        flow::Role::ConferenceWait);
}

TEST(Twiml, an_inline_document_has_nothing_to_resolve_against) {
  const Read got = read_document("<Response><Gather action='/a'/><Redirect>http://h/b</Redirect></Response>",
                                 flow::Role::Main, "");
  EXPECT_EQ(got.steps, "gather digits 0 end '#' timeout 5 => POST ?\nask -> POST http://h/b");
}

}  // namespace
}  // namespace sotto::twilio
