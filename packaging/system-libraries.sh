#!/bin/sh
# Makes sure that the Debian packages which pip cannot bring are there: installs them when run
# as root on a machine with apt, names them otherwise. Does nothing elsewhere.
# Usage: sh packaging/system-libraries.sh [PYTHON [package]]
# With `package`: also what building and trying the packaged Framesift takes.
set -eu
python=${1:-python3}
purpose=${2:-}

if ! command -v "$python" >/dev/null 2>&1; then
    echo "There is no $python here; install Python 3.11 or newer (Debian: apt-get install python3 python3-venv)." >&2
    exit 2
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "$python is older than 3.11; name a newer one: make PYTHON=python3.11 …" >&2
    exit 2
fi

missing=""
"$python" -c 'import ensurepip, venv' 2>/dev/null || missing="$missing python3-venv"

# What Qt needs to draw, even without a screen.
PATH="$PATH:/sbin:/usr/sbin"
known=""
if [ "$(uname -s)" = Linux ] && command -v ldconfig >/dev/null 2>&1; then
    known=$(ldconfig -p)
    while read -r library package; do
        case "$known" in
            *"$library"*) ;;
            *) missing="$missing $package" ;;
        esac
    done <<'LIBRARIES'
libGL.so.1 libgl1
libEGL.so.1 libegl1
libxkbcommon.so.0 libxkbcommon0
libfontconfig.so.1 libfontconfig1
libglib-2.0.so.0 libglib2.0-0
libdbus-1.so.3 libdbus-1-3
LIBRARIES
fi

# What a real window takes, since the bundle carries it, and what packs and tries the bundle.
if [ "$(uname -s)" = Linux ] && [ "$purpose" = package ]; then
    while read -r library package; do
        case "$known" in
            *"$library"*) ;;
            *) missing="$missing $package" ;;
        esac
    done <<'LIBRARIES'
libxcb-cursor.so.0 libxcb-cursor0
libxkbcommon-x11.so.0 libxkbcommon-x11-0
libxcb-icccm.so.4 libxcb-icccm4
libxcb-keysyms.so.1 libxcb-keysyms1
libxcb-shape.so.0 libxcb-shape0
LIBRARIES
    while read -r program package; do
        command -v "$program" >/dev/null 2>&1 || missing="$missing $package"
    done <<'PROGRAMS'
objdump binutils
zstd zstd
Xvfb xvfb
xdotool xdotool
PROGRAMS
fi

[ -n "$missing" ] || exit 0
if ! command -v apt-get >/dev/null 2>&1; then
    echo "Please install:$missing" >&2
    exit 2
fi
if [ "$(id -u)" != 0 ]; then
    echo "Some system packages are missing; please run: sudo apt-get install$missing" >&2
    exit 2
fi
apt-get update -qq
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
