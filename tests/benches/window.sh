#!/usr/bin/env bash
# The window as a user starts it: time to the first frame, switching images that were read ahead
# and ones that were not, painting, memory.
#
# Usage: tests/benches/window.sh ATROUS IMAGE [SIZE]
#
# Works on copies of IMAGE, enlarged to SIZE (e.g. 11600x8700) where one is given; a PNG stays one.
# Needs xvfb, xdotool and a Vulkan driver (software will do); imagemagick to enlarge.
set -euo pipefail
atrous=$(realpath "$1") image=$(realpath "$2") size=${3:-}
work=$(mktemp -d)
trap 'kill "$window" "$screen" 2>/dev/null || true; rm -rf "$work"' EXIT
ending=${image##*.}
mkdir "$work/photos"
if [ -n "$size" ]; then
  convert "$image" -resize "$size!" -quality 85 "$work/photos/01.$ending"
  count=3
else
  cp "$image" "$work/photos/01.$ending"
  count=30
fi
for number in $(seq -w 2 $count); do cp "$work/photos/01.$ending" "$work/photos/0$number.$ending"; done
export NO_COLOR=1 HOME=$work XDG_RUNTIME_DIR=$work DISPLAY=:97
unset WAYLAND_DISPLAY
Xvfb :97 -screen 0 1280x800x24 >/dev/null 2>&1 &
screen=$!
sleep 2
ATROUS_LOG=${ATROUS_LOG:-atrous=debug} "$atrous" "$work/photos" --device cpu 2> "$work/log" &
window=$!

# How often an image was shown so far.
shown() { grep -c "image shown" "$work/log" || true; }

# Does something with keys or the pointer and waits for the image; says how long it took.
switch() {
  local before; before=$(shown)
  xdotool "$@"
  for _ in $(seq 300); do [ "$(shown)" -gt "$before" ] && break; sleep 0.1; done
  sleep 4
  echo "laid out $(last "image shown"), painted $(last "image painted")"
}

# How long the last of these took.
last() { grep "$1" "$work/log" | tail -1 | sed 's/.* after //'; }

memory() { awk '/VmHWM|VmRSS/ { print "  " $1, int($2 / 1024), "MB" }' "/proc/$window/status"; }

for _ in $(seq 300); do [ "$(shown)" -gt 0 ] && break; sleep 0.1; done
sleep 6
grep -E "first frame|image shown|image painted" "$work/log" | sed 's/.*: //'
xdotool search --onlyvisible --name Atrous windowfocus
memory
if [ -z "$size" ]; then
  echo "read ahead:"; for _ in 1 2 3 4 5; do switch key d; done
  echo "not read ahead:"; for y in 250 700 400 600 250; do switch mousemove 100 $y click 1; done
else
  echo "not read ahead:"; for _ in 1 2; do switch key d; done
fi
memory
# A stroke across the middle of the canvas, at 100 % and with a large brush.
xdotool key ctrl+1 key b
for _ in 1 2 3 4 5 6 7 8 9 10; do xdotool key braceright; done
xdotool mousemove 450 350 mousedown 1
for step in $(seq 60); do xdotool mousemove $((450 + 7 * step)) $((350 + step)); sleep 0.01; done
xdotool mouseup 1
sleep 3
echo "after painting:"
memory
