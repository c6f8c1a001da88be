//! The GPU's side of the canvas: what is uploaded, and the paint callback.

use std::sync::Arc;

use bytemuck::{Pod, Zeroable};
use eframe::egui_wgpu::{self, wgpu};

use super::maps::MapKind;
use super::pipeline::{self, Looks};
use super::tiles::TexelRect;

/// The palette flag of a class that is not painted.
pub(super) const HIDDEN: u8 = 1;
/// The palette flag of a class that is striped.
pub(super) const LOCKED: u8 = 2;

/// Bits of [`Globals::flags`].
pub(super) mod flags {
    pub const SHOW_LABELS: u32 = 1;
    pub const OUTLINE: u32 = 2;
    pub const UNCERTAINTY: u32 = 4;
    pub const LINEAR_TARGET: u32 = 8;
    pub const REFERENCE: u32 = 16;
    pub const DISAGREEMENT: u32 = 32;
    pub const GRID: u32 = 64;
}

/// What is the same for all tiles of a frame. The same struct is in `canvas.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable)]
pub(super) struct Globals {
    pub viewport: [f32; 2],
    pub opacity: f32,
    pub flags: u32,
    pub heat_low: [f32; 4],
    pub heat_high: [f32; 4],
    /// The pixel grid on dark and on light pixels.
    pub grid_light: [f32; 4],
    pub grid_dark: [f32; 4],
    /// Brightness, contrast and one over gamma, as [`Tone`](super::Tone) has them.
    pub tone: [f32; 3],
    pub hovered: u32,
    pub palette: [u32; 256],
    /// Of each class, 0 to 255.
    pub opacities: [u8; 256],
}

impl Globals {
    /// The class that is no class.
    pub const NO_CLASS: u32 = 256;

    /// The looks that these ask for.
    fn looks(&self) -> Looks {
        let plain = flags::SHOW_LABELS | flags::LINEAR_TARGET;
        let only_labels = self.flags & !plain == 0 && self.hovered == Self::NO_CLASS;
        if only_labels && self.tone == [0.0, 1.0, 1.0] {
            Looks::Plain
        } else {
            Looks::All
        }
    }
}

/// Where one tile goes. The same struct is in `canvas.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
pub(super) struct Quad {
    /// Left, top, right, bottom in physical pixels from the widget's corner.
    pub rect: [f32; 4],
    /// The same edges in texels of the tile's texture.
    pub texels: [f32; 4],
}

impl Quad {
    /// Moves the quad on the screen.
    pub(super) fn shift(&mut self, by: [f32; 2]) {
        for (edge, value) in self.rect.iter_mut().enumerate() {
            *value += by[edge % 2];
        }
    }
}

/// One of the textures that make up a tile.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Layer {
    Image,
    Labels,
    Reference,
    Confidence,
}

impl Layer {
    pub(super) fn of(kind: MapKind) -> Self {
        match kind {
            MapKind::Labels => Self::Labels,
            MapKind::Reference => Self::Reference,
            MapKind::Confidence => Self::Confidence,
        }
    }

    pub(super) fn format(self) -> wgpu::TextureFormat {
        match self {
            Self::Image => wgpu::TextureFormat::Rgba8Unorm,
            Self::Labels | Self::Reference => wgpu::TextureFormat::R8Uint,
            Self::Confidence => wgpu::TextureFormat::R8Unorm,
        }
    }

    /// Bytes of one texel.
    pub(super) fn texel_bytes(self) -> u32 {
        match self {
            Self::Image => 4,
            Self::Labels | Self::Reference | Self::Confidence => 1,
        }
    }
}

/// What is painted in a frame: each has uniforms of its own.
#[derive(Clone, Copy, Debug)]
pub(super) enum Pane {
    Canvas,
    Minimap,
}

/// The uniforms of one pane.
struct Uniforms {
    buffer: wgpu::Buffer,
    group: wgpu::BindGroup,
}

/// Everything on the GPU that does not depend on the image.
pub(super) struct Gpu {
    device: wgpu::Device,
    queue: wgpu::Queue,
    /// In the order of [`Looks`].
    pipelines: [Arc<wgpu::RenderPipeline>; 2],
    tile_layout: wgpu::BindGroupLayout,
    sampler: wgpu::Sampler,
    /// In the order of [`Pane`].
    uniforms: [Uniforms; 2],
    /// Stand in for maps that are not there, in the order of [`MapKind::ALL`].
    no_maps: [wgpu::TextureView; 3],
    /// The target wants linear colours.
    linear_target: bool,
}

impl Gpu {
    pub(super) fn new(state: &egui_wgpu::RenderState) -> Self {
        let device = state.device.clone();
        let shader = device.create_shader_module(wgpu::include_wgsl!("canvas.wgsl"));
        let globals_layout = pipeline::globals_layout(&device);
        let tile_layout = pipeline::tile_layout(&device);
        let pipelines = [Looks::All, Looks::Plain].map(|looks| {
            let layouts = [&globals_layout, &tile_layout];
            let target = state.target_format;
            pipeline::pipeline(&device, &shader, layouts, target, looks).into()
        });
        let uniforms =
            [Pane::Canvas, Pane::Minimap].map(|_| Uniforms::new(&device, &globals_layout));
        let sampler = device.create_sampler(&wgpu::SamplerDescriptor {
            label: Some("canvas"),
            mag_filter: wgpu::FilterMode::Linear,
            min_filter: wgpu::FilterMode::Linear,
            ..Default::default()
        });
        let empty =
            |layer| pipeline::texture(&device, layer, [1, 1]).create_view(&Default::default());
        Self {
            no_maps: MapKind::ALL.map(|kind| empty(Layer::of(kind))),
            queue: state.queue.clone(),
            pipelines,
            tile_layout,
            sampler,
            uniforms,
            linear_target: state.target_format.is_srgb(),
            device,
        }
    }

    /// An empty texture for one layer of a tile.
    pub(super) fn texture(&self, layer: Layer, size: [u32; 2]) -> wgpu::Texture {
        pipeline::texture(&self.device, layer, size)
    }

    /// Writes tightly packed texels.
    pub(super) fn write(&self, layer: Layer, to: &wgpu::Texture, part: TexelRect, bytes: &[u8]) {
        let [width, height] = part.size;
        self.queue.write_texture(
            wgpu::TexelCopyTextureInfo {
                texture: to,
                mip_level: 0,
                origin: wgpu::Origin3d {
                    x: part.offset[0],
                    y: part.offset[1],
                    z: 0,
                },
                aspect: wgpu::TextureAspect::All,
            },
            bytes,
            wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(width * layer.texel_bytes()),
                rows_per_image: Some(height),
            },
            pipeline::extent([width, height]),
        );
    }

    /// Binds the layers of one tile together: the image, and maps in the order of
    /// [`MapKind::ALL`].
    pub(super) fn bind(
        &self,
        image: &wgpu::Texture,
        maps: [Option<&wgpu::Texture>; 3],
    ) -> wgpu::BindGroup {
        let view = |texture: &wgpu::Texture| texture.create_view(&Default::default());
        let image = view(image);
        let slots: [usize; 3] = [0, 1, 2];
        let maps = slots.map(|i| maps[i].map_or_else(|| self.no_maps[i].clone(), view));
        let resources = [
            wgpu::BindingResource::TextureView(&image),
            wgpu::BindingResource::TextureView(&maps[0]),
            wgpu::BindingResource::TextureView(&maps[1]),
            wgpu::BindingResource::TextureView(&maps[2]),
            wgpu::BindingResource::Sampler(&self.sampler),
        ];
        let entries: Vec<_> = (0..)
            .zip(resources)
            .map(|(binding, resource)| wgpu::BindGroupEntry { binding, resource })
            .collect();
        self.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("canvas tile"),
            layout: &self.tile_layout,
            entries: &entries,
        })
    }

    /// A callback that paints these tiles in this order into `rect`, which must be on the screen:
    /// the quads and [`Globals::viewport`] count from it.
    pub(super) fn callback(
        &self,
        pane: Pane,
        rect: egui::Rect,
        mut globals: Globals,
        tiles: Vec<(Quad, wgpu::BindGroup)>,
    ) -> egui::PaintCallback {
        if self.linear_target {
            globals.flags |= flags::LINEAR_TARGET;
        }
        let uniforms = &self.uniforms[pane as usize];
        self.queue
            .write_buffer(&uniforms.buffer, 0, bytemuck::bytes_of(&globals));
        let (quads, groups): (Vec<Quad>, Vec<_>) = tiles.into_iter().unzip();
        let buffer = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("canvas tiles"),
            size: (size_of::<Quad>() * quads.len()) as u64,
            usage: wgpu::BufferUsages::VERTEX | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        self.queue
            .write_buffer(&buffer, 0, bytemuck::cast_slice(&quads));
        egui_wgpu::Callback::new_paint_callback(
            rect,
            Paint {
                pipeline: self.pipelines[globals.looks() as usize].clone(),
                globals: uniforms.group.clone(),
                quads: buffer,
                tiles: groups,
            },
        )
    }
}

impl Uniforms {
    fn new(device: &wgpu::Device, layout: &wgpu::BindGroupLayout) -> Self {
        let buffer = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("canvas globals"),
            size: size_of::<Globals>() as u64,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let group = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("canvas globals"),
            layout,
            entries: &[wgpu::BindGroupEntry {
                binding: 0,
                resource: buffer.as_entire_binding(),
            }],
        });
        Self { buffer, group }
    }
}

/// What the render pass needs: everything was uploaded before.
struct Paint {
    pipeline: Arc<wgpu::RenderPipeline>,
    globals: wgpu::BindGroup,
    quads: wgpu::Buffer,
    tiles: Vec<wgpu::BindGroup>,
}

impl egui_wgpu::CallbackTrait for Paint {
    fn paint(
        &self,
        _info: egui::PaintCallbackInfo,
        pass: &mut wgpu::RenderPass<'static>,
        _resources: &egui_wgpu::CallbackResources,
    ) {
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &self.globals, &[]);
        pass.set_vertex_buffer(0, self.quads.slice(..));
        for (instance, tile) in (0..).zip(&self.tiles) {
            pass.set_bind_group(1, tile, &[]);
            pass.draw(0..4, instance..instance + 1);
        }
    }
}
