//! Label maps and the operations on them.
