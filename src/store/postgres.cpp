#include "store/postgres.h"

#include <charconv>

#include <libpq-fe.h>

#include "base/limits.h"
#include "base/log.h"

namespace sotto::store {
namespace {

// Types of pg_type.dat that our queries give.
enum TypeOid : Oid { Bool = 16, Int8 = 20, Int2 = 21, Int4 = 23, Float4 = 700, Float8 = 701, Numeric = 1700 };

struct ResultFreer {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ResultPtr = std::unique_ptr<PGresult, ResultFreer>;

std::string message_of(PGconn* connection) {
  std::string text = PQerrorMessage(connection);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return "postgresql: " + text;
}

// SQLSTATE classes, PostgreSQL manual appendix A.
ErrorCode code_of(std::string_view state) {
  if (state == "23505") return ErrorCode::AlreadyExists;
  if (state.starts_with("23") || state.starts_with("40") || state == "55P03") return ErrorCode::Conflict;
  if (state.starts_with("53")) return ErrorCode::Exhausted;
  if (state.starts_with("08") || state.starts_with("57P")) return ErrorCode::Closed;
  if (state.starts_with("42") || state.starts_with("22")) return ErrorCode::Internal;
  return ErrorCode::Io;
}

tl::unexpected<Error> failure_of(PGconn* connection, const PGresult* result) {
  if (PQstatus(connection) != CONNECTION_OK) return fail(ErrorCode::Closed, message_of(connection));
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  return fail(state == nullptr ? ErrorCode::Io : code_of(state), message_of(connection));
}

bool succeeded(const PGresult* result) {
  const ExecStatusType status = PQresultStatus(result);
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY;
}

// '?' outside of quotes becomes $1, $2, …
std::string numbered(std::string_view sql) {
  std::string out;
  int next = 1;
  char quote = '\0';
  for (const char c : sql) {
    if (quote != '\0') {
      if (c == quote) quote = '\0';
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '?') {
      out += "$" + std::to_string(next++);
      continue;
    }
    out += c;
  }
  return out;
}

std::optional<std::string> parameter_text(const Value& value) {
  const auto& raw = value.raw();
  if (const auto* text = std::get_if<std::string>(&raw)) return *text;
  char buffer[32];
  if (const auto* integer = std::get_if<int64_t>(&raw)) {
    return std::string(buffer, std::to_chars(buffer, buffer + sizeof(buffer), *integer).ptr);
  }
  if (const auto* real = std::get_if<double>(&raw)) {
    return std::string(buffer, std::to_chars(buffer, buffer + sizeof(buffer), *real).ptr);
  }
  return std::nullopt;
}

Value number(std::string_view text) {
  int64_t integer = 0;
  const auto whole = std::from_chars(text.data(), text.data() + text.size(), integer);
  if (whole.ec == std::errc{} && whole.ptr == text.data() + text.size()) return Value(integer);
  double real = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), real);
  return read.ec == std::errc{} ? Value(real) : Value(text);
}

Value cell(const PGresult* result, int row, int column) {
  if (PQgetisnull(result, row, column) != 0) return Value();
  const std::string_view text(PQgetvalue(result, row, column),
                              static_cast<size_t>(PQgetlength(result, row, column)));
  switch (PQftype(result, column)) {
    case Bool: return Value(text == "t" ? 1 : 0);
    case Int8:
    case Int2:
    case Int4:
    case Numeric: return number(text);
    case Float4:
    case Float8: return Value(number(text).real());
    default: return Value(text);
  }
}

Rows rows_of(PGresult* result) {
  Rows rows;
  const int count = PQntuples(result);
  const int columns = PQnfields(result);
  rows.rows.reserve(static_cast<size_t>(count));
  for (int r = 0; r < count; ++r) {
    Row& row = rows.rows.emplace_back();
    row.reserve(static_cast<size_t>(columns));
    for (int c = 0; c < columns; ++c) row.push_back(cell(result, r, c));
  }
  const std::string_view changed = PQcmdTuples(result);
  const std::string_view command = PQcmdStatus(result);
  if (!command.starts_with("SELECT"))
    std::from_chars(changed.data(), changed.data() + changed.size(), rows.changed);
  return rows;
}

void log_notice(void*, const char* text) {
  base::log(base::LogLevel::Debug, "store", "postgresql says", {{"notice", text}});
}

}  // namespace

Result<std::unique_ptr<Connection>> PostgresConnection::open(const std::string& address, Access access) {
  PGconn* raw = PQconnectdb(address.c_str());
  std::unique_ptr<PostgresConnection> connection(new PostgresConnection(raw, access));
  if (PQstatus(raw) != CONNECTION_OK) return fail(ErrorCode::Unreachable, message_of(raw));
  if (const auto configured = connection->configure(); !configured) return fail(configured.error());
  return connection;
}

PostgresConnection::~PostgresConnection() {
  PQfinish(connection_);
}

Result<void> PostgresConnection::configure() {
  PQsetNoticeProcessor(connection_, log_notice, nullptr);
  std::string settings =
      "SET client_encoding = 'UTF8'; SET synchronous_commit = on; SET statement_timeout = '30s';";
  if (access_ == Access::ReadOnly) settings += "SET default_transaction_read_only = on;";
  return run_script(settings);
}

bool PostgresConnection::healthy() const {
  return PQstatus(connection_) == CONNECTION_OK;
}

Result<void> PostgresConnection::reconnect() {
  statements_.clear();
  PQreset(connection_);
  if (!healthy()) return fail(ErrorCode::Unreachable, message_of(connection_));
  return configure();
}

Result<void> PostgresConnection::run_script(const std::string& sql) {
  const ResultPtr result(PQexec(connection_, sql.c_str()));
  if (!succeeded(result.get())) return failure_of(connection_, result.get());
  return {};
}

Result<Rows> PostgresConnection::run(std::string_view sql, std::span<const Value> parameters) {
  Result<Rows> rows = run_once(sql, parameters);
  // That the server has gone and come back is noticed by the next statement; a query may be asked twice.
  const bool again = !rows && access_ == Access::ReadOnly && !healthy();
  if (!again) return rows;
  if (const auto connected = reconnect(); !connected) return fail(connected.error());
  return run_once(sql, parameters);
}

Result<Rows> PostgresConnection::run_once(std::string_view sql, std::span<const Value> parameters) {
  const auto name = prepare(sql, parameters.size());
  if (!name) return fail(name.error());
  std::vector<std::optional<std::string>> texts;
  std::vector<const char*> pointers;
  texts.reserve(parameters.size());
  for (const Value& parameter : parameters) texts.push_back(parameter_text(parameter));
  for (const auto& text : texts) pointers.push_back(text ? text->c_str() : nullptr);
  const ResultPtr result(PQexecPrepared(connection_, name->c_str(), static_cast<int>(pointers.size()),
                                        pointers.data(), nullptr, nullptr, 0));
  if (!succeeded(result.get())) return failure_of(connection_, result.get());
  return rows_of(result.get());
}

Result<std::string> PostgresConnection::prepare(std::string_view sql, size_t parameters) {
  if (const auto found = statements_.find(sql); found != statements_.end()) return found->second;
  if (statements_.size() == base::limits::kStoreStatementsMax) {
    if (const auto dropped = run_script("DEALLOCATE ALL"); !dropped) return fail(dropped.error());
    statements_.clear();
  }
  std::string name = "s" + std::to_string(++prepared_);
  const ResultPtr result(
      PQprepare(connection_, name.c_str(), numbered(sql).c_str(), static_cast<int>(parameters), nullptr));
  if (!succeeded(result.get())) return failure_of(connection_, result.get());
  statements_.emplace(sql, name);
  return name;
}

}  // namespace sotto::store
