locals {
  registry = var.registry == null ? split("/", aws_ecr_repository.this["simple-time-functions"].repository_url)[0] : var.registry

  # What gitops/ may not say itself: its ApplicationSets read these annotations.
  annotations = {
    cluster_name    = local.name
    region          = var.region
    vpc_id          = module.network.vpc_id
    vpc_cidr        = var.vpc_cidr
    registry        = local.registry
    secrets_prefix  = "${local.name}/"
    certificate_arn = var.domain == null ? "" : aws_acm_certificate_validation.this[0].certificate_arn
    http_cidrs      = join(",", var.public_access_cidrs)
    kafka_brokers   = var.kafka ? module.kafka[0].brokers : ""
  }
}

output "argocd_cluster_secret" {
  description = "The cluster as Argo CD's Secret of itself, for kubectl apply. It has no secret value."
  value = yamlencode({
    apiVersion = "v1"
    kind       = "Secret"
    metadata = {
      name        = "in-cluster"
      namespace   = "argocd"
      labels      = { "argocd.argoproj.io/secret-type" = "cluster", environment = var.environment }
      annotations = local.annotations
    }
    stringData = {
      name   = "in-cluster"
      server = "https://kubernetes.default.svc"
      config = jsonencode({ tlsClientConfig = { insecure = false } })
    }
  })
}

output "cluster_name" {
  value = module.cluster.name
}

output "region" {
  value = var.region
}

output "secret_id" {
  description = "Where the passwords are to be written."
  value       = aws_secretsmanager_secret.this.name
}

output "registry" {
  description = "The host name of the registry."
  value       = local.registry
}

output "push_role_arn" {
  description = "For the release workflow; null where the registry is elsewhere."
  value       = one(aws_iam_role.push[*].arn)
}

output "kafka_brokers" {
  description = "Amazon MSK's; null without it."
  value       = one(module.kafka[*].brokers)
}

output "postgres_address" {
  description = "Amazon RDS's; null without it."
  value       = one(module.postgres[*].address)
}

output "associations" {
  description = "Which service account has which role."
  value       = concat(module.cluster.associations, [for role in module.pod_role : role.association])
}
