mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name                     = "test"
  vpc_id                   = "vpc-1"
  subnet_ids               = ["subnet-a", "subnet-b", "subnet-c"]
  client_security_group_id = "sg-cluster"
}

run "cluster" {
  command = apply

  module {
    source = "./modules/cluster"
  }

  variables {
    account_id           = "111122223333"
    kubernetes_version   = "1.35"
    private_subnet_ids   = { us-east-1a = "subnet-a", us-east-1b = "subnet-b" }
    public_access_cidrs  = ["203.0.113.7/32"]
    admin_principal_arns = ["arn:aws:iam::111122223333:role/admin"]
    instance_types       = ["t4g.large"]
    nodes_per_zone       = { min = 1, max = 3 }
  }

  assert {
    condition = (
      toset(aws_eks_cluster.this.vpc_config[0].public_access_cidrs) == toset(["203.0.113.7/32"])
      && aws_eks_cluster.this.vpc_config[0].endpoint_private_access
      && toset(aws_eks_cluster.this.vpc_config[0].subnet_ids) == toset(["subnet-a", "subnet-b"])
    )
    error_message = "the API server is not for the addresses given and the VPC"
  }

  assert {
    condition = (
      contains(aws_eks_cluster.this.encryption_config[0].resources, "secrets")
      && aws_eks_cluster.this.encryption_config[0].provider[0].key_arn == aws_kms_key.secrets.arn
      && aws_kms_key.secrets.enable_key_rotation
    )
    error_message = "secrets are not encrypted by a key of their own"
  }

  assert {
    condition     = length(aws_eks_cluster.this.enabled_cluster_log_types) == 5
    error_message = "logs of the control plane are missing"
  }

  assert {
    condition = (
      aws_eks_cluster.this.access_config[0].authentication_mode == "API"
      && !aws_eks_cluster.this.access_config[0].bootstrap_cluster_creator_admin_permissions
      && keys(aws_eks_access_policy_association.admin) == ["arn:aws:iam::111122223333:role/admin"]
    )
    error_message = "others than the access entries administer the cluster"
  }

  assert {
    condition     = aws_launch_template.node.metadata_options[0].http_tokens == "required" && aws_launch_template.node.metadata_options[0].http_put_response_hop_limit == 1
    error_message = "pods reach the node's role"
  }

  assert {
    condition     = aws_launch_template.node.block_device_mappings[0].ebs[0].encrypted == "true"
    error_message = "the nodes' volumes are not encrypted"
  }

  assert {
    condition = alltrue([
      for zone, group in aws_eks_node_group.this :
      group.subnet_ids == toset([{ us-east-1a = "subnet-a", us-east-1b = "subnet-b" }[zone]]) && group.ami_type == "AL2023_ARM_64_STANDARD"
    ])
    error_message = "a node group is not arm64 in one private subnet"
  }

  assert {
    condition     = !anytrue([for attachment in aws_iam_role_policy_attachment.node : strcontains(attachment.policy_arn, "CNI")])
    error_message = "nodes may change the network"
  }

  assert {
    condition = toset([for tag in aws_autoscaling_group_tag.autoscaler : tag.tag[0].key]) == toset([
      "k8s.io/cluster-autoscaler/enabled", "k8s.io/cluster-autoscaler/test",
    ]) && length(aws_autoscaling_group_tag.autoscaler) == 4
    error_message = "the autoscaler does not find the groups"
  }

  assert {
    condition = toset(concat(keys(aws_eks_addon.before_nodes), keys(aws_eks_addon.on_nodes))) == toset([
      "vpc-cni", "eks-pod-identity-agent", "kube-proxy", "coredns", "aws-ebs-csi-driver",
    ]) && jsondecode(aws_eks_addon.before_nodes["vpc-cni"].configuration_values).enableNetworkPolicy == "true"
    error_message = "an add-on is missing, or network policies are not enforced"
  }

  assert {
    condition = toset([for one in output.associations : "${one.namespace}/${one.service_account} ${one.managed_policy}"]) == toset([
      "kube-system/aws-node arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy",
      "kube-system/ebs-csi-controller-sa arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy",
    ])
    error_message = "an add-on has another role than its own"
  }
}

run "kafka" {
  command = apply

  module {
    source = "./modules/kafka"
  }

  assert {
    condition = (
      aws_vpc_security_group_ingress_rule.iam.referenced_security_group_id == "sg-cluster"
      && aws_vpc_security_group_ingress_rule.iam.from_port == 9098 && aws_vpc_security_group_ingress_rule.iam.to_port == 9098
      && length(aws_security_group.this.ingress) == 0
    )
    error_message = "Kafka is open to more than the cluster, on the port of IAM"
  }

  assert {
    condition = (
      aws_msk_cluster.this.encryption_info[0].encryption_in_transit[0].client_broker == "TLS"
      && aws_msk_cluster.this.client_authentication[0].sasl[0].iam
      && aws_msk_cluster.this.encryption_info[0].encryption_at_rest_kms_key_arn == aws_kms_key.this.arn
    )
    error_message = "Kafka takes clients without TLS or IAM, or keeps data unencrypted"
  }
}

run "postgres" {
  command = apply

  module {
    source = "./modules/postgres"
  }

  variables {
    multi_az            = false
    deletion_protection = true
  }

  assert {
    condition = (
      aws_vpc_security_group_ingress_rule.this.referenced_security_group_id == "sg-cluster"
      && aws_vpc_security_group_ingress_rule.this.from_port == 5432 && aws_vpc_security_group_ingress_rule.this.to_port == 5432
      && !aws_db_instance.this.publicly_accessible && length(aws_security_group.this.ingress) == 0
    )
    error_message = "PostgreSQL is open to more than the cluster"
  }

  assert {
    condition     = coalesce(aws_db_instance.this.manage_master_user_password, false) && aws_db_instance.this.password == null
    error_message = "the password is in the state"
  }

  assert {
    condition     = aws_db_instance.this.deletion_protection && !aws_db_instance.this.skip_final_snapshot && aws_db_instance.this.storage_encrypted
    error_message = "the data can be deleted, or read from the disk"
  }
}
