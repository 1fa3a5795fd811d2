#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
shopt -s inherit_errexit

swift_protobuf_version=1.39.0

protos=$(cd -P "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$protos")
generated="$root/Sources/RemoteAPI/Generated"
scratch="$root/.build-protoc"

help() {
    cat <<HELP
Usage: Protos/generate.sh [--check | --descriptors FILE | --help]

Without options: generates Sources/RemoteAPI/Generated/*.pb.swift from Protos/**/*.proto.
  --check             changes nothing; names the generated files that differ and exits 1 if any do
  --descriptors FILE  writes the descriptor set of all files and their imports to FILE, generates no code

Needs protoc (Debian: protobuf-compiler). Uses protoc-gen-swift $swift_protobuf_version, from the first that has it:
  \$PROTOC_GEN_SWIFT, the PATH, $scratch.
If none has, it is built there first, from https://github.com/apple/swift-protobuf with git and swift;
\$JOBS says with how many processes (default 2).
HELP
}

fail() {
    echo "generate.sh: $1" >&2
    exit "${2:-1}"
}

run_protoc() {
    command -v protoc >/dev/null || fail "protoc is not on the PATH (Debian: apt-get install protobuf-compiler)"
    local files
    mapfile -t files < <(find "$protos" -name '*.proto' | LC_ALL=C sort)
    protoc --proto_path="$protos" "$@" "${files[@]}"
}

# Whether a command is protoc-gen-swift of the right version.
is_right_plugin() {
    [[ "$("$1" --version 2>/dev/null)" == "protoc-gen-swift $swift_protobuf_version" ]]
}

# Prints the path of protoc-gen-swift, after building it if there is none yet.
find_plugin() {
    if [[ -n "${PROTOC_GEN_SWIFT:-}" ]]; then
        is_right_plugin "$PROTOC_GEN_SWIFT" ||
            fail "PROTOC_GEN_SWIFT=$PROTOC_GEN_SWIFT is not protoc-gen-swift $swift_protobuf_version"
        echo "$PROTOC_GEN_SWIFT"
    elif is_right_plugin protoc-gen-swift; then
        command -v protoc-gen-swift
    else
        local source="$scratch/swift-protobuf-$swift_protobuf_version"
        local plugin="$source/.build/debug/protoc-gen-swift"
        is_right_plugin "$plugin" || build_plugin "$source" >&2
        echo "$plugin"
    fi
}

# A debug build: it takes a fraction of the time of a release build, and the generator runs for a moment only.
build_plugin() {
    local source=$1
    echo "Building protoc-gen-swift $swift_protobuf_version in $source, once."
    if [[ ! -d "$source" ]]; then
        mkdir -p "$scratch"
        echo '*' >"$scratch/.gitignore"
        rm -rf "$source.partial"
        git -c advice.detachedHead=false clone --quiet --depth 1 --branch "$swift_protobuf_version" \
            https://github.com/apple/swift-protobuf "$source.partial"
        mv "$source.partial" "$source"
    fi
    swift build --package-path "$source" --product protoc-gen-swift --jobs "${JOBS:-2}"
}

generate_into() {
    local plugin
    plugin=$(find_plugin)
    run_protoc --plugin=protoc-gen-swift="$plugin" --swift_out="$1" \
        --swift_opt=Visibility=Public \
        --swift_opt=UseAccessLevelOnImports=true \
        --swift_opt=FileNaming=PathToUnderscores
}

# Prints the names of the generated files that are missing, superfluous or different, compared with a fresh set.
stale_files() {
    local name
    find "$1" "$generated" -name '*.pb.swift' -printf '%f\n' | LC_ALL=C sort -u | while read -r name; do
        cmp -s "$1/$name" "$generated/$name" || echo "$name"
    done
}

mode=generate
case "${1:-}" in
    "") ;;
    --check) mode=check ;;
    --descriptors)
        [[ $# -eq 2 ]] || fail "--descriptors needs one file name" 2
        run_protoc --include_imports --descriptor_set_out="$2"
        exit
        ;;
    --help | -h) help && exit ;;
    *) fail "unknown option $1, see --help" 2 ;;
esac
[[ $# -le 1 ]] || fail "too many arguments, see --help" 2

mkdir -p "$generated"
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
generate_into "$fresh"
stale=$(stale_files "$fresh")

if [[ $mode == check ]]; then
    [[ -z "$stale" ]] && exit
    echo "These files of ${generated#"$root"/} differ from what Protos/generate.sh makes:" >&2
    echo "$stale"
    exit 1
fi

# Only what changed is written, so that nothing else is compiled again.
for name in $stale; do
    if [[ -e "$fresh/$name" ]]; then cp "$fresh/$name" "$generated/$name"; else rm "$generated/$name"; fi
done
