#!/usr/bin/env bash
# SPDX-License-Identifier: MIT

# Runs all benchmarks three times, and has docs/performance.md, its tables and plots, say what they found.
# Needs Debian's python3-matplotlib, and a machine that does nothing else.

set -euo pipefail
cd "$(dirname "$0")/.."

results=docs/performance
mkdir -p "$results"
for run in 1 2 3; do
  cmake --workflow --preset benchmark
  cp build/benchmark/benchmarks/results.json "$results/run_$run.new"
done
for run in 1 2 3; do  # all, or none
  mv "$results/run_$run.new" "$results/run_$run.json"
done
benchmarks/plots.py
benchmarks/page.py
benchmarks/bars.py "$results"/run_*.json
