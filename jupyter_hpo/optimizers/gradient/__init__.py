"""Gradient descent over hyperparameters: by hypergradients where a trial has them.

``inside`` gets them in the trials, ``walk`` and ``descent`` go down by them, ``evolution``
estimates them where there are none, and ``optimizer`` is what a study asks.
"""
