// The registrar for phones: who they are, where they are, and for how long.
#include "sip/registrar.h"

#include <gtest/gtest.h>

namespace sotto::sip {
namespace {
using namespace std::chrono_literals;

struct Passwords : Credentials {
  std::optional<std::string> ha1(std::string_view user, std::string_view realm,
                                 DigestAlgorithm algorithm) override {
    if (user != "ann" && user != "bob") return std::nullopt;
    return sip::ha1(algorithm, user, realm, "secret");
  }
};

struct RegistrarTest : testing::Test {
  using Lines = std::vector<std::string>;

  Message request(const std::string& headers) {
    const auto text =
        "REGISTER sip:example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n"
        "From: <sip:" +
        user + "@example.com>;tag=1\r\nTo: <sip:" + user +
        "@example.com>\r\n"
        "Call-ID: " +
        call_id + "\r\nMax-Forwards: 70\r\nCSeq: " + std::to_string(cseq) + " REGISTER\r\n" + headers +
        "Content-Length: 0\r\n\r\n";
    auto message = parse_message(base::as_bytes(text));
    EXPECT_TRUE(message && !message->defect) << text;
    return std::move(*message);
  }
  Registrar::Reply send(const std::string& headers) { return registrar.handle(request(headers), flow, now); }
  // The challenge by that algorithm.
  DigestFields challenge(DigestAlgorithm algorithm = DigestAlgorithm::Sha256) {
    const Registrar::Reply reply = send("");
    EXPECT_EQ(reply.status, 401);
    return read_challenge(reply.headers, algorithm);
  }
  static DigestFields read_challenge(const std::string& headers, DigestAlgorithm algorithm) {
    for (size_t at = 0; at < headers.size(); at = headers.find("\r\n", at) + 2) {
      const size_t value = headers.find(": ", at) + 2;
      const auto fields =
          parse_digest(std::string_view(headers).substr(value, headers.find("\r\n", at) - value));
      if (fields && fields->algorithm == algorithm) return *fields;
    }
    ADD_FAILURE() << "no such challenge in " << headers;
    return {};
  }
  std::string login(const DigestFields& challenge, uint32_t count = 1,
                    const std::string& password = "secret") {
    return "Authorization: " +
           make_credentials(challenge, user, password, "REGISTER", "sip:example.com", "cnonce", count) +
           "\r\n";
  }
  // A REGISTER that is authenticated, with these headers besides.
  Registrar::Reply bind(const std::string& headers) {
    const std::string authorization = login(challenge());
    ++cseq;
    return send(authorization + headers);
  }
  Lines uris() const {
    Lines out;
    for (const Binding& one : registrar.bindings("ann", now)) out.push_back(one.uri);
    return out;
  }

  Passwords passwords;
  base::SeededRandom random{1};
  Lines changes;
  Registrar registrar{passwords, random, "example.com", [this](std::string_view who, bool reachable) {
                        changes.push_back(std::string(who) + (reachable ? " is there" : " is gone"));
                      }};
  base::TimePoint now{1000s};
  Flow flow{.peer = *parse_ip("192.0.2.1", 5060)};
  std::string user = "ann";
  std::string call_id = "a";
  uint32_t cseq = 1;
};

TEST_F(RegistrarTest, BothAlgorithmsAreOfferedTheBetterFirstAndEitherIsTaken) {
  const Registrar::Reply reply = send("");
  EXPECT_LT(reply.headers.find("SHA-256"), reply.headers.find("MD5"));
  for (const auto algorithm : {DigestAlgorithm::Md5, DigestAlgorithm::Sha256}) {
    ++cseq;
    EXPECT_EQ(send(login(challenge(algorithm))).status, 200);
  }
  EXPECT_EQ(send(login(challenge(), 1, "wrong")).status, 403);
  user = "nobody";
  EXPECT_EQ(send(login(challenge())).status, 403);
}

TEST_F(RegistrarTest, ANonceCountsUpAndWhatComesAgainIsStale) {
  const DigestFields fields = challenge();
  EXPECT_EQ(send(login(fields, 1)).status, 200);
  EXPECT_EQ(send(login(fields, 2)).status, 200);
  const Registrar::Reply replayed = send(login(fields, 2));
  EXPECT_EQ(replayed.status, 401);
  const DigestFields next = read_challenge(replayed.headers, DigestAlgorithm::Sha256);
  EXPECT_TRUE(next.stale);
  EXPECT_EQ(send(login(next, 1)).status, 200);
  EXPECT_EQ(send(login(fields, 9)).status, 200) << "numbers may be left out";
}

TEST_F(RegistrarTest, AnOldNonceOrOneFromBeforeARestartIsStaleAndAWrongPasswordIsNot) {
  DigestFields fields = challenge();
  now += 301s;
  EXPECT_NE(send(login(fields)).headers.find("stale=true"), std::string::npos);
  fields.nonce = "of another life";
  EXPECT_NE(send(login(fields)).headers.find("stale=true"), std::string::npos);
  EXPECT_EQ(send(login(fields, 1, "wrong")).status, 403);
}

TEST_F(RegistrarTest, NobodyRegistersAnother) {
  const DigestFields fields = challenge();
  const std::string authorization = login(fields);
  user = "bob";
  EXPECT_EQ(send(authorization + "Contact: <sip:ann@192.0.2.1>\r\n").status, 403);
  EXPECT_EQ(registrar.users(), 0u);
}

TEST_F(RegistrarTest, SeveralContactsInTheOrderOfTheirWishAndTheNewestFirst) {
  EXPECT_EQ(bind("Contact: <sip:ann@192.0.2.1>;q=0.5, <sip:ann@192.0.2.2>\r\n").status, 200);
  call_id = "b";
  const Registrar::Reply reply = bind("Contact: <sip:ann@192.0.2.3>\r\nExpires: 600\r\n");
  EXPECT_EQ(uris(), (Lines{"sip:ann@192.0.2.3", "sip:ann@192.0.2.2", "sip:ann@192.0.2.1"}));
  EXPECT_NE(reply.headers.find("Contact: <sip:ann@192.0.2.3>;expires=600\r\n"), std::string::npos);
  EXPECT_NE(reply.headers.find("Contact: <sip:ann@192.0.2.1>;expires=3600\r\n"), std::string::npos);
  EXPECT_EQ(bind("Contact: <sip:ann@192.0.2.2>;expires=0\r\n").status, 200);
  EXPECT_EQ(uris(), (Lines{"sip:ann@192.0.2.3", "sip:ann@192.0.2.1"}));
  now += 601s;
  EXPECT_EQ(uris(), Lines{"sip:ann@192.0.2.1"});
  EXPECT_EQ(bind("Contact: *\r\nExpires: 600\r\n").status, 400);
  EXPECT_EQ(bind("Contact: *\r\nExpires: 0\r\n").status, 200);
  EXPECT_TRUE(uris().empty());
  EXPECT_EQ(changes.back(), "ann is gone");
}

TEST_F(RegistrarTest, ADeviceThatComesBackFromAnotherPlaceReplacesItself) {
  const std::string instance = ";+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-000A95A0E128>\"\r\n";
  EXPECT_EQ(bind("Contact: <sip:ann@192.0.2.1>" + instance).status, 200);
  call_id = "after-a-restart";
  EXPECT_EQ(bind("Contact: <sip:ann@192.0.2.9>" + instance).status, 200);
  EXPECT_EQ(uris(), Lines{"sip:ann@192.0.2.9"});
}

TEST_F(RegistrarTest, AnOlderRequestOrATooShortTimeChangesNothingAtAll) {
  EXPECT_EQ(bind("Contact: <sip:ann@192.0.2.1>\r\n").status, 200);
  const DigestFields fields = challenge();
  cseq = 1;
  EXPECT_EQ(send(login(fields) + "Contact: <sip:ann@192.0.2.7>, <sip:ann@192.0.2.1>;expires=0\r\n").status,
            500);
  EXPECT_EQ(uris(), Lines{"sip:ann@192.0.2.1"});
  cseq = 20;
  const Registrar::Reply brief = bind("Contact: <sip:ann@192.0.2.8>, <sip:ann@192.0.2.9>;expires=5\r\n");
  EXPECT_EQ(brief.status, 423);
  EXPECT_EQ(brief.headers, "Min-Expires: 60\r\n");
  EXPECT_EQ(uris(), Lines{"sip:ann@192.0.2.1"});
}

TEST_F(RegistrarTest, AConnectionsContactsGoWithIt) {
  flow.protocol = Protocol::Ws;
  flow.connection = 7;
  EXPECT_EQ(bind("Contact: <sip:x@browser.invalid;transport=ws>\r\n").status, 200);
  flow.connection = 8;
  call_id = "b";
  EXPECT_EQ(bind("Contact: <sip:y@browser.invalid;transport=ws>\r\n").status, 200);
  registrar.connection_closed(7);
  EXPECT_EQ(uris(), Lines{"sip:y@browser.invalid;transport=ws"});
  registrar.connection_closed(8);
  EXPECT_EQ(changes.back(), "ann is gone");
  EXPECT_EQ(registrar.users(), 0u);
}

TEST_F(RegistrarTest, WhatHasRunOutIsToldOnceItIsLookedFor) {
  EXPECT_EQ(bind("Contact: <sip:ann@192.0.2.1>;expires=60\r\n").status, 200);
  now += 61s;
  registrar.expire(now);
  EXPECT_EQ(changes, (Lines{"ann is there", "ann is gone"}));
}

}  // namespace
}  // namespace sotto::sip
