#pragma once

#include <string>

#include "store/connection.h"
#include "store/statement_map.h"

struct sqlite3;
struct sqlite3_stmt;

namespace sotto::store {

class SqliteConnection final : public Connection {
 public:
  // The file is made when it is not there (ReadWrite). Its folder must exist.
  static Result<std::unique_ptr<Connection>> open(const std::string& path, Access access);
  ~SqliteConnection() override;

  Engine engine() const override { return Engine::Sqlite; }
  Result<void> run_script(const std::string& sql) override;
  Result<void> roll_back() override;
  bool healthy() const override { return true; }
  Result<void> reconnect() override { return {}; }

  // Copies the whole database while others read and write it. `target` is replaced when the copy is complete.
  Result<void> back_up(const std::string& target);
  // Replaces the whole database by another file's, in one step. Conflict while anyone else has this database
  // open.
  Result<void> restore(const std::string& source);

 protected:
  Result<Rows> run(std::string_view sql, std::span<const Value> parameters) override;

 private:
  explicit SqliteConnection(sqlite3* database) : database_(database) {}
  Result<sqlite3_stmt*> prepare(std::string_view sql);
  void forget_statements();
  tl::unexpected<Error> failure() const;

  sqlite3* database_;
  StatementMap<sqlite3_stmt*> statements_;
};

}  // namespace sotto::store
