output "address" {
  value = aws_db_instance.this.address
}

output "password_secret_arn" {
  description = "The secret that RDS keeps the password in."
  value       = aws_db_instance.this.master_user_secret[0].secret_arn
}
