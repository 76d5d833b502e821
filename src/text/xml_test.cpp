#include "text/xml.h"

#include <gtest/gtest.h>

#include "text/ascii.h"
#include "text/ssml.h"

namespace sotto::text {
namespace {

using std::chrono::milliseconds;

ErrorCode refusal(std::string_view text) {
  const auto parsed = parse_xml(text);
  EXPECT_FALSE(parsed) << text;
  return parsed ? ErrorCode::Internal : parsed.error().code;
}

TEST(Xml, KeepsTextAndElementsInOrder) {
  const auto root = parse_xml(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- c --><Response>\n <Say voice='man' loop=\"2\">Hi "
      "<break/>you &amp; "
      "me</Say><Pause/>\n</Response>\n<!-- end -->");
  ASSERT_TRUE(root) << root.error().detail;
  EXPECT_EQ(root->name, "Response");
  const auto verbs = root->elements();
  ASSERT_EQ(verbs.size(), 2u);
  EXPECT_EQ(*verbs[0]->attribute("voice"), "man");
  EXPECT_EQ(verbs[0]->attribute("Voice"), nullptr);
  EXPECT_EQ(verbs[0]->line, 3u);
  ASSERT_EQ(verbs[0]->children.size(), 3u);
  EXPECT_EQ(*verbs[0]->children[0].text(), "Hi ");
  EXPECT_EQ(verbs[0]->children[1].element()->name, "break");
  EXPECT_EQ(*verbs[0]->children[2].text(), "you & me");
}

TEST(Xml, DecodesReferencesCdataAndLineEnds) {
  EXPECT_EQ(parse_xml("<a>&lt;&#228;&#x20AC;&apos;<![CDATA[<&>]]>\r\n x</a>")->text(), "<ä€'<&> x");
  EXPECT_EQ(*parse_xml("<a b='1&#10;2\n3'/>")->attribute("b"), "1\n2 3");
}

TEST(Xml, TrimsAndCollapsesTheTextOfAnElement) {
  EXPECT_EQ(parse_xml("<Number>\n  +1415\n  5550100 </Number>")->text(), "+1415 5550100");
}

// twilio.md §1.2, typical causes of 12100.
TEST(Xml, RefusesWhatIsNotWellFormed) {
  for (const std::string_view bad : {"",
                                     " ",
                                     "x",
                                     "<a>",
                                     "<a></b>",
                                     "<a/><b/>",
                                     "<a/>x",
                                     "\n<?xml version='1.0'?><a/>",
                                     "\xEF\xBB\xBF<?xml version='1.0'?><a/>",
                                     "<a>&nbsp;</a>",
                                     "<a b='x&y=1'/>",
                                     "<a b='1' b='2'/>",
                                     "<a b=1/>",
                                     "<a b/>",
                                     "<a b='<'/>",
                                     "<a b='1'c='2'/>",
                                     "<1/>",
                                     "<a><!-- -- --></a>",
                                     "<a>]]></a>",
                                     "<a>&#0;</a>",
                                     "<a>&#xD800;</a>",
                                     "<a>&#99999999;</a>",
                                     "<a>\x01</a>",
                                     "<a>\xff</a>",
                                     "<?xml encoding='UTF-8'?><a/>",
                                     "<?xml version='1.0' encoding='UTF-16'?><a/>",
                                     "<a><?xml version='1.0'?></a>",
                                     "<a",
                                     "<a b='",
                                     "<a><![CDATA[x</a>",
                                     "<a>&amp</a>",
                                     "<!-- x",
                                     "<a/ >"}) {
    EXPECT_EQ(refusal(bad), ErrorCode::Invalid) << bad;
  }
}

TEST(Xml, TellsVersionAndDoctypeApart) {
  EXPECT_EQ(refusal("<?xml version='1.1'?><a/>"), ErrorCode::Unsupported);
  EXPECT_EQ(refusal("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>"), ErrorCode::Forbidden);
  EXPECT_EQ(refusal("<a><!DOCTYPE b></a>"), ErrorCode::Forbidden);
}

TEST(Xml, ErrorsNameTheLine) {
  EXPECT_EQ(parse_xml("<a>\n<b>\n</c></a>").error().detail, "XML: element b is closed by </c>, line 3");
}

TEST(Xml, HasLimits) {
  std::string deep;
  for (int i = 0; i < 33; ++i) deep = "<a>" + deep + "</a>";
  EXPECT_EQ(refusal(deep), ErrorCode::TooLarge);
  EXPECT_TRUE(parse_xml(deep.substr(3, deep.size() - 7)));
  std::string wide = "<a>";
  for (int i = 0; i < 10'000; ++i) wide += "<b/>";
  EXPECT_EQ(refusal(wide + "</a>"), ErrorCode::TooLarge);
  EXPECT_EQ(refusal("<a>" + std::string(70'000, 'x') + "</a>"), ErrorCode::TooLarge);
}

TEST(Xml, HonoursLatin1FromPrologOrContentType) {
  EXPECT_EQ(parse_xml("<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe4</a>")->text(), "ä");
  EXPECT_EQ(parse_xml("<a>\xe4</a>", "iso-8859-1")->text(), "ä");
}

TEST(Xml, WritesXmlWhateverWasPutIntoIt) {
  EXPECT_EQ(xml_escape("a\xFF\x01z"), "a\xEF\xBF\xBD\xEF\xBF\xBDz");
}

TEST(Xml, WritesWhatItCanRead) {
  const auto root = parse_xml("<a b='&quot;&#10;&lt;'>x &amp; <c/> y</a>");
  EXPECT_EQ(to_text(*root), "<a b=\"&quot;&#10;&lt;\">x &amp; <c/> y</a>");
}

const SpokenText& words(const Speech& speech, size_t index) {
  return std::get<SpokenText>(speech.parts.at(index));
}

TEST(Ssml, TextWithoutSpeakIsSpokenAsItIs) {
  const Speech speech = parse_speech("  Incoming call \n regarding <b>1 < 2 & more ");
  ASSERT_EQ(speech.parts.size(), 1u);
  EXPECT_EQ(words(speech, 0).text, "Incoming call regarding <b>1 < 2 & more");
  EXPECT_EQ(words(speech, 0).prosody, Prosody{});
  EXPECT_TRUE(parse_speech(" ").empty());
}

TEST(Ssml, BreaksSplitTheTextAndHaveLengths) {
  const Speech speech = parse_speech(
      "<speak>One <break time='1s'/> two<break time=\"500ms\"/>three<break strength='x-strong'/><break "
      "strength='none'/><break "
      "time='99s'/>four<break/></speak>");
  const std::vector<SpeechPart> expected = {
      SpokenText{"One", {}}, milliseconds(1000),      SpokenText{"two", {}},
      milliseconds(500),     SpokenText{"three", {}}, milliseconds(1000),
      milliseconds(10'000),  SpokenText{"four", {}},  milliseconds(250)};
  EXPECT_EQ(speech.parts, expected);
  EXPECT_EQ(speech.plain_text(), "One two three four");
}

TEST(Ssml, ProsodyNestsAndIsClamped) {
  const Speech speech = parse_speech(
      "<speak><prosody rate='slow' pitch='+10%' volume='-6dB'>a <prosody rate='x-fast' "
      "volume='loud'>b</prosody></prosody><prosody "
      "rate='1000%' volume='silent'>c</prosody><prosody rate='-50%'>d</prosody></speak>");
  ASSERT_EQ(speech.parts.size(), 4u);
  EXPECT_EQ(words(speech, 0).prosody.rate, 0.75);
  EXPECT_NEAR(words(speech, 0).prosody.pitch, 1.1, 1e-9);
  EXPECT_EQ(words(speech, 0).prosody.volume_db, -6);
  EXPECT_EQ(words(speech, 1).prosody.rate, 1.6);
  EXPECT_NEAR(words(speech, 1).prosody.pitch, 1.1, 1e-9);
  EXPECT_EQ(words(speech, 1).prosody.volume_db, 4);
  EXPECT_EQ(words(speech, 2).prosody.rate, 3);
  EXPECT_TRUE(words(speech, 2).prosody.silent);
  EXPECT_EQ(words(speech, 3).prosody.rate, 0.5);
  EXPECT_EQ(speech.plain_text(), "a bd");
}

TEST(Ssml, EveryTagOfTheContractsHasItsMeaning) {
  const Speech speech = parse_speech(
      "<speak><emphasis>a</emphasis> <emphasis level='strong'>b</emphasis> <lang xml:lang='fr-FR'>c</lang> "
      "<phoneme alphabet='ipa' "
      "ph='x'>d</phoneme> <say-as interpret-as='date' format='mdy'>e</say-as> <sub alias='World Wide "
      "Web'>WWW</sub> <w "
      "role='r'>f</w><s>g</s><p>h</p></speak>");
  EXPECT_EQ(words(speech, 0).prosody.emphasis, Emphasis::Moderate);
  EXPECT_EQ(speech.plain_text(), "a b c d e World Wide Web fg h");
  const auto find = [&](std::string_view text) -> const Prosody& {
    for (const SpeechPart& part : speech.parts) {
      const auto* spoken = std::get_if<SpokenText>(&part);
      if (spoken != nullptr && trim(spoken->text) == text) return spoken->prosody;
    }
    static const Prosody none;
    return none;
  };
  EXPECT_EQ(find("b").emphasis, Emphasis::Strong);
  EXPECT_EQ(find("c").language, "fr-FR");
  EXPECT_EQ(find("d").phonemes, "x");
  EXPECT_EQ(find("e").say_as, SayAs::Date);
  EXPECT_EQ(find("e").format, "mdy");
}

TEST(Ssml, BrokenMarkupIsSpokenWithoutItsTags) {
  EXPECT_EQ(parse_speech("<speak>Hello <break>you & me</speak>").plain_text(), "Hello you & me");
  EXPECT_EQ(parse_speech("<speak>Hi <blink>there</blink></speak>").plain_text(), "Hi there");
}

TEST(Ssml, LengthCountsCharactersWithoutMarkup) {
  EXPECT_EQ(parse_speech("<speak>Gr<emphasis>üß</emphasis>e</speak>").characters(), 5u);
}

TEST(Ssml, ReadsTheContentOfASay) {
  const auto say = parse_xml("<Say>Hi <say-as role='telephone'>911</say-as></Say>");
  const Speech speech = speech_from_xml(*say);
  ASSERT_EQ(speech.parts.size(), 2u);
  EXPECT_EQ(words(speech, 0).text, "Hi ");
  EXPECT_EQ(words(speech, 1).prosody.say_as, SayAs::Telephone);
}

}  // namespace
}  // namespace sotto::text
