locals {
  # Nodes get ready with these.
  before_nodes = {
    vpc-cni                = { enableNetworkPolicy = "true" }
    eks-pod-identity-agent = {}
    kube-proxy             = {}
  }
  # These need nodes.
  on_nodes = ["coredns", "aws-ebs-csi-driver"]
}

module "vpc_cni_role" {
  source = "../pod-role"

  cluster_name    = aws_eks_cluster.this.name
  account_id      = var.account_id
  namespace       = "kube-system"
  service_account = "aws-node"
  managed_policy  = "AmazonEKS_CNI_Policy"
}

module "ebs_csi_role" {
  source = "../pod-role"

  cluster_name    = aws_eks_cluster.this.name
  account_id      = var.account_id
  namespace       = "kube-system"
  service_account = "ebs-csi-controller-sa"
  managed_policy  = "service-role/AmazonEBSCSIDriverPolicy"
}

# AWS's default version for the cluster's version, so that a new one of the cluster takes the add-ons along.
data "aws_eks_addon_version" "this" {
  for_each = toset(concat(keys(local.before_nodes), local.on_nodes))

  addon_name         = each.key
  kubernetes_version = aws_eks_cluster.this.version
}

resource "aws_eks_addon" "before_nodes" {
  for_each = local.before_nodes

  cluster_name                = aws_eks_cluster.this.name
  addon_name                  = each.key
  addon_version               = data.aws_eks_addon_version.this[each.key].version
  configuration_values        = each.value == {} ? null : jsonencode(each.value)
  resolve_conflicts_on_update = "OVERWRITE"

  depends_on = [module.vpc_cni_role]
}

resource "aws_eks_addon" "on_nodes" {
  for_each = toset(local.on_nodes)

  cluster_name                = aws_eks_cluster.this.name
  addon_name                  = each.key
  addon_version               = data.aws_eks_addon_version.this[each.key].version
  resolve_conflicts_on_update = "OVERWRITE"

  depends_on = [aws_eks_node_group.this, module.ebs_csi_role]
}
