#!/usr/bin/env bash
#
# Ten minions under OAR: oarsub --array 10 -S ./oar.sh
# They work on the queue that .env in this folder names, for example MINION_QUEUE=file:sweeps. Jobs of type
# besteffort give way when others need the cores, and nothing is lost. Each job prints to a file of its own, and
# its number is in the events of the reporter.

#OAR -n minions
#OAR -l nodes=1,walltime=1:0:0
#OAR -t besteffort
#OAR -t idempotent
#OAR --checkpoint 60
#OAR --signal 15

set -euo pipefail

GRAIN=$HOME/grain                        # change: where the archive was unpacked

# By --on-failure nack, items whose programs are killed with the job are delivered again.
"$GRAIN/bin/minionize" --on-failure nack \
  echo "hello from $OAR_JOB_ID" &             # change: the program and its arguments
minion=$!

# OAR sends SIGTERM to this script 60 seconds before the job has to end, be it for its walltime or for others, and
# may send it again. The minion gives its items back. OAR submits an idempotent job with a checkpoint again if it
# ends with code 99, and ran for more than a minute.
stopped=''
stop() {
  trap '' TERM
  stopped=1
  kill -TERM "$minion" 2>/dev/null || true
}
trap stop TERM

code=0
wait "$minion" || code=$?
if [[ -n $stopped ]]; then
  wait "$minion" || true
  exit 99
fi
exit "$code"
