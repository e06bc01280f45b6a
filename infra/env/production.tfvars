environment          = "production"
zones                = 3
nat_gateway_per_zone = true
nodes_per_zone       = { min = 1, max = 5 }
