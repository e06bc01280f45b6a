#!/bin/bash
# Keeps logs and traces for 14 days. It can run any number of times.
set -euo pipefail

ask() { # METHOD PATH [BODY]
  curl --silent --show-error --fail-with-body --cacert /etc/elasticsearch/ca.crt --user "retention:$PASSWORD" \
    --request "$1" --header 'Content-Type: application/json' ${3:+--data "$3"} "https://simple-time-es-http:9200/$2"
  echo
}

until curl --silent --fail --output /dev/null --cacert /etc/elasticsearch/ca.crt --user "retention:$PASSWORD" https://simple-time-es-http:9200/_security/_authenticate; do
  sleep 5
done

# An index is rolled over after a day, and deleted 14 days later.
ask PUT _ilm/policy/simple-time '{"policy": {"phases": {
  "hot": {"actions": {"rollover": {"max_age": "1d", "max_primary_shard_size": "10gb"}}},
  "delete": {"min_age": "14d", "actions": {"delete": {}}}}}}'

for signal in logs traces; do
  # Elasticsearch's own templates for OpenTelemetry take these in.
  ask PUT "_component_template/$signal-otel@custom" '{"template": {"settings": {
    "index.lifecycle.name": "simple-time", "index.auto_expand_replicas": "0-1"}}}'
  stream=$signal-generic.otel-default
  # There already, if a collector was faster.
  ask GET "_data_stream/$stream" || ask PUT "_data_stream/$stream"
  ask PUT "$stream/_settings" '{"index.lifecycle.name": "simple-time", "index.auto_expand_replicas": "0-1"}'
done
