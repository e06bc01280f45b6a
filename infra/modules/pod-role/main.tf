# A role that the pods of one service account take by EKS Pod Identity, and nobody else.
resource "aws_iam_role" "this" {
  name = "${var.cluster_name}-${var.service_account}"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "pods.eks.amazonaws.com" }
      Action    = ["sts:AssumeRole", "sts:TagSession"]
      Condition = {
        StringEquals = {
          "aws:SourceAccount"                         = var.account_id
          "aws:RequestTag/eks-cluster-name"           = var.cluster_name
          "aws:RequestTag/kubernetes-namespace"       = var.namespace
          "aws:RequestTag/kubernetes-service-account" = var.service_account
        }
      }
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  count = var.policy == null ? 0 : 1

  name   = var.service_account
  role   = aws_iam_role.this.name
  policy = var.policy
}

resource "aws_iam_role_policy_attachment" "this" {
  count = var.managed_policy == null ? 0 : 1

  role       = aws_iam_role.this.name
  policy_arn = "arn:aws:iam::aws:policy/${var.managed_policy}"
}

resource "aws_eks_pod_identity_association" "this" {
  cluster_name    = var.cluster_name
  namespace       = var.namespace
  service_account = var.service_account
  role_arn        = aws_iam_role.this.arn

  # A pod that starts with the association may use the role at once.
  depends_on = [aws_iam_role_policy.this, aws_iam_role_policy_attachment.this]
}
