"""What compose.yaml has to keep to, told without Docker."""
