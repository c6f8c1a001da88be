//! DeepLab networks in burn.
