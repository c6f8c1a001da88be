//! The tiles that are on the GPU: uploaded as they come into view, a few a frame, and dropped
//! when they were out of view for longest.

use std::collections::HashMap;
use std::sync::Arc;

use eframe::egui_wgpu::wgpu;

use super::gpu::{Gpu, Layer, Quad};
use super::pyramid::Pyramid;
use super::tiles::{self, BORDER, PixelRect, TILE, TileKey};
use super::view::View;

/// Bytes uploaded in one frame before the rest waits for the next: some eight tiles, about a
/// millisecond's worth on a slow bus.
const UPLOAD_BUDGET: usize = 12 << 20;

/// Bytes of tiles kept on the GPU before those out of view are dropped.
const CACHE_BYTES: usize = 256 << 20;

/// A map with one byte for each pixel of the image.
#[derive(Default)]
pub(super) struct ByteMap {
    /// Empty when there is none.
    pub bytes: Vec<u8>,
    /// Counts how often the whole map was replaced.
    version: u64,
}

impl ByteMap {
    pub(super) fn replace(&mut self, bytes: Vec<u8>) {
        self.bytes = bytes;
        self.version += 1;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}

/// What is shown.
pub(super) struct Content {
    pub image: Arc<Pyramid>,
    pub labels: ByteMap,
    pub confidence: ByteMap,
}

/// One map's texels on the GPU.
struct MapTexture {
    texture: wgpu::Texture,
    version: u64,
}

struct Tile {
    image: wgpu::Texture,
    labels: Option<MapTexture>,
    confidence: Option<MapTexture>,
    group: wgpu::BindGroup,
    last_used: u64,
    bytes: usize,
}

/// The tiles of one image.
#[derive(Default)]
pub(super) struct Cache {
    tiles: HashMap<TileKey, Tile>,
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
    }

    /// Brings what the view shows onto the GPU, as far as this frame's budget goes, and returns
    /// what to paint, back to front. The flag says that more is to come: until then the coarsest
    /// tile, which is always there, fills the gaps between the sharp ones.
    pub(super) fn prepare(
        &mut self,
        gpu: &Gpu,
        content: &Content,
        view: &View,
    ) -> (Vec<(Quad, wgpu::BindGroup)>, bool) {
        self.frame += 1;
        let coarsest = content.image.coarsest();
        let level = tiles::level_for(view.zoom(), coarsest);
        let mut wanted = vec![TileKey {
            level: coarsest,
            x: 0,
            y: 0,
        }];
        if level != coarsest {
            wanted.extend(tiles::visible(view, level));
        }

        let start = self.uploaded;
        let mut painted = Vec::with_capacity(wanted.len());
        let mut more = false;
        for key in wanted {
            let spent = (self.uploaded - start) as usize;
            if spent > UPLOAD_BUDGET && !self.tiles.contains_key(&key) {
                more = true;
                continue;
            }
            let group = self.refresh(gpu, content, key);
            painted.push((quad(view, key, &content.image), group));
        }
        if !more && level != coarsest {
            painted.remove(0);
        }
        self.evict(coarsest);
        (painted, more)
    }

    /// Makes one tile up to date.
    fn refresh(&mut self, gpu: &Gpu, content: &Content, key: TileKey) -> wgpu::BindGroup {
        let texels = key.texels(content.image.level_size(key.level));
        let mut uploaded = 0;
        let tile = self.tiles.entry(key).or_insert_with(|| {
            let image = gpu.texture(Layer::Image, texels.size);
            let [x, y] = texels.start;
            let rgba = content.image.rgba(key.level, x, y, texels.size);
            gpu.write(Layer::Image, &image, texels, &rgba);
            uploaded += rgba.len();
            Tile {
                group: gpu.bind(&image, None, None),
                image,
                labels: None,
                confidence: None,
                last_used: 0,
                bytes: rgba.len(),
            }
        });
        tile.last_used = self.frame;

        let mut rebind = false;
        let size = content.image.size();
        for (layer, map, slot) in [
            (Layer::Labels, &content.labels, &mut tile.labels),
            (Layer::Confidence, &content.confidence, &mut tile.confidence),
        ] {
            if map.is_empty() {
                rebind |= slot.take().is_some();
                continue;
            }
            if slot.as_ref().is_some_and(|s| s.version == map.version) {
                continue;
            }
            let bytes = tiles::sample(&map.bytes, size, key.level, texels);
            let texture = match slot.take() {
                Some(old) => old.texture,
                None => {
                    rebind = true;
                    gpu.texture(layer, texels.size)
                }
            };
            gpu.write(layer, &texture, texels, &bytes);
            uploaded += bytes.len();
            *slot = Some(MapTexture {
                texture,
                version: map.version,
            });
        }
        if rebind {
            let labels = tile.labels.as_ref().map(|m| &m.texture);
            let confidence = tile.confidence.as_ref().map(|m| &m.texture);
            tile.group = gpu.bind(&tile.image, labels, confidence);
        }
        self.uploaded += uploaded as u64;
        tile.group.clone()
    }

    /// Sends the changed part of the label map to those tiles on the GPU that show any of it.
    pub(super) fn update_labels(&mut self, gpu: &Gpu, content: &Content, dirty: PixelRect) {
        let size = content.image.size();
        for (key, tile) in &self.tiles {
            let Some(labels) = &tile.labels else {
                continue;
            };
            let part = key.texels_of(content.image.level_size(key.level), dirty);
            // A tile that waits for a whole new map gets it when it is next shown.
            if let (Some(part), true) = (part, labels.version == content.labels.version) {
                let bytes = tiles::sample(&content.labels.bytes, size, key.level, part);
                gpu.write(Layer::Labels, &labels.texture, part, &bytes);
                self.uploaded += bytes.len() as u64;
            }
        }
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
