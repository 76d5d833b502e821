# Sourced by ./dev: configure and build a preset, and what runs from a release build.
# shellcheck shell=bash

# build_preset PRESET [TARGET...]
build_preset() {
  local preset=$1 target targets=()
  shift
  if [[ $preset == tuned ]]; then
    build_tuned
    return
  fi
  for target in "$@"; do targets+=(--target "$target"); done
  configure "$preset"
  compile "$preset" "${targets[@]}"
}

# The release, twice: the first program counts what runs while it serves calls, the second is laid out by that
# (docs/adr/0014-profile.md). What was counted stays until `./dev clean`.
build_tuned() {
  local folder=build/tuned
  if [[ ! -d $folder/profile ]]; then
    configure tuned -DSOTTO_PROFILE=write
    stage "build what counts" compile tuned
    rm -rf "$folder/profile.new"
    stage "count plain calls" "$folder/sotto" bench calls --calls 10000
    stage "count whispered calls" "$folder/sotto" bench whisper --rate 5 --seconds 30 --talk-ms 3000
    mv "$folder/profile.new" "$folder/profile"
  fi
  configure tuned -DSOTTO_PROFILE=read
  stage "build what is tuned" compile tuned
}

compile() { cmake --build --preset "$1" -j "$(jobs_count)" "${@:2}"; }

# configure PRESET [ARGUMENT...]: quiet unless it fails: nobody reads a hundred lines of "found".
configure() {
  mkdir -p build
  local log=build/configure.$1.log
  if ! cmake --preset "$@" >"$log" 2>&1; then
    cat "$log" >&2
    die "cmake --preset $* failed"
  fi
}

# A Debian package of what is tuned.
make_package() {
  deps build
  build_preset tuned
  stage "package" cmake --build --preset tuned --target package
  ls -l build/tuned/package/*.deb
}

run_demo() {
  deps build
  build_preset release
  exec build/release/sotto demo --stay "$@"
}

# Named workloads of `sotto bench`, or all of them and then each script of tests/load, which measures whole calls.
run_bench() {
  deps build bench
  build_preset tuned
  local sotto=build/tuned/sotto name script
  if (($# > 0)); then
    "$sotto" bench "$@" --json
    return
  fi
  all_test_deps
  for name in http sip calls media supervised; do
    stage "bench $name" "$sotto" bench "$name" --json
  done
  # Twice: many a second, and 200 at once.
  stage "bench whisper" "$sotto" bench whisper --rate 50 --seconds 60 --talk-ms 1500 --json
  stage "bench whisper, 200" "$sotto" bench whisper --rate 10 --seconds 60 --talk-ms 18000 --json
  stage "start" python3 tests/e2e/start.py "$sotto"
  for script in tests/load/*.py; do
    stage "$(basename "$script" .py)" python3 "$script" "$sotto"
  done
  print_stage_times
}

cpp_files() { git ls-files --cached --others --exclude-standard '*.cpp' '*.h'; }

format_sources() { cpp_files | xargs -r -P "$(nproc)" -n 20 clang-format -i; }
