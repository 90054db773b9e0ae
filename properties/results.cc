// SPDX-License-Identifier: GPL-2.0-only
// The formats of results.h, each written by hand.
#include "properties/results.h"

#include <algorithm>
#include <sstream>

#include "report/json_writer.h"

namespace daxfuzz::properties {
namespace {

using report::JsonWriter;

std::string commented(const std::string& text) {
  std::istringstream lines(text);
  std::string out, line;
  while (std::getline(lines, line)) out += "# " + line + "\n";
  return out;
}

std::string xml(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c == '\n' || (c >= ' ' && c <= '~') ? c : '?';
    }
  }
  return out;
}

// "0.042"
std::string seconds(std::int64_t milliseconds) {
  const std::string thousandths = std::to_string(1000 + milliseconds % 1000);
  return std::to_string(milliseconds / 1000) + "." + thousandths.substr(1);
}

JsonWriter described(const Property& property) {
  JsonWriter json('{');
  json.text("name", property.full_name()).text("rule", property.rule).text("citation", property.citation);
  return json;
}

}  // namespace

std::string ktap_header(std::size_t count) { return "KTAP version 1\n1.." + std::to_string(count) + "\n"; }

std::string ktap_line(std::size_t number, const Result& result) {
  const Outcome& outcome = result.outcome;
  const std::string name = std::to_string(number) + " " + result.property.full_name();
  const std::string cost = ", " + std::to_string(outcome.executions) + " executions" +
                           (result.milliseconds ? ", " + seconds(*result.milliseconds) + " s" : "");
  if (outcome.holds()) return "ok " + name + " # " + std::to_string(outcome.cases) + " cases" + cost + "\n";
  std::string text = commented(std::string(result.property.rule) + "\n" + std::string(result.property.citation) + "\n" +
                               outcome.why + "\n" + outcome.counterexample);
  if (outcome.counterexample.empty()) text += commented(outcome.detail);
  if (!result.saved.empty()) text += "# saved as " + result.saved + "\n";
  if (result.beside) text += commented("beside   " + properties::text(*result.beside));
  return text + "not ok " + name + " # after " + std::to_string(outcome.cases) + " cases, seed " +
         std::to_string(outcome.seed) + cost + "\n";
}

std::string as_junit(const std::vector<Result>& results) {
  const auto fails = [](const Result& result) { return !result.outcome.holds(); };
  std::string text = "<?xml version=\"1.0\" encoding=\"US-ASCII\"?>\n<testsuites>\n";
  for (auto begin = results.begin(); begin != results.end();) {
    const std::string_view suite = begin->property.suite;
    const auto end = std::find_if(begin, results.end(), [&](const Result& r) { return r.property.suite != suite; });
    text += "<testsuite name=\"" + xml(suite) + "\" tests=\"" + std::to_string(end - begin) + "\" failures=\"" +
            std::to_string(std::count_if(begin, end, fails)) + "\">\n";
    for (; begin != end; ++begin) {
      text += "<testcase classname=\"" + xml(suite) + "\" name=\"" + xml(begin->property.name) + "\"";
      if (begin->milliseconds) text += " time=\"" + seconds(*begin->milliseconds) + "\"";
      if (begin->outcome.holds()) {
        text += "/>\n";
        continue;
      }
      text += ">\n<failure message=\"" + xml(begin->outcome.why) + "\">" + xml(begin->property.rule) + "\n" +
              xml(begin->property.citation) + "\n" + xml(begin->outcome.counterexample) + "</failure>\n</testcase>\n";
    }
    text += "</testsuite>\n";
  }
  return text + "</testsuites>\n";
}

std::string as_json(const std::vector<Result>& results, const Search& search) {
  JsonWriter list('[');
  for (const Result& result : results) {
    JsonWriter json = described(result.property);
    json.flag("holds", result.outcome.holds())
        .number("cases", result.outcome.cases)
        .number("executions", static_cast<std::int64_t>(result.outcome.executions));
    if (result.milliseconds) json.number("milliseconds", *result.milliseconds);
    if (!result.outcome.holds())
      json.text("why", result.outcome.why)
          .text("counterexample", result.outcome.counterexample)
          .text("saved", result.saved);
    list.item(json.done());
  }
  return JsonWriter('{')
             .text("schema", "daxfuzz.check/1")
             .text("seed", std::to_string(search.seed))
             .number("max_success", search.max_success)
             .member("properties", list.done())
             .done() +
         "\n";
}

std::string list_as_text(const std::vector<Property>& properties) {
  std::string text;
  for (const Property& property : properties)
    text += property.full_name() + "\n  " + std::string(property.rule) + "\n  " + std::string(property.citation) + "\n";
  return text;
}

std::string list_as_json(const std::vector<Property>& properties) {
  JsonWriter list('[');
  for (const Property& property : properties) list.item(described(property).done());
  return JsonWriter('{').text("schema", "daxfuzz.check/1").member("properties", list.done()).done() + "\n";
}

}  // namespace daxfuzz::properties
