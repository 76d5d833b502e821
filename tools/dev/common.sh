# Sourced by ./dev: messages, stages and their times.
# shellcheck shell=bash

say() { printf 'dev: %s\n' "$*"; }
die() {
  printf 'dev: %s\n' "$*" >&2
  exit 1
}

# Parallel jobs: one a core, but never more than memory allows at 1.5 GB a compiler.
jobs_count() {
  local cores by_memory
  cores=$(nproc)
  by_memory=$(awk '/MemAvailable/ {print int($2 / 1500000)}' /proc/meminfo)
  echo $((by_memory < 1 ? 1 : by_memory < cores ? by_memory : cores))
}

STAGE_TIMES=()

# stage NAME COMMAND...: runs the command and remembers how long it took.
stage() {
  local name=$1 started=$SECONDS
  shift
  printf '== %s\n' "$name"
  "$@" || die "$name failed"
  STAGE_TIMES+=("$(printf '%-28s %4d s' "$name" $((SECONDS - started)))")
}

print_stage_times() { printf '   %s\n' "${STAGE_TIMES[@]}"; }
