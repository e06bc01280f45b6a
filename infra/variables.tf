variable "environment" {
  description = "Ends the names of all that is made."
  type        = string

  validation {
    condition     = contains(["staging", "production"], var.environment)
    error_message = "environment is staging or production."
  }
}

variable "region" {
  description = "The AWS region."
  type        = string
  default     = "us-east-1"
}

variable "vpc_cidr" {
  description = "The VPC's addresses."
  type        = string
  default     = "10.0.0.0/16"

  validation {
    condition     = can(cidrhost(var.vpc_cidr, 0)) && endswith(var.vpc_cidr, "/16")
    error_message = "vpc_cidr is a /16."
  }
}

variable "zones" {
  description = "How many availability zones: 2, or 3 as Kafka on MSK needs."
  type        = number
  default     = 2

  validation {
    condition     = contains([2, 3], var.zones)
    error_message = "zones is 2 or 3."
  }
}

variable "nat_gateway_per_zone" {
  description = "Whether each zone has a NAT gateway; with one, its zone's loss cuts off the others."
  type        = bool
  default     = false
}

variable "kubernetes_version" {
  description = "Kubernetes, as MAJOR.MINOR. The cluster autoscaler in gitops/ is of the same."
  type        = string
  default     = "1.35"
}

variable "instance_types" {
  description = "Of the nodes; arm64."
  type        = list(string)
  default     = ["t4g.large"]
}

variable "nodes_per_zone" {
  description = "The autoscaler's bounds in each zone."
  type = object({
    min = number
    max = number
  })
  default = { min = 1, max = 3 }
}

variable "public_access_cidrs" {
  description = "Who reaches the API server from outside and, without a domain, the load balancer."
  type        = list(string)

  validation {
    condition = length(var.public_access_cidrs) > 0 && alltrue([
      for cidr in var.public_access_cidrs : can(cidrhost(cidr, 0)) && !endswith(cidr, "/0")
    ])
    error_message = "public_access_cidrs names your own addresses, as 203.0.113.7/32, and not all there are."
  }
}

variable "admin_principal_arns" {
  description = "Roles and users that administer the cluster."
  type        = list(string)

  validation {
    condition     = length(var.admin_principal_arns) > 0
    error_message = "Without admin_principal_arns nobody may use the cluster."
  }
}

variable "domain" {
  description = "The service's host name, for a certificate; without one it is plain HTTP, for public_access_cidrs alone."
  type        = string
  default     = null

  validation {
    condition     = (var.domain == null) == (var.zone_id == null)
    error_message = "domain and zone_id go together."
  }
}

variable "zone_id" {
  description = "The Route 53 zone of the domain."
  type        = string
  default     = null
}

variable "github_repository" {
  description = "OWNER/NAME whose release workflow may push; makes the registry here."
  type        = string
  default     = null

  validation {
    condition     = (var.github_repository == null) != (var.registry == null)
    error_message = "Either github_repository, and the registry is made here, or registry, where it is elsewhere."
  }
}

variable "registry" {
  description = "The host name of the registry that another environment made."
  type        = string
  default     = null
}

variable "pull_account_ids" {
  description = "Other accounts that pull from the registry."
  type        = list(string)
  default     = []
}

variable "kafka" {
  description = "Whether to make Kafka on Amazon MSK; otherwise it runs in the cluster, by Strimzi."
  type        = bool
  default     = false

  validation {
    condition     = !var.kafka || var.zones == 3
    error_message = "Kafka keeps three copies, each in a zone of its own: with kafka, zones is 3."
  }
}

variable "postgres" {
  description = "Whether to make PostgreSQL on Amazon RDS. The service does not use it yet."
  type        = bool
  default     = false
}

variable "deletion_protection" {
  description = "Whether PostgreSQL refuses to be deleted."
  type        = bool
  default     = true
}
