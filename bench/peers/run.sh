#!/usr/bin/env bash
# The whole comparison with the peers in one command: trains the models, measures the peers and ours, writes docs/peers-avr.md.
# Needs Python 3.11, gcc, avr-gcc, libsimavr-dev and libelf-dev. The first run takes about 20 minutes, later ones use the cache.
set -euo pipefail
cd "$(dirname "$0")"
[ -d .venv ] || { python3 -m venv .venv && .venv/bin/pip install --quiet -r requirements.txt; }
[ -f out/index.json ] || .venv/bin/python models.py
.venv/bin/python peers.py
cd ../..
npx tsx bench/peers/ours.ts
npx tsx bench/peers/page.ts
