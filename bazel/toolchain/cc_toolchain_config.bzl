# SPDX-License-Identifier: GPL-2.0-only
"""clang on Debian's paths, with one feature for each sanitizer and each engine.

A feature can be switched on for a whole build (--features=tsan) and off for one
library (features = ["-tsan"]), which copts cannot. Read next: .bazelrc for the
configs made of them, bazel/fuzz.bzl for the engines."""

load("@bazel_tools//tools/build_defs/cc:action_names.bzl", "ACTION_NAMES")
load(
    "@bazel_tools//tools/cpp:cc_toolchain_config_lib.bzl",
    "feature",
    "flag_group",
    "flag_set",
    "tool_path",
    "with_feature_set",
)
load("@rules_cc//cc/common:cc_common.bzl", "cc_common")

_C = [ACTION_NAMES.c_compile]
_CXX = [ACTION_NAMES.cpp_compile, ACTION_NAMES.cpp_header_parsing, ACTION_NAMES.linkstamp_compile]
_COMPILE = _C + _CXX + [ACTION_NAMES.assemble, ACTION_NAMES.preprocess_assemble]
_LINK = [
    ACTION_NAMES.cpp_link_executable,
    ACTION_NAMES.cpp_link_dynamic_library,
    ACTION_NAMES.cpp_link_nodeps_dynamic_library,
]

# What would make two builds of one source differ: paths and dates.
_REPRODUCIBLE = [
    "-ffile-prefix-map=/proc/self/cwd=.",
    "-no-canonical-prefixes",
    "-Wno-builtin-macro-redefined",
    "-D__DATE__=\"redacted\"",
    "-D__TIMESTAMP__=\"redacted\"",
    "-D__TIME__=\"redacted\"",
]

def _flags(actions, flags, **kw):
    return flag_set(actions = actions, flag_groups = [flag_group(flags = flags)], **kw)

def _sanitizer(name, flags):
    return feature(name = name, flag_sets = [
        _flags(_COMPILE, flags + ["-O1", "-fno-omit-frame-pointer"]),
        _flags(_LINK, flags),
    ])

def _impl(ctx):
    features = [
        feature(name = "opt"),
        feature(name = "dbg"),
        feature(name = "fastbuild"),
        feature(name = "supports_pic", enabled = True),
        feature(name = "default_flags", enabled = True, flag_sets = [
            # Lines and functions for reports; all of it (-c dbg, for a debugger) is nine tenths
            # of each of some 300 programs. DWARF 4, as Debian's valgrind does not read clang's 5.
            _flags(_COMPILE, ["-gdwarf-4", "-D_GLIBCXX_ASSERTIONS"] + _REPRODUCIBLE),
            _flags(_COMPILE, ["-gline-tables-only"], with_features = [with_feature_set(not_features = ["dbg"])]),
            _flags(_COMPILE, ["-g"], with_features = [with_feature_set(features = ["dbg"])]),
            _flags(_CXX, ["--driver-mode=g++", "-std=c++23"]),
            _flags(_COMPILE, ["-O2"], with_features = [with_feature_set(features = ["opt"])]),
            _flags(_COMPILE, ["-O0"], with_features = [with_feature_set(features = ["dbg"])]),
            _flags(_LINK, ["--driver-mode=g++", "-fuse-ld=lld", "-lm", "-pthread"]),
        ]),
        _sanitizer("asan", ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]),
        _sanitizer("address", ["-fsanitize=address", "-fno-sanitize-recover=all"]),
        _sanitizer("ubsan", ["-fsanitize=undefined", "-fno-sanitize-recover=all"]),
        _sanitizer("tsan", ["-fsanitize=thread"]),
        # An engine instruments every object and links its own library once: bazel:libfuzzer_engine.
        # UBSan's check of dynamic types has a cache of types with branches of its own, taken by what ran before: of
        # coverage that would be noise. Tests have it.
        feature(name = "libfuzzer", flag_sets = [
            _flags(_COMPILE, ["-O1", "-fsanitize=fuzzer-no-link", "-fno-sanitize=vptr"]),
        ]),
        # What libFuzzer learns by addresses is not the same each time: what comparisons compared, how deep
        # a stack is (on a fiber: where it is). A hunt that must be has neither (bugs/libfuzzer_hunt.h).
        feature(name = "edges", flag_sets = [_flags(_COMPILE, ["-fsanitize-coverage=inline-8bit-counters,pc-table"])]),
        feature(name = "afl", flag_sets = [_flags(_COMPILE, ["-O1", "-fsanitize-coverage=trace-pc-guard,trace-cmp"])]),
        # Of packages: their comparisons are not told to the engine. What runs a program compares pages and counts, no
        # bytes of the input, and telling costs as much as all else that it does.
        feature(name = "no_comparisons", flag_sets = [
            _flags(
                _COMPILE,
                ["-fno-sanitize-coverage=trace-cmp"],
                with_features = [with_feature_set(features = ["libfuzzer"]), with_feature_set(features = ["afl"])],
            ),
        ]),
    ]
    llvm, version = ctx.attr.llvm, ctx.attr.version
    bin = llvm + "/bin/"
    return cc_common.create_cc_toolchain_config_info(
        ctx = ctx,
        toolchain_identifier = "clang" + version,
        host_system_name = "local",
        target_system_name = "local",
        target_cpu = "k8",
        target_libc = "glibc",
        compiler = "clang",
        abi_version = "local",
        abi_libc_version = "local",
        features = features,
        cxx_builtin_include_directories = [
            llvm + "/lib/clang/%s/include" % version,
            llvm + "/lib/clang/%s/share" % version,
            "/usr/lib/clang/%s" % version,
            "/usr/include",
        ],
        tool_paths = [tool_path(name = n, path = bin + p) for n, p in {
            "gcc": "clang",  # --driver-mode=g++ above makes it clang++ where it must be
            "cpp": "clang-cpp",
            "ld": "ld.lld",
            "ar": "llvm-ar",
            "nm": "llvm-nm",
            "objcopy": "llvm-objcopy",
            "objdump": "llvm-objdump",
            "strip": "llvm-strip",
            "gcov": "llvm-profdata",
            "dwp": "llvm-dwp",
        }.items()],
    )

clang_config = rule(
    implementation = _impl,
    attrs = {"llvm": attr.string(mandatory = True), "version": attr.string(mandatory = True)},
    provides = [CcToolchainConfigInfo],
)
