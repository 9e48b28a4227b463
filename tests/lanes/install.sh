#!/usr/bin/env bash
# Installs what a step needs from Debian's packages when it can, else says in one line what is missing.
#   install.sh venv PYTHON     Python >= 3.11 that can make virtual environments
#   install.sh services        PostgreSQL, Redis, nginx, Chromium, Thai fonts, pdftotext: for tests and `make cluster`
#   install.sh packages LABEL PYTHON OPTIONS…   pip install, with its progress on one line
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin          # servers live there, off an ordinary user's PATH

venv() {
  local python=$1
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
    stop "Python 3.11 or newer is needed; say which with PYTHON=/path/to/python3"
  "$python" -c 'import ensurepip, venv' 2>/dev/null && return
  debian "$("$python" -c 'import sys; print("python{}.{}-venv".format(*sys.version_info))')"
}

services() {
  local missing=()
  compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null || missing+=(postgresql)
  command -v redis-server >/dev/null || missing+=(redis-server)
  command -v nginx >/dev/null || missing+=(nginx)
  command -v chromium >/dev/null || missing+=(chromium)
  compgen -G '/usr/share/fonts/truetype/tlwg/*' >/dev/null || missing+=(fonts-thai-tlwg)
  command -v pdftotext >/dev/null || missing+=(poppler-utils)
  [ ${#missing[@]} -eq 0 ] || debian "${missing[@]}"
}

packages() {
  local label=$1 python=$2 begun=$SECONDS count=0 log word rest
  shift 2
  log=$(mktemp)
  printf '%s … ' "$label"
  "$python" -m pip install --disable-pip-version-check --no-input --require-hashes "$@" </dev/null 2>&1 | tee "$log" |
    while read -r word rest; do
      [ "$word" != Collecting ] || count=$((count + 1))
      [ ! -t 1 ] || printf '\r%s … %d ' "$label" "$count"
    done || { printf '\n' && tail -n 5 "$log" >&2; stop "pip could not install the packages (is there a network?)"; }
  rm -f "$log"
  printf 'done in %d s\n' $((SECONDS - begun))
}

debian() {
  [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null ||
    stop "missing: $*   (on Debian or Ubuntu: sudo apt-get install $*)"
  printf 'Installing from the system: %s … ' "$*"
  local begun=$SECONDS log policy=/usr/sbin/policy-rc.d
  log=$(mktemp)
  # These servers are wanted for tests only: the system's own must not start and take their ports.
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  fi
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"; } \
    </dev/null >"$log" 2>&1 || { tail -n 20 "$log" >&2; stop "apt-get could not install: $*"; }
  rm -f "$log"
  printf 'done in %d s\n' $((SECONDS - begun))
}

stop() {
  printf '\n%s\n' "$1" >&2
  exit 1
}

"$@"
