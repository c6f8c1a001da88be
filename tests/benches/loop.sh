#!/usr/bin/env bash
# Folder throughput and memory of `atrous prelabel`, as a user runs it.
#
# Usage: tests/benches/loop.sh ATROUS MODEL FOLDER [INPUT_SIZE]
#
# Labels a copy of FOLDER once and prints images a second and the largest resident size.
set -euo pipefail
atrous=$1 model=$2 folder=$3 size=${4:-513}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
count=$(find "$folder" -maxdepth 1 -type f | wc -l)
start=$(date +%s.%N)
/usr/bin/env python3 - "$work" "$atrous" prelabel "$folder" --project "$work/project" --model "$model" \
  --input-size "$size" --device cpu <<'PYTHON'
import resource
import subprocess
import sys

work, *command = sys.argv[1:]
with open(f"{work}/log", "w") as log:
    subprocess.run(command, check=True, stdout=log, stderr=log)
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
with open(f"{work}/peak", "w") as file:
    file.write(str(peak // 1024))
PYTHON
end=$(date +%s.%N)
awk -v n="$count" -v s="$start" -v e="$end" -v m="$(cat "$work/peak")" \
  'BEGIN { printf "%d images in %.1f s: %.2f images/s, %d MB at most\n", n, e - s, n / (e - s), m }'
