#!/usr/bin/env bash
# The window as a user starts it: time to the first frame, switching 12 MP images, memory.
#
# Usage: tests/benches/window.sh ATROUS IMAGE.jpg
#
# Needs xvfb, xdotool and a Vulkan driver (software will do). Works on copies of IMAGE.
set -euo pipefail
atrous=$(realpath "$1") image=$(realpath "$2")
work=$(mktemp -d)
trap 'kill "$window" "$screen" 2>/dev/null || true; rm -rf "$work"' EXIT
mkdir "$work/photos"
for number in 1 2 3 4 5 6; do cp "$image" "$work/photos/$number.jpg"; done
export NO_COLOR=1 HOME=$work XDG_RUNTIME_DIR=$work DISPLAY=:97
unset WAYLAND_DISPLAY
Xvfb :97 -screen 0 1280x800x24 >/dev/null 2>&1 &
screen=$!
sleep 2
ATROUS_LOG=atrous=info "$atrous" "$work/photos" --device cpu 2> "$work/log" &
window=$!
sleep 15
xdotool search --onlyvisible --name Atrous windowfocus
for _ in 1 2 3 4 5; do
  xdotool key d
  sleep 4
done
grep -E "first frame|image shown" "$work/log" | sed 's/.*: //'
awk '/VmHWM|VmRSS/ { print $1, int($2 / 1024), "MB" }' "/proc/$window/status"
