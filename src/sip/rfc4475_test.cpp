// The torture messages of RFC 4475, sent to a whole user agent: what the RFC wants, and what comes back.
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "sip/registrar.h"
#include "sip/test_network.h"

namespace sotto::sip {
namespace {

// `outcome`: "invite" if the call is offered to the application, a status, or "silence".
struct Row {
  std::string_view name;
  std::string_view outcome;
  std::string_view wanted;  // by the RFC, from a user agent and registrar
};

constexpr Row kRows[] = {
    {"wsinv", "481",
     "3.1.1.1 valid, whitespace everywhere; its To has the tag of a dialog that we never had"},
    {"intmeth", "405", "3.1.1.2 valid, unknown method"},
    {"esc01", "invite", "3.1.1.3 valid, escapes in URIs"},
    {"escnull", "401", "3.1.1.4 valid REGISTER, escaped nulls"},
    {"esc02", "405", "3.1.1.5 valid, percent signs that are no escapes"},
    {"lwsdisp", "200", "3.1.1.6 valid, no space before <"},
    {"longreq", "invite", "3.1.1.7 valid, long values"},
    {"dblreq", "401", "3.1.1.8 the second message in the datagram is ignored"},
    {"semiuri", "200", "3.1.1.9 valid, semicolons in the user part"},
    {"transports", "200", "3.1.1.10 valid, unknown transports"},
    {"mpart01", "405", "3.1.1.11 valid MESSAGE, a method we do not offer"},
    {"unreason", "silence", "3.1.1.12 valid response without a transaction"},
    {"noreason", "silence", "3.1.1.13 valid response without a transaction"},
    {"badinv01", "400", "3.1.2.1 stray separators"},
    {"clerr", "400", "3.1.2.2 Content-Length beyond the datagram"},
    {"ncl", "400", "3.1.2.3 negative Content-Length"},
    {"scalar02", "400", "3.1.2.4 numbers too large"},
    {"scalarlg", "silence", "3.1.2.5 invalid response is dropped"},
    {"quotbal", "400", "3.1.2.6 open quote"},
    {"ltgtruri", "400", "3.1.2.7 brackets around the Request-URI"},
    {"lwsruri", "400", "3.1.2.8 space in the Request-URI"},
    {"lwsstart", "400", "3.1.2.9 several spaces in the start line"},
    {"trws", "400", "3.1.2.10 spaces behind the start line"},
    {"escruri", "400", "3.1.2.11 headers in the Request-URI"},
    {"baddate", "invite", "3.1.2.12 wrong time zone: may be accepted, Date is not needed"},
    {"regbadct", "400", "3.1.2.13 Contact needs brackets"},
    {"badaspec", "400", "3.1.2.14 spaces inside the brackets"},
    {"baddn", "400", "3.1.2.15 display name needs quotes"},
    {"badvers", "505", "3.1.2.16 unknown version"},
    {"mismatch01", "400", "3.1.2.17 CSeq of another method"},
    {"mismatch02", "400", "3.1.2.18 the same, unknown method: 400 or 501"},
    {"bigcode", "silence", "3.1.2.19 invalid response is dropped"},
    {"badbranch", "200", "3.2.1 branch without content: matched as RFC 2543 does"},
    {"insuf", "400", "3.3.1 required headers are missing"},
    {"unkscm", "416", "3.3.2 unknown scheme"},
    {"novelsc", "416", "3.3.3 unknown scheme"},
    {"unksm2", "400", "3.3.4 To of a REGISTER in a scheme that never makes sense here"},
    {"bext01", "420", "3.3.5 unknown extensions are required"},
    {"invut", "415", "3.3.6 unknown body"},
    {"regaut01", "401", "3.3.7 unknown authentication scheme"},
    {"multi01", "400", "3.3.8 single headers stand twice"},
    {"mcl01", "400", "3.3.9 two Content-Lengths"},
    {"bcast", "silence", "3.3.10 response with two Vias, not ours"},
    {"zeromf", "200", "3.3.11 Max-Forwards 0 has arrived"},
    {"cparam01", "401", "3.3.12 valid REGISTER"},
    {"cparam02", "401", "3.3.13 valid REGISTER"},
    {"regescrt", "401", "3.3.14 valid REGISTER, headers in the Contact's URI"},
    {"sdp01", "406", "3.3.15 the caller accepts nothing that we speak"},
    {"inv2543", "invite", "3.4.1 RFC 2543 INVITE"},
    {"test", "silence", "(in the archive only) no version, no Via: nobody to answer"},
};

struct NoUsers : Credentials {
  std::optional<std::string> ha1(std::string_view, std::string_view, DigestAlgorithm) override {
    return std::nullopt;
  }
};

std::string read_corpus(std::string_view name) {
  std::ifstream file(std::string(SOTTO_SOURCE_DIR "/tests/corpus/sip_message/") + std::string(name) + ".dat",
                     std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Rfc4475Test, EveryMessageHasTheOutcomeThatTheRfcAllows) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.name);
    const std::string bytes = read_corpus(row.name);
    ASSERT_FALSE(bytes.empty());
    test::Network network(1);
    NoUsers users;
    Registrar registrar(users, network.random, "example.com");
    test::Peer peer(network, "192.0.2.200", nullptr, &registrar);
    peer.agent.receive(Flow{.peer = *parse_ip("192.0.2.1", 5060)}, base::as_bytes(bytes));
    std::string outcome = "silence";
    if (!network.sent.empty()) outcome = network.sent.front().substr(8, 3);
    if (!peer.log.empty()) outcome = peer.log.front().substr(0, 6);
    EXPECT_EQ(outcome, row.outcome) << row.wanted;
    network.run(std::chrono::seconds(300));
    EXPECT_EQ(peer.agent.counts().server_transactions, peer.sessions.size());
  }
}

TEST(Rfc4475Test, WellFormedMessagesSurviveWritingAndReading) {
  for (const Row& row : kRows) {
    const auto first = parse_message(base::as_bytes(read_corpus(row.name)));
    if (!first || first->defect) continue;
    const std::string text = serialize(*first);
    const auto second = parse_message(base::as_bytes(text));
    ASSERT_TRUE(second && !second->defect) << row.name;
    EXPECT_EQ(serialize(*second), text) << row.name;
  }
}

}  // namespace
}  // namespace sotto::sip
