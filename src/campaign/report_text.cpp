#include <algorithm>

#include <fmt/format.h>

#include "campaign/report.h"
#include "text/json.h"
#include "text/utf8.h"

namespace sotto::campaign {
namespace {

using std::chrono::milliseconds;
using text::Json;
using text::JsonArray;
using text::JsonObject;

constexpr std::string_view kDays[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

std::string minutes_and_seconds(const std::optional<milliseconds>& time) {
  if (!time) return "-";
  const auto seconds = std::chrono::round<std::chrono::seconds>(*time).count();
  return fmt::format("{}:{:02}", seconds / 60, seconds % 60);
}

std::string padded(const std::string& text, size_t width) {
  const size_t length = text::count_characters(text);
  return length < width ? text + std::string(width - length, ' ') : text;
}

std::string line_of(const std::string& key, size_t width, const Figures& figures) {
  std::string line = padded(key, width);
  for (const size_t value : {figures.calls, figures.callers, figures.first_time}) {
    line += fmt::format(" {:>7}", value);
  }
  for (const size_t value : figures.outcomes) line += fmt::format(" {:>9}", value);
  return line + fmt::format(" {:>7} {:>7}\n", minutes_and_seconds(figures.wait_median),
                            minutes_and_seconds(figures.talk_median));
}

std::string popularity(const Report& report) {
  if (report.most_popular.empty()) return "No calls.\n";
  const std::string_view calls = report.most_popular_calls == 1 ? "call" : "calls";
  const bool tie = report.most_popular.size() > 1;
  return fmt::format("Most popular {}: {}, {} {}{}\n", tie ? "numbers" : "number",
                     fmt::join(report.most_popular, ", "), report.most_popular_calls, calls,
                     tie ? " each (a tie)" : "");
}

std::string heat_map(const Report& report) {
  size_t most = 0;
  for (const auto& day : report.heat) most = std::max(most, *std::max_element(day.begin(), day.end()));
  if (most == 0) return {};
  constexpr std::string_view kShades[] = {"·", "░", "▒", "▓", "█"};
  std::string out = fmt::format("\nCalls by hour and weekday ({})\n     ", report.zone);
  for (int hour = 0; hour < 24; ++hour) out += fmt::format("{:02} ", hour);
  out += '\n';
  for (size_t day = 0; day < 7; ++day) {
    out += fmt::format("{}  ", kDays[day]);
    for (const size_t calls : report.heat[day]) {
      const std::string_view shade = kShades[(calls * 4 + most - 1) / most];
      out += fmt::format("{}{} ", shade, shade);
    }
    out += '\n';
  }
  return out + fmt::format("     ·· none   ██ up to {}\n", most);
}

// RFC 4180; a leading sign or formula character gets a quote, so that no spreadsheet computes it.
std::string csv_field(const std::string& text) {
  std::string field = text;
  if (!field.empty() && std::string_view("=+-@\t\r").find(field.front()) != std::string_view::npos &&
      field != "-") {
    field.insert(0, "'");
  }
  if (field.find_first_of(",\"\r\n") == std::string::npos) return field;
  std::string quoted = "\"";
  for (const char c : field) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string csv_line(const std::string& key, const Figures& figures) {
  std::string line = csv_field(key);
  for (const size_t value : {figures.calls, figures.callers, figures.first_time})
    line += fmt::format(",{}", value);
  for (const size_t value : figures.outcomes) line += fmt::format(",{}", value);
  for (const auto& time : {figures.wait_median, figures.talk_median}) {
    line += time ? fmt::format(",{:.3f}", std::chrono::duration<double>(*time).count()) : ",";
  }
  return line + "\r\n";
}

Json json_of(const std::optional<milliseconds>& time) {
  return time ? Json(static_cast<int64_t>(time->count())) : Json();
}

void add_figures(JsonObject& object, const Figures& figures) {
  object.add("calls", figures.calls);
  object.add("callers", figures.callers);
  object.add("first_time", figures.first_time);
  for (size_t i = 0; i < kCallOutcomes; ++i) {
    object.add(std::string(to_string(static_cast<CallOutcome>(i))), figures.outcomes[i]);
  }
  object.add("wait_median_ms", json_of(figures.wait_median));
  object.add("talk_median_ms", json_of(figures.talk_median));
}

Json json_of(const HeatMap& heat) {
  JsonObject days;
  for (size_t day = 0; day < heat.size(); ++day) {
    JsonArray hours;
    for (const size_t calls : heat[day]) hours.emplace_back(calls);
    days.add(std::string(kDays[day]), std::move(hours));
  }
  return days;
}

}  // namespace

std::string to_terminal(const Report& report) {
  const std::string head(to_string(report.by));
  size_t width = std::max<size_t>(head.size(), 5);
  for (const ReportRow& row : report.rows) width = std::max(width, text::count_characters(row.key));
  std::string out = padded(head, width);
  for (const std::string_view name : {"calls", "callers", "first"}) out += fmt::format(" {:>7}", name);
  for (const std::string_view name : {"answered", "missed", "abandoned", "declined", "whisper", "closed"}) {
    out += fmt::format(" {:>9}", name);
  }
  out += fmt::format(" {:>7} {:>7}\n", "wait", "talk");
  for (const ReportRow& row : report.rows) out += line_of(row.key, width, row.figures);
  out += line_of("total", width, report.totals);
  return out + '\n' + popularity(report) + heat_map(report);
}

std::string to_csv(const Report& report) {
  std::string out = std::string(to_string(report.by)) + ",calls,callers,first_time";
  for (size_t i = 0; i < kCallOutcomes; ++i) {
    out += ',';
    out += to_string(static_cast<CallOutcome>(i));
  }
  out += ",wait_median_s,talk_median_s\r\n";
  for (const ReportRow& row : report.rows) out += csv_line(row.key, row.figures);
  return out;
}

std::string to_json(const Report& report) {
  JsonObject object;
  object.add("by", to_string(report.by));
  object.add("time_zone", report.zone);
  JsonObject totals;
  add_figures(totals, report.totals);
  object.add("totals", std::move(totals));
  JsonArray rows;
  for (const ReportRow& row : report.rows) {
    JsonObject each;
    each.add(std::string(to_string(report.by)), row.key);
    add_figures(each, row.figures);
    rows.emplace_back(std::move(each));
  }
  object.add("rows", std::move(rows));
  JsonObject popular;
  JsonArray numbers;
  for (const std::string& number : report.most_popular) numbers.emplace_back(number);
  popular.add("numbers", std::move(numbers));
  popular.add("calls", report.most_popular_calls);
  popular.add("tie", report.most_popular.size() > 1);
  object.add("most_popular", std::move(popular));
  object.add("heat_map", json_of(report.heat));
  return text::to_text(Json(std::move(object)));
}

}  // namespace sotto::campaign
