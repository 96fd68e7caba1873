"""The whole application, deployed on an emulated AWS account and put to the proof."""
