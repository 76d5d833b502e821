#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/connection.h"

// A PostgreSQL server for tests: its own data, a private socket, no network port, run as an unprivileged
// user.
namespace sotto::store {

class PostgresCluster {
 public:
  // Started on first use, stopped when the process ends.
  static PostgresCluster& shared() {
    static PostgresCluster cluster;
    return cluster;
  }

  // An empty database of its own.
  std::string new_database() {
    const std::string name = "t" + std::to_string(++databases_);
    const auto connection = connect({address("postgres")});
    EXPECT_TRUE(connection) << connection.error().detail;
    if (connection) {
      EXPECT_TRUE((*connection)->run_script("CREATE DATABASE " + name));
    }
    return address(name);
  }

  PostgresCluster(const PostgresCluster&) = delete;
  ~PostgresCluster() {
    if (server_ > 0) {
      ::kill(server_, SIGINT);
      ::waitpid(server_, nullptr, 0);
    }
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

 private:
  static constexpr const char* kPrograms = "/usr/lib/postgresql/15/bin/";

  PostgresCluster() {
    char folder[] = "/tmp/sotto_pg_XXXXXX";
    EXPECT_NE(::mkdtemp(folder), nullptr);
    folder_ = folder;
    if (const passwd* user = user_to_become()) {
      EXPECT_EQ(::chown(folder, user->pw_uid, user->pw_gid), 0);
    }
    const pid_t init = start({std::string(kPrograms) + "initdb", "-D", data(), "-U", "sotto", "-A", "trust",
                              "-E", "UTF8", "--locale=C", "--no-sync"});
    int status = 0;
    ::waitpid(init, &status, 0);
    EXPECT_EQ(status, 0) << "initdb failed: is the package postgresql-15 installed?";
    server_ = start({std::string(kPrograms) + "postgres", "-D", data(), "-k", folder_, "-c",
                     "listen_addresses=", "-c", "fsync=off", "-c", "shared_buffers=16MB"});
    for (int tries = 0; tries < 1000 && !connect({address("postgres")}); ++tries) ::poll(nullptr, 0, 20);
  }

  // Who runs the server when we are root, which PostgreSQL refuses to be.
  static const passwd* user_to_become() {
    if (::geteuid() != 0) return nullptr;
    const passwd* user = ::getpwnam("postgres");
    return user != nullptr ? user : ::getpwnam("nobody");
  }

  static pid_t start(std::vector<std::string> command) {
    std::vector<char*> arguments;
    for (std::string& word : command) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    const passwd* user = user_to_become();
    const pid_t child = ::fork();
    if (child != 0) return child;
    const int null = ::open("/dev/null", O_RDWR);
    for (int file = 0; file < 3; ++file) ::dup2(null, file);
    if (user != nullptr && (::setgid(user->pw_gid) != 0 || ::setuid(user->pw_uid) != 0)) ::_exit(126);
    // After setuid, which clears it: no server is left behind when the test is killed.
    ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }

  std::string data() const { return folder_ + "/data"; }
  std::string address(const std::string& database) const {
    return "host=" + folder_ + " user=sotto dbname=" + database;
  }

  std::string folder_;
  pid_t server_ = -1;
  int databases_ = 0;
};

}  // namespace sotto::store
