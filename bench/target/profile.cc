// SPDX-License-Identifier: GPL-2.0-only
// Program counters by a signal, names by the program's own symbol table. See profile.h.
#include "bench/target/profile.h"

#include <cxxabi.h>
#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <sys/time.h>
#include <ucontext.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

#include "sched/check.h"

namespace daxfuzz::target {
namespace {

constexpr std::size_t kSamplesMax = 1 << 17;
constexpr suseconds_t kMicroseconds = 1000;

// Of the signal's handler: nothing may be allocated there.
std::array<std::uintptr_t, kSamplesMax> g_samples;
volatile std::size_t g_count = 0;

void take(int, siginfo_t*, void* context) {
  const std::size_t at = g_count;
  if (at == kSamplesMax) return;
  g_samples[at] = static_cast<std::uintptr_t>(static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_RIP]);
  g_count = at + 1;
}

std::string demangled(const char* name) {
  int status = 0;
  char* text = abi::__cxa_demangle(name, nullptr, nullptr, &status);
  std::string out = text != nullptr ? text : name;
  std::free(text);
  return out;
}

// The functions of this program by where they begin.
class Symbols {
 public:
  Symbols() {
    std::ifstream in("/proc/self/exe", std::ios::binary);
    image_.assign(std::istreambuf_iterator<char>(in), {});
    const auto header = at<Elf64_Ehdr>(0);
    const auto base = base_of_program();
    for (std::size_t i = 0; i < header.e_shnum; ++i) {
      const auto section = at<Elf64_Shdr>(header.e_shoff + i * sizeof(Elf64_Shdr));
      if (section.sh_type != SHT_SYMTAB) continue;
      const auto names = at<Elf64_Shdr>(header.e_shoff + section.sh_link * sizeof(Elf64_Shdr));
      for (std::size_t offset = 0; offset < section.sh_size; offset += sizeof(Elf64_Sym)) {
        const auto symbol = at<Elf64_Sym>(section.sh_offset + offset);
        if (ELF64_ST_TYPE(symbol.st_info) != STT_FUNC || symbol.st_size == 0) continue;
        functions_[base + symbol.st_value] = {base + symbol.st_value + symbol.st_size,
                                              image_.data() + names.sh_offset + symbol.st_name};
      }
    }
  }

  [[nodiscard]] std::string name(std::uintptr_t pc) const {
    auto found = functions_.upper_bound(pc);
    if (found != functions_.begin() && pc < (--found)->second.first) return demangled(found->second.second);
    Dl_info info{};
    if (dladdr(reinterpret_cast<void*>(pc), &info) != 0 && info.dli_sname != nullptr) return info.dli_sname;
    return "?";
  }

 private:
  template <class T>
  [[nodiscard]] T at(std::size_t offset) const {
    CHECK(offset + sizeof(T) <= image_.size());
    T out;
    std::memcpy(&out, image_.data() + offset, sizeof out);
    return out;
  }
  static std::uintptr_t base_of_program() {
    std::uintptr_t base = 0;
    dl_iterate_phdr(
        [](dl_phdr_info* info, std::size_t, void* out) {  // the program comes first
          *static_cast<std::uintptr_t*>(out) = info->dlpi_addr;
          return 1;
        },
        &base);
    return base;
  }

  std::vector<char> image_;
  std::map<std::uintptr_t, std::pair<std::uintptr_t, const char*>> functions_;
};

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

}  // namespace

std::string folder_of(std::string_view function) {
  constexpr std::string_view kProject = "daxfuzz::";
  if (const std::size_t begin = function.find(kProject); begin != std::string_view::npos) {
    const std::string_view rest = function.substr(begin + kProject.size());
    const std::string_view word = rest.substr(0, rest.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"));
    return word == "kernel" ? "model" : std::string(word);
  }
  if (function.starts_with("__sanitizer_cov")) return "coverage";
  for (const char* part : {"asan", "ubsan", "sanitizer", "interceptor", "_sigaltstack", "lsan"})
    if (has(function, part)) return "sanitizer";
  return "C library";
}

std::string Profile::rows(const std::function<std::string(const std::string&)>& name, std::size_t most) const {
  std::map<std::string, std::uint64_t> sums;
  for (const auto& [function, count] : functions) sums[name(function)] += count;
  std::vector<std::pair<std::uint64_t, std::string>> sorted;
  for (const auto& [text, count] : sums) sorted.emplace_back(count, text);
  std::ranges::sort(sorted, [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  std::string out;
  for (std::size_t i = 0; i < std::min(most, sorted.size()); ++i) {
    char share[16];
    const double of_all = static_cast<double>(sorted[i].first) / static_cast<double>(samples);
    std::snprintf(share, sizeof share, "%.1f", 100.0 * of_all);
    out += "| " + std::string(share) + " | `" + sorted[i].second + "` |\n";
  }
  return out;
}

Profile profile(const std::function<void()>& work) {
  // On a stack of its own: a fiber's is small.
  static std::array<char, 65536> stack;
  stack_t other{};
  other.ss_sp = stack.data();
  other.ss_size = stack.size();
  CHECK(sigaltstack(&other, nullptr) == 0);
  struct sigaction action{};
  action.sa_sigaction = take;
  action.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
  CHECK(sigaction(SIGPROF, &action, nullptr) == 0);
  g_count = 0;
  const itimerval every{.it_interval = {.tv_sec = 0, .tv_usec = kMicroseconds},
                        .it_value = {.tv_sec = 0, .tv_usec = kMicroseconds}};
  CHECK(setitimer(ITIMER_PROF, &every, nullptr) == 0);
  work();
  const itimerval never{};
  CHECK(setitimer(ITIMER_PROF, &never, nullptr) == 0);
  const Symbols symbols;
  Profile out;
  out.samples = g_count;
  for (std::size_t i = 0; i < out.samples; ++i) ++out.functions[symbols.name(g_samples[i])];
  return out;
}

}  // namespace daxfuzz::target
