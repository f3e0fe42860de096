#!/usr/bin/env bash
# Builds mediasoup-worker on Debian 12 from an installed mediasoup npm package, and leaves it at OUT_DIR/mediasoup-worker.
#
#   build.sh NODE_MODULES/mediasoup OUT_DIR
#
# Safe to interrupt, to repeat and to run twice at once: a kernel lock on OUT_DIR lets one build at a time work there,
# a broken build is continued where it stopped, and the binary appears by a rename, so it is whole or absent.
# Progress goes to standard output as ninja's `[done/total] …` lines, the reason of a failure to standard error.
set -euo pipefail
recipe=$(cd "$(dirname "$0")" && pwd)
package=$(cd "$1" && pwd)
out=$2
jobs=${JOBS:-$(nproc)}

mkdir -p "$out"
exec 9>"$out/lock"
flock --nonblock 9 || { echo 'waiting for another build of the same worker'; flock 9; }
[ -x "$out/mediasoup-worker" ] && exit 0

# The build reads its own copy of the sources: `npm ci` in the checkout must not take them away in the middle, and a
# build begun by one checkout can then be continued by another.
if [ ! -d "$out/source" ]; then
  rm -rf "$out/source.partial"
  mkdir -p "$out/source.partial/mediasoup"
  cp -r "$recipe" "$out/source.partial/recipe"
  cp -r "$package/package.json" "$package/worker" "$out/source.partial/mediasoup/"
  mv "$out/source.partial" "$out/source"
fi

mkdir -p "$out/build"
cmake -S "$out/source/recipe" -B "$out/build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
  "-DMEDIASOUP_DIR=$out/source/mediasoup" >"$out/cmake.log" 2>&1 || { tail -20 "$out/cmake.log" >&2; exit 1; }

# The compilers must not outlive whoever asked for the build: ninja gets TERM when this shell dies, and stops them.
setpriv --pdeathsig TERM ninja -C "$out/build" -j "$jobs" mediasoup-worker 2>&1 | tee "$out/ninja.log" ||
  { grep -A8 -E 'FAILED|error:' "$out/ninja.log" | head -60 >&2; exit 1; }

strip -o "$out/mediasoup-worker.partial" "$out/build/mediasoup-worker"
mv "$out/mediasoup-worker.partial" "$out/mediasoup-worker"
rm -rf "$out/source" "$out/build"
