// SPDX-License-Identifier: GPL-2.0-only
// The sum over all bugs of the share that has found one, as a line of steps. See plot.h.
#include "bench/time/plot.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>

namespace daxfuzz::bench {
namespace {

constexpr double kLeft = 60, kTop = 20, kWidth = 640, kHeight = 360, kKey = 170;
constexpr const char* kColours[] = {"#1b6ca8", "#c0392b", "#1e8449", "#7d3c98", "#b9770e",
                                    "#5d6d7e", "#d98880", "#45b39d", "#2c2c2c", "#af7ac5"};

std::string text(const char* form, double a, double b) {
  char out[96];
  std::snprintf(out, sizeof out, form, a, b);
  return out;
}

std::string label(double x, double y, const std::string& anchor, const std::string& words) {
  return "<text" + text(" x=\"%.1f\" y=\"%.1f\"", x, y) + " text-anchor=\"" + anchor + "\">" + words + "</text>\n";
}

std::string line(double x1, double y1, double x2, double y2) {
  return "<line" + text(" x1=\"%.1f\" y1=\"%.1f\"", x1, y1) + text(" x2=\"%.1f\" y2=\"%.1f\"", x2, y2) +
         " stroke=\"#ccc\"/>\n";
}

// Time and number of bugs to places on the paper.
struct Axes {
  double least = 1, most = 10, bugs = 1;

  [[nodiscard]] double x(double time) const {
    const double at = std::log(std::clamp(time, least, most) / least) / std::log(most / least);
    return kLeft + kWidth * at;
  }
  [[nodiscard]] double y(double count) const { return kTop + kHeight * (1 - count / bugs); }
};

Axes axes_of(const Rows& rows, Measure measure) {
  const double least = measure == Measure::seconds ? 0.001 : 1;
  return {.least = least,
          .most = std::max(rows.horizon(measure), 10 * least),
          .bugs = static_cast<double>(rows.bugs.size())};
}

std::string grid(const Axes& axes, Measure measure) {
  std::string out;
  for (double time = axes.least; time <= axes.most * 1.0001; time *= 10) {
    out += line(axes.x(time), kTop, axes.x(time), kTop + kHeight);
    out += label(axes.x(time), kTop + kHeight + 18, "middle", text("%.10g", time, 0));
  }
  for (int part = 0; part <= 4; part++) {
    const double count = axes.bugs * part / 4;
    out += line(kLeft, axes.y(count), kLeft + kWidth, axes.y(count));
    out += label(kLeft - 6, axes.y(count) + 4, "end", text("%.4g", count, 0));
  }
  return out + label(kLeft + kWidth / 2, kTop + kHeight + 38, "middle", std::string(name(measure))) +
         label(kLeft, kTop - 6, "start", "bugs found, on average over seeds");
}

std::string steps(const Rows& rows, const std::string& engine, const Axes& axes, Measure measure) {
  std::vector<Curve> curves;
  std::set<double> times;
  for (const std::string& bug : rows.bugs) {
    curves.push_back(kaplan_meier(rows.sample(bug, engine, measure)));
    for (const Fall& fall : curves.back())
      if (fall.time <= axes.most) times.insert(fall.time);
  }
  const auto found_by = [&curves](double time) {
    double sum = 0;
    for (const Curve& curve : curves) sum += 1 - share_at(curve, time);
    return sum;
  };
  std::string out = text("%.1f,%.1f", axes.x(axes.least), axes.y(0));
  double before = 0;
  for (const double time : times) {
    out += text(" %.1f,%.1f", axes.x(time), axes.y(before));
    before = found_by(time);
    out += text(" %.1f,%.1f", axes.x(time), axes.y(before));
  }
  return out + text(" %.1f,%.1f", axes.x(axes.most), axes.y(before));
}

}  // namespace

std::string svg(const Rows& rows, Measure measure) {
  const Axes axes = axes_of(rows, measure);
  std::string out = "<svg xmlns=\"http://www.w3.org/2000/svg\"" +
                    text(" width=\"%.0f\" height=\"%.0f\"", kLeft + kWidth + kKey, kTop + kHeight + 50) +
                    " font-family=\"sans-serif\" font-size=\"12\">\n" +
                    "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n" +
                    grid(axes, measure);
  for (std::size_t i = 0; i < rows.engines.size(); i++) {
    const std::string colour = kColours[i % std::size(kColours)];
    out += "<polyline fill=\"none\" stroke=\"" + colour + "\" stroke-width=\"2\" points=\"" +
           steps(rows, rows.engines[i], axes, measure) + "\"/>\n";
    const double y = kTop + 16 + 18 * static_cast<double>(i);
    out += "<rect fill=\"" + colour + "\"" + text(" x=\"%.1f\" y=\"%.1f\"", kLeft + kWidth + 12, y - 9) +
           " width=\"10\" height=\"10\"/>\n" + label(kLeft + kWidth + 28, y, "start", rows.engines[i]);
  }
  return out + "</svg>\n";
}

}  // namespace daxfuzz::bench
