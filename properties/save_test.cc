// SPDX-License-Identifier: GPL-2.0-only
// What save() leaves: the new content, or the old one and why.
#include "properties/save.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace daxfuzz::properties {
namespace {

namespace fs = std::filesystem;

std::string content(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

class Save : public ::testing::Test {
 protected:
  Save() : folder_(fs::path(::testing::TempDir()) / "save") { fs::remove_all(folder_); }
  std::string file(const char* name) const { return (folder_ / name).string(); }
  std::ptrdiff_t files() const { return std::distance(fs::directory_iterator(folder_), fs::directory_iterator()); }
  fs::path folder_;
};

TEST_F(Save, MakesFoldersAndReplaces) {
  EXPECT_EQ(save(file("a/b/x.daxt"), "old"), "");
  EXPECT_EQ(save(file("a/b/x.daxt"), ""), "");
  EXPECT_EQ(save(file("a/b/x.daxt"), "new\n"), "");
  EXPECT_EQ(content(folder_ / "a/b/x.daxt"), "new\n");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_ / "a/b"), fs::directory_iterator()), 1);
}

TEST_F(Save, WhatIsInTheWayIsTold) {
  EXPECT_EQ(save(file("x"), "a file"), "");
  EXPECT_EQ(save(file("x/y"), "below it").substr(0, 6), "mkdir ");
  fs::create_directories(folder_ / "taken/by");
  EXPECT_EQ(save(file("taken"), "a folder").substr(0, 7), "rename ");
  EXPECT_EQ(files(), 2) << "a temporary file stays";
  EXPECT_EQ(content(folder_ / "x"), "a file");
}

// The disk has room for one byte more.
TEST_F(Save, HalfAFileIsNone) {
  EXPECT_EQ(save(file("x"), "old"), "");
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit few{.rlim_cur = 4, .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &few), 0);
  const std::string why = save(file("x"), "longer");
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(why.substr(0, 6), "write ");
  EXPECT_EQ(content(folder_ / "x"), "old");
  EXPECT_EQ(files(), 1) << "a temporary file stays";
}

}  // namespace
}  // namespace daxfuzz::properties
