"""End-to-end test of the whole application, deployed on an emulated AWS account."""
