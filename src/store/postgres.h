#pragma once

#include <string>

#include "store/connection.h"
#include "store/statement_map.h"

struct pg_conn;
struct pg_result;

namespace sotto::store {

class PostgresConnection final : public Connection {
 public:
  static Result<std::unique_ptr<Connection>> open(const std::string& address, Access access);
  ~PostgresConnection() override;

  Engine engine() const override { return Engine::Postgres; }
  Result<void> run_script(const std::string& sql) override;
  bool healthy() const override;
  Result<void> reconnect() override;

 protected:
  Result<Rows> run(std::string_view sql, std::span<const Value> parameters) override;

 private:
  PostgresConnection(pg_conn* connection, Access access) : connection_(connection), access_(access) {}
  Result<void> configure();
  Result<Rows> run_once(std::string_view sql, std::span<const Value> parameters);
  Result<std::string> prepare(std::string_view sql, size_t parameters);

  pg_conn* connection_;
  Access access_;
  StatementMap<std::string> statements_;  // by name
  uint64_t prepared_ = 0;
};

}  // namespace sotto::store
