resource "aws_iam_role" "node" {
  name = "${var.name}-node"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ec2.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

# Not the CNI's policy: its pods have a role of their own.
resource "aws_iam_role_policy_attachment" "node" {
  for_each = toset(["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"])

  role       = aws_iam_role.node.name
  policy_arn = "arn:aws:iam::aws:policy/${each.key}"
}

resource "aws_launch_template" "node" {
  name = "${var.name}-node"

  # One hop: pods do not reach the node's role.
  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  block_device_mappings {
    device_name = "/dev/xvda"
    ebs {
      volume_type           = "gp3"
      volume_size           = 40
      encrypted             = true
      delete_on_termination = true
    }
  }

  tag_specifications {
    resource_type = "instance"
    tags          = { Name = "${var.name}-node" }
  }
}

# One in each zone: a volume belongs to its zone, and the autoscaler can add a node there only where the group has no other zones.
resource "aws_eks_node_group" "this" {
  for_each = var.private_subnet_ids

  cluster_name    = aws_eks_cluster.this.name
  node_group_name = "${var.name}-${each.key}"
  node_role_arn   = aws_iam_role.node.arn
  subnet_ids      = [each.value]
  version         = aws_eks_cluster.this.version
  ami_type        = "AL2023_ARM_64_STANDARD"
  instance_types  = var.instance_types

  scaling_config {
    min_size     = var.nodes_per_zone.min
    max_size     = var.nodes_per_zone.max
    desired_size = var.nodes_per_zone.min
  }

  update_config {
    max_unavailable = 1
  }

  launch_template {
    id      = aws_launch_template.node.id
    version = aws_launch_template.node.latest_version
  }

  lifecycle {
    # The autoscaler's.
    ignore_changes = [scaling_config[0].desired_size]
  }

  # Nodes are ready only with a network.
  depends_on = [aws_iam_role_policy_attachment.node, aws_eks_addon.before_nodes]
}

# By these the autoscaler finds its groups, and its role is bound to them.
resource "aws_autoscaling_group_tag" "autoscaler" {
  for_each = merge([
    for zone in keys(var.private_subnet_ids) : {
      for tag in ["enabled", var.name] : "${zone}/${tag}" => { zone = zone, tag = tag }
    }
  ]...)

  autoscaling_group_name = aws_eks_node_group.this[each.value.zone].resources[0].autoscaling_groups[0].name

  tag {
    key                 = "k8s.io/cluster-autoscaler/${each.value.tag}"
    value               = "owned"
    propagate_at_launch = false
  }
}
