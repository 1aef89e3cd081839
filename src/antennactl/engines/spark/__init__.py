"""An hour on a Spark cluster, by Spark Connect: the queries of `queries/duckdb`, translated.

pyspark and sqlglot are imported with this folder; import it only when Spark was asked for.
"""

import sys
import warnings

# A program without a file (python -c) is taken by pyspark for its own tests, which are not installed: it ends the
# process.
_main = sys.modules["__main__"]
_nameless = not hasattr(_main, "__file__")
if _nameless:
    _main.__file__ = "-c"
try:
    with warnings.catch_warnings():
        # pyspark warns of pandas 3, which it would need for frames of pandas: ours come and go as Arrow.
        warnings.simplefilter("ignore")
        import pyspark.sql.connect.session  # noqa: F401
finally:
    if _nameless:
        del _main.__file__
