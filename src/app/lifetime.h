#pragma once

#include <string>

#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include "app/server.h"

namespace sotto::app {

// Says where the server is, in FOLDER/ready.json, to scripts and to `sotto`'s other commands, for as long as
// this object lives.
class ReadyFile {
 public:
  explicit ReadyFile(const std::string& folder);  // removes that of a killed server
  ReadyFile(const ReadyFile&) = delete;
  ~ReadyFile();

  // Whole or not at all: whoever waits for it may read it at once.
  Result<void> write(const Server& server);

 private:
  void remove();
  const std::string folder_;
  const std::string path_;
};

// A running server until its end. SIGHUP reads the operator's file again; the first SIGTERM or SIGINT drains:
// no new calls, those that are up may end by themselves until the deadline; the second ends them. Control
// thread.
class Lifetime {
 public:
  // Both outlive it.
  Lifetime(net::Loop& loop, Server& server, std::chrono::seconds drain);
  // Returns when a signal has asked for the end and no call is left.
  void run();

 private:
  void wait_for_reload();
  void wait_for_end();
  void reload();
  void drain(std::chrono::seconds grace);

  net::Loop& loop_;
  Server& server_;
  const std::chrono::seconds drain_;
  asio::signal_set hang_ups_;
  asio::signal_set ends_;
  asio::steady_timer deadline_;
  bool ending_ = false;
};

}  // namespace sotto::app
