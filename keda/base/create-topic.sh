#!/usr/bin/env bash
# Makes the topic KAFKA_TOPIC_EVENTS with TOPIC_PARTITIONS, TOPIC_REPLICATION_FACTOR, TOPIC_MIN_INSYNC_REPLICAS (empty: what the
# brokers have) and TOPIC_RETENTION_MS, or brings an existing one to them, but for replicas and surplus partitions, which it leaves.
# Kafka is reached by the settings of the service.
set -euo pipefail
umask 077
bin=${KAFKA_BIN:-/opt/kafka/bin}
config=$(mktemp)
keystore=$(mktemp)
trap 'rm -f "$config" "$keystore"' EXIT

quoted() { local text=${1//\\/\\\\}; printf '"%s"' "${text//\"/\\\"}"; }
# A properties file takes a backslash as an escape of its own.
property() { printf '%s=%s\n' "$1" "${2//\\/\\\\}" >>"$config"; }

protocol=${KAFKA_SECURITY_PROTOCOL:-plaintext}
property security.protocol "${protocol^^}"
if [ -n "${KAFKA_SSL_CA_LOCATION:-}" ]; then
  property ssl.truststore.type PEM
  property ssl.truststore.location "$KAFKA_SSL_CA_LOCATION"
fi
if [ -n "${KAFKA_SSL_CERTIFICATE_LOCATION:-}" ]; then
  # The tools take both from one file.
  cat "$KAFKA_SSL_KEY_LOCATION" "$KAFKA_SSL_CERTIFICATE_LOCATION" >"$keystore"
  property ssl.keystore.type PEM
  property ssl.keystore.location "$keystore"
  [ -z "${KAFKA_SSL_KEY_PASSWORD_FILE:-}" ] || property ssl.key.password "$(<"$KAFKA_SSL_KEY_PASSWORD_FILE")"
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
  name=username secret=password scope=
  case $mechanism in
    PLAIN) module=plain.PlainLoginModule ;;
    OAUTHBEARER)
      module=oauthbearer.OAuthBearerLoginModule name=clientId secret=clientSecret
      [ -z "${KAFKA_SASL_OAUTHBEARER_SCOPE:-}" ] || scope=" scope=$(quoted "$KAFKA_SASL_OAUTHBEARER_SCOPE")"
      property sasl.login.callback.handler.class org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler
      property sasl.oauthbearer.token.endpoint.url "$KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL"
      export KAFKA_OPTS="${KAFKA_OPTS:-} -Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=$KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL"
      ;;
    *) module=scram.ScramLoginModule ;;
  esac
  property sasl.mechanism "$mechanism"
  property sasl.jaas.config "org.apache.kafka.common.security.$module required \
$name=$(quoted "${KAFKA_SASL_USERNAME:-}") $secret=$(quoted "$password")$scope;"
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
