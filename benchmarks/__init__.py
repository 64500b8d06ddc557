"""How fast the product is, each figure beside a floor or a peer measured in the same run.

`python -m benchmarks` measures, `python -m benchmarks.table FILE` prints what was measured. Nothing
here is a test: figures depend on the machine, and are to be read as ratios.
"""
