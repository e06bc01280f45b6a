variable "cluster_name" {
  description = "The EKS cluster's name."
  type        = string
}

variable "account_id" {
  description = "The account of the cluster."
  type        = string
}

variable "namespace" {
  description = "The service account's namespace."
  type        = string
}

variable "service_account" {
  description = "The service account's name."
  type        = string
}

variable "policy" {
  description = "What the role may do, as JSON; or null."
  type        = string
  default     = null
}

variable "managed_policy" {
  description = "One of AWS's policies, as its path and name; or null."
  type        = string
  default     = null
}
