#include <algorithm>
#include <cstdio>

#include "app/commands/commands.h"
#include "app/commands/output.h"
#include "text/json.h"

namespace sotto::app {
namespace {

// The members of a line of JSON, one below the other.
void print_table(const std::string& line) {
  const auto json = text::parse_json(line);
  if (!json || json->object() == nullptr) return print_line(line);
  for (const text::JsonMember& member : json->object()->members()) {
    const std::string* const text = member.value.text();
    std::fprintf(stdout, "%-20s %s\n", member.key.c_str(),
                 text != nullptr ? text->c_str() : text::to_text(member.value).c_str());
  }
  print_line("");
}

constexpr auto kLongWindow = std::chrono::seconds(10);

int media(const BenchOptions& options, void (*print)(const std::string&)) {
  bench::MediaBenchOptions media = options.media;
  if (media.legs < 3 || media.legs > bench::kMediaBenchLegsMax || media.rounds < 1) {
    return std::fprintf(stderr, "bench: --legs is 3 to %u, --rounds at least 1\n", bench::kMediaBenchLegsMax),
           2;
  }
  if (options.full) media.window = kLongWindow;
  return bench::bench_media(media, print);
}

int http(const BenchOptions& options, void (*print)(const std::string&)) {
  bench::HttpBenchOptions http = options.http;
  if (http.connections < 1 || http.connections > 10'000)
    return std::fprintf(stderr, "bench: --connections is 1 to 10000\n"), 2;
  if (options.full) http.window = kLongWindow;
  return bench::bench_http(http, print);
}

int supervised(const BenchOptions& options, void (*print)(const std::string&)) {
  const bench::SupervisedBenchOptions& wanted = options.supervised;
  if (wanted.calls < 1 || wanted.calls > 2000 || wanted.talk.count() < 1)
    return std::fprintf(stderr, "bench: --calls is 1 to 2000, --seconds at least 1\n"), 2;
  return bench::bench_supervised(wanted, print);
}

int calls(const BenchOptions& options, void (*print)(const std::string&)) {
  const bench::CallBenchOptions& wanted = options.calls;
  if (wanted.calls < 100 || wanted.at_once < 1 || wanted.at_once > wanted.calls)
    return std::fprintf(stderr, "bench: --calls is at least 100, --at-once 1 to --calls\n"), 2;
  return bench::bench_calls(wanted, print);
}

int whisper(const BenchOptions& options, void (*print)(const std::string&)) {
  const bench::WhisperBenchOptions& wanted = options.whisper;
  if (wanted.calls_per_s <= 0 || wanted.length.count() < 1 || wanted.talk.count() < 100) {
    return std::fprintf(stderr, "bench: --rate is above 0, --seconds at least 1, --talk-ms at least 100\n"),
           2;
  }
  return bench::bench_whisper(wanted, print);
}

}  // namespace

int bench(const BenchOptions& options) {
  const auto print = options.json ? print_line : print_table;
  if (options.name == "media") return media(options, print);
  if (options.name == "http") return http(options, print);
  if (options.name == "calls") return calls(options, print);
  if (options.name == "whisper") return whisper(options, print);
  if (options.name == "sip") return bench::bench_sip(bench::SipBenchOptions{}, print);
  if (options.name == "supervised") return supervised(options, print);
  return std::fprintf(stderr, "bench: no such thing to measure: %s\n", options.name.c_str()), 2;
}

}  // namespace sotto::app
