#!/usr/bin/env bash
#
# Ten minions under OAR: oarsub --array 10 -S ./oar.sh
# They work on the queue that .env in this folder names, for example MINION_QUEUE=file:sweeps. Jobs of type
# besteffort are killed when others need the cores, and jobs of type idempotent are then submitted again;
# nothing is lost. Each job prints to a file of its own, and its number is in the events of the reporter.

#OAR -n minions
#OAR -l nodes=1,walltime=1:0:0
#OAR -t besteffort
#OAR -t idempotent
#OAR --checkpoint 60
#OAR --signal 15

set -euo pipefail

GRAIN=$HOME/grain                        # change: where the archive was unpacked

# OAR sends SIGTERM to this process 60 seconds before the end: the minion gives its items back.
exec "$GRAIN/bin/minionize" echo "hello from $OAR_JOB_ID"       # change: the program and its arguments
