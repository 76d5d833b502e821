# Sourced by ./dev: the test run, the long runs and fuzzing.
# shellcheck shell=bash

readonly TEST_BUDGET_MINUTES=${SOTTO_TEST_BUDGET_MINUTES:-40}

# Everything is built first, so that one ctest run at the end counts every test in its closing lines.
run_tests() {
  local started=$SECONDS
  stage "packages" all_test_deps
  stage "configure dev" configure dev
  stage "build dev" build_preset dev
  stage "build tsan" build_preset tsan race_tests
  printf '== times so far\n'
  print_stage_times
  printf '== tests: unit, property, fuzz corpora, races, end to end, tidy\n'
  # A shorter run of one test, while working: ./dev test -R sip
  SOTTO_PROPERTY_SECONDS=${SOTTO_PROPERTY_SECONDS:-20} ctest --test-dir build/dev --output-on-failure -j "$(nproc)" -LE '^soak$' "$@"
  local minutes=$(((SECONDS - started) / 60))
  ((minutes < TEST_BUDGET_MINUTES)) || die "all tests passed, but took $minutes min of a budget of $TEST_BUDGET_MINUTES"
}

# Hours. Each fuzz target gets 10 minutes, the parsers that strangers reach first 30.
run_soak() {
  stage "packages" all_test_deps
  deps fuzz
  stage "build dev" build_preset dev
  stage "long tests" ctest --test-dir build/dev --verbose -L '^soak$' --no-tests=ignore
  stage "build fuzz" build_preset fuzz
  local target
  for target in $(fuzz_targets); do
    stage "$target" fuzz_one "$target" "$(soak_seconds "$target")"
  done
  print_stage_times
}

soak_seconds() {
  case $1 in
    fuzz_sip_* | *twiml* | *ncco*) echo 1800 ;;
    *) echo 600 ;;
  esac
}

fuzz_targets() { find build/fuzz -type f -name 'fuzz_*' -perm -u+x -printf '%f\n' | sort; }

run_fuzz() {
  local wanted=${1:-} seconds=${2:-60} target
  deps build fuzz
  if [[ -n $wanted ]]; then
    build_preset fuzz "$wanted"
    fuzz_one "$wanted" "$seconds"
    return
  fi
  build_preset fuzz
  for target in $(fuzz_targets); do
    say "$target, $seconds s"
    fuzz_one "$target" "$seconds"
  done
}

# New inputs that reach new code stay in build/fuzz/corpus between runs; an input that fails goes to tests/corpus,
# where every later test run replays it.
fuzz_one() {
  local target=$1 seconds=$2 name=${1#fuzz_} binary
  binary=$(find build/fuzz -type f -name "$target" -perm -u+x | head -n 1)
  [[ -n $binary ]] || die "no fuzz target $target; there are: $(fuzz_targets | tr '\n' ' ')"
  mkdir -p "build/fuzz/corpus/$name" "tests/corpus/$name"
  "$binary" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -verbosity=0 \
    -artifact_prefix="tests/corpus/$name/" "build/fuzz/corpus/$name" "tests/corpus/$name" ||
    die "$target failed; its input is kept in tests/corpus/$name"
}
