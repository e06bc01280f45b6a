output "association" {
  description = "Whom the role is for, its policy and its trust policy."
  value = {
    namespace       = aws_eks_pod_identity_association.this.namespace
    service_account = aws_eks_pod_identity_association.this.service_account
    cluster_name    = aws_eks_pod_identity_association.this.cluster_name
    trust           = aws_iam_role.this.assume_role_policy
    policy          = one(aws_iam_role_policy.this[*].policy)
    managed_policy  = one(aws_iam_role_policy_attachment.this[*].policy_arn)
  }
}
