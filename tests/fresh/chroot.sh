#!/usr/bin/env bash
# Proves that a bare Debian 12 needs nothing but `./dev test`: makes one with debootstrap, clones this repository's
# HEAD into it, and runs that there. Root only. The package mirror is the one this machine's apt is set to.
#
# usage: tests/fresh/chroot.sh [FOLDER] [./dev arguments...]     default: a new temporary folder, and `test`
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."

target=${1:-$(mktemp -d -t sotto-fresh.XXXXXX)}
shift || true
(($# > 0)) || set -- test
release=bookworm

((EUID == 0)) || { echo "a chroot needs root" >&2; exit 1; }
command -v debootstrap >/dev/null || { echo "install debootstrap first" >&2; exit 1; }

# The first address that apt would fetch this release's main archive from.
mirror=$(apt-get indextargets --format '$(SITE) $(RELEASE)' | awk -v want="$release" '$2 == want {print $1; exit}')
[[ -n $mirror ]] || mirror=$(apt-get indextargets --format '$(SITE) $(CODENAME)' |
  awk -v want="$release" '$2 == want {print $1; exit}')
[[ -n $mirror ]] || { echo "apt knows no archive with $release" >&2; exit 1; }

unmount() {
  for point in proc dev; do
    if mountpoint -q "$target/$point"; then umount -R "$target/$point"; fi
  done
}
trap unmount EXIT

if [[ ! -e $target/etc/debian_version ]]; then
  debootstrap --variant=minbase "$release" "$target" "$mirror"
fi
# What this machine needs to reach the mirror: names, certificates and apt's own settings.
cp -L /etc/resolv.conf /etc/hosts "$target/etc/"
cp -L /etc/ssl/certs/ca-certificates.crt "$target/etc/host-certificates.crt"
mkdir -p "$target/etc/apt/apt.conf.d"
apt-config dump | grep -E '^Acquire::https?::Proxy' >"$target/etc/apt/apt.conf.d/90host-proxy" || true

rm -rf "$target/sotto"
git clone -q --no-local . "$target/sotto"
mount -t proc proc "$target/proc"
mount --rbind /dev "$target/dev" && mount --make-rslave "$target/dev"
started=$SECONDS
env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp LANG=C.UTF-8 \
  NODE_EXTRA_CA_CERTS=/etc/host-certificates.crt ${http_proxy:+http_proxy=$http_proxy} \
  ${https_proxy:+https_proxy=$https_proxy} chroot "$target" /sotto/dev "$@"
echo "fresh machine: ./dev $* passed in $((SECONDS - started)) s, in $target"
