//! Training: the DeepLab recipe on a project's labels or from scratch.
