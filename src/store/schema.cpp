#include "store/migrations.h"

// Times are microseconds since 1970 in UTC; ids are 32 hex digits; bodies are JSON. Absent is NULL.
namespace sotto::store {
namespace {

constexpr char kFirst[] = R"sql(
CREATE TABLE documents (
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  account TEXT NOT NULL,
  version BIGINT NOT NULL,
  body TEXT NOT NULL,
  changed BIGINT NOT NULL,
  PRIMARY KEY (kind, id)
);
CREATE INDEX documents_by_account ON documents (kind, account);

CREATE TABLE calls (
  id TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  created BIGINT NOT NULL,
  ended BIGINT
);
CREATE INDEX calls_by_account ON calls (account, created);
CREATE INDEX calls_by_time ON calls (created);

CREATE TABLE legs (
  id TEXT PRIMARY KEY,
  call_id TEXT NOT NULL,
  direction TEXT NOT NULL,
  medium TEXT NOT NULL,
  state TEXT NOT NULL,
  from_kind TEXT NOT NULL,
  from_text TEXT NOT NULL,
  from_name TEXT NOT NULL,
  to_kind TEXT NOT NULL,
  to_text TEXT NOT NULL,
  to_name TEXT NOT NULL,
  account TEXT NOT NULL,
  application TEXT NOT NULL,
  dialect TEXT NOT NULL,
  extension TEXT NOT NULL,
  room TEXT NOT NULL,
  carrier TEXT,
  forwarded_from TEXT NOT NULL,
  sip_call_id TEXT NOT NULL,
  headers TEXT NOT NULL,
  created BIGINT NOT NULL,
  ringing BIGINT,
  answered BIGINT,
  ended BIGINT,
  end_cause TEXT,
  ended_by TEXT,
  sip_code BIGINT,
  end_detail TEXT,
  extra TEXT NOT NULL
);
CREATE INDEX legs_by_call ON legs (call_id);
CREATE INDEX legs_by_account ON legs (account, created);
CREATE INDEX legs_by_callee ON legs (to_text, created);
CREATE INDEX legs_by_time ON legs (created);
CREATE INDEX legs_open ON legs (id) WHERE ended IS NULL;

CREATE TABLE events (
  sequence {serial},
  wall BIGINT NOT NULL,
  call_id TEXT NOT NULL,
  leg TEXT NOT NULL,
  room TEXT NOT NULL,
  kind TEXT NOT NULL,
  body TEXT NOT NULL
);
CREATE INDEX events_by_call ON events (call_id, sequence);
CREATE INDEX events_by_time ON events (wall);

CREATE TABLE hearing (
  room TEXT NOT NULL,
  revision BIGINT NOT NULL,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  other TEXT NOT NULL,
  started BIGINT NOT NULL,
  ended BIGINT,
  cause TEXT NOT NULL,
  open_source BIGINT NOT NULL,
  open_listener BIGINT NOT NULL,
  base BIGINT NOT NULL,
  gain DOUBLE PRECISION NOT NULL,
  PRIMARY KEY (room, revision, kind, subject, other)
);
CREATE INDEX hearing_by_subject ON hearing (subject, kind);
CREATE INDEX hearing_open ON hearing (room) WHERE ended IS NULL;

CREATE TABLE recordings (
  id TEXT PRIMARY KEY,
  call_id TEXT NOT NULL,
  leg TEXT,
  room TEXT NOT NULL,
  account TEXT NOT NULL,
  started BIGINT NOT NULL,
  ended BIGINT,
  length_ms BIGINT NOT NULL,
  bytes BIGINT NOT NULL,
  path TEXT NOT NULL,
  end_reason TEXT NOT NULL,
  end_key TEXT NOT NULL,
  policy TEXT NOT NULL,
  format TEXT NOT NULL,
  channels BIGINT NOT NULL,
  sample_rate BIGINT NOT NULL,
  owner TEXT NOT NULL,
  extra TEXT NOT NULL
);
CREATE INDEX recordings_by_call ON recordings (call_id);
CREATE INDEX recordings_by_account ON recordings (account, started);
CREATE INDEX recordings_by_time ON recordings (started);

CREATE TABLE outbox (
  sequence {serial},
  id TEXT NOT NULL UNIQUE,
  stream TEXT NOT NULL,
  account TEXT NOT NULL,
  call_id TEXT NOT NULL,
  dialect TEXT NOT NULL,
  method TEXT NOT NULL,
  url TEXT NOT NULL,
  headers TEXT NOT NULL,
  body TEXT NOT NULL,
  policy TEXT NOT NULL,
  state TEXT NOT NULL,
  attempts BIGINT NOT NULL,
  created BIGINT NOT NULL,
  next_try BIGINT NOT NULL,
  last_error TEXT NOT NULL
);
CREATE INDEX outbox_by_state ON outbox (state, sequence);
CREATE INDEX outbox_by_stream ON outbox (stream, sequence);

CREATE TABLE api_tokens (
  fingerprint TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  name TEXT NOT NULL,
  scopes TEXT NOT NULL,
  created BIGINT NOT NULL,
  expires BIGINT
);
CREATE INDEX api_tokens_by_account ON api_tokens (account, created);
)sql";

constexpr std::string_view kCampaignCalls = R"sql(
CREATE TABLE campaign_calls (
  sequence {serial},
  call_id TEXT NOT NULL,
  started BIGINT NOT NULL,
  campaign TEXT NOT NULL,
  caller TEXT NOT NULL,
  body TEXT NOT NULL
);
CREATE INDEX campaign_calls_by_time ON campaign_calls (started);
CREATE INDEX campaign_calls_by_call ON campaign_calls (call_id);
CREATE INDEX campaign_calls_by_caller ON campaign_calls (campaign, caller);
CREATE INDEX outbox_by_call ON outbox (call_id);
)sql";

// A call is its legs: nobody ever read the table of calls. The ledger keeps its rows in the order of their
// key, and an index of members alone, by whom it is asked.
constexpr std::string_view kLessToWrite = R"sql(
DROP TABLE calls;

DROP INDEX hearing_by_subject;
DROP INDEX hearing_open;
ALTER TABLE hearing RENAME TO hearing_before;
CREATE TABLE hearing (
  room TEXT NOT NULL,
  revision BIGINT NOT NULL,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  other TEXT NOT NULL,
  started BIGINT NOT NULL,
  ended BIGINT,
  cause TEXT NOT NULL,
  open_source BIGINT NOT NULL,
  open_listener BIGINT NOT NULL,
  base BIGINT NOT NULL,
  gain DOUBLE PRECISION NOT NULL,
  PRIMARY KEY (room, revision, kind, subject, other)
) {by key};
INSERT INTO hearing SELECT * FROM hearing_before ORDER BY room, revision, kind, subject, other;
DROP TABLE hearing_before;
CREATE INDEX hearing_by_member ON hearing (subject) WHERE kind = 'member';
CREATE INDEX hearing_open ON hearing (room) WHERE ended IS NULL;
)sql";

constexpr Migration kMigrations[] = {
    {"first tables", kFirst}, {"calls of campaigns", kCampaignCalls}, {"less to write", kLessToWrite}};

}  // namespace

std::span<const Migration> migrations() {
  return kMigrations;
}

}  // namespace sotto::store
