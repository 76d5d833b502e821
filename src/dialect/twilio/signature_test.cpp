#include "dialect/twilio/signature.h"

#include <gtest/gtest.h>

namespace sotto::twilio {
namespace {

constexpr char kToken[] = "2b7e151628aed2a6abf7158809cf4f3c";
constexpr char kShop[] = "https://mycompany.com/myapp.php?foo=1&bar=2";

// twilio.md §3.10, D1 to D3.
TEST(Signature, documented_vectors) {
  const auto form = [](const std::string& caller) {
    return text::Parameters{{"CallSid", "CA1234567890ABCDE"},
                            {"Caller", caller},
                            {"Digits", "1234"},
                            {"From", caller},
                            {"To", "+18005551212"}};
  };
  EXPECT_EQ(sign("12345", kShop, form("+12349013030")), "0/KCTR6DLpKmkAf8muzZqo1nDgQ=");
  EXPECT_EQ(sign("12345", kShop, form("+14158675309")), "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
  EXPECT_EQ(sign("12345", "https://example.com/myapp.php?foo=1&bar=2", form("+14158675310")),
            "L/OH5YylLD5NRKLltdqwSvS0BnU=");
}

// V1 to V6, made with the vendor's own signer.
TEST(Signature, vectors_of_the_vendors_library) {
  const text::Parameters whisper = {{"AccountSid", "ACb1946ac92492d2347c6235b4d2611184"},
                                    {"ApiVersion", "2010-04-01"},
                                    {"CallSid", "CA591785b794601e212b260e25925636fd"},
                                    {"CallStatus", "in-progress"},
                                    {"Called", "+15005550010"},
                                    {"Caller", "+15005550006"},
                                    {"Digits", ""},
                                    {"Direction", "outbound-dial"},
                                    {"From", "+15005550006"},
                                    {"ParentCallSid", "CA6f1ed002ab5595859014ebf0951522d9"},
                                    {"SpeechResult", "Grüße & 5=5"},
                                    {"To", "+15005550010"}};
  EXPECT_EQ(
      sign(kToken, "https://app.example.com:8443/voice/whisper?campaign=spring%20sale&agent=7", whisper),
      "Jx4keT+yaiRuxec1hWf9B3pkiKE=");
  EXPECT_EQ(sign(kToken,
                 "http://127.0.0.1:3000/voice?From=%2B15005550006&To=%2B15005550010&"
                 "CallSid=CA591785b794601e212b260e25925636fd",
                 {}),
            "OP6rdgts/PICUnKgXiU8d8OAxNs=");
  EXPECT_EQ(sign(kToken,
                 "https://app.example.com/json?bodySHA256="
                 "0aedf3056c8cb97b8466d409b69e7731ac7955f8ee7cbab28e98201d5943e7e0",
                 {}),
            "sw+76TjaSPZm0hjEzfWAUk52ykQ=");
  EXPECT_EQ(sign(kToken, "https://app.example.com/e",
                 {{"StatusCallbackEvent", "ringing"},
                  {"StatusCallbackEvent", "answered"},
                  {"StatusCallbackEvent", "ringing"},
                  {"A", "1"}}),
            "8KBrhhKfr78CgylxWfl3wM7XNGw=");
  EXPECT_EQ(sign(kToken, "wss://media.example.com/stream", {}), "jFOFhT6lLzLMdGiP2lK1Q6xeiCk=");
  EXPECT_EQ(sign(kToken, "https://app.example.com/e", {{"b", "1"}, {"B", "2"}, {"a", "3"}}),
            "kWSCBjKC/1m3Sx8//CqEMzeoBSo=");
}

TEST(Signature, what_of_the_url_is_signed) {
  EXPECT_EQ(signed_url("https://h:8443/a?b=1#rc=2"), "https://h/a?b=1");
  EXPECT_EQ(signed_url("http://h:8080/a"), "http://h:8080/a");
  EXPECT_EQ(signed_url("https://user:pw@h:443?x=@y"), "https://h?x=@y");
  EXPECT_EQ(signed_url("http://user:pw@h:1/a@b"), "http://h:1/a@b");
  EXPECT_EQ(signed_url("https://[2001:db8::1]/a"), "https://[2001:db8::1]/a");
  EXPECT_EQ(signed_url("https://[2001:db8::1]:444/a"), "https://[2001:db8::1]/a");
  EXPECT_EQ(signed_url("wss://h:1/a"), "wss://h:1/a");
}

}  // namespace
}  // namespace sotto::twilio
