"""An object store in a process of its own, that speaks S3 and serves one call after another.

Run with a port. One call at a time, so that its answer to a conditional put is as atomic as the
real one's: of two writers of one key exactly one succeeds.
"""

from __future__ import annotations

import sys

from moto.moto_server.werkzeug_app import create_backend_app
from werkzeug.serving import run_simple

if __name__ == "__main__":
    # Of S3 alone: moto's server of all services looks all of them up in its folder at every call.
    run_simple("127.0.0.1", int(sys.argv[1]), create_backend_app("s3"), threaded=False)
