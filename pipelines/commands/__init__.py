"""The commands of `miaoban`, one module per subject; `pipelines.cli` names them.

Heavy libraries are imported by the command that needs them, so that `--help` is quick.
"""
