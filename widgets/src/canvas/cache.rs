//! The tiles that are on the GPU: uploaded as they come into view, a few a frame, and dropped
//! when they were out of view for longest.

use std::collections::HashMap;

use eframe::egui_wgpu::wgpu;

use super::gpu::{Gpu, Layer, Quad};
use super::maps::{MapKind, Maps};
use super::pyramid::Pyramid;
use super::tiles::{self, BORDER, Dirty, PixelRect, TILE, TileKey};
use super::view::View;

/// Bytes uploaded in one frame before the rest waits for the next: some eight tiles, a few
/// milliseconds' work.
const UPLOAD_BUDGET: usize = 8 << 20;

/// Bytes of tiles kept on the GPU before those out of view are dropped. A window of 2560 by 1440
/// shows at most some 60 tiles of 1.8 MB.
const CACHE_BYTES: usize = 160 << 20;

/// One map's texels on the GPU.
struct MapTexture {
    texture: wgpu::Texture,
    version: u64,
}

struct Tile {
    image: wgpu::Texture,
    /// In the order of [`MapKind::ALL`].
    maps: [Option<MapTexture>; 3],
    group: wgpu::BindGroup,
    last_used: u64,
    bytes: usize,
}

/// What the tiles are made from in a frame.
pub(super) struct Source<'a> {
    pub image: &'a Pyramid,
    pub maps: &'a Maps<'a>,
    /// Which maps this frame's appearance reads, in the order of [`MapKind::ALL`]. The others
    /// are not uploaded.
    pub wanted: [bool; 3],
}

/// A tile as it is painted.
pub(super) type Painted = (Quad, wgpu::BindGroup);

/// The tiles of one image.
#[derive(Default)]
pub(super) struct Cache {
    tiles: HashMap<TileKey, Tile>,
    /// Counts how often each whole map was replaced.
    versions: [u64; 3],
    /// What changed in the label map since the last frame.
    dirty: Dirty,
    frame: u64,
    uploaded: u64,
}

impl Cache {
    /// Bytes sent to the GPU since the canvas was made.
    pub(super) fn uploaded(&self) -> u64 {
        self.uploaded
    }

    /// Forgets all tiles: another image comes.
    pub(super) fn clear(&mut self) {
        self.tiles.clear();
        self.dirty.take();
    }

    /// A whole map is another one now.
    pub(super) fn replaced(&mut self, kind: MapKind) {
        self.versions[kind as usize] += 1;
    }

    /// The label map changed in a rectangle that lies in the image.
    pub(super) fn changed(&mut self, rect: PixelRect) {
        self.dirty.add(rect);
    }

    /// Brings what the view shows onto the GPU, as far as this frame's budget goes, and returns
    /// what to paint, back to front. The flag says that more is to come: until then the coarsest
    /// tile, which is always there, fills the gaps between the sharp ones.
    pub(super) fn prepare(
        &mut self,
        gpu: &Gpu,
        source: &Source<'_>,
        view: &View,
    ) -> (Vec<Painted>, bool) {
        self.frame += 1;
        self.update_labels(gpu, source);
        let coarsest = source.image.coarsest();
        let level = tiles::level_for(view.zoom(), coarsest);
        let mut shown = vec![whole_image(source.image)];
        if level != coarsest {
            shown.extend(tiles::visible(view, level));
        }

        let start = self.uploaded;
        let mut painted = Vec::with_capacity(shown.len());
        let mut more = false;
        for key in shown {
            let spent = (self.uploaded - start) as usize;
            if spent > UPLOAD_BUDGET && !self.is_current(source, key) {
                more = true;
                continue;
            }
            let group = self.refresh(gpu, source, key);
            painted.push((quad(view, key, source.image), group));
        }
        if !more && level != coarsest {
            painted.remove(0);
        }
        self.evict(coarsest);
        (painted, more)
    }

    /// The tile that shows the whole image, for the minimap.
    pub(super) fn overview(&mut self, gpu: &Gpu, source: &Source<'_>) -> wgpu::BindGroup {
        self.refresh(gpu, source, whole_image(source.image))
    }

    /// Whether a tile needs no upload.
    fn is_current(&self, source: &Source<'_>, key: TileKey) -> bool {
        self.tiles.get(&key).is_some_and(|tile| {
            MapKind::ALL.into_iter().all(|kind| {
                let slot = kind as usize;
                let version = tile.maps[slot].as_ref().map(|map| map.version);
                !source.wanted[slot]
                    || source.maps.get(kind).is_none()
                    || version == Some(self.versions[slot])
            })
        })
    }

    /// Makes one tile up to date.
    fn refresh(&mut self, gpu: &Gpu, source: &Source<'_>, key: TileKey) -> wgpu::BindGroup {
        let texels = key.texels(source.image.level_size(key.level));
        let mut uploaded = 0;
        let tile = self.tiles.entry(key).or_insert_with(|| {
            let image = gpu.texture(Layer::Image, texels.size);
            let [x, y] = texels.start;
            let rgba = source.image.rgba(key.level, x, y, texels.size);
            gpu.write(Layer::Image, &image, texels, &rgba);
            uploaded += rgba.len();
            Tile {
                group: gpu.bind(&image, [None; 3]),
                image,
                maps: [None, None, None],
                last_used: 0,
                bytes: rgba.len(),
            }
        });
        tile.last_used = self.frame;

        let mut rebind = false;
        for kind in MapKind::ALL {
            let slot = &mut tile.maps[kind as usize];
            let version = self.versions[kind as usize];
            let Some(map) = source.maps.get(kind) else {
                rebind |= slot.take().is_some();
                continue;
            };
            let current = slot.as_ref().is_some_and(|map| map.version == version);
            if current || !source.wanted[kind as usize] {
                continue;
            }
            let bytes = tiles::sample(map, key.level, texels);
            let texture = slot.take().map(|old| old.texture).unwrap_or_else(|| {
                rebind = true;
                tile.bytes += bytes.len();
                gpu.texture(Layer::of(kind), texels.size)
            });
            gpu.write(Layer::of(kind), &texture, texels, &bytes);
            uploaded += bytes.len();
            *slot = Some(MapTexture { texture, version });
        }
        if rebind {
            let maps = tile.maps.each_ref();
            let maps = maps.map(|map| map.as_ref().map(|map| &map.texture));
            tile.group = gpu.bind(&tile.image, maps);
        }
        self.uploaded += uploaded as u64;
        tile.group.clone()
    }

    /// Sends what changed in the label map to those tiles on the GPU that show any of it.
    fn update_labels(&mut self, gpu: &Gpu, source: &Source<'_>) {
        let changes = self.dirty.take();
        let Some(map) = source.maps.labels.filter(|_| !changes.is_empty()) else {
            return;
        };
        let mut uploaded = 0;
        for (key, tile) in &self.tiles {
            // A tile that waits for a whole new map gets it when it is next shown.
            let version = self.versions[MapKind::Labels as usize];
            let labels = tile.maps[MapKind::Labels as usize].as_ref();
            let Some(labels) = labels.filter(|labels| labels.version == version) else {
                continue;
            };
            let level_size = source.image.level_size(key.level);
            let parts = changes
                .iter()
                .filter_map(|dirty| key.texels_of(level_size, *dirty));
            for part in parts {
                let bytes = tiles::sample(map, key.level, part);
                gpu.write(Layer::Labels, &labels.texture, part, &bytes);
                uploaded += bytes.len() as u64;
            }
        }
        self.uploaded += uploaded;
    }

    /// Drops the longest unseen tiles until the rest fits.
    fn evict(&mut self, coarsest: u32) {
        let mut total: usize = self.tiles.values().map(|tile| tile.bytes).sum();
        if total <= CACHE_BYTES {
            return;
        }
        let mut idle: Vec<(u64, TileKey)> = self
            .tiles
            .iter()
            .filter(|(key, tile)| tile.last_used < self.frame && key.level != coarsest)
            .map(|(key, tile)| (tile.last_used, *key))
            .collect();
        idle.sort_unstable();
        for (_, key) in idle {
            if total <= CACHE_BYTES {
                break;
            }
            total -= self.tiles.remove(&key).map_or(0, |tile| tile.bytes);
        }
    }
}

/// The one tile of the coarsest level.
fn whole_image(image: &Pyramid) -> TileKey {
    TileKey {
        level: image.coarsest(),
        x: 0,
        y: 0,
    }
}

/// Where the tile of the coarsest level goes to fill a rectangle of this size.
pub(super) fn overview_quad(image: &Pyramid, size: [f32; 2]) -> Quad {
    let step = (1u32 << image.coarsest()) as f32;
    // The last texel of a halved odd side stands for less than its share.
    let [w, h] = image.size().map(|side| side as f32 / step);
    let border = BORDER as f32;
    Quad {
        rect: [0.0, 0.0, size[0], size[1]],
        texels: [border, border, border + w, border + h],
    }
}

/// Where a tile goes on the screen.
fn quad(view: &View, key: TileKey, image: &Pyramid) -> Quad {
    let extent = key.extent(image.level_size(key.level));
    let size = image.size();
    let corner = |i: usize, texel: u32| {
        let pixel = u64::from(texel) << key.level;
        // The last texel of a halved odd side stands for less than its share.
        (pixel as f64).min(f64::from(size[i]))
    };
    let from = [key.x * TILE, key.y * TILE];
    let min = view.to_physical([corner(0, from[0]), corner(1, from[1])]);
    let end = [
        corner(0, from[0] + extent[0]),
        corner(1, from[1] + extent[1]),
    ];
    let max = view.to_physical(end);
    let step = f64::from(1u32 << key.level);
    let border = f64::from(BORDER);
    let last = |i: usize| (border + end[i] / step - f64::from(from[i])) as f32;
    Quad {
        rect: [min[0], min[1], max[0], max[1]].map(|v| v as f32),
        texels: [BORDER as f32, BORDER as f32, last(0), last(1)],
    }
}
