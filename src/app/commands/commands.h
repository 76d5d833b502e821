#pragma once

#include <optional>
#include <string>

#include "bench/call_bench.h"
#include "bench/http_bench.h"
#include "bench/media_bench.h"
#include "bench/sip_bench.h"
#include "bench/supervised_bench.h"
#include "bench/whisper_bench.h"
#include "phone/phone.h"

// What `sotto` can do. Each returns the process's exit status.
namespace sotto::app {

struct ServeOptions {
  std::string config;              // sotto.toml; empty: all defaults
  std::optional<std::string> sip;  // these win over the file
  std::optional<std::string> http;
  std::optional<std::string> data;
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
  std::string name;   // media, http, sip, supervised, calls, whisper
  bool json = false;  // a line of JSON for each figure, in place of a table
  bool full = false;  // windows of ten seconds
  bench::MediaBenchOptions media;
  bench::HttpBenchOptions http;
  bench::SupervisedBenchOptions supervised;
  bench::CallBenchOptions calls;
  bench::WhisperBenchOptions whisper;
};
int bench(const BenchOptions& options);

// Remarks on the document at a path or URL; 1 if this server would refuse it.
int lint(const std::string& where, bool json);
struct BackupOptions {
  std::string file;
  std::string config;
  std::optional<std::string> data;
};
int backup(const BackupOptions& options);
int restore(const BackupOptions& options);

int check_config(const std::string& file);
int print_example_config();

int phone(phone::Script script, const std::string& listen, size_t count);

}  // namespace sotto::app
