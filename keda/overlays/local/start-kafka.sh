#!/usr/bin/env bash
# Starts Kafka with the server.properties beside this script, on the data that is there, or else on none.
set -euo pipefail
bin=${KAFKA_BIN:-/opt/kafka/bin}
properties=$(dirname "$0")/server.properties
"$bin/kafka-storage.sh" format --ignore-formatted --cluster-id 5L6g3nShT-eMCtK--X86sw --config "$properties"
exec "$bin/kafka-server-start.sh" "$properties"
