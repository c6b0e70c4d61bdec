"""Training that can be differentiated: gradients of a metric by the hyperparameters of its loop.

``following`` makes an ordinary loop of torch differentiable while a trial runs, ``training``
is the same as a function. All of it imports torch: import it inside functions.
"""
