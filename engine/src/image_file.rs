//! Reading image files under limits.
