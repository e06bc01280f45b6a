variable "name" {
  description = "The Kafka cluster's name."
  type        = string
}

variable "vpc_id" {
  description = "The VPC."
  type        = string
}

variable "subnet_ids" {
  description = "One subnet in each of three zones."
  type        = list(string)
}

variable "client_security_group_id" {
  description = "The security group whose members may connect."
  type        = string
}

variable "kafka_version" {
  description = "A version that MSK has."
  type        = string
  default     = "3.9.x.kraft"
}

variable "instance_type" {
  description = "Of the brokers."
  type        = string
  default     = "kafka.t3.small"
}

variable "volume_size" {
  description = "Of each broker, in GiB."
  type        = number
  default     = 50
}
