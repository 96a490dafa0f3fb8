#!/usr/bin/env bash
# Learners beside scikit-learn. Makes a virtual environment once; `bash bench/learners/run.sh [part of "learner set"]`.
set -euo pipefail
cd "$(dirname "$0")/../.."
venv=bench/learners/.venv
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/pip" install -q -r bench/learners/requirements.txt
npx tsx bench/learners/trees.ts "$venv/bin/python" "${COINCELL_DATASETS:-../shared/datasets}" "${1:-}"
