# Sourced by ./dev: Debian packages and the node packages of the end-to-end tests.
# shellcheck shell=bash

# packages_of GROUP: the entries of one group of tools/packages.txt.
packages_of() {
  awk -v group="[$1]" '/^\[/ {on = ($1 == group); next} on && $1 !~ /^#/ && NF {print $1}' tools/packages.txt
}

is_installed() {
  local name=${1%%:*} command=${1#*:}
  if [[ $command != "$1" ]] && command -v "$command" >/dev/null; then return 0; fi
  [[ $(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null) == installed ]]
}

as_root() {
  if ((EUID == 0)); then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "packages are missing and this user is not root and has no sudo; as root run: $*"
  fi
}

# deps GROUP...: installs what is missing. Says nothing, and needs no network, when nothing is.
deps() {
  command -v dpkg-query >/dev/null || die "this is not Debian: install the counterparts of tools/packages.txt by hand"
  local group entry missing=()
  for group in "$@"; do
    for entry in $(packages_of "$group"); do
      is_installed "$entry" || missing+=("${entry%%:*}")
    done
  done
  ((${#missing[@]} == 0)) || install_packages "${missing[@]}"
}

install_packages() {
  say "installing from Debian: $*"
  mkdir -p build
  local log=build/apt.log
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0)
  if ! { as_root "${apt[@]}" update && as_root "${apt[@]}" install --no-install-recommends "$@"; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    die "apt-get failed; the whole output is in $log"
  fi
}

# The end-to-end tests' node packages, exactly as locked; again only when the lock file has changed.
node_deps() {
  local folder=tests/e2e
  [[ -f $folder/package-lock.json ]] || return 0
  deps node
  local stamp=$folder/node_modules/.locked
  cmp -s "$folder/package-lock.json" "$stamp" && return 0
  say "installing the end-to-end tests' node packages"
  npm ci --prefix "$folder" --no-audit --no-fund --loglevel=error || die "npm ci failed in $folder"
  cp "$folder/package-lock.json" "$stamp"
}

all_test_deps() {
  deps build test
  node_deps
}

install_wanted() {
  if (($# > 0)); then
    local group
    for group in "$@"; do
      [[ -n $(packages_of "$group") ]] || die "tools/packages.txt has no group $group"
    done
    deps "$@"
  else
    all_test_deps
  fi
}
