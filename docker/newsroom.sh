#!/usr/bin/env bash
# The demo newsroom beside a worker, in the worker's network: its publishers live on loopback addresses there.
# When the worker's container ends, its network ends with it; then this ends too, and Docker's restart policy (or the next
# "docker compose up") starts it again in the network of the new one.
set -euo pipefail

python -m demo.newsroom --clock real ${NEWSROOM_ANCHOR:+--anchor "$NEWSROOM_ANCHOR"} &
server=$!
trap 'kill $server; exit 143' TERM INT
while kill -0 $server 2> /dev/null && grep -q eth /proc/net/dev; do
    sleep 2 &
    wait $!
done
echo "newsroom: it ended, or the worker's network is gone" >&2
kill $server 2> /dev/null || true
exit 1
