// SPDX-License-Identifier: GPL-2.0-only
// Every system call of a store is made to fail in every way, and the machine is
// stopped before each: a name holds the old content or the new, never half, and
// what was announced survives.
#include "cli/store.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>

#include "cli/fake_disk.h"

namespace daxfuzz::cli {
namespace {

using Fault = FakeDisk::Fault;
const std::string kOld = "old content", kNew(70000, 'n'), kPath = "out/x.daxt";

bool old_or_new(const std::string* text) {
  return text != nullptr && (*text == kOld || *text == kNew);
}

// The number of calls of a store that nothing disturbs.
std::size_t calls_of_a_store() {
  FakeDisk disk;
  EXPECT_TRUE(store_file(disk, kPath, kNew));
  return disk.calls();
}

void check_every_call(Fault fault, int error, bool may_succeed) {
  const std::size_t calls = calls_of_a_store();
  ASSERT_GT(calls, 8u);
  for (std::size_t call = 0; call < calls; ++call) {
    SCOPED_TRACE("call " + std::to_string(call) + " fault " +
                 std::to_string(static_cast<int>(fault)));
    FakeDisk disk;
    disk.put(kPath, kOld);
    disk.plan(call, fault, error);
    const auto done = store_file(disk, kPath, kNew);
    ASSERT_TRUE(disk.fired());
    EXPECT_TRUE(old_or_new(disk.seen(kPath)));
    EXPECT_TRUE(old_or_new(disk.survives(kPath)));
    EXPECT_EQ(disk.open_files(), 0u);
    if (done) {
      EXPECT_TRUE(may_succeed);
      ASSERT_NE(disk.survives(kPath), nullptr);
      EXPECT_EQ(*disk.survives(kPath), kNew);
    }
    if (fault != Fault::stop) {
      EXPECT_EQ(disk.files(), 1u) << "a temporary file was left";
    }
    if (!done && fault == Fault::error) {
      EXPECT_EQ(done.error().error, error);
      EXPECT_FALSE(done.error().call.empty());
    }
  }
}

TEST(Store, AnInterruptedCallIsMadeAgain) {
  const std::size_t calls = calls_of_a_store();
  for (std::size_t call = 0; call < calls; ++call) {
    FakeDisk disk;
    disk.plan(call, Fault::error, EINTR);
    ASSERT_TRUE(store_file(disk, kPath, kNew)) << call;
    ASSERT_NE(disk.survives(kPath), nullptr) << call;
    EXPECT_EQ(*disk.survives(kPath), kNew);
  }
}
TEST(Store, NoSpaceAtAnyCallLeavesOldOrNew) { check_every_call(Fault::error, ENOSPC, true); }
TEST(Store, IoErrorAtAnyCallLeavesOldOrNew) { check_every_call(Fault::error, EIO, true); }
TEST(Store, QuotaAtAnyCallLeavesOldOrNew) { check_every_call(Fault::error, EDQUOT, true); }
TEST(Store, ShortWriteIsContinued) { check_every_call(Fault::short_write, 0, true); }
TEST(Store, StoppedMachineKeepsOldOrNew) { check_every_call(Fault::stop, 0, true); }

// The only calls whose failure may go unreported are the closes of descriptors
// that were only read from or only synced: nothing is lost with them.
TEST(Store, ErrorsThatMatterAreReported) {
  const std::size_t calls = calls_of_a_store();
  std::size_t unreported = 0;
  for (std::size_t call = 0; call < calls; ++call) {
    FakeDisk disk;
    disk.plan(call, Fault::error, EIO);
    unreported += store_file(disk, kPath, kNew).has_value();
  }
  EXPECT_EQ(unreported, 2u);
}

TEST(Store, WhatReadsBackDifferentIsAnError) {
  const std::size_t calls = calls_of_a_store();
  std::size_t caught = 0;
  for (std::size_t call = 0; call < calls; ++call) {
    FakeDisk disk;
    disk.plan(call, Fault::corrupt_write);
    const auto done = store_file(disk, kPath, kNew);
    if (done) continue;
    ++caught;
    EXPECT_EQ(done.error().call, "compare");
    EXPECT_NE(done.error().str().find("differs"), std::string::npos);
  }
  EXPECT_EQ(caught, 1u);
}

TEST(Store, ErrorNamesPathCallAndReason) {
  const auto got = read_file(real_syscalls(), "no/such/file", 10);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().str(), "no/such/file: open: No such file or directory (ENOENT)");
}

TEST(Store, RealFolder) {
  const char* base = std::getenv("TEST_TMPDIR");
  std::string root = std::string(base ? base : "/tmp") + "/store-XXXXXX";
  ASSERT_NE(mkdtemp(root.data()), nullptr);
  Syscalls& sys = real_syscalls();
  const std::string folder = root + "/a/b", path = folder + "/x.daxt";
  ASSERT_TRUE(make_folders(sys, folder));
  ASSERT_TRUE(make_folders(sys, folder));
  ASSERT_TRUE(store_file(sys, path, kOld));
  ASSERT_TRUE(store_file(sys, path, kNew));
  EXPECT_EQ(read_file(sys, path, kNew.size()).value(), kNew);
  EXPECT_EQ(read_file(sys, path, kNew.size() - 1).error().error, EFBIG);
  EXPECT_EQ(list_folder(folder, ".daxt").value(), std::vector<std::string>{"x.daxt"});
  // A folder where the file should go: an error, and no file of ours left.
  ASSERT_EQ(mkdir((folder + "/d").c_str(), 0755), 0);
  EXPECT_EQ(store_file(sys, folder + "/d", kNew).error().call, "rename");
  EXPECT_EQ(list_folder(folder, "").value(), (std::vector<std::string>{"d", "x.daxt"}));
  EXPECT_EQ(access((folder + "/.d.tmp-" + std::to_string(getpid())).c_str(), F_OK), -1);
  // The file system's own refusal, half way: a limit that cuts the write short.
  EXPECT_EQ(make_folders(sys, path + "/under-a-file").error().error, ENOTDIR);
}

TEST(Store, FolderOf) {
  EXPECT_EQ(folder_of("a/b/c"), "a/b");
  EXPECT_EQ(folder_of("c"), ".");
  EXPECT_EQ(folder_of("/c"), "/");
}

}  // namespace
}  // namespace daxfuzz::cli
