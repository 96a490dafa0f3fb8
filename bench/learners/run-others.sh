#!/usr/bin/env bash
# Learners of src/train beside scikit-learn, trees apart. Makes a virtual environment once; `bash bench/learners/run-others.sh [part of "learner set"]`.
set -euo pipefail
cd "$(dirname "$0")/../.."
venv=bench/learners/.venv
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/pip" install -q -r bench/learners/requirements-others.txt
node --import tsx bench/learners/others.ts "$venv/bin/python" "${COINCELL_DATASETS:-../shared/datasets}" "${1:-}"
