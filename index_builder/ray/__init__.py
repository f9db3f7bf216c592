"""Cut and encode on a Ray cluster; the workers of a build on a server also write its points."""
