"""The tests; linear algebra on one thread, since on small matrices threads that wait cost more than they do."""

import os

for _library in ("OPENBLAS", "MKL", "OMP"):
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")
