variable "name" {
  description = "The cluster's name."
  type        = string
}

variable "account_id" {
  description = "The account that the cluster is in."
  type        = string
}

variable "kubernetes_version" {
  description = "Kubernetes, as MAJOR.MINOR."
  type        = string
}

variable "private_subnet_ids" {
  description = "Where nodes run, by zone."
  type        = map(string)
}

variable "public_access_cidrs" {
  description = "Who reaches the API server from outside the VPC."
  type        = list(string)
}

variable "admin_principal_arns" {
  description = "Roles and users that administer the cluster."
  type        = list(string)
}

variable "instance_types" {
  description = "Of the nodes; arm64."
  type        = list(string)
}

variable "nodes_per_zone" {
  description = "The autoscaler's bounds in each zone."
  type = object({
    min = number
    max = number
  })
}
