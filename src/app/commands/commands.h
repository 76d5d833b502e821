#pragma once

#include <string>

#include "bench/media_bench.h"
#include "phone/phone.h"

// What `sotto` can do. Each returns the process's exit status.
namespace sotto::app {

struct ServeOptions {
  std::string sip_listen = "127.0.0.1:5060";
  std::string http_listen = "127.0.0.1:8080";
  std::string data_folder = "sotto-data";
  bool demo = false;                               // with the demo campaigns
  std::string agent = "sip:agent@127.0.0.1:5070";  // who answers them
};
int serve(const ServeOptions& options);

struct DemoOptions {
  bool json = false;        // the lanes as data
  bool stay = false;        // keep the server up afterwards
  std::string data_folder;  // empty: a fresh one under the system's temporary folder
};
int demo(const DemoOptions& options);

struct BenchOptions {
  std::string name;   // media
  bool json = false;  // a line of JSON for each figure, in place of a table
  bool full = false;  // windows of ten seconds
  bench::MediaBenchOptions media;
};
int bench(const BenchOptions& options);

int phone(phone::Script script, const std::string& listen);

}  // namespace sotto::app
