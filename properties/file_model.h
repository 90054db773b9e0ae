// SPDX-License-Identifier: GPL-2.0-only
// A file system of byte arrays: what programs observe whose ops come one after another,
// with no blocks, no entries and no references at all. Written from the system calls'
// manual pages, not from the port. Read next: sequential_properties_test.cc, linearize.h.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "trace/program.h"

namespace daxfuzz::properties {

class FileModel {
 public:
  static constexpr std::size_t kPages = trace::file_pages(trace::Geometry{});
  static constexpr std::size_t kPageBytes = 2;  // as a page of the port has

  struct File {
    std::array<std::uint8_t, kPages * kPageBytes> bytes{};  // those beyond the end too
    std::size_t size = 0;
    bool operator==(const File&) const = default;
  };

  // What the op returns. It knows mmap, munmap, fault, read, write, reflink, truncate,
  // punch, alloc, zero, unshare, collapse, evict, unlink, break_layout, writeback, fsync,
  // and pin with unpin; it never runs out of space. CHECKs that there are no others.
  std::int64_t run(const trace::Op& op);

  [[nodiscard]] const File& file(std::size_t number) const { return files_[number]; }
  [[nodiscard]] bool mapped(std::size_t slot) const { return maps_[slot].has_value(); }
  bool operator==(const FileModel&) const = default;

 private:
  struct Mapping {
    std::size_t file = 0, page = 0, len = 0;
    bool operator==(const Mapping&) const = default;
  };

  void grow(File& file, std::size_t size) const;
  std::uint8_t* page_at(const trace::Op& op);
  std::int64_t access(const trace::Op& op);
  std::int64_t pin(const trace::Op& op);
  std::int64_t reflink(const trace::Op& op);
  [[nodiscard]] bool in_use(const trace::Op& op) const;

  std::array<File, trace::kFilesMax> files_;
  std::array<std::optional<Mapping>, trace::kMapsMax> maps_;
  std::array<bool, trace::kPinsMax> pins_{};
};

// What each op returns if the threads of `program` were one.
[[nodiscard]] std::vector<std::int64_t> file_model_results(const trace::Program& program);

// The protocols under which one thread sees that file system when it runs `program`, upstream first.
[[nodiscard]] std::vector<trace::ProtocolId> file_system_protocols(const trace::Program& program);
// The program's own protocol, if it is one of them, else one that depends on it alone.
[[nodiscard]] trace::ProtocolId nearest_file_system_protocol(const trace::Program& program);

}  // namespace daxfuzz::properties
