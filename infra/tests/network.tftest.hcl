mock_provider "aws" {}

run "two_zones" {
  command = apply

  module {
    source = "./modules/network"
  }

  variables {
    name                 = "test"
    region               = "us-east-1"
    cidr                 = "10.0.0.0/16"
    zones                = ["us-east-1a", "us-east-1b"]
    nat_gateway_per_zone = false
  }

  assert {
    condition     = alltrue([for subnet in concat(values(aws_subnet.private), values(aws_subnet.public)) : !subnet.map_public_ip_on_launch])
    error_message = "what starts in a subnet gets a public address"
  }

  assert {
    condition     = alltrue([for route in aws_route.private : route.gateway_id == null || route.gateway_id == ""])
    error_message = "a private subnet is routed to the internet gateway"
  }

  assert {
    condition = alltrue([
      for zone, association in aws_route_table_association.private :
      association.subnet_id == aws_subnet.private[zone].id && association.route_table_id == aws_route_table.private[zone].id
    ])
    error_message = "a private subnet has not the route table of its zone"
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 1 && alltrue([for route in aws_route.private : route.nat_gateway_id == aws_nat_gateway.this["us-east-1a"].id])
    error_message = "not all go out through the one NAT gateway"
  }

  assert {
    condition     = length(distinct([for subnet in concat(values(aws_subnet.private), values(aws_subnet.public)) : subnet.cidr_block])) == 4
    error_message = "subnets share addresses"
  }

  assert {
    condition = (
      alltrue([for subnet in aws_subnet.public : subnet.tags["kubernetes.io/role/elb"] == "1"])
      && alltrue([for subnet in aws_subnet.private : subnet.tags["kubernetes.io/role/internal-elb"] == "1"])
    )
    error_message = "load balancers do not find their subnets"
  }

  assert {
    condition     = aws_vpc_endpoint.s3.vpc_endpoint_type == "Gateway" && length(aws_vpc_endpoint.s3.route_table_ids) > 0
    error_message = "S3 is reached through NAT"
  }

  assert {
    condition     = length(aws_default_security_group.this.ingress) + length(aws_default_security_group.this.egress) == 0
    error_message = "the default security group opens something"
  }
}

run "a_gateway_in_each_of_three_zones" {
  command = plan

  module {
    source = "./modules/network"
  }

  variables {
    name                 = "test"
    region               = "us-east-1"
    cidr                 = "10.0.0.0/16"
    zones                = ["us-east-1a", "us-east-1b", "us-east-1c"]
    nat_gateway_per_zone = true
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 3 && length(aws_subnet.private) == 3
    error_message = "a zone has no NAT gateway of its own"
  }
}
