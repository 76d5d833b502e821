#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/value.h"

namespace sotto::store {

enum class Engine { Sqlite, Postgres };

// Invalid when a text holds U+0000 or is not UTF-8: PostgreSQL would not take it.
Result<void> check_storable(const Values& values);

// One connection to one database, for one thread at a time. Statements are prepared once and kept.
// SQL is what both engines understand: BIGINT, DOUBLE PRECISION, TEXT; '?' for parameters; ON CONFLICT;
// RETURNING. Errors: AlreadyExists for a unique key, Conflict for other constraints and lost races, Exhausted
// for a full disk, Closed when the connection is gone, Io for other failures, Internal for SQL that is wrong.
class Connection {
 public:
  virtual ~Connection() = default;

  virtual Engine engine() const = 0;
  // Invalid unless check_storable().
  Result<Rows> execute(std::string_view sql, const Values& parameters = {});
  // The same for parameters that are checked already.
  Result<Rows> execute_storable(std::string_view sql, std::span<const Value> parameters) {
    return run(sql, parameters);
  }
  // Several statements without parameters, separated by ';'. Not kept.
  virtual Result<void> run_script(const std::string& sql) = 0;

  Result<void> begin();
  Result<void> commit();
  virtual Result<void> roll_back();

  // False when only reconnect() helps.
  virtual bool healthy() const = 0;
  virtual Result<void> reconnect() = 0;

 protected:
  virtual Result<Rows> run(std::string_view sql, std::span<const Value> parameters) = 0;
};

enum class Access { ReadWrite, ReadOnly };

// "sqlite:PATH" or a libpq address ("postgresql://…", "host=… dbname=…").
struct ConnectionOptions {
  std::string address;
  Access access = Access::ReadWrite;
};

Result<std::unique_ptr<Connection>> connect(const ConnectionOptions& options);

// Rolls back unless committed.
class Transaction {
 public:
  static Result<Transaction> begin(Connection& connection);
  Transaction(Transaction&& other) noexcept : connection_(std::exchange(other.connection_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  Result<void> commit();

 private:
  explicit Transaction(Connection& connection) : connection_(&connection) {}
  Connection* connection_;
};

}  // namespace sotto::store
