# Values that the provider checks the form of, or that are read from below.
mock_data "aws_caller_identity" {
  defaults = { account_id = "111122223333" }
}

mock_data "aws_availability_zones" {
  defaults = { names = ["us-east-1c", "us-east-1a", "us-east-1b", "us-east-1d"] }
}

mock_data "aws_eks_addon_version" {
  defaults = { version = "v1.0.0-eksbuild.1" }
}

mock_resource "aws_iam_role" {
  defaults = { arn = "arn:aws:iam::111122223333:role/mock" }
}

mock_resource "aws_iam_openid_connect_provider" {
  defaults = { arn = "arn:aws:iam::111122223333:oidc-provider/mock" }
}

mock_resource "aws_kms_key" {
  defaults = { arn = "arn:aws:kms:us-east-1:111122223333:key/mock" }
}

mock_resource "aws_secretsmanager_secret" {
  defaults = { arn = "arn:aws:secretsmanager:us-east-1:111122223333:secret:mock" }
}

mock_resource "aws_ecr_repository" {
  defaults = {
    arn            = "arn:aws:ecr:us-east-1:111122223333:repository/simple-time-functions"
    repository_url = "111122223333.dkr.ecr.us-east-1.amazonaws.com/simple-time-functions"
  }
}

mock_resource "aws_eks_cluster" {
  defaults = {
    arn      = "arn:aws:eks:us-east-1:111122223333:cluster/mock"
    identity = [{ oidc = [{ issuer = "https://oidc.eks.us-east-1.amazonaws.com/id/MOCK" }] }]
  }
}

mock_resource "aws_eks_node_group" {
  defaults = { resources = [{ autoscaling_groups = [{ name = "mock" }], remote_access_security_group_id = "" }] }
}

mock_resource "aws_acm_certificate" {
  defaults = {
    arn = "arn:aws:acm:us-east-1:111122223333:certificate/mock"
    domain_validation_options = [{
      domain_name           = "time.example.com"
      resource_record_name  = "_mock.time.example.com."
      resource_record_type  = "CNAME"
      resource_record_value = "_mock.acm-validations.aws."
    }]
  }
}

mock_resource "aws_msk_configuration" {
  defaults = { arn = "arn:aws:kafka:us-east-1:111122223333:configuration/mock/11111111-2222-3333-4444-555555555555-1", latest_revision = 1 }
}

mock_resource "aws_msk_cluster" {
  defaults = {
    arn                        = "arn:aws:kafka:us-east-1:111122223333:cluster/mock/11111111-2222-3333-4444-555555555555-1"
    bootstrap_brokers_sasl_iam = "b-1.mock:9098,b-2.mock:9098,b-3.mock:9098"
  }
}

mock_resource "aws_db_instance" {
  defaults = { master_user_secret = [{ secret_arn = "arn:aws:secretsmanager:us-east-1:111122223333:secret:mock", kms_key_id = "mock", secret_status = "active" }] }
}

mock_resource "aws_launch_template" {
  defaults = { id = "lt-0123456789abcdef0", latest_version = 1 }
}

mock_resource "aws_security_group" {
  defaults = { id = "sg-0123456789abcdef0" }
}
