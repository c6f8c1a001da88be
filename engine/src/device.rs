//! The compute device: a real GPU through wgpu, or the CPU.
