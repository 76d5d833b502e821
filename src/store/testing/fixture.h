#pragma once

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <mutex>

#include <gtest/gtest.h>
#include <stdlib.h>

#include "store/migrations.h"
#include "store/store.h"
#include "store/testing/postgres_cluster.h"

namespace sotto::store {

// A folder that is gone with the test.
class TestFolder {
 public:
  TestFolder() {
    char name[] = "/tmp/sotto_store_XXXXXX";
    EXPECT_NE(::mkdtemp(name), nullptr);
    path_ = name;
  }
  TestFolder(const TestFolder&) = delete;
  ~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// Every test that uses it runs against both engines, on an empty database.
class OnBothEngines : public testing::TestWithParam<Engine> {
 protected:
  std::string address() {
    if (address_.empty()) {
      address_ = GetParam() == Engine::Sqlite ? "sqlite:" + folder_.file("test.db")
                                              : PostgresCluster::shared().new_database();
    }
    return address_;
  }

  std::unique_ptr<Connection> open(Access access = Access::ReadWrite) {
    auto connection = connect({address(), access});
    EXPECT_TRUE(connection) << connection.error().detail;
    return connection ? std::move(*connection) : nullptr;
  }

  // With the server's schema.
  std::unique_ptr<Connection> open_migrated() {
    auto connection = open();
    const auto migrated = migrate(*connection);
    EXPECT_TRUE(migrated) << migrated.error().detail;
    return connection;
  }

 private:
  TestFolder folder_;
  std::string address_;
};

inline std::string engine_name(const testing::TestParamInfo<Engine>& info) {
  return info.param == Engine::Sqlite ? "Sqlite" : "Postgres";
}

// Stands for the control thread: collects what is posted and runs it when the test waits.
class TestLoop {
 public:
  Store::Post poster() {
    return [this](Store::Task task) {
      {
        const std::lock_guard lock(mutex_);
        tasks_.push_back(std::move(task));
      }
      changed_.notify_one();
    };
  }

  // Runs tasks until `finished`; false after ten seconds.
  bool run_until(const std::function<bool()>& finished) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!finished()) {
      std::unique_lock lock(mutex_);
      if (!changed_.wait_until(lock, deadline, [this] { return !tasks_.empty(); })) return false;
      const Store::Task task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      task();
    }
    return true;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Store::Task> tasks_;
};

}  // namespace sotto::store
