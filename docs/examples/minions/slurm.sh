#!/usr/bin/env bash
#
# Ten minions under Slurm: sbatch slurm.sh
# They work on the queue that .env in this folder names, for example MINION_QUEUE=file:sweeps. A job that
# is killed or pre-empted loses nothing. Each task prints to a file of its own, and the numbers of the job
# and of the task are in the events of the reporter.

#SBATCH --job-name=minions
#SBATCH --array=0-9
#SBATCH --cpus-per-task=1
#SBATCH --mem=1G
#SBATCH --time=01:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --signal=B:TERM@60

set -euo pipefail

GRAIN=$HOME/grain                        # change: where the archive was unpacked

# Slurm sends SIGTERM to this process 60 seconds before the end: the minion gives its items back. By
# 'scancel --batch --signal=TERM JOB' it does so earlier. 'scancel JOB' and pre-emption send SIGTERM to the programs of
# items as well; by --on-failure nack, these are delivered again.
exec "$GRAIN/bin/minionize" --on-failure nack \
  echo "hello from $SLURM_ARRAY_TASK_ID"      # change: the program and its arguments
