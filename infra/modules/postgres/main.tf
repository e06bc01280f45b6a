# Amazon RDS for PostgreSQL, for the cluster's pods alone. RDS makes the password and keeps it in Secrets Manager.
resource "aws_kms_key" "this" {
  description             = "PostgreSQL ${var.name}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
}

resource "aws_security_group" "this" {
  name        = "${var.name}-postgres"
  description = "PostgreSQL"
  vpc_id      = var.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "this" {
  security_group_id            = aws_security_group.this.id
  description                  = "The cluster's pods"
  referenced_security_group_id = var.client_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
}

resource "aws_db_subnet_group" "this" {
  name       = var.name
  subnet_ids = var.subnet_ids
}

resource "aws_db_parameter_group" "this" {
  name   = var.name
  family = "postgres${var.engine_version}"

  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }
}

resource "aws_db_instance" "this" {
  identifier                    = var.name
  engine                        = "postgres"
  engine_version                = var.engine_version
  instance_class                = var.instance_class
  allocated_storage             = 20
  max_allocated_storage         = 200
  storage_type                  = "gp3"
  storage_encrypted             = true
  kms_key_id                    = aws_kms_key.this.arn
  db_name                       = "simple_time"
  username                      = "simple_time"
  manage_master_user_password   = true
  master_user_secret_kms_key_id = aws_kms_key.this.key_id
  db_subnet_group_name          = aws_db_subnet_group.this.name
  vpc_security_group_ids        = [aws_security_group.this.id]
  parameter_group_name          = aws_db_parameter_group.this.name
  publicly_accessible           = false
  multi_az                      = var.multi_az
  backup_retention_period       = 7
  copy_tags_to_snapshot         = true
  deletion_protection           = var.deletion_protection
  skip_final_snapshot           = false
  final_snapshot_identifier     = "${var.name}-final"
}
