#!/bin/sh
# Debian 13's Patroni for a Debian 12: its package is fetched from the archive that this machine uses, unpacked where requirements.ts looks, and not installed.
set -eu
to=${XDG_CACHE_HOME:-$HOME/.cache}/support-relay/patroni
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/archives/partial"
sed 's/bookworm/trixie/g' /etc/apt/sources.list.d/debian.sources > "$work/trixie.sources"
apt() {
  apt-get -q -o Dir::Etc::SourceList="$work/trixie.sources" -o Dir::Etc::SourceParts=/dev/null -o Dir::State::Lists="$work/lists" \
    -o Dir::Cache="$work" -o APT::Sandbox::User=root "$@"
}
cd "$work"
apt update
apt download patroni
rm -rf "$to"
mkdir -p "$to"
dpkg -x patroni_*.deb "$to"
