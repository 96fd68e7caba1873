"""What AWS Lambda imports; everything else is in `claude_admin_lake`."""
