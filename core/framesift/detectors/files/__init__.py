"""Detectors in files: checkpoints, published weights, and what is available here."""
