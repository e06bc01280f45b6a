variable "name" {
  description = "The instance's name."
  type        = string
}

variable "vpc_id" {
  description = "The VPC."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets in at least two zones."
  type        = list(string)
}

variable "client_security_group_id" {
  description = "The security group whose members may connect."
  type        = string
}

variable "engine_version" {
  description = "PostgreSQL's major version; RDS applies minor ones."
  type        = string
  default     = "17"
}

variable "instance_class" {
  description = "Of the instance."
  type        = string
  default     = "db.t4g.micro"
}

variable "multi_az" {
  description = "Whether a standby runs in another zone."
  type        = bool
}

variable "deletion_protection" {
  description = "Whether the instance refuses to be deleted."
  type        = bool
}
