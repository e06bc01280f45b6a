output "arn" {
  value = aws_msk_cluster.this.arn
}

output "brokers" {
  description = "Hosts and ports, separated by commas."
  value       = aws_msk_cluster.this.bootstrap_brokers_sasl_iam
}
