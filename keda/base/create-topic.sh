#!/usr/bin/env bash
# Makes the topic KAFKA_TOPIC_EVENTS with TOPIC_PARTITIONS, TOPIC_REPLICATION_FACTOR, TOPIC_MIN_INSYNC_REPLICAS (empty: what the
# brokers have) and TOPIC_RETENTION_MS, or brings an existing one to them, but for replicas and surplus partitions, which it leaves.
# Kafka is reached by the settings of the service.
set -euo pipefail
umask 077
bin=${KAFKA_BIN:-/opt/kafka/bin}
config=$(mktemp)
trap 'rm -f "$config"' EXIT

quoted() { local text=${1//\\/\\\\}; printf '"%s"' "${text//\"/\\\"}"; }
# A properties file takes a backslash as an escape of its own.
property() { printf '%s=%s\n' "$1" "${2//\\/\\\\}" >>"$config"; }

protocol=${KAFKA_SECURITY_PROTOCOL:-plaintext}
property security.protocol "${protocol^^}"
if [ -n "${KAFKA_SSL_CA_LOCATION:-}" ]; then
  property ssl.truststore.type PEM
  property ssl.truststore.location "$KAFKA_SSL_CA_LOCATION"
fi
mechanism=${KAFKA_SASL_MECHANISM:-}
if [ "$mechanism" = AWS_MSK_IAM ]; then
  # The classes are in aws-msk-iam-auth, which the image must hold.
  property sasl.mechanism AWS_MSK_IAM
  property sasl.jaas.config 'software.amazon.msk.auth.iam.IAMLoginModule required;'
  property sasl.client.callback.handler.class software.amazon.msk.auth.iam.IAMClientCallbackHandler
elif [ -n "$mechanism" ]; then
  password=${KAFKA_SASL_PASSWORD:-}
  [ -z "${KAFKA_SASL_PASSWORD_FILE:-}" ] || password=$(<"$KAFKA_SASL_PASSWORD_FILE")
  module=scram.ScramLoginModule
  [ "$mechanism" != PLAIN ] || module=plain.PlainLoginModule
  property sasl.mechanism "$mechanism"
  property sasl.jaas.config "org.apache.kafka.common.security.$module required \
username=$(quoted "${KAFKA_SASL_USERNAME:-}") password=$(quoted "$password");"
fi

topic=$KAFKA_TOPIC_EVENTS
# To describe and to alter, the tool takes a regular expression. Of a name's characters the dot alone means something in one.
pattern=${topic//./\\.}
topics() { "$bin/kafka-topics.sh" --bootstrap-server "$KAFKA_BROKERS" --command-config "$config" "$@"; }
settings=retention.ms=$TOPIC_RETENTION_MS
# Amazon MSK Serverless refuses to have it set.
[ -z "$TOPIC_MIN_INSYNC_REPLICAS" ] || settings+=,min.insync.replicas=$TOPIC_MIN_INSYNC_REPLICAS

topics --create --if-not-exists --topic "$topic" --partitions "$TOPIC_PARTITIONS" --replication-factor "$TOPIC_REPLICATION_FACTOR"
description=$(topics --describe --topic "$pattern")
[[ $description =~ PartitionCount:[[:space:]]*([0-9]+) ]] || { echo "The topic $topic cannot be described." >&2; exit 1; }
partitions=${BASH_REMATCH[1]}
[[ $description =~ ReplicationFactor:[[:space:]]*([0-9]+) ]] || { echo "The topic $topic cannot be described." >&2; exit 1; }
replicas=${BASH_REMATCH[1]}
# First: with more in-sync replicas asked for than there are, nothing could be written any more.
if [ "$replicas" -lt "$TOPIC_REPLICATION_FACTOR" ]; then
  echo "The topic $topic has $replicas replicas, not $TOPIC_REPLICATION_FACTOR: reassign its partitions (kafka-reassign-partitions.sh)." >&2
  exit 1
fi
if [ "$partitions" -lt "$TOPIC_PARTITIONS" ]; then
  topics --alter --topic "$pattern" --partitions "$TOPIC_PARTITIONS"
fi
"$bin/kafka-configs.sh" --bootstrap-server "$KAFKA_BROKERS" --command-config "$config" --alter \
  --entity-type topics --entity-name "$topic" --add-config "$settings"
