mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  environment          = "staging"
  public_access_cidrs  = ["203.0.113.7/32"]
  admin_principal_arns = ["arn:aws:iam::111122223333:role/admin"]
  github_repository    = "example/simple-time"
}

run "as_it_comes" {
  command = apply

  assert {
    condition = toset([for one in output.associations : "${one.namespace}/${one.service_account}"]) == toset([
      "kube-system/aws-node", "kube-system/ebs-csi-controller-sa", "kube-system/aws-load-balancer-controller",
      "kube-system/cluster-autoscaler", "external-secrets/external-secrets",
    ])
    error_message = "roles are associated with other service accounts than those of the charts and add-ons"
  }

  assert {
    condition = alltrue([
      for one in output.associations : alltrue([
        for statement in jsondecode(one.trust).Statement :
        statement.Principal == { Service = "pods.eks.amazonaws.com" }
        && toset(keys(statement.Condition)) == toset(["StringEquals"])
        && statement.Condition.StringEquals["aws:SourceAccount"] == "111122223333"
        && statement.Condition.StringEquals["aws:RequestTag/eks-cluster-name"] == one.cluster_name
        && statement.Condition.StringEquals["aws:RequestTag/kubernetes-namespace"] == one.namespace
        && statement.Condition.StringEquals["aws:RequestTag/kubernetes-service-account"] == one.service_account
      ])
    ])
    error_message = "a role trusts more than the pods of its service account"
  }

  # Published policies have wide ones of their own.
  assert {
    condition = alltrue(flatten([
      for one in output.associations : [
        for statement in jsondecode(one.policy).Statement : [
          for action in flatten([statement.Action]) :
          !strcontains(action, "*") && (
            statement.Resource != "*" || try(length(merge(values(statement.Condition)...)) > 0, false)
            || can(regex("^[a-z0-9-]+:(Describe|Get|List)", action))
          )
        ]
      ] if one.policy != null && one.service_account != "aws-load-balancer-controller"
    ]))
    error_message = "a role may change everything"
  }

  assert {
    condition = one([
      for one in output.associations : jsondecode(one.policy).Statement[0].Resource if one.service_account == "external-secrets"
    ]) == aws_secretsmanager_secret.this.arn
    error_message = "External Secrets reads other secrets than its own"
  }

  assert {
    condition = alltrue(flatten([
      for statement in jsondecode(aws_iam_role.push[0].assume_role_policy).Statement : [
        statement.Condition.StringEquals["token.actions.githubusercontent.com:aud"] == "sts.amazonaws.com",
        statement.Condition.StringLike["token.actions.githubusercontent.com:sub"] == "repo:example/simple-time:ref:refs/tags/v*",
      ]
    ]))
    error_message = "others than the releases of the repository may push"
  }

  assert {
    condition = alltrue([
      for statement in jsondecode(aws_iam_role_policy.push[0].policy).Statement :
      statement.Resource != "*" || statement.Action == "ecr:GetAuthorizationToken"
    ])
    error_message = "CI may push to other registries"
  }

  assert {
    condition     = alltrue([for repository in aws_ecr_repository.this : repository.image_tag_mutability == "IMMUTABLE"])
    error_message = "a tag can be made to mean another image"
  }

  assert {
    condition     = yamldecode(output.argocd_cluster_secret).metadata.labels["argocd.argoproj.io/secret-type"] == "cluster"
    error_message = "Argo CD does not know the cluster by its secret"
  }

  assert {
    condition = (
      yamldecode(output.argocd_cluster_secret).metadata.annotations.certificate_arn == ""
      && yamldecode(output.argocd_cluster_secret).metadata.annotations.http_cidrs == "203.0.113.7/32"
    )
    error_message = "without a domain the load balancer is open to others than public_access_cidrs"
  }

  assert {
    condition     = alltrue([for value in values(yamldecode(output.argocd_cluster_secret).metadata.annotations) : can(tostring(value))])
    error_message = "an annotation is no text"
  }

  assert {
    condition     = output.kafka_brokers == null && output.postgres_address == null
    error_message = "MSK or RDS is made unasked"
  }
}

run "with_everything" {
  command = apply

  variables {
    zones    = 3
    domain   = "time.example.com"
    zone_id  = "Z0000000000000"
    kafka    = true
    postgres = true
  }

  assert {
    condition = toset([
      for one in output.associations : "${one.namespace}/${one.service_account}" if strcontains(coalesce(one.policy, "-"), "kafka-cluster:")
    ]) == toset(["simple-time/simple-time-http", "simple-time/simple-time-persister", "simple-time/simple-time-topic", "keda/keda-operator"])
    error_message = "others than the service and KEDA may use Kafka"
  }

  assert {
    condition = alltrue(flatten([
      for one in output.associations : [
        for statement in jsondecode(one.policy).Statement : [
          for action in statement.Action :
          contains(["kafka-cluster:Connect", "kafka-cluster:WriteDataIdempotently"], action)
          ? endswith(statement.Resource, ":cluster/mock/11111111-2222-3333-4444-555555555555-1")
          : can(regex(":(topic/mock/11111111-2222-3333-4444-555555555555-1/simple-time-events|group/mock/11111111-2222-3333-4444-555555555555-1/simple-time-group)$", statement.Resource))
        ]
      ] if strcontains(coalesce(one.policy, "-"), "kafka-cluster:")
    ]))
    error_message = "a role may use other topics or groups of Kafka"
  }

  assert {
    condition = alltrue([
      for one in output.associations : !strcontains(one.policy, one.service_account == "simple-time-persister" ? ":WriteData\"" : ":ReadData\"")
      if one.namespace == "simple-time" || one.namespace == "keda" ? one.policy != null : false
    ])
    error_message = "who only reads can write, or who only writes can read"
  }

  assert {
    condition     = yamldecode(output.argocd_cluster_secret).metadata.annotations.certificate_arn == aws_acm_certificate_validation.this[0].certificate_arn
    error_message = "the load balancer does not get the certificate"
  }

  assert {
    condition     = aws_route53_record.validation[0].zone_id == "Z0000000000000" && aws_acm_certificate.this[0].validation_method == "DNS"
    error_message = "the certificate is not validated by the zone"
  }

  assert {
    condition     = yamldecode(output.argocd_cluster_secret).metadata.annotations.kafka_brokers == output.kafka_brokers
    error_message = "gitops does not learn Kafka's brokers"
  }
}

run "production" {
  command = plan

  variables {
    environment       = "production"
    github_repository = null
    registry          = "registry.example.com"
  }

  assert {
    condition     = length(aws_ecr_repository.this) == 0 && output.registry == "registry.example.com"
    error_message = "an image is not taken from where it was tested"
  }
}

run "what_does_not_go_together_or_is_open_to_all_is_refused" {
  command = plan

  variables {
    public_access_cidrs  = ["203.0.113.7/32", "0.0.0.0/0"]
    admin_principal_arns = []
    domain               = "time.example.com"
    github_repository    = null
    kafka                = true
  }

  expect_failures = [
    var.public_access_cidrs, var.admin_principal_arns, var.domain, var.github_repository, var.kafka,
  ]
}
