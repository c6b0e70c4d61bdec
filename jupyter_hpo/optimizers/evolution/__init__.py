"""Evolutionary optimizers: a population of configurations that is varied and selected."""
