output "name" {
  value = aws_eks_cluster.this.name
}

output "security_group_id" {
  description = "The group of the control plane and of all nodes and pods."
  value       = aws_eks_cluster.this.vpc_config[0].cluster_security_group_id
}

output "associations" {
  description = "Those of the add-ons."
  value       = [module.vpc_cni_role.association, module.ebs_csi_role.association]
}
