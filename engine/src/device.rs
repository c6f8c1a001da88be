//! The compute device: a real GPU through wgpu, or the CPU.

use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use burn::tensor::wgpu::WgpuBackend;
use burn::tensor::{Device, DeviceKind};

use crate::error::{Error, Result};

/// Which device the person asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DeviceChoice {
    /// A real GPU where there is one, else the CPU.
    #[default]
    Auto,
    /// A real GPU, or nothing.
    Gpu,
    /// The CPU.
    Cpu,
}

impl FromStr for DeviceChoice {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "auto" => Ok(Self::Auto),
            "gpu" => Ok(Self::Gpu),
            "cpu" => Ok(Self::Cpu),
            other => Err(Error::argument("device", "auto, gpu or cpu", other)),
        }
    }
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Auto => "auto",
            Self::Gpu => "gpu",
            Self::Cpu => "cpu",
        })
    }
}

/// A device that networks run on. Clones are the same device.
#[derive(Debug, Clone)]
pub struct ComputeDevice {
    /// The handle that tensors are made on.
    pub device: Device,
    /// What it is, for people: "CPU, 8 threads", "NVIDIA H200 (Vulkan)".
    pub description: String,
    /// Whether it is a real GPU; a software rasteriser is none.
    pub is_gpu: bool,
}

/// What counts as a real GPU, the best first. `Other` (OpenGL) and `Cpu` (software) don't.
const GPU_KINDS: [DeviceKind; 3] = [
    DeviceKind::DiscreteGpu(0),
    DeviceKind::IntegratedGpu(0),
    DeviceKind::VirtualGpu(0),
];

/// The graphics interfaces that reach a GPU here, the best first. OpenGL is left out: its devices
/// don't count, and looking for them makes its libraries complain where there is no display.
const INTERFACES: &[WgpuBackend] = if cfg!(target_os = "macos") {
    &[WgpuBackend::Metal]
} else if cfg!(windows) {
    &[WgpuBackend::Vulkan, WgpuBackend::Dx12]
} else {
    &[WgpuBackend::Vulkan]
};

/// wgpu devices of this process. burn refuses to set up the same kind twice.
static OPENED: Mutex<Vec<(DeviceKind, ComputeDevice)>> = Mutex::new(Vec::new());

impl ComputeDevice {
    /// Opens the device that was asked for.
    ///
    /// # Errors
    /// [`Error::Machine`] when a GPU was asked for and there is none that works.
    pub fn open(choice: DeviceChoice) -> Result<Self> {
        match choice {
            DeviceChoice::Cpu => Ok(Self::cpu()),
            DeviceChoice::Gpu => Self::gpu(),
            DeviceChoice::Auto if !may_have_gpu() => Ok(Self::cpu()),
            DeviceChoice::Auto => Ok(Self::gpu().unwrap_or_else(|reason| {
                tracing::debug!("{reason}");
                Self::cpu()
            })),
        }
    }

    /// The CPU, through burn's Flex.
    pub fn cpu() -> Self {
        Self {
            device: Device::flex(),
            description: format!("CPU, {} threads", rayon::current_num_threads()),
            is_gpu: false,
        }
    }

    /// A software Vulkan driver, where one is installed: for testing the GPU's code without a GPU.
    ///
    /// # Errors
    /// [`Error::Machine`] where there is none.
    pub fn software_vulkan() -> Result<Self> {
        Self::wgpu(&DeviceKind::Cpu, WgpuBackend::Vulkan, false).map_err(|reason| {
            Error::machine(
                "opening software Vulkan",
                reason,
                "Install a software Vulkan driver (Debian: mesa-vulkan-drivers).",
            )
        })
    }

    fn gpu() -> Result<Self> {
        let mut reasons = Vec::new();
        for kind in &GPU_KINDS {
            for &interface in INTERFACES {
                match Self::wgpu(kind, interface, true) {
                    Ok(device) => return Ok(device),
                    Err(reason) => reasons.push(reason),
                }
            }
        }
        Err(Error::machine(
            "opening a GPU",
            reasons.join("; "),
            "Install the GPU's Vulkan driver, or use --device cpu.",
        ))
    }

    fn wgpu(kind: &DeviceKind, interface: WgpuBackend, is_gpu: bool) -> Result<Self, String> {
        let mut opened = OPENED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, device)) = opened.iter().find(|(other, _)| other == kind) {
            return Ok(device.clone());
        }
        let (device, setup) = Device::wgpu_options()
            .device_kind(kind.clone())
            .graphics_api(interface)
            .init_with_setup()
            .map_err(|error| error.to_string())?;
        let adapter = setup.adapter.get_info();
        let device = Self {
            device,
            description: format!("{} ({})", adapter.name, adapter.backend),
            is_gpu,
        };
        opened.push((kind.clone(), device.clone()));
        Ok(device)
    }
}

/// Whether it is worth to look for a GPU. Linux has a file for each; to look without one takes time,
/// and where there is no display Vulkan's libraries complain.
fn may_have_gpu() -> bool {
    /// Of the kernel's own drivers, NVIDIA's, and those of WSL, Qualcomm and Arm.
    const FILES: [&str; 5] = [
        "/dev/dri",
        "/dev/nvidiactl",
        "/dev/dxg",
        "/dev/kgsl-3d0",
        "/dev/mali0",
    ];
    !cfg!(target_os = "linux") || FILES.iter().any(|file| Path::new(file).exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_read_and_written_alike() {
        for choice in [DeviceChoice::Auto, DeviceChoice::Gpu, DeviceChoice::Cpu] {
            assert_eq!(choice.to_string().parse::<DeviceChoice>().unwrap(), choice);
        }
        let error = "tpu".parse::<DeviceChoice>().unwrap_err().to_string();
        assert_eq!(error, "device: expected auto, gpu or cpu, found tpu");
    }

    #[test]
    fn the_cpu_always_opens_and_says_so() {
        let device = ComputeDevice::open(DeviceChoice::Cpu).unwrap();
        assert!(!device.is_gpu);
        assert!(device.description.starts_with("CPU"));
    }
}
