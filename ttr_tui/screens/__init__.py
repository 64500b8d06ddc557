"""What a person sees: a file per screen, each on the frame of `frame.py`, none with its own I/O."""
