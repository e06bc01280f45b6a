variable "name" {
  description = "Begins the names of all that is made."
  type        = string
}

variable "region" {
  description = "The region of the zones."
  type        = string
}

variable "cidr" {
  description = "The VPC's addresses, a /16."
  type        = string
}

variable "zones" {
  description = "2 or 3 availability zones."
  type        = list(string)
}

variable "nat_gateway_per_zone" {
  description = "Whether each zone has a NAT gateway of its own; otherwise all use the first zone's."
  type        = bool
}
