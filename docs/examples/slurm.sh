#!/usr/bin/env bash
#
# A program and its workers inside a Slurm allocation: sbatch slurm.sh
# Change the two lines that are marked.

#SBATCH --job-name=grain
#SBATCH --nodes=4
#SBATCH --ntasks-per-node=1
#SBATCH --cpus-per-task=16
#SBATCH --mem=60G
#SBATCH --time=02:00:00
#SBATCH --signal=B:TERM@120

set -euo pipefail

GRAIN=$HOME/grain                                   # change: where the archive was unpacked
PROGRAM="java -cp $HOME/program.jar Main"           # change: gets the addresses as arguments
PORT=$((20000 + SLURM_JOB_ID % 10000))              # jobs that share a node do not meet

# One worker on each node. It offers the cores, the memory and the GPUs that Slurm gave it there.
srun --kill-on-bad-exit=0 "$GRAIN/bin/grain-worker" \
  --port "$PORT" --cache-dir "${TMPDIR:-/tmp}/grain-$SLURM_JOB_USER" --respawn &
workers=$!
# Tells the steps and not this script; a signal to srun itself would kill them.
drain() { scancel --signal=TERM "$SLURM_JOB_ID"; }
# Slurm tells this script 120 seconds before the end: what has not ended is handed back.
trap drain TERM

mapfile -t addresses < <(scontrol show hostnames "$SLURM_JOB_NODELIST" | sed "s/\$/:$PORT/")
$PROGRAM "${addresses[@]}" &
program=$!
code=0
wait "$program" || code=$?
if kill -0 "$program" 2>/dev/null; then wait "$program" || code=$?; fi

drain
wait "$workers" || true
exit "$code"
