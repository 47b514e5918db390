"""The maintainer's tools; none of them is part of the distribution."""
