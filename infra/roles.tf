# Who in the cluster may do what in the account.
locals {
  # kafka-cluster:… of a topic or group names it below the cluster's ARN.
  kafka_arn = one(module.kafka[*].arn)
  kafka_resources = {
    for kind, name in { topic = "simple-time-events", group = "simple-time-group" } :
    kind => local.kafka_arn == null ? null : "${replace(local.kafka_arn, ":cluster/", ":${kind}/")}/${name}"
  }

  # What each service account does in Kafka, on the cluster, the topic and the group.
  kafka_actions = {
    "simple-time/simple-time-http" = {
      cluster = ["Connect", "WriteDataIdempotently"]
      topic   = ["DescribeTopic", "WriteData"]
      group   = ["DescribeGroup"]
    }
    "simple-time/simple-time-persister" = {
      cluster = ["Connect"]
      topic   = ["DescribeTopic", "ReadData"]
      group   = ["DescribeGroup", "AlterGroup"]
    }
    "simple-time/simple-time-topic" = {
      cluster = ["Connect"]
      topic   = ["CreateTopic", "DescribeTopic", "AlterTopic", "DescribeTopicDynamicConfiguration", "AlterTopicDynamicConfiguration"]
      group   = []
    }
    "keda/keda-operator" = {
      cluster = ["Connect"]
      topic   = ["DescribeTopic"]
      group   = ["DescribeGroup"]
    }
  }

  kafka_policies = {
    for account, actions in local.kafka_actions : account => jsonencode({
      Version = "2012-10-17"
      Statement = [
        for kind, names in actions : {
          Effect   = "Allow"
          Action   = [for name in names : "kafka-cluster:${name}"]
          Resource = kind == "cluster" ? local.kafka_arn : local.kafka_resources[kind]
        } if length(names) > 0
      ]
    }) if var.kafka
  }

  policies = merge(local.kafka_policies, {
    # As published for v3.1.0: docs/infrastructure says how to compare it.
    "kube-system/aws-load-balancer-controller" = jsonencode(jsondecode(file("${path.module}/policies/aws-load-balancer-controller.json")))

    "kube-system/cluster-autoscaler" = jsonencode({
      Version = "2012-10-17"
      Statement = [
        {
          Effect = "Allow"
          Action = [
            "autoscaling:DescribeAutoScalingGroups",
            "autoscaling:DescribeAutoScalingInstances",
            "autoscaling:DescribeLaunchConfigurations",
            "autoscaling:DescribeScalingActivities",
            "autoscaling:DescribeTags",
            "ec2:DescribeImages",
            "ec2:DescribeInstanceTypes",
            "ec2:DescribeLaunchTemplateVersions",
            "ec2:GetInstanceTypesFromInstanceRequirements",
          ]
          Resource = "*"
        },
        {
          Effect   = "Allow"
          Action   = "eks:DescribeNodegroup"
          Resource = "arn:aws:eks:${var.region}:${local.account_id}:nodegroup/${local.name}/*"
        },
        {
          Effect    = "Allow"
          Action    = ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"]
          Resource  = "*"
          Condition = { StringEquals = { "aws:ResourceTag/k8s.io/cluster-autoscaler/${local.name}" = "owned" } }
        },
      ]
    })

    "external-secrets/external-secrets" = jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Effect   = "Allow"
        Action   = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
        Resource = aws_secretsmanager_secret.this.arn
      }]
    })
  })
}

module "pod_role" {
  source   = "./modules/pod-role"
  for_each = local.policies

  cluster_name    = module.cluster.name
  account_id      = local.account_id
  namespace       = split("/", each.key)[0]
  service_account = split("/", each.key)[1]
  policy          = each.value
}
