#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

// Every bound in one place, by subject. Raising one here is the only way to raise it.
namespace sotto::base::limits {

using namespace std::chrono_literals;

// Core
inline constexpr size_t kRoomLegsMax = 4096;
inline constexpr size_t kDialDestinationsMax = 10;
inline constexpr size_t kProgramStepsMax = 1000;
inline constexpr size_t kProgramDepthMax = 8;  // runners nested in runners
inline constexpr size_t kDocumentsWithoutMediaMax =
    200;  // replacements in a row that play or collect nothing
inline constexpr auto kRoomWaitMax = 15min;
inline constexpr auto kScreeningMax = 10min;
inline constexpr auto kCallLengthMax = 24h;
inline constexpr size_t kQueueLegsMax = 5000;
inline constexpr size_t kParkingPlacesMax = 1000;

// Campaigns
inline constexpr int kWhisperTimesMax = 5;
inline constexpr auto kCampaignRingMax = 10min;
inline constexpr auto kCampaignAcceptMax = 2min;

// SIP
inline constexpr size_t kSipMessageBytesMax = 64 * 1024;
inline constexpr size_t kSipHeadersMax = 200;
inline constexpr size_t kSipTransactionsPerSourceMax = 10'000;
inline constexpr size_t kSipUnknownSourceAnswersMax = 3;
inline constexpr size_t kSipChallengesUnansweredMax =
    100;  // to one source: a building of phones may start at once
inline constexpr size_t kSipTraceMessagesMax = 10'000;
inline constexpr size_t kSipTraceBytesMax = 16 * 1024 * 1024;
inline constexpr size_t kSipDatagramBytesMax =
    1300;  // of a request; a larger one goes by TCP (RFC 3261 §18.1.1)
inline constexpr size_t kSipConnectionsMax = 20'000;
inline constexpr size_t kSipConnectionQueuedBytesMax = 1024 * 1024;  // to a peer that is slower than us
inline constexpr size_t kSipHandshakesMax = 32;                      // of TLS, at once
inline constexpr auto kSipConnectMax = 5s;
inline constexpr auto kSipFirstMessageMax = 30s;  // from a connection that was opened to us
inline constexpr auto kSipIdleMax = 125min;       // longer than any registration

// SDP
inline constexpr size_t kSdpBytesMax = kSipMessageBytesMax;
inline constexpr size_t kSdpLinesMax = 1000;
inline constexpr size_t kSdpMediaMax = 32;
inline constexpr size_t kSdpFormatsMax = 128;  // of one m= line: no more payload types exist

// Media
inline constexpr size_t kRtpPacketBytesMax = 1500;
inline constexpr auto kRtpSocketRest = 500ms;  // open, without a packet
inline constexpr auto kRtpPortRest = 5s;       // closed, after one
inline constexpr size_t kRecordingChannelsMax = 32;
inline constexpr auto kPromptLengthMax = 3h;
inline constexpr size_t kPromptFileBytesMax = 200u * 1024 * 1024;

// Sockets
inline constexpr auto kLoopStopMax = 5s;  // for tasks to unwind once they are cancelled
inline constexpr auto kTlsHandshakeMax = 10s;
inline constexpr size_t kUdpBatchMax = 64;  // datagrams a system call
inline constexpr size_t kWebSocketMessageBytesMax = 1024 * 1024;
inline constexpr size_t kWebSocketQueuedBytesMax = 4 * 1024 * 1024;  // to a reader that is slower than us
inline constexpr size_t kWebSocketHandshakeBytesMax = 16 * 1024;

// Media streams and WebSocket legs
inline constexpr size_t kStreamMarksMax = 1000;   // that wait for sound before them to be played
inline constexpr size_t kStreamFramesMax = 1000;  // that wait to be sent, beside sound
inline constexpr size_t kStreamQueuedBytesMax = 64 * 1024;
inline constexpr auto kStreamStallMax = 10s;  // of a server that takes nothing
inline constexpr auto kStreamCloseMax = 2s;   // for its answer to our goodbye

// HTTP
inline constexpr size_t kHttpHeadBytesMax = 32 * 1024;
inline constexpr size_t kHttpBodyBytesMax = 1024 * 1024;
inline constexpr size_t kHttpConnectionsMax = 20'000;
inline constexpr size_t kHttpHeadersMax = 100;
inline constexpr size_t kHttpPathSegmentsMax = 64;
inline constexpr size_t kHttpPartsMax = 100;   // of a multipart body
inline constexpr auto kHttpHeadTimeMax = 10s;  // from its first byte
inline constexpr auto kHttpBodyTimeMax = 30s;
inline constexpr auto kHttpIdleTimeMax = 75s;  // between two requests
inline constexpr auto kHttpWriteTimeMax = 30s;
inline constexpr auto kHttpLingerMax = 2s;  // reading on after the last answer, so that it arrives
inline constexpr size_t kHttpLingerBytesMax = 1024 * 1024;
inline constexpr size_t kFetchesMax = 1000;  // outgoing requests under way
inline constexpr size_t kDocumentBytesMax = 64 * 1024;
inline constexpr size_t kJsonDepthMax = 64;
inline constexpr size_t kXmlDepthMax = 32;
inline constexpr size_t kXmlNodesMax = 10'000;
inline constexpr size_t kUriBytesMax = 8192;
inline constexpr size_t kFormFieldsMax = 1000;
inline constexpr size_t kTokensCachedMax = 10'000;  // access tokens kept in memory, of one dialect
inline constexpr size_t kCallEventsMax = 100;       // registrations of one extension

// Store
inline constexpr size_t kStoreQueueMax = 20'000;
inline constexpr size_t kStoreBatchMax = 1000;
inline constexpr auto kStoreCommitLinger = 4ms;  // a commit waits at most this long for company
inline constexpr size_t kStoreStatementsMax = 256;
inline constexpr size_t kStorePageMax = 5000;   // rows of one listing
inline constexpr size_t kStorePurgeMax = 2000;  // rows of one table at a time
inline constexpr size_t kReportCallsMax = 200'000;

// Admin API
inline constexpr size_t kAdminRequestsMax = 1200;     // a minute from one address
inline constexpr size_t kAdminWrongTokensMax = 10;    // a minute from one address
inline constexpr size_t kAdminAddressesMax = 10'000;  // that are remembered

// Webhooks
inline constexpr size_t kOutboxMessagesMax = 20'000;  // in memory; what is beyond waits in the store
inline constexpr size_t kOutboxBytesMax = 64u * 1024 * 1024;
inline constexpr size_t kOutboxStreamsMax = 100'000;  // known at a time
inline constexpr size_t kOutboxSendsMax = 400;        // under way
inline constexpr size_t kOutboxSendsPerReceiverMax = 100;
inline constexpr size_t kOutboxReadsMax = 4;
inline constexpr size_t kOutboxReadRows = 20;  // of one stream at a time
inline constexpr auto kOutboxPersistPauseMax = 15min;
inline constexpr auto kOutboxPersistMax = 72h;

static_assert(kSipDatagramBytesMax < kSipMessageBytesMax);
static_assert(kSipMessageBytesMax < kSipConnectionQueuedBytesMax);
static_assert(kStoreBatchMax <= kStoreQueueMax);
static_assert(kOutboxSendsMax < kFetchesMax);  // documents of calls always find room
static_assert(kOutboxSendsPerReceiverMax <= kOutboxSendsMax);
static_assert(kStreamQueuedBytesMax < kWebSocketQueuedBytesMax);
static_assert(kDocumentBytesMax <= kHttpBodyBytesMax);
static_assert(kDialDestinationsMax < kRoomLegsMax);
static_assert(kCampaignAcceptMax < kScreeningMax);

}  // namespace sotto::base::limits
