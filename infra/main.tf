data "aws_caller_identity" "this" {}

data "aws_availability_zones" "this" {
  state = "available"

  # Not local zones.
  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

locals {
  name       = "simple-time-${var.environment}"
  account_id = data.aws_caller_identity.this.account_id
}

module "network" {
  source = "./modules/network"

  name                 = local.name
  region               = var.region
  cidr                 = var.vpc_cidr
  zones                = slice(sort(data.aws_availability_zones.this.names), 0, var.zones)
  nat_gateway_per_zone = var.nat_gateway_per_zone
}

module "cluster" {
  source = "./modules/cluster"

  name                 = local.name
  account_id           = local.account_id
  kubernetes_version   = var.kubernetes_version
  private_subnet_ids   = module.network.private_subnet_ids
  public_access_cidrs  = var.public_access_cidrs
  admin_principal_arns = var.admin_principal_arns
  instance_types       = var.instance_types
  nodes_per_zone       = var.nodes_per_zone

  # Nodes need the way out.
  depends_on = [module.network]
}

module "kafka" {
  source = "./modules/kafka"
  count  = var.kafka ? 1 : 0

  name                     = local.name
  vpc_id                   = module.network.vpc_id
  subnet_ids               = values(module.network.private_subnet_ids)
  client_security_group_id = module.cluster.security_group_id
}

module "postgres" {
  source = "./modules/postgres"
  count  = var.postgres ? 1 : 0

  name                     = local.name
  vpc_id                   = module.network.vpc_id
  subnet_ids               = values(module.network.private_subnet_ids)
  client_security_group_id = module.cluster.security_group_id
  multi_az                 = var.environment == "production"
  deletion_protection      = var.deletion_protection
}

# Empty: whoever installs writes the value (docs/infrastructure), External Secrets reads it.
resource "aws_secretsmanager_secret" "this" {
  name                    = "${local.name}/passwords"
  description             = "Keys of the service, passwords of Grafana and Elasticsearch"
  recovery_window_in_days = 7
}
