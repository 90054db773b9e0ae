# SPDX-License-Identifier: GPL-2.0-only
"""What stands beside a fuzz target's programs, by its name: x_fuzz_test.dict, all dictionaries as one,
and the folder x_fuzz_test_seed_corpus, all seeds flat and by number, as fuzz_package.sh packs them.

`daxfuzz fuzz` passes both to whatever engine it runs. Read next: cli/engines.h; fuzz.bzl."""

_SEEDS = """
to=$1 number=0
shift
while IFS= read -r file; do
  cp -L "$file" "$to/$(printf %04d "$number")-$(basename "$file")"
  number=$((number + 1))
done < <(find -L "$@" -type f | LC_ALL=C sort)
"""

def _beside_impl(ctx):
    out = []
    if ctx.files.dicts:
        out.append(ctx.actions.declare_file(ctx.attr.fuzz_test + ".dict"))
        args = ctx.actions.args()
        args.add_all(ctx.files.dicts)
        ctx.actions.run_shell(
            outputs = out[-1:],
            inputs = ctx.files.dicts,
            arguments = [out[-1].path, args],
            command = "to=$1; shift; cat \"$@\" >\"$to\"",
            mnemonic = "FuzzDict",
        )
    if ctx.files.corpus:
        out.append(ctx.actions.declare_directory(ctx.attr.fuzz_test + "_seed_corpus"))
        args = ctx.actions.args()
        args.add_all(ctx.files.corpus, expand_directories = False)
        ctx.actions.run_shell(
            outputs = out[-1:],
            inputs = ctx.files.corpus,
            arguments = [out[-1].path, args],
            command = _SEEDS,
            mnemonic = "FuzzSeeds",
        )
    return [DefaultInfo(files = depset(out), runfiles = ctx.runfiles(files = out))]

beside = rule(
    implementation = _beside_impl,
    attrs = {
        "corpus": attr.label_list(allow_files = True),
        "dicts": attr.label_list(allow_files = True),
        "fuzz_test": attr.string(mandatory = True),
    },
)
