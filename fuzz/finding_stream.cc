// SPDX-License-Identifier: GPL-2.0-only
// See finding_stream.h. The pipe is written with write(2) in a loop and nothing is
// buffered: what was announced is out of the process before the next input runs.
#include "fuzz/finding_stream.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace daxfuzz::fuzz {
namespace {

constexpr int kExitEnvironment = 3;

// A pipe without a reader is the end of the campaign, not a finding.
void write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t wrote = ::write(fd, text.data(), text.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) {
      std::fprintf(stderr, "daxfuzz: DAXFUZZ_FINDINGS_FD: cannot write a finding: %s\n", std::strerror(errno));
      ::_exit(kExitEnvironment);
    }
    text.remove_prefix(static_cast<std::size_t>(wrote));
  }
}

}  // namespace

FindingStream::FindingStream(const Environment& environment, std::string found_by)
    : found_by_(std::move(found_by)), fd_(environment.findings_fd), seen_(environment.known) {}

void FindingStream::found(trace::ProtocolId protocol, const std::string& signature,
                          const std::function<trace::Trace()>& make) {
  if (!seen_.emplace(trace::name(protocol), signature).second) return;
  trace::Trace trace = make();
  trace::set_header(trace, "found-by", found_by_);
  trace::set_header(trace, "verdict", "FAIL " + signature);
  const std::string text = trace::print(trace);
  if (fd_) {
    write_all(*fd_, "FINDING " + std::to_string(text.size()) + "\n" + text);
    return;
  }
  std::fprintf(stderr, "ASSERTION FAILED: %s\n%s", signature.c_str(), text.c_str());
  std::fflush(stderr);
  std::abort();
}

}  // namespace daxfuzz::fuzz
