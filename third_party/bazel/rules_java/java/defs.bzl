# SPDX-License-Identifier: GPL-2.0-only
# Re-exports Bazel's built-in rules under the labels that today's rule sets have.

java_binary = native.java_binary
java_import = native.java_import
java_library = native.java_library
java_plugin = native.java_plugin
java_runtime = native.java_runtime
java_test = native.java_test
java_toolchain = native.java_toolchain
java_package_configuration = native.java_package_configuration
java_proto_library = native.java_proto_library
