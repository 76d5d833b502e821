# Sourced by ./dev: configure and build a preset, and what runs from a release build.
# shellcheck shell=bash

# build_preset PRESET [TARGET...]
build_preset() {
  local preset=$1 target targets=()
  shift
  for target in "$@"; do targets+=(--target "$target"); done
  configure "$preset"
  cmake --build --preset "$preset" -j "$(jobs_count)" "${targets[@]}"
}

# Quiet unless it fails: nobody reads a hundred lines of "found".
configure() {
  mkdir -p build
  local log=build/configure.$1.log
  if ! cmake --preset "$1" >"$log" 2>&1; then
    cat "$log" >&2
    die "cmake --preset $1 failed"
  fi
}

release_binary() {
  deps build
  build_preset release
  [[ -x build/release/sotto ]] || die "the release build has no program sotto"
}

run_demo() {
  release_binary
  exec build/release/sotto demo --stay "$@"
}

# Named workloads of `sotto bench`, or all of them and then each script of tests/load, which measures whole calls.
run_bench() {
  deps build bench
  release_binary
  if (($# > 0)); then
    build/release/sotto bench "$@" --json
    return
  fi
  all_test_deps
  local name script
  for name in http sip calls media supervised; do
    stage "bench $name" build/release/sotto bench "$name" --json
  done
  # Twice: many a second, and 200 at once.
  stage "bench whisper" build/release/sotto bench whisper --rate 50 --seconds 60 --talk-ms 1500 --json
  stage "bench whisper, 200" build/release/sotto bench whisper --rate 10 --seconds 60 --talk-ms 18000 --json
  stage "start" python3 tests/e2e/start.py build/release/sotto
  for script in tests/load/*.py; do
    stage "$(basename "$script" .py)" python3 "$script" build/release/sotto
  done
  print_stage_times
}

cpp_files() { git ls-files --cached --others --exclude-standard '*.cpp' '*.h'; }

format_sources() { cpp_files | xargs -r -P "$(nproc)" -n 20 clang-format -i; }
