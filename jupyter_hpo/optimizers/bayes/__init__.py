"""Bayesian optimization; `optimizer` has the class, and the packages it needs at its top.

Those take a second to import. The table of optimizers does so once `bayes` is asked for.
"""
